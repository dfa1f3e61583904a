package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// lockHolder is who holds a lock. Its JSON names are on disks.
type lockHolder struct {
	Member  string `json:"member,omitempty"`
	Session uint64 `json:"session,omitempty"`
}

// Exclusive calls do while nobody else in the cluster is in Exclusive with the same name, and waits for its turn. The
// context that do gets ends when the lock may have gone to another machine, and Holding can be asked with it. What do
// changes it should change with Update, which a machine that was overtaken cannot.
func (j *Journal) Exclusive(ctx context.Context, name string, do func(context.Context) error) error {
	unlock, err := j.lockHere(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if j.crew == nil {
		return do(ctx)
	}
	for {
		g, err := j.acquire(ctx, name)
		if err == nil {
			return j.doLocked(ctx, name, g, do)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, errHeld) && !errors.Is(err, errStale) {
			j.log.Warn().Err(err).Str("lock", name).Msg("cannot take a lock yet")
		}
		sleep(ctx, j.opts.pace.beat/2)
	}
}

// lockHere keeps this process's own callers apart.
func (j *Journal) lockHere(ctx context.Context, name string) (unlock func(), err error) {
	free, _ := j.locks.LoadOrStore(name, make(chan struct{}, 1))
	taken, ok := free.(chan struct{})
	if !ok {
		return nil, fmt.Errorf("lock %q: not ours", name) // cannot be
	}
	select {
	case taken <- struct{}{}:
		return func() { <-taken }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func lockKey(name string) string { return "lock/" + name }

// acquire takes a lock that nobody holds.
func (j *Journal) acquire(ctx context.Context, name string) (*grip, error) {
	s := j.crew.current()
	if s == nil {
		return nil, errHeld
	}
	m, err := j.node.Load().last(ctx, state, keySubject(lockKey(name)))
	if err != nil {
		return nil, err
	}
	var holder lockHolder
	tail := uint64(0)
	if m != nil {
		if err := json.Unmarshal(m.Data, &holder); err != nil {
			return nil, fmt.Errorf("lock %q: %w", name, err)
		}
		tail = m.Sequence
	}
	own := holder.Member == j.crew.name && holder.Session == s.id // left behind by a caller of ours
	if !own && !j.crew.over(hold{Member: holder.Member, Session: holder.Session}) {
		return nil, errHeld
	}
	g := &grip{session: s}
	if g.tail, err = j.writeLock(ctx, name, lockHolder{Member: j.crew.name, Session: s.id}, tail); err != nil {
		return nil, err
	}
	g.lost, g.drop = context.WithCancelCause(s.ctx)
	return g, nil
}

func (j *Journal) writeLock(ctx context.Context, name string, h lockHolder, tail uint64) (uint64, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return 0, err
	}
	return j.replace(ctx, lockKey(name), data, tail)
}

func (j *Journal) doLocked(ctx context.Context, name string, g *grip, do func(context.Context) error) error {
	work, cancel := context.WithCancelCause(context.WithValue(ctx, gripKey{}, g))
	unlink := context.AfterFunc(g.lost, func() { cancel(ErrLost) })
	err := do(work)
	unlink()
	cancel(nil)
	if g.lost.Err() != nil {
		return errors.Join(err, fmt.Errorf("lock %q: %w", name, ErrLost))
	}
	j.release(ctx, name, g)
	return err
}

// release gives a lock up. It goes on until that is stored, since nobody else gets the lock while this session lasts; when
// everything stops the session ends soon, and one try is enough.
func (j *Journal) release(ctx context.Context, name string, g *grip) {
	for g.lost.Err() == nil {
		free, end := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		_, err := j.writeLock(free, name, lockHolder{}, g.tail)
		end()
		// Something newer can only be our own word, stored by a try whose answer was lost, or what somebody wrote behind it.
		if err == nil || errors.Is(err, errStale) || errors.Is(err, ErrClosed) {
			return
		}
		j.log.Warn().Err(err).Str("lock", name).Msg("cannot give a lock up yet")
		if ctx.Err() != nil {
			return
		}
	}
}

// replace writes what is kept under a key, if the last one is still the one with the sequence tail (0: there is none).
func (j *Journal) replace(ctx context.Context, key string, data []byte, tail uint64) (seq uint64, err error) {
	msg, err := message(keySubject(key), data, keyHeader, key)
	if err != nil {
		return 0, err
	}
	w := &write{stream: state, msg: msg, spare: true}
	w.expect(msg.Subject, tail)
	a, err := j.write(ctx, w)
	return a.seq, err
}

// Update changes what Remember keeps under a key. Change gets what is there, nil if there is nothing, and gives what is
// to be there; it is called again when somebody else was faster.
func (j *Journal) Update(ctx context.Context, key string, change func(old []byte) ([]byte, error)) error {
	for {
		m, err := j.node.Load().last(ctx, state, keySubject(key))
		if err != nil {
			return fmt.Errorf("update %q: %w", key, err)
		}
		var old []byte
		tail := uint64(0)
		if m != nil {
			old, tail = m.Data, m.Sequence
		}
		data, err := change(old)
		if err != nil {
			return err
		}
		if _, err = j.replace(ctx, key, data, tail); !errors.Is(err, errStale) {
			if err != nil {
				return fmt.Errorf("update %q: %w", key, err)
			}
			return nil
		}
		sleep(ctx, 20*time.Millisecond) // our copy may be a moment behind
	}
}
