package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const blockSuffix = ".blk"

// blocks knows the block files of one stream and which of them may hold something that is not on disk yet. The store
// appends to the block with the highest index alone, and begins a new one behind it; everything else it does to blocks
// (compaction) goes through a synced file and a rename. Only the committer uses it.
type blocks struct {
	dir    string
	newest *os.File    // the block with the highest index at the last look
	info   os.FileInfo // which file that is
	index  int         // its index
}

func newBlocks(dir string) *blocks { return &blocks{dir: dir} }

// sync brings to the disk what was written to the stream since the last time. It says which files it could not sync. While the newest
// block is the same file, and none is behind it, that file is all there is to sync: to sync the directory as well costs as much again.
func (b *blocks) sync(datasync func(*os.File) error) (failed []string, err error) {
	if b.same() {
		if err := datasync(b.newest); err != nil {
			return []string{b.newest.Name()}, fmt.Errorf("sync %s: %w", b.newest.Name(), err)
		}
		return nil, nil
	}
	indexes, err := b.behind()
	if err != nil {
		return nil, err
	}
	for _, i := range indexes {
		if err := b.syncBlock(i, datasync); err != nil {
			failed = append(failed, b.path(i))
			return failed, err
		}
	}
	if err := syncDir(b.dir); err != nil {
		b.close() // or the next sync would take it for done
		return nil, fmt.Errorf("sync %s: %w", b.dir, err)
	}
	return nil, nil
}

// same tells whether the newest block of last time still is, under the same name and not as a compacted copy.
func (b *blocks) same() bool {
	if b.newest == nil || exists(b.path(b.index+1)) {
		return false
	}
	info, err := os.Stat(b.path(b.index))
	return err == nil && os.SameFile(info, b.info)
}

// syncBlock syncs one block and keeps it as the newest. The blocks come in the order of their indexes.
func (b *blocks) syncBlock(i int, datasync func(*os.File) error) error {
	f, err := os.OpenFile(b.path(i), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile, with everything in it
	}
	if err != nil {
		return err
	}
	if err := datasync(f); err != nil {
		return errors.Join(fmt.Errorf("sync %s: %w", f.Name(), err), f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b.close()
	b.newest, b.info, b.index = f, info, i
	return nil
}

func (b *blocks) path(i int) string { return filepath.Join(b.dir, strconv.Itoa(i)+blockSuffix) }

// behind is the indexes of the newest block of last time and of those that have come behind it. Blocks before it have been
// synced since they were written to for the last time.
func (b *blocks) behind() (indexes []int, err error) {
	if b.newest == nil || !exists(b.path(b.index)) {
		if indexes, err = b.list(); err != nil {
			return nil, err
		}
		return slices.DeleteFunc(indexes, func(i int) bool { return i < b.index }), nil
	}
	// Thousands of blocks need not be listed for the one that was begun just now. There is no gap: what is not synced yet
	// nobody knows of, so that nobody can have removed it.
	for i := b.index; i == b.index || exists(b.path(i)); i++ {
		indexes = append(indexes, i)
	}
	return indexes, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// list is the indexes of all blocks, lowest first.
func (b *blocks) list() ([]int, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var indexes []int
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), blockSuffix)
		if !ok {
			continue
		}
		i, err := strconv.Atoi(name)
		if err != nil {
			return nil, fmt.Errorf("%s is no block of the store; the journal does not know this version", e.Name())
		}
		indexes = append(indexes, i)
	}
	slices.SortFunc(indexes, cmp.Compare)
	return indexes, nil
}

func (b *blocks) close() {
	if b.newest != nil {
		b.newest.Close() // only ever synced through it, so there is nothing to lose
		b.newest = nil
	}
}
