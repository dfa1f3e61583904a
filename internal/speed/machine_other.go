//go:build !linux

package speed

import (
	"errors"
	"os"
	"time"
)

var errLinuxOnly = errors.New("what another process uses is read as Linux tells it; run this on Linux")

// An alarm wakes a goroutine, here a little late.
type alarm struct{}

func newAlarm() (*alarm, error) { return nil, nil }

func (*alarm) sleep(d time.Duration) error {
	time.Sleep(d)
	return nil
}

func (*alarm) close() {}

func datasync(f *os.File) error { return f.Sync() }

func processorTime(int) (time.Duration, error) { return 0, errLinuxOnly }

func stolen() (time.Duration, error) { return 0, errLinuxOnly }

func memory(int) (now, peak int64, err error) { return 0, 0, errLinuxOnly }
