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
	"jirabot/internal/expression"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// handling is the work on one delivery.
type handling struct {
	r    *Runner
	ctx  context.Context // for requests: outlives stop by the grace
	stop context.Context // the bot is told to stop
	task *journal.Task
	ev   *event.Event
	runs map[string]*progress
	log  zerolog.Logger

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
	matches := h.r.opts.Rules().Decide(h.ev, h.r.Bot())
	matches, err := h.unclaimed(matches)
	if err != nil {
		return h.give(fmt.Errorf("look for earlier runs of this event: %w", err))
	}
	var records []Record
	var claims []string
	for i, m := range matches {
		rec, ran, err := h.run(m, i == len(matches)-1)
		if err != nil {
			return h.unfinished(err)
		}
		if ran {
			records = append(records, rec)
			claims = append(claims, m.Claims...)
		}
	}
	orphans, err := h.orphans(matches)
	if err != nil {
		return h.give(err)
	}
	records = append(records, orphans...)
	if len(records) == 0 && (h.ev.Source == event.Tick || h.ev.Source == event.Item) {
		if rec, gone := h.unscheduled(); gone {
			records = append(records, rec)
		}
	}
	if len(records) == 0 {
		return journal.Nothing()
	}
	return h.close(records, claims)
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
// undone becomes a dead letter, for a person to decide about.
func (h *handling) orphans(matches []rules.Match) ([]Record, error) {
	known := map[string]bool{}
	for _, m := range matches {
		known[runID(m.Claims[0])] = true
	}
	var out []Record
	for id, p := range h.runs {
		if known[id] || !p.begun {
			continue
		}
		if p.end != nil {
			out = append(out, *p.end)
			continue
		}
		rec := h.record(rules.Match{})
		rec.ID, rec.Rule, rec.Revision, rec.Started = id, p.rule, p.revision, p.started
		rec.Outcome, rec.Reason = Failed, "the rule was changed or removed while its run was under way"
		for _, path := range slices.Sorted(maps.Keys(p.steps)) {
			rec.Steps = append(rec.Steps, p.steps[path])
		}
		if err := h.buryRun(rec); err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// record begins the record of a run.
func (h *handling) record(m rules.Match) Record {
	rec := Record{
		Delivery: h.task.ID, Identity: h.ev.Identity, Kind: h.ev.Kind, Issue: h.ev.Issue.Key,
		Actor: h.ev.Actor.ID(), Recovered: h.ev.Recovered, Attempts: h.task.Attempt, Started: h.r.opts.Now(),
		Depth: h.r.chains.of(h.ev, h.r.Bot()),
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
		h.r.claims.add(claims, now)
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

func (h *handling) note(n note) error {
	data, err := json.Marshal(n)
	if err == nil {
		err = h.task.Note(h.ctx, data)
	}
	if err != nil {
		return unstored{err}
	}
	return nil
}

// read reads the issue afresh, once until a run changes something.
func (h *handling) read() (*freshIssue, error) {
	if h.fresh != nil {
		return h.fresh, nil
	}
	key := h.ev.Issue.Key
	if key == "" {
		key = h.ev.Issue.ID // all that Data Center's comment and worklog events say
	}
	got, err := h.r.opts.Jira.Issue(h.ctx, key, jiraclient.IssueQuery{})
	if err != nil {
		return nil, err
	}
	raw, err := completed(got, h.ev.Issue)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", key, err)
	}
	issue, err := event.DecodeIssue(raw)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", key, err)
	}
	h.fresh = &freshIssue{raw: raw, issue: issue}
	return h.fresh, nil
}

// completed adds the fields that the delivery tells of and the answer does not even name. Jira names every field that the
// bot user may see, empty ones too; what it leaves out is not known to be empty.
func completed(got jiraclient.Issue, told event.Issue) (json.RawMessage, error) {
	if len(told.Fields) == 0 || told.ID != "" && told.ID != got.ID {
		return got.Raw, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(told.Fields, &fields); err != nil {
		return nil, err
	}
	added := false
	for id := range fields {
		if _, named := got.Fields[id]; !named {
			added = true
		}
	}
	if !added {
		return got.Raw, nil
	}
	maps.Copy(fields, got.Fields)
	return json.Marshal(map[string]any{"id": got.ID, "key": got.Key, "fields": fields})
}

// lookups is what expressions may ask Jira.
func (h *handling) lookups() expression.Lookups {
	return expression.Lookups{
		FieldID: func(name string) (string, error) {
			f, err := h.r.opts.Jira.FieldNamed(h.ctx, name)
			return f.ID, err
		},
		JQL: func(issue, jql string) (bool, error) {
			query, _ := cutOrder(jql)
			query = fmt.Sprintf("key = %s AND (%s)", issue, query)
			if matches, asked := h.answers[query]; asked {
				return matches, nil
			}
			matches := false
			for _, err := range h.r.opts.Jira.Search(h.ctx, query, jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: 1, Max: 1}) {
				if err != nil {
					return false, err
				}
				matches = true
			}
			if h.answers == nil {
				h.answers = map[string]bool{}
			}
			h.answers[query] = matches
			return matches, nil
		},
	}
}

// buryRun keeps a run that was given up as a dead letter.
func (h *handling) buryRun(rec Record) error {
	letter, err := h.r.opts.Journal.Bury(h.ctx, journal.Letter{
		Entry: h.task.Entry, Rule: rec.Rule, Run: rec.ID, Reason: rec.Reason, Attempts: h.task.Attempt,
	})
	if err == nil {
		h.log.Error().Str("rule", rec.Rule).Str("run", rec.ID).Str("outcome", string(rec.Outcome)).Str("letter", letter.ID).Str("reason", rec.Reason).Msg("run buried")
	}
	return err
}
