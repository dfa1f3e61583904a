//go:build linux || darwin || freebsd

package journal

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// room is how many bytes a user without privileges may still write below a directory.
func room(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask for the free room in %s: %w", dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// lockFile makes sure that one process at a time uses a journal. The system lets go of the lock when the process ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another process has it open (%w)", err)
	}
	return f, nil
}

// syncDir writes a directory's entries to the disk, so that files made in it are found after a power cut.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
