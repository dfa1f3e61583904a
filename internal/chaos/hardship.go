//go:build linux

package chaos

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tag is what a bot is built with that bears with a slow disk and a clock that is set: package hardship.
const tag = "chaos"

// bears tells whether a program was built with the tag.
func bears(program string) bool {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			for t := range strings.SplitSeq(s.Value, ",") {
				if t == tag {
					return true
				}
			}
		}
	}
	return false
}

// A machine is what a bot runs on, as far as it is not as it should be.
type machine struct {
	file  string
	clock time.Duration // later than it should be
	sync  time.Duration // longer than it takes
	boots int           // how often it was started anew
}

func newMachine(dir string) (*machine, error) {
	m := &machine{file: filepath.Join(dir, "hardship")}
	return m, m.tell()
}

// tell lets the bot feel it. A rename, so that it never reads half of it.
func (m *machine) tell() error {
	half := m.file + ".new"
	if err := os.WriteFile(half, fmt.Appendf(nil, "%v %v %d\n", m.clock, m.sync, m.boots), 0o600); err != nil {
		return err
	}
	return os.Rename(half, m.file)
}

// slow makes each sync take so much longer, for a while.
func (m *machine) slow(ctx context.Context, each, length time.Duration) error {
	m.sync = each
	if err := m.tell(); err != nil {
		return err
	}
	wait(ctx, length)
	m.sync = 0
	return m.tell()
}

// boot starts it anew.
func (m *machine) boot() error {
	m.boots++
	return m.tell()
}

// jump sets the clock.
func (m *machine) jump(to time.Duration) error {
	m.clock = to
	return m.tell()
}
