package app

import (
	"context"
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// Explain says why a rule runs, or does not run, on a delivery that is still stored. Where the delivery does not describe
// the issue, the issue is read as it is now.
func (a *App) Explain(ctx context.Context, delivery, rule string) (rules.Explanation, error) {
	r, ok := a.rules.current().Rule(rule)
	if !ok {
		return rules.Explanation{}, fmt.Errorf("there is no rule %q", rule)
	}
	entry, err := a.journal.Delivery(ctx, delivery)
	if err != nil {
		return rules.Explanation{}, err
	}
	ev, err := event.Decode(entry.Delivery)
	if err != nil {
		return rules.Explanation{}, fmt.Errorf("delivery %s: %w", delivery, err)
	}
	if ev.Issue.Short && ev.Issue.ID != "" {
		got, err := a.jira.Issue(ctx, ev.Issue.ID, jiraclient.IssueQuery{})
		if err != nil {
			return rules.Explanation{}, fmt.Errorf("read the issue: %w", err)
		}
		if ev.Issue, err = event.DecodeIssue(got.Raw); err != nil {
			return rules.Explanation{}, err
		}
	}
	return r.Explain(ev, a.runner.Bot(), expression.Lookups{FieldID: func(name string) (string, error) {
		f, err := a.names.FieldNamed(ctx, name)
		return f.ID, err
	}}), nil
}

// Tick makes a rule's schedules fire now, as if it were time.
func (a *App) Tick(ctx context.Context, rule string) error {
	return a.schedule.Fire(ctx, rule, a.opts.Now())
}

// Idle tells whether nothing waits to be worked on.
func (a *App) Idle(ctx context.Context) (bool, error) {
	s, err := a.journal.Stats(ctx)
	return s.Waiting == 0, err
}

// LastDelivery is the ID of the newest stored delivery whose event is as wanted.
func (a *App) LastDelivery(ctx context.Context, wanted func(*event.Event) bool) (string, error) {
	id := ""
	for entry, err := range a.journal.Deliveries(ctx, journal.Filter{Newest: 200}) {
		if err != nil {
			return "", err
		}
		ev, err := event.Decode(entry.Delivery)
		if err == nil && wanted(ev) {
			id = entry.ID
		}
	}
	if id == "" {
		return "", fmt.Errorf("no such event has arrived")
	}
	return id, nil
}
