package journal

import (
	"os"

	"golang.org/x/sys/unix"

	"jirabot/internal/hardship"
)

// datasync writes a file's content to the disk, with as much of its metadata as reading it needs.
func datasync(f *os.File) error {
	hardship.Sync()
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
