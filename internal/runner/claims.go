package runner

import (
	"sync"
	"time"

	"jirabot/internal/event"
	"jirabot/rules"
)

// The journal drops a delivery that it stored before, within its window. Two kinds of repeats come through and are
// caught by the claims of finished runs: another form of the same event (Data Center sends a comment twice), and an
// event that arrives long after it happened, as a sweep or a redrive brings it.
const (
	// lateAfter is safely below the journal's window of two hours.
	lateAfter = time.Hour
	// twinWithin is how far apart the two forms of one event arrive at most.
	twinWithin = 15 * time.Minute
)

// recent remembers claims of the near past, so that the twin of a comment costs no look into the journal. It forgets half of them
// at a time: looking through all for what is old would take longer the more there is to do.
type recent struct {
	mu     sync.Mutex
	since  time.Time         // complete from here on
	seen   map[string]string // by claim: the delivery whose runs have settled it
	before map[string]string // the generation before
	began  time.Time         // when seen did
}

// maxRecent bounds the memory; beyond it, the journal is asked about what lies further back.
const maxRecent = 100_000

func newRecent(now time.Time) recent {
	return recent{since: now, seen: map[string]string{}, began: now}
}

func (c *recent) add(delivery string, claims []string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen)+len(claims) > maxRecent/2 {
		if len(c.before) > 0 {
			c.since = c.began
		}
		c.seen, c.before, c.began = map[string]string{}, c.seen, now
	}
	for _, claim := range claims {
		c.seen[claim] = delivery
	}
}

// taken looks a claim up, for a delivery; complete is false if the memory does not reach back far enough to be sure. What a delivery
// has claimed itself is not taken: it comes again when its end could not be stored, and has to be brought to its end.
func (c *recent) taken(delivery, claim string, since time.Time) (taken, complete bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by, known := c.seen[claim]
	if !known {
		by, known = c.before[claim]
	}
	taken = known && by != delivery
	return taken, taken || !since.Before(c.since)
}

// hasTwin tells whether the event may have been, or may yet be, delivered in another form.
func hasTwin(ev *event.Event, m rules.Match) bool {
	return ev.CommentIdentity != "" || len(m.Claims) != 1 || m.Claims[0] != m.Rule.Name+"/"+ev.Identity ||
		ev.Worklog.ID != "" || ev.Attachment.ID != ""
}

// unclaimed leaves those matches out whose event the rule has met before.
func (h *handling) unclaimed(matches []rules.Match) ([]rules.Match, error) {
	late := !h.ev.Timed || h.task.Received.Sub(h.ev.Time) > lateAfter
	var out []rules.Match
	for _, m := range matches {
		if !late && !hasTwin(h.ev, m) {
			out = append(out, m)
			continue
		}
		since := h.task.Received.Add(-twinWithin)
		if late {
			since = h.ev.Time.Add(-twinWithin)
		}
		taken, err := h.allTaken(m.Claims, since, late)
		if err != nil {
			return nil, err
		}
		if taken {
			h.log.Debug().Str("rule", m.Rule.Name).Msg("the rule has met this event before")
			continue
		}
		out = append(out, m)
	}
	return out, nil
}

// allTaken asks the memory first. It holds the claims of twins only, so that of a late event it can say yes, never no.
func (h *handling) allTaken(claims []string, since time.Time, late bool) (bool, error) {
	var ask []string
	for _, claim := range claims {
		taken, complete := h.r.claims.taken(h.task.ID, claim, since)
		// Before this process held the lane, another may have run the twin.
		complete = taken || complete && !since.Before(h.task.Held)
		if !taken && complete && !late {
			return false, nil
		}
		if !taken {
			ask = append(ask, claim)
		}
	}
	if len(ask) == 0 {
		return true, nil
	}
	answers, err := h.r.opts.Journal.Claimed(h.ctx, h.ev.Lane, since, ask)
	if err != nil {
		return false, err
	}
	for _, taken := range answers {
		if !taken {
			return false, nil
		}
	}
	return true, nil
}
