package uptime

import (
	"time"

	"golang.org/x/sys/unix"
)

// Awake is how long the machine has been up. Go's own monotonic clock stands still while it sleeps; this one does not.
func Awake() (up time.Duration, told bool) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0, false // a kernel before 2.6.39
	}
	return time.Duration(t.Nano()), true
}
