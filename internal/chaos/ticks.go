package chaos

import (
	"fmt"
	"time"
)

// tickDeed is what the clock does.
const tickDeed = "tick"

// tickEdge is how near to the begin or the end of a run nobody can tell whether the clock has ticked, while it is right.
const tickEdge = 10 * time.Second

// ticks are the events that the clock has made: each full minute, on each issue that the schedule's JQL finds. At the edges
// of the time in which the bot was there nobody can tell.
func ticks(from, to time.Time, edge time.Duration) []Event {
	var out []Event
	order := 0
	for at := from.Add(-edge).UTC().Truncate(time.Minute); !at.After(to.Add(edge - tickEdge)); at = at.Add(time.Minute) {
		if at.Before(from.Add(-edge)) {
			continue
		}
		fate := Accepted
		if at.Before(from.Add(time.Second+edge-tickEdge)) || at.After(to.Add(-edge)) {
			fate = Unsure
		}
		order++
		moment := at.Format("2006-01-02T15:04")
		for n := range nudged {
			key := fmt.Sprintf("OPS-%d", n+1)
			out = append(out, Event{
				Token: moment, Deed: tickDeed, Lane: key, Order: order, Fate: fate,
				Wants: []Want{{key, "comment: tick " + moment}},
			})
		}
	}
	return out
}
