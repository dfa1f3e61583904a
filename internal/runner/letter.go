package runner

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// The classes of dead letters: why something was given up, in a word to count by.
const (
	Unreadable = "unreadable" // the delivery cannot be read
	NotAllowed = "denied"     // the bot user may not
	Uncertain  = "uncertain"  // nobody knows whether a step was done
	Exhausted  = "exhausted"  // too many attempts
	Loop       = "loop"       // too many runs followed from one another
	Changed    = "changed"    // the rule was changed or removed
	Broken     = "failed"     // everything else: the step, or the condition, is wrong
)

// Classes are all of them.
var Classes = [...]string{Unreadable, NotAllowed, Uncertain, Exhausted, Loop, Changed, Broken}

// classOf is the class of an error that ended a run.
func classOf(err error) string {
	_, temporary := jiraclient.Temporary(err)
	switch {
	case jiraclient.Uncertain(err), errors.As(err, new(*lostAnswer)):
		return Uncertain
	case temporary, errors.Is(err, context.DeadlineExceeded):
		return Exhausted
	case errors.Is(err, jiraclient.ErrDenied):
		return NotAllowed
	}
	return Broken
}

// giveUp keeps a run as a dead letter, with what was done, and tells the rules that wait for failures. A second time it
// does nothing more: after a crash in between it is called again.
func (h *handling) giveUp(rec *Record, w Work) error {
	if rec.Finished.IsZero() {
		rec.Finished = h.r.opts.Now()
	}
	if rec.Outcome == Denied {
		rec.Class = NotAllowed
	}
	rec.Class = cmp.Or(rec.Class, Broken)
	if rec.Letter == "" {
		w.Version, w.Record = workVersion, *rec
		letter, err := h.bury(*rec, w)
		if err != nil {
			return err
		}
		rec.Letter = letter
	}
	h.log.Error().Str("rule", rec.Rule).Str("run", rec.ID).Str("outcome", string(rec.Outcome)).Str("class", rec.Class).
		Str("letter", rec.Letter).Str("reason", rec.Reason).Msg("run buried")
	return h.tellOfFailure(rec)
}

// buriedBefore is the letter that an earlier attempt has made of a run, if it was so long ago that the journal does not
// know it as a repeat.
func (h *handling) buriedBefore(rec Record) (string, error) {
	if h.r.opts.Now().Sub(rec.Finished) < lateAfter {
		return "", nil
	}
	for l, err := range h.r.opts.Journal.Dead(h.ctx) {
		if err != nil {
			return "", fmt.Errorf("look for an earlier letter: %w", err)
		}
		if l.Entry.ID == h.task.ID && l.Run == rec.ID {
			return l.ID, nil
		}
	}
	return "", nil
}

func (h *handling) bury(rec Record, w Work) (string, error) {
	entry := h.task.Entry
	for {
		data, err := json.Marshal(w)
		if err != nil {
			return "", fmt.Errorf("write down what was done: %w", err)
		}
		entry.Work = data
		l, err := h.r.opts.Journal.Bury(h.ctx, journal.Letter{
			Entry: entry, Rule: rec.Rule, Run: rec.ID, Reason: rec.Reason, Class: rec.Class, Attempts: h.task.Attempt,
		})
		if !errors.Is(err, journal.ErrTooLarge) || w.Issue == nil {
			return l.ID, err
		}
		w.Issue = nil // beside a body of the largest size; the delivery says what the issue was
	}
}

// tellOfFailure stores the delivery that other rules react to. A chain of failures ends where a loop would.
func (h *handling) tellOfFailure(rec *Record) error {
	if rec.Depth >= MaxDepth || !h.r.opts.Rules().Reacts(rec.Rule) {
		return nil
	}
	body := event.FailureBody{
		Rule: rec.Rule, Run: rec.ID, Letter: rec.Letter, Outcome: string(rec.Outcome), Error: rec.Reason, Kind: h.ev.Kind,
		Delivery: rec.Delivery, Time: rec.Finished,
	}
	for _, st := range rec.Steps {
		if st.Outcome.Bad() {
			body.Step, body.Error = st.Path, st.Error
		}
	}
	body.Issue.ID, body.Issue.Key = h.ev.Issue.ID, rec.Issue
	if h.fresh != nil {
		body.Issue.ID = h.fresh.issue.ID
	}
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("tell of a failure: %w", err)
	}
	d := event.Delivery{Source: event.Failed, Body: data, Received: h.r.opts.Now(), Depth: rec.Depth + 1, Cause: rec.ID}
	ev, err := event.Decode(d)
	if err != nil {
		return fmt.Errorf("tell of a failure: %w", err)
	}
	if _, err := h.r.opts.Journal.Hand(h.ctx, d, nil, ev.StoreID(), ev.Lane); err != nil {
		return fmt.Errorf("tell of a failure: %w", err)
	}
	return nil
}

// unwantedByTheOne is the record of a delivery that is there for one rule, which does not want it any more. A redriven one
// becomes a dead letter again: it was a person's wish that something is done.
func (h *handling) unwantedByTheOne(matches []rules.Match) (rec Record, told bool, err error) {
	only := h.task.Only
	rec = h.record(rules.Match{Claims: []string{only.Rule + "/" + h.ev.Identity}})
	rec.Rule, rec.Outcome = only.Rule, Overtaken
	rule, ok := h.r.opts.Rules().Rule(only.Rule)
	switch {
	case !ok:
		rec.Reason = "the rule is gone"
	default:
		rec.Revision, rec.Mode = rule.Revision, string(rule.Mode)
		if rec.Reason = rule.Refuses(h.ev, h.r.Bot()); rec.Reason == "" {
			rec.Reason = "the condition does not hold any more"
		}
	}
	if only.Letter == "" || len(matches) > 0 {
		return rec, true, nil
	}
	rec.Outcome, rec.Class = Failed, Changed
	return rec, true, h.giveUp(&rec, h.before)
}
