package schedule

import (
	"fmt"
	"time"
)

// A CatchUp says what becomes of the ticks that were missed because the bot was not running.
type CatchUp string

// What can be done about missed ticks. An empty CatchUp is None.
const (
	None CatchUp = "none" // they are skipped
	Last CatchUp = "last" // only the newest is made up for, and only when no later tick is due by now
	All  CatchUp = "all"  // each is, oldest first, up to the newest 1,000
)

// ParseCatchUp reads what a rule's author wrote.
func ParseCatchUp(s string) (CatchUp, error) {
	switch c := CatchUp(s); c {
	case None, Last, All:
		return c, nil
	case "":
		return None, nil
	}
	return "", fmt.Errorf("catch_up %q: want none, last or all", s)
}

const (
	// grace is how late a tick may be without counting as missed: a restart takes less, a night takes more.
	grace = time.Minute
	// atMost is how many missed ticks are made up for.
	atMost = 1000
	// horizon is how far back missed ticks are looked for. A clock that was wrong by decades should cost nothing.
	horizon = 366 * 24 * time.Hour
	// farAhead is how far a remembered tick may lie in the future before it must be a clock that was wrong. Up to there the
	// line waits until the time has come again, so that no tick is made twice.
	farAhead = 24 * time.Hour
)

// due decides which ticks of a plan are to be made now: those after last, up to now, as catchUp allows, oldest first.
// skipped counts the missed ones that are not made up for.
func due(p Plan, catchUp CatchUp, last, now time.Time) (ticks []time.Time, skipped int) {
	if oldest := now.Add(-horizon); last.Before(oldest) {
		last = oldest
	}
	missed := 0 // how many of ticks are; these come first
	for at := p.Next(last); !at.IsZero() && !at.After(now); at = p.Next(at) {
		late := now.Sub(at) > grace
		if late {
			missed++
		}
		ticks = append(ticks, at)
	}
	keep := 0
	switch {
	case catchUp == All:
		keep = min(missed, atMost)
	case catchUp == Last && missed == len(ticks):
		keep = min(missed, 1)
	}
	skipped = missed - keep
	return ticks[skipped:], skipped
}
