package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// found is one issue of a schedule's JQL.
type found struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// expansion is how far a tick has been turned into deliveries, one for each issue.
type expansion struct {
	collected bool
	found     []found
	emitted   int
}

func (e *expansion) take(n note) {
	if n.Collected {
		e.collected, e.found = true, n.Found
	}
	e.emitted = max(e.emitted, n.Emitted)
}

const (
	// chunk is how many issues are handed on between two notes of progress.
	chunk = 500
	// emitters share the syncs of the journal.
	emitters = 32
)

// expands tells whether the delivery is a tick of a schedule with JQL.
func (h *handling) expands() (rules.Schedule, bool) {
	if h.ev.Source != event.Tick {
		return rules.Schedule{}, false
	}
	rule, trigger, ok := h.r.opts.Rules().Scheduled(h.ev)
	if !ok {
		return rules.Schedule{}, false
	}
	s := rule.On[trigger].Schedule
	return s, s.JQL != ""
}

// expand turns a tick into one delivery for each issue that the JQL finds. All issues are collected before the first is
// handed on: what the rule does to them may take them out of the JQL's result, and pages would slip.
func (h *handling) expand(e *expansion, s rules.Schedule) journal.Verdict {
	if !e.collected {
		list, err := h.collect(s.JQL)
		if err != nil {
			return h.expansionFailed(s, err)
		}
		e.found = list
		if err := h.note(note{Collected: true, Found: list}); err != nil {
			return h.give(err)
		}
	}
	for e.emitted < len(e.found) {
		end := min(e.emitted+chunk, len(e.found))
		if err := h.emit(e.found[e.emitted:end]); err != nil {
			var full interface{ RetryAfter() time.Duration }
			if errors.As(err, &full) {
				return journal.Pause(full.RetryAfter())
			}
			return h.give(err)
		}
		e.emitted = end
		if end < len(e.found) {
			if err := h.note(note{Emitted: end}); err != nil {
				return h.give(err)
			}
		}
		h.log.Info().Str("rule", h.ev.Rule).Int("issues", end).Int("of", len(e.found)).Msg("schedule hands on issues")
	}
	rec := h.tickRecord(s)
	rec.Outcome, rec.Reason = Done, fmt.Sprintf("the JQL found %d issues", len(e.found))
	return h.close([]Record{rec}, nil)
}

// collect asks for the issues, page by page.
func (h *handling) collect(jql string) ([]found, error) {
	if _, order := cutOrder(jql); order == "" {
		jql += " ORDER BY key ASC"
	}
	list := []found{}
	seen := map[string]bool{}
	for issue, err := range h.r.opts.Jira.Search(h.ctx, jql, jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: 500}) {
		if err != nil {
			return nil, err
		}
		if !seen[issue.ID] {
			seen[issue.ID] = true
			list = append(list, found{issue.ID, issue.Key})
		}
		if len(list)%5000 == 0 {
			h.log.Info().Str("rule", h.ev.Rule).Int("issues", len(list)).Msg("schedule collects issues")
		}
	}
	return list, nil
}

// emit hands issues on. What was handed on before a crash is known to the journal by its identity.
func (h *handling) emit(list []found) error {
	group, ctx := errgroup.WithContext(h.ctx)
	group.SetLimit(emitters)
	for _, f := range list {
		group.Go(func() error {
			if h.stop.Err() != nil {
				return h.stop.Err()
			}
			return h.emitOne(ctx, f)
		})
	}
	return group.Wait()
}

func (h *handling) emitOne(ctx context.Context, f found) error {
	body := event.ItemBody{Rule: h.ev.Rule, Trigger: h.ev.Trigger, Planned: h.ev.Planned, Schedule: h.ev.Schedule}
	body.Issue.ID, body.Issue.Key = f.ID, f.Key
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = h.r.opts.Inbox.Accept(ctx, event.Delivery{
		Source: event.Item, Body: data, Received: h.r.opts.Now(), Depth: h.ev.Depth, Cause: h.task.ID,
	})
	return err
}

// expansionFailed decides about a JQL that could not be asked.
func (h *handling) expansionFailed(s rules.Schedule, err error) journal.Verdict {
	if v, after := h.judge(err); v != final {
		return h.retryOf(v, after, err)
	}
	rec := h.tickRecord(s)
	rec.Outcome, rec.Class, rec.Reason = Failed, classOf(err), fmt.Sprintf("jql %q: %v", s.JQL, err)
	if err := h.giveUp(&rec, Work{}); err != nil {
		return h.give(err)
	}
	return h.close([]Record{rec}, nil)
}

func (h *handling) tickRecord(s rules.Schedule) Record {
	rec := h.record(rules.Match{Claims: []string{h.ev.Rule + "/" + h.ev.Identity}})
	rec.Rule = h.ev.Rule
	if rule, ok := h.r.opts.Rules().Rule(h.ev.Rule); ok {
		rec.Revision, rec.Mode = rule.Revision, string(rule.Mode)
	}
	return rec
}
