package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// datasync writes a file's content to the disk, with as much of its metadata as reading it needs.
func datasync(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
