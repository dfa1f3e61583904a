package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"jirabot/internal/event"
)

// progress is a line and how far it has come.
type progress struct {
	Line
	seen    time.Time   // up to when ticks were looked for
	waiting []time.Time // ticks that were found and are not yet stored, oldest first
}

// look finds the ticks of a line that have become due.
func (s *Scheduler) look(l *progress, now time.Time) {
	if l.seen.After(now.Add(farAhead)) {
		s.opts.Log.Warn().Str("rule", l.Rule).Time("last", l.seen).Time("now", now).Msg("the clock was wrong; the schedule begins anew")
		l.seen = now
	}
	ticks, skipped := due(l.Plan, l.CatchUp, l.seen, now)
	switch {
	case len(ticks) > 0:
		l.seen = ticks[len(ticks)-1]
	case skipped > 0:
		l.seen = now
	}
	l.waiting = append(l.waiting, ticks...)
	if skipped > 0 {
		s.opts.Log.Warn().Str("rule", l.Rule).Int("trigger", l.Trigger).Int("skipped", skipped).
			Int("due", len(ticks)).Str("catch_up", string(l.CatchUp)).Msg("missed ticks")
	}
}

// dealtWith is the moment after which a restart has to look for ticks again.
func (l *progress) dealtWith() time.Time {
	if len(l.waiting) > 0 {
		return l.waiting[0].Add(-time.Second).UTC()
	}
	return l.seen.UTC()
}

// deliver stores the ticks that wait, and tells when to come again. The first failure ends it: an inbox that has no room
// for one line has none for the others.
func (s *Scheduler) deliver(ctx context.Context) time.Duration {
	for _, l := range s.lines {
		for len(l.waiting) > 0 {
			err := ctx.Err()
			if err == nil {
				err = s.tick(ctx, l.Line, l.waiting[0])
			}
			if ctx.Err() != nil && err != nil {
				return longestWait // stopping; Run sees it, too
			}
			if err != nil {
				s.opts.Log.Warn().Str("rule", l.Rule).Int("waiting", len(l.waiting)).Err(err).Msg("the tick is not stored yet")
				var full interface{ RetryAfter() time.Duration }
				if errors.As(err, &full) {
					return min(max(full.RetryAfter(), time.Second), longestWait)
				}
				return retryWait
			}
			l.waiting = l.waiting[1:]
		}
		l.waiting = nil
	}
	return longestWait
}

func (s *Scheduler) tick(ctx context.Context, l Line, planned time.Time) error {
	body, err := json.Marshal(event.TickBody{Rule: l.Rule, Trigger: l.Trigger, Planned: planned.UTC(), Schedule: l.Schedule})
	if err != nil {
		return fmt.Errorf("encode the tick of %s: %w", l.key(), err)
	}
	receipt, err := s.opts.Inbox.Accept(ctx, event.Delivery{Source: event.Tick, Body: body, Received: s.opts.Now()})
	if err != nil {
		return fmt.Errorf("store the tick of %s: %w", l.key(), err)
	}
	s.opts.Log.Info().Str("rule", l.Rule).Int("trigger", l.Trigger).Time("planned", planned).
		Str("delivery", receipt.Delivery).Bool("repeat", receipt.Repeat).Msg("tick")
	return nil
}
