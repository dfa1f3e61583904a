package chaos

import (
	"cmp"
	"fmt"
	"slices"
)

// A Fate is what became of an event on its way into the bot.
type Fate string

const (
	// Refused is an event that no bot can have stored: nobody listened.
	Refused Fate = "refused"
	// Unsure is an event whose sender got no answer, or an error, and gave up: it may be stored or not.
	Unsure Fate = "unsure"
	// Accepted is an event that was answered with a 2xx.
	Accepted Fate = "accepted"
)

// An Event is something that happened and that a rule wants.
type Event struct {
	Token string `json:"token"` // unique; the effects name it
	Deed  string `json:"deed"`  // the row of the deeds' table
	Lane  string `json:"lane"`  // events of one lane must take effect in order
	Order int    `json:"order"` // its place in the lane, from 1
	Fate  Fate   `json:"fate"`
	// Wants are the effects that it must have, in their order.
	Wants []Want `json:"wants"`
}

// A Want is one effect that must be there once.
type Want struct {
	Issue string `json:"issue"`
	What  string `json:"what"` // such as "comment: pong T7"
}

// An Effect is something that the bot user has done, as the simulated Jira has it.
type Effect struct {
	Issue string `json:"issue"`
	What  string `json:"what"`
	// At orders effects by when they took place; 0 where Jira does not tell.
	At int64 `json:"at"`
}

// A Verdict is what Check found. All lists are empty where the promises were kept.
type Verdict struct {
	Events   int `json:"events"`
	Accepted int `json:"accepted"`
	Unsure   int `json:"unsure"`
	Happened int `json:"unsure_that_took_effect"`
	Refused  int `json:"refused"`
	Wanted   int `json:"effects_wanted"`
	Effects  int `json:"effects"`

	Lost       []string `json:"lost"`
	Doubled    []string `json:"doubled"`
	OutOfOrder []string `json:"out_of_order"`
	Unasked    []string `json:"unasked"`
}

// Good tells whether all promises were kept.
func (v Verdict) Good() bool {
	return len(v.Lost)+len(v.Doubled)+len(v.OutOfOrder)+len(v.Unasked) == 0
}

// place is where a wanted effect stands in what should have happened.
type place struct{ event, step int }

// Check compares what happened to issues with what was done about it.
func Check(events []Event, effects []Effect) Verdict {
	v := Verdict{Events: len(events), Effects: len(effects)}
	wanted := map[Want]place{}
	for e, ev := range events {
		for s, w := range ev.Wants {
			wanted[w] = place{e, s}
		}
	}
	seen := map[Want]int{}
	for _, ef := range effects {
		w := Want{ef.Issue, ef.What}
		if at, asked := wanted[w]; !asked || events[at.event].Fate == Refused {
			v.Unasked = append(v.Unasked, ef.Issue+" "+ef.What)
			continue
		}
		if seen[w]++; seen[w] > 1 {
			v.Doubled = append(v.Doubled, ef.Issue+" "+ef.What)
		}
	}
	for _, ev := range events {
		v.account(ev, seen)
	}
	v.OutOfOrder = disorder(events, effects, wanted)
	return v
}

// account looks for the effects of one event. An event that may or may not be stored must have all of its effects or none.
func (v *Verdict) account(ev Event, seen map[Want]int) {
	found := 0
	for _, w := range ev.Wants {
		if seen[w] > 0 {
			found++
		}
	}
	switch ev.Fate {
	case Refused:
		v.Refused++
		return
	case Unsure:
		v.Unsure++
		if found == 0 {
			return
		}
		v.Happened++
	default:
		v.Accepted++
	}
	v.Wanted += len(ev.Wants)
	for i, w := range ev.Wants {
		if seen[w] == 0 {
			v.Lost = append(v.Lost, fmt.Sprintf("%s %s (%s, %s, effect %d of %d)", w.Issue, w.What, ev.Deed, ev.Fate, i+1, len(ev.Wants)))
		}
	}
}

// disorder lists the effects that came after one which should have followed them.
func disorder(events []Event, effects []Effect, wanted map[Want]place) []string {
	type step struct {
		effect Effect
		at     place
	}
	lanes := map[string][]step{}
	for _, ef := range effects {
		at, asked := wanted[Want{ef.Issue, ef.What}]
		if asked && ef.At != 0 {
			lanes[events[at.event].Lane] = append(lanes[events[at.event].Lane], step{ef, at})
		}
	}
	var out []string
	for _, steps := range lanes {
		slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.effect.At, b.effect.At) })
		last := step{at: place{event: -1}}
		for _, s := range steps {
			if last.at.event >= 0 && before(events, s.at, last.at) {
				out = append(out, fmt.Sprintf("%s %s came after %s %s", s.effect.Issue, s.effect.What, last.effect.Issue, last.effect.What))
				continue
			}
			last = s
		}
	}
	slices.Sort(out)
	return out
}

func before(events []Event, a, b place) bool {
	return cmp.Or(cmp.Compare(events[a.event].Order, events[b.event].Order), cmp.Compare(a.step, b.step)) < 0
}
