package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// roomFor tells whether the disk has room for size more bytes. Looking ahead keeps the server from ever meeting a full
// disk, after which its store refuses to go on.
func (j *Journal) roomFor(size int, spare bool) *Unwell {
	free, err := j.opts.room(j.opts.Dir)
	if err != nil {
		return &Unwell{Since: j.opts.Now(), Err: err}
	}
	keep := j.opts.MinFree
	if spare {
		keep /= 4
	}
	if free-int64(size) < keep {
		return &Unwell{Since: j.opts.Now(),
			Err: fmt.Errorf("%d MB are free on the disk of %s, and %d MB must remain", free>>20, j.opts.Dir, keep>>20)}
	}
	return nil
}

// fail makes the journal unwell: from here on nothing is stored until revive has replaced the node. The files named are
// those that could not be synced.
func (j *Journal) fail(err error, files []string) error {
	u := &Unwell{Since: j.opts.Now(), Err: err, files: files}
	j.unwell.Store(u)
	j.log.Error().Err(err).Msg("cannot store")
	return u
}

// revive ends the failed server and starts another on the same files. Only the committer calls it, so nothing is
// written meanwhile; workers and readers meet a closed connection and go on with the new one.
func (j *Journal) revive() {
	u := j.unwell.Load()
	if little := j.roomFor(0, true); little != nil {
		return
	}
	j.node.Load().stop()
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	if err := j.mend(ctx, u.files); err != nil {
		j.log.Error().Err(err).Msg("still cannot store")
		return
	}
	j.unwell.Store(nil)
	j.log.Info().Dur("after", j.opts.Now().Sub(u.Since)).Msg("can store again")
}

func (j *Journal) mend(ctx context.Context, files []string) error {
	for _, f := range files {
		if err := remake(f); err != nil {
			return err
		}
	}
	n, err := j.start(ctx)
	if err != nil {
		return err
	}
	j.node.Store(n)
	return nil
}

// start starts a node on the files, brings to the disk what lies in them, and reads where the lanes stand.
func (j *Journal) start(ctx context.Context) (_ *node, err error) {
	n, err := startNode(ctx, j.opts, j.log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			n.stop()
		}
	}()
	lanes, err := n.openStreams(ctx, j.opts)
	if err != nil {
		return nil, err
	}
	for len(j.lanes) < lanes {
		j.lanes = append(j.lanes, newLane(len(j.lanes), &j.waiting, &j.kept))
	}
	if err := j.syncAll(); err != nil {
		return nil, err
	}
	return n, j.recover(ctx, n)
}

// syncAll brings everything to the disk that lies in the files, and the directories themselves. An earlier process may
// have written without syncing, and a sender that repeats itself is told that it is stored.
func (j *Journal) syncAll() error {
	err := filepath.WalkDir(j.opts.Dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
		case d.IsDir():
			err = syncDir(path)
		default:
			err = j.syncFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the server removes a file now and then
		}
		return err
	})
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(j.opts.Dir))
}

func (j *Journal) syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	if err := j.opts.datasync(f); err != nil {
		return errors.Join(fmt.Errorf("sync %s: %w", name, err), f.Close())
	}
	return f.Close()
}
