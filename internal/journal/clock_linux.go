package journal

import (
	"time"

	"golang.org/x/sys/unix"

	"jirabot/internal/hardship"
)

// now reads the clocks. Go's own monotonic clock stands still while the machine sleeps.
func now() instant {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return instant{wall: hardship.Now()} // a kernel before 2.6.39; the clock on the wall has to do
	}
	return instant{awake: time.Duration(t.Nano()), wall: hardship.Now()}
}
