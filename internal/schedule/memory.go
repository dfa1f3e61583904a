package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// memoryKey is where all lines are remembered together. One record, and not one per line, so that a line is forgotten as
// soon as it is gone: a rule that was off for a month has missed nothing when it comes back.
const memoryKey = "schedule"

// A Memory keeps small values across restarts. Recall gives nil, nil for what was never remembered.
type Memory interface {
	Recall(ctx context.Context, key string) ([]byte, error)
	Remember(ctx context.Context, key string, data []byte) error
}

// A mark is what is remembered of a line: up to when its ticks are dealt with, and by which plan. A line whose plan has
// changed is a new line.
type mark struct {
	Plan string    `json:"plan"`
	Last time.Time `json:"last"`
}

func (s *Scheduler) recall(ctx context.Context) error {
	data, err := s.opts.Memory.Recall(ctx, memoryKey)
	if err != nil {
		return fmt.Errorf("recall the last ticks: %w", err)
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(data, &s.remembered); err != nil {
		// Without the memory nothing is caught up on, which is better than not to start.
		s.opts.Log.Error().Err(err).Msg("the memory of the last ticks is unreadable; missed ticks are not made up for")
		s.remembered = nil
	}
	return nil
}

// remember writes the marks if they have changed. Ticks are stored before they are remembered: after a crash in between
// the same tick is made again, and its identity drops it.
func (s *Scheduler) remember(ctx context.Context) error {
	marks := map[string]mark{}
	for _, l := range s.lines {
		marks[l.key()] = mark{l.Plan.String(), l.dealtWith()}
	}
	if maps.EqualFunc(marks, s.remembered, mark.equal) {
		return nil
	}
	data, err := json.Marshal(marks)
	if err != nil {
		return fmt.Errorf("encode the last ticks: %w", err)
	}
	// What is stored is worth remembering even while everything stops.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rememberWithin)
	defer cancel()
	if err := s.opts.Memory.Remember(ctx, memoryKey, data); err != nil {
		return fmt.Errorf("remember the last ticks: %w", err)
	}
	s.remembered = marks
	return nil
}

func (m mark) equal(other mark) bool { return m.Plan == other.Plan && m.Last.Equal(other.Last) }
