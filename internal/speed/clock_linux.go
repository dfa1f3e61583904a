package speed

import (
	"fmt"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// precise lets the system wake this thread within a microsecond of the time asked for.
func precise() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) }

func sleep(d time.Duration) {
	t := unix.NsecToTimespec(d.Nanoseconds())
	for unix.Nanosleep(&t, &t) == unix.EINTR {
	}
}

// processorTime is what a process has used so far, of all its threads, in user and kernel.
func processorTime(pid int) (time.Duration, error) {
	var t unix.Timespec
	// A process's clock is named by its number: the kernel's MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// stolen is how long this machine's processors have had work but were given to others by the host that it is a guest of.
func stolen() (time.Duration, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0, err
	}
	stat, err := fs.Stat()
	return time.Duration(stat.CPUTotal.Steal * float64(time.Second)), err
}

// memory is how many bytes of a process are in memory now, and how many there were at most.
func memory(pid int) (now, peak int64, err error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return 0, 0, err
	}
	status, err := p.NewStatus()
	if err != nil {
		return 0, 0, err
	}
	now, peak = int64(status.VmRSS), int64(status.VmHWM)
	if now == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("/proc/%d/status does not tell the memory in use", pid)
	}
	return now, peak, nil
}
