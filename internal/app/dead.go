package app

import (
	"context"
	"maps"
	"sync"

	"jirabot/internal/journal"
	"jirabot/internal/runner"
)

// deadCount counts dead letters by class. They are only read when one has come or gone.
type deadCount struct {
	mu     sync.Mutex
	mark   string
	counts map[string]int
}

func (d *deadCount) count(ctx context.Context, j *journal.Journal) (map[string]int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	mark, err := j.DeadMark(ctx)
	if err != nil || mark == d.mark {
		return maps.Clone(d.counts), err
	}
	counts := map[string]int{}
	for _, class := range runner.Classes {
		counts[class] = 0 // a class that is not there cannot be alerted on
	}
	for l, err := range j.Dead(ctx) {
		if err != nil {
			return nil, err
		}
		if _, known := counts[l.Class]; !known {
			l.Class = runner.Broken // of a bot that had no classes yet
		}
		counts[l.Class]++
	}
	d.mark, d.counts = mark, counts
	return maps.Clone(counts), nil
}
