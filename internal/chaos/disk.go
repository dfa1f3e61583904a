//go:build linux

package chaos

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// A disk is a small file system in memory of its own, which can be made full without filling it: it shrinks to what is in it.
type disk struct{ path string }

// diskSize is beyond what the bot wants to have free, and what the longest of runs stores.
const diskSize = 4 << 30

func mountDisk(path string) (*disk, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	if err := syscall.Mount("chaos", path, "tmpfs", 0, sized(diskSize)); err != nil {
		return nil, fmt.Errorf("mount a disk of its own for the bot: %w", err)
	}
	return &disk{path}, nil
}

func sized(bytes int64) string { return "mode=0700,size=" + strconv.FormatInt(bytes, 10) }

// full leaves so many bytes for a while.
func (d *disk) full(ctx context.Context, left int64, length time.Duration) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.path, &st); err != nil {
		return fmt.Errorf("look how full the disk is: %w", err)
	}
	used := int64(st.Blocks-st.Bfree) * st.Bsize
	// What the bot writes between the look and the shrinking makes it fail.
	for slack := int64(0); ; slack += 64 << 10 {
		err := d.resize(used + left + slack)
		if err == nil {
			break
		}
		if slack > 8<<20 {
			return err
		}
	}
	wait(ctx, length)
	return d.resize(diskSize)
}

func (d *disk) resize(size int64) error {
	if err := syscall.Mount("chaos", d.path, "tmpfs", syscall.MS_REMOUNT, sized(size)); err != nil {
		return fmt.Errorf("change the size of the disk: %w", err)
	}
	return nil
}

func (d *disk) unmount() error { return syscall.Unmount(d.path, syscall.MNT_DETACH) }
