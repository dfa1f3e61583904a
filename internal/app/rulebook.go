package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/schedule"
	"jirabot/rules"
)

// ruleBook holds the rules in force and watches their files. A changed set is swapped in whole, or refused whole: then
// the old rules stay in force and the mistakes are shown.
type ruleBook struct {
	patterns []string
	allowed  allowed
	log      zerolog.Logger
	metrics  *metrics

	set     atomic.Pointer[rules.Set]
	changed func()

	mu      sync.Mutex
	seen    string // what the files looked like when they were last read
	mistake error  // why the last change was refused
}

// watchEvery is how often the files are looked at. Looking beats being told: a mounted ConfigMap is replaced by a link.
const watchEvery = time.Second

func openRules(patterns []string, a allowed, log zerolog.Logger, m *metrics) (*ruleBook, error) {
	b := &ruleBook{patterns: patterns, allowed: a, log: log, metrics: m, changed: func() {}}
	b.seen = b.look()
	set, err := b.load()
	if err != nil {
		return nil, fmt.Errorf("rules:\n%w", err)
	}
	b.set.Store(set)
	return b, nil
}

func (b *ruleBook) current() *rules.Set { return b.set.Load() }

func (b *ruleBook) onChange(do func()) { b.changed = do; do() }

// lines are the schedules in force.
func (b *ruleBook) lines() []schedule.Line {
	var out []schedule.Line
	for _, l := range b.current().Schedules() {
		out = append(out, schedule.Line{Rule: l.Rule, Trigger: l.Trigger, Schedule: l.Sign, Plan: l.Plan, CatchUp: l.CatchUp})
	}
	return out
}

func (b *ruleBook) load() (*rules.Set, error) {
	set, err := rules.Load(b.patterns)
	if err != nil {
		return nil, err
	}
	return set, b.allowed.check(set)
}

// watch looks at the files until ctx ends.
func (b *ruleBook) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			b.refresh()
		}
	}
}

// refresh reads the files if they look different from before.
func (b *ruleBook) refresh() {
	looks := b.look()
	b.mu.Lock()
	same := looks == b.seen
	b.seen = looks
	b.mu.Unlock()
	if !same {
		_ = b.reload() // logged, and shown by readyz
	}
}

// reload reads the files and swaps the set, or keeps the old one.
func (b *ruleBook) reload() error {
	set, err := b.load()
	b.mu.Lock()
	b.mistake = err
	b.mu.Unlock()
	b.metrics.reloaded(err == nil)
	if err != nil {
		b.log.Error().Err(err).Int("rules", len(b.current().Rules)).Str("revision", b.current().Revision).Msg("changed rules refused; the old ones stay in force")
		return err
	}
	if set.Revision == b.current().Revision {
		return nil
	}
	b.set.Store(set)
	b.changed()
	b.log.Info().Int("rules", len(set.Rules)).Str("revision", set.Revision).Msg("rules changed")
	return nil
}

// problem is why the last change of the files was refused.
func (b *ruleBook) problem() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mistake
}

// look is a text that changes whenever a file does.
func (b *ruleBook) look() string {
	var out strings.Builder
	for _, pattern := range b.patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return err.Error()
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				fmt.Fprintln(&out, name, err)
				continue
			}
			fmt.Fprintln(&out, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return out.String()
}
