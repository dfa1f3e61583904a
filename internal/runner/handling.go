package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/rules"
)

// handling is the work on one delivery.
type handling struct {
	r       *Runner
	ctx     context.Context // for requests: outlives stop by the grace
	stop    context.Context // the bot is told to stop
	task    *journal.Task
	ev      *event.Event
	insight *Insight // nil if there is none
	runs    map[string]*progress
	before  Work // of a redriven delivery: what was done before it was buried
	log     zerolog.Logger

	// fresh is the issue as it was read last; nil once a run has written, or if it was not read yet.
	fresh *freshIssue
	// answers are what Jira said to jql(), kept as long as fresh: the explanation of a condition asks again what the
	// condition has asked.
	answers map[string]bool
}

// freshIssue is an issue as Jira has it now.
type freshIssue struct {
	raw   json.RawMessage
	issue event.Issue
}

// decide asks the rules and runs those that want the event.
func (h *handling) decide() journal.Verdict {
	matches, err := h.matches()
	if err != nil {
		return h.give(fmt.Errorf("look for earlier runs of this event: %w", err))
	}
	var records []Record
	var claims []string
	handedOn := false
	for i, m := range matches {
		rec, end, err := h.run(m, i == len(matches)-1)
		if err != nil {
			return h.unfinished(err)
		}
		if end == noRun {
			continue
		}
		if claims = append(claims, m.Claims...); end == elsewhere {
			handedOn = true
			continue
		}
		records = append(records, rec)
		claims = append(claims, h.queueClaim(m, rec)...)
	}
	orphans, taken, err := h.orphans(matches)
	if err != nil {
		return h.give(err)
	}
	records, claims = append(records, orphans...), append(claims, taken...)
	if len(records) == 0 && !handedOn {
		rec, told, err := h.unwanted(matches)
		switch {
		case err != nil:
			return h.give(err)
		case told:
			records = append(records, rec)
		default:
			return journal.Nothing()
		}
	}
	return h.close(records, claims)
}

// matches are the rules that want the event: one only, where the delivery is handed on for that one.
func (h *handling) matches() ([]rules.Match, error) {
	only := h.task.Only.Rule
	if only == "" {
		return h.unclaimed(h.wanted())
	}
	// The rule has met the event before, and that is why the delivery is here.
	all := h.r.opts.Rules().Match(h.ev, h.r.Bot())
	return slices.DeleteFunc(all, func(m rules.Match) bool { return m.Rule.Name != only }), nil
}

// unwanted is the record of a delivery of which no rule made a run, where that is to be told.
func (h *handling) unwanted(matches []rules.Match) (rec Record, told bool, err error) {
	if h.task.Only.Rule != "" {
		return h.unwantedByTheOne(matches)
	}
	if h.ev.Source == event.Tick || h.ev.Source == event.Item {
		rec, told = h.unscheduled()
	}
	return rec, told, nil
}

// unscheduled is the record of a tick, or of one of its issues, whose schedule is gone: somebody took it away while it
// waited, and that is told rather than passed over.
func (h *handling) unscheduled() (Record, bool) {
	if _, _, ok := h.r.opts.Rules().Scheduled(h.ev); ok {
		return Record{}, false
	}
	rec := h.record(rules.Match{Claims: []string{h.ev.Rule + "/" + h.ev.Identity}})
	rec.Rule = h.ev.Rule
	rec.Outcome, rec.Reason = Skipped, "the rule is gone or off, or has this schedule no more"
	if rule, ok := h.r.opts.Rules().Rule(h.ev.Rule); ok {
		rec.Revision, rec.Mode = rule.Revision, string(rule.Mode)
	}
	return rec, true
}

// orphans closes runs that an earlier attempt began with a rule that is gone or has another trigger now. What they left
// undone becomes a dead letter, for a person to decide about. They keep their claims: the other form of the event must not begin them
// anew.
func (h *handling) orphans(matches []rules.Match) (out []Record, claims []string, err error) {
	known := map[string]bool{}
	for _, m := range matches {
		known[runID(m.Claims[0])] = true
	}
	for id, p := range h.runs {
		if known[id] || !p.begun {
			continue
		}
		claims = append(claims, h.claimOf(id, p.rule)...)
		if p.end != nil && (p.end.Letter != "" || !p.end.Outcome.Bad()) {
			out = append(out, *p.end)
			continue
		}
		rec := h.record(rules.Match{})
		rec.ID, rec.Rule, rec.Revision, rec.Started = id, p.rule, p.revision, p.started
		rec.Outcome, rec.Class, rec.Reason = Failed, Changed, "the rule was changed or removed while its run was under way"
		for _, path := range slices.Sorted(maps.Keys(p.steps)) {
			rec.Steps = append(rec.Steps, p.steps[path])
		}
		// Only whoever holds the lane can write this. Another machine may have finished the run, and that is why it is not
		// among the matches here: a letter about it would be wrong.
		if err := h.note(note{Run: id, End: &rec}); err != nil {
			return nil, nil, err
		}
		if err := h.giveUp(&rec, workOf(rec, p, &h.before)); err != nil {
			return nil, nil, err
		}
		out = append(out, rec)
	}
	return out, claims, nil
}

// claimOf is the claim under which a run of a rule was begun, if that can still be told.
func (h *handling) claimOf(run, rule string) []string {
	for _, kind := range h.ev.Kinds() {
		if claim := rule + "/" + h.ev.IdentityAs(kind); runID(claim) == run {
			return []string{claim}
		}
	}
	return nil
}

// record begins the record of a run.
func (h *handling) record(m rules.Match) Record {
	rec := Record{
		Delivery: h.task.ID, Identity: h.ev.Identity, Kind: h.ev.Kind, Issue: h.ev.Issue.Key,
		Actor: h.ev.Actor.ID(), Recovered: h.ev.Recovered, Attempts: h.task.Attempt, Started: h.r.opts.Now(),
		Depth: h.r.chains.of(h.ev, h.r.Bot()), Redriven: h.task.Only.Letter,
	}
	if len(m.Claims) > 0 {
		rec.ID = runID(m.Claims[0])
	}
	if m.Rule != nil {
		rec.Rule, rec.Revision, rec.Mode = m.Rule.Name, m.Rule.Revision, string(m.Rule.Mode)
	}
	return rec
}

// close ends the delivery with what was done.
func (h *handling) close(records []Record, claims []string) journal.Verdict {
	now := h.r.opts.Now()
	for i := range records {
		if records[i].Finished.IsZero() {
			records[i].Finished = now
		}
		h.tell(records[i])
		h.r.opts.Observe(records[i])
	}
	if h.ev.CommentIdentity != "" || h.ev.Worklog.ID != "" || h.ev.Attachment.ID != "" {
		h.r.claims.add(h.task.ID, claims, now)
	}
	return finish(records, claims)
}

// tell writes one line for each finished run.
func (h *handling) tell(rec Record) {
	line := h.log.Info().Str("rule", rec.Rule).Str("run", rec.ID).Str("outcome", string(rec.Outcome))
	if h.ev.Issue.Key == "" && rec.Issue != "" { // else the logger knows it
		line = line.Str("issue", rec.Issue)
	}
	if rec.Reason != "" {
		line = line.Str("reason", rec.Reason)
	}
	line.Msg("run")
}

// A retry is the error of a run that cannot be finished now.
type retry struct {
	verdict verdict
	after   time.Duration
	cause   error
}

func (e *retry) Error() string { return e.cause.Error() }
func (e *retry) Unwrap() error { return e.cause }

// unfinished gives the delivery back to be worked on later.
func (h *handling) unfinished(err error) journal.Verdict {
	var rt *retry
	if errors.As(err, &rt) {
		return h.retryOf(rt.verdict, rt.after, rt.cause)
	}
	return h.give(err)
}

func (h *handling) retryOf(v verdict, after time.Duration, cause error) journal.Verdict {
	switch v {
	case again:
		after = max(after, h.r.opts.Backoff.after(h.task.Attempt))
		h.log.Warn().Err(cause).Dur("after", after).Msg("trying again later")
		return journal.Later(after)
	case wait:
		h.log.Warn().Err(cause).Dur("after", after).Msg("waiting for Jira")
		return journal.Pause(after)
	}
	return journal.Release()
}

// give hands the delivery back after an error of our own storage: nothing is lost, and it is not the delivery's fault.
func (h *handling) give(err error) journal.Verdict {
	if h.stop.Err() != nil {
		return journal.Release()
	}
	h.log.Error().Err(err).Msg("cannot go on with a delivery")
	return journal.Pause(h.r.opts.Backoff.First)
}

// unstored is an error of our own storage, which says nothing about the step that met it.
type unstored struct{ error }

func (h *handling) note(n note) error { return h.noteBy(h.task.Note, n) }

func (h *handling) noteBy(write func(context.Context, []byte) error, n note) error {
	data, err := json.Marshal(n)
	if err == nil {
		err = write(h.ctx, data)
	}
	if err != nil {
		return unstored{err}
	}
	return nil
}
