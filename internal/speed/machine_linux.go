package speed

import (
	"fmt"
	"os"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// An alarm wakes a goroutine within microseconds of the time asked for. Go's own timers are late by up to a millisecond, and a thread
// that sleeps in the kernel keeps the runtime looking after it, which was a seventh of what the load took.
type alarm struct {
	fd    int
	timer *os.File // the same, waited for as a connection is
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	return &alarm{fd, os.NewFile(uintptr(fd), "timer")}, nil
}

// sleep lasts for a time that is more than 0.
func (a *alarm) sleep(d time.Duration) error {
	if err := unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}, nil); err != nil {
		return fmt.Errorf("set a timer to %v: %w", d, err)
	}
	var rang [8]byte
	_, err := a.timer.Read(rang[:])
	return err
}

func (a *alarm) close() { a.timer.Close() }

// datasync writes a file's content to the disk as the bot does.
func datasync(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

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
