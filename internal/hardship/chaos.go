//go:build chaos

// Package hardship, in a bot that is put to the test.
package hardship

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// File is the environment's name for the file. It holds two durations, how much later the clock is than it should be and how
// long a sync takes, and how often the machine was started anew.
const File = "BOT_HARDSHIP"

//nolint:gochecknoglobals // of the machine there is one
var (
	clock, slow, boots atomic.Int64
	begin              = sync.OnceFunc(func() {
		file := os.Getenv(File)
		if file == "" {
			return
		}
		read(file)
		go func() { // as long as the process lives
			for {
				time.Sleep(10 * time.Millisecond)
				read(file)
			}
		}()
	})
)

func read(file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return // it is as it was
	}
	var late, long string
	var anew int64
	if _, err := fmt.Sscan(string(data), &late, &long, &anew); err != nil {
		return
	}
	a, wrong := time.ParseDuration(late)
	b, bad := time.ParseDuration(long)
	if wrong == nil && bad == nil {
		clock.Store(int64(a))
		slow.Store(int64(b))
		boots.Store(anew)
	}
}

// Now is the time that the machine's clock shows.
func Now() time.Time {
	begin()
	offset := time.Duration(clock.Load())
	if offset == 0 {
		return time.Now()
	}
	return time.Now().Add(offset)
}

// Sync takes as long as the disk does.
func Sync() {
	begin()
	time.Sleep(time.Duration(slow.Load()))
}

// Boot is which start of the machine it is, by what it says of itself.
func Boot(id string) string {
	begin()
	return fmt.Sprintf("%s.%d", id, boots.Load())
}
