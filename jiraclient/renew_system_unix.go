//go:build linux || darwin || freebsd

package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lock waits until no other process changes the token. The system lets go of it when the process ends, however it ends.
// The lock stands on a file of its own, as that of the token is replaced.
func (f tokenFile) lock(ctx context.Context) (unlock func(), err error) {
	const pause = 10 * time.Millisecond
	if err := os.MkdirAll(filepath.Dir(f.path()), 0o700); err != nil {
		return nil, fmt.Errorf("lock the credential: %w", err)
	}
	file, err := os.OpenFile(f.path()+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the credential: %w", err)
	}
	again := time.NewTicker(pause)
	defer again.Stop()
	for {
		// The system's own waiting could not be ended.
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("wait for the process that renews the token: %w", gaveUp(ctx))
		}
	}
}

// ownSession keeps the signals meant for this process, and its terminal's, from one that it starts.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// syncDir writes a directory's entries to the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
