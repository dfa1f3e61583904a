//go:build linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A disk is a file system of its own in one file of the machine's, so that it can be made full and lose its power.
type disk struct {
	path    string // where it is mounted
	image   string // the file
	mounted bool
}

// diskSize is beyond what the bot wants to have free, and what the longest of runs stores. The file has holes where nothing was
// written.
const diskSize = 4 << 30

func mountDisk(image, path string) (*disk, error) {
	d := &disk{path: path, image: image}
	if err := d.create(); err != nil {
		return nil, fmt.Errorf("mount a disk of its own for the bot: %w", err)
	}
	return d, nil
}

func (d *disk) create() error {
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return err
	}
	file, err := os.Create(d.image)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(diskSize), file.Close()); err != nil {
		return err
	}
	// No room for root alone, and not much for files that will not be.
	if err := command("mkfs.ext4", "-q", "-F", "-m", "0", "-i", "65536", "-J", "size=16", d.image); err != nil {
		return err
	}
	return d.mount()
}

func (d *disk) mount() error {
	err := command("mount", "-o", "loop", d.image, d.path)
	d.mounted = err == nil
	return err
}

func (d *disk) unmount() error {
	// A process that was killed may still be letting go of its files.
	for end := time.Now().Add(unmountWithin); d.mounted; time.Sleep(5 * time.Millisecond) {
		err := unix.Unmount(d.path, 0)
		if err != nil && (!errors.Is(err, unix.EBUSY) || time.Now().After(end)) {
			return fmt.Errorf("unmount %s: %w", d.path, err)
		}
		d.mounted = err != nil
	}
	return nil
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// full leaves so many bytes for a while.
func (d *disk) full(ctx context.Context, left int64, length time.Duration) (err error) {
	ballast, err := os.Create(filepath.Join(d.path, "ballast"))
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer func() {
		// ext4 gives room back with its next commit only.
		err = errors.Join(err, ballast.Close(), os.Remove(ballast.Name()), d.sync())
	}()
	// The bot writes between the look and the filling.
	for slack := int64(0); ; slack += 64 << 10 {
		var st unix.Statfs_t
		if err := unix.Statfs(d.path, &st); err != nil {
			return fmt.Errorf("look how full the disk is: %w", err)
		}
		size := int64(st.Bavail)*st.Bsize - left - slack
		if size <= 0 {
			break
		}
		err := unix.Fallocate(int(ballast.Fd()), 0, 0, size)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.ENOSPC) || slack > 8<<20 {
			return fmt.Errorf("fill the disk: %w", err)
		}
		if err := ballast.Truncate(0); err != nil {
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	wait(ctx, length)
	return nil
}

// The order to ext4 to write nothing any more, not even its own log: linux/fs/ext4.
const (
	shutdown      = 0x8004587d // EXT4_IOC_SHUTDOWN
	withoutLog    = 2          // EXT4_GOING_FLAGS_NOLOGFLUSH
	unmountWithin = 5 * time.Second
)

// powerOff loses what was written and not synced. Whoever has files open gets errors from now on.
func (d *disk) powerOff() error {
	root, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("cut the disk's power: %w", err)
	}
	defer root.Close() // only read
	if err := unix.IoctlSetPointerInt(int(root.Fd()), shutdown, withoutLog); err != nil {
		return fmt.Errorf("cut the disk's power: %w", err)
	}
	return nil
}

// powerOn brings back what was synced. Nobody may have files open any more.
func (d *disk) powerOn() error {
	if err := d.unmount(); err != nil {
		return err
	}
	return d.mount()
}

// sync brings everything to the disk.
func (d *disk) sync() error {
	root, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer root.Close() // only read
	return unix.Syncfs(int(root.Fd()))
}
