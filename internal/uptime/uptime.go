// Package uptime is a clock that nobody sets: how long the machine has been up.
package uptime

import (
	"os"
	"strings"
	"sync"
	"time"

	"jirabot/internal/hardship"
)

// A Reading of the clock can be kept, and compared with a later one by another process. Its JSON is on disks.
type Reading struct {
	Boot string        `json:"boot,omitempty"` // which start of which machine; empty where that cannot be told
	Up   time.Duration `json:"up,omitempty"`   // for how long it had been up then, asleep or not
}

// Now reads the clock.
func Now() Reading {
	up, told := Awake()
	if !told || Boot() == "" {
		return Reading{}
	}
	return Reading{Boot(), up}
}

// Since tells how much time has passed since an earlier reading. That is not known of another machine, nor of this one before it
// was started.
func (r Reading) Since(before Reading) (passed time.Duration, told bool) {
	return r.Up - before.Up, r.Boot != "" && r.Boot == before.Boot
}

// Boot is different after each start of a machine; empty where that cannot be told.
var Boot = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return hardship.Boot(strings.TrimSpace(string(id)))
})
