package chaos

import (
	"fmt"
	"time"
)

// tickDeed is what the clock does.
const tickDeed = "tick"

// ticks are the events that the clock has made: each full minute, on each issue that the schedule's JQL finds. At the edges
// of the time in which the bot was there nobody can tell.
func ticks(from, to time.Time) []Event {
	const edge = 10 * time.Second
	var out []Event
	order := 0
	for at := from.UTC().Truncate(time.Minute); !at.After(to); at = at.Add(time.Minute) {
		if at.Before(from.Add(-edge)) {
			continue
		}
		fate := Accepted
		if at.Before(from.Add(time.Second)) || at.After(to.Add(-edge)) {
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
