//go:build !linux

package speed

import (
	"errors"
	"time"
)

var errLinuxOnly = errors.New("what another process uses is read as Linux tells it; run this on Linux")

func precise() {}

func sleep(d time.Duration) { time.Sleep(d) }

func processorTime(int) (time.Duration, error) { return 0, errLinuxOnly }

func stolen() (time.Duration, error) { return 0, errLinuxOnly }

func memory(int) (now, peak int64, err error) { return 0, 0, errLinuxOnly }
