package sweep

import (
	"context"
	"encoding/json"
	"testing"

	"jirabot/internal/event"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// snapshots sweeps what was done since the first sweep, and returns the issue as each of its changes left it, by what
// changed.
func (w *world) snapshots(do func()) map[string]event.Event {
	w.t.Helper()
	w.scope.Events = []string{issueCreated, issueUpdated, worklogCreated}
	w.sweep()
	do()
	w.restart()
	w.clock.pass(120e9)
	w.sweep()
	out := map[string]event.Event{}
	for _, e := range w.stored() {
		what := e.Kind
		if len(e.Changes) > 0 {
			what = e.Changes[0].Field + " " + e.Changes[0].To
		}
		out[what] = e
	}
	return out
}

func TestSomebodyWhoOccursNowhereElseIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, want string
		find       func(context.Context, string) (jiraclient.User, error)
	}{
		{"and found", "carl", func(_ context.Context, key string) (jiraclient.User, error) {
			return jiraclient.User{Key: key, Name: "carl"}, nil
		}},
		{"who was deleted keeps the display name", "", func(context.Context, string) (jiraclient.User, error) {
			return jiraclient.User{}, jiraclient.ErrNotFound
		}},
		{"where nobody can be asked likewise", "", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, jiratest.Options{})
			w.jira.AddUser(jiratest.User{Name: "carl"})
			w.options.Person = x.find
			w.restart()
			got := w.snapshots(func() {
				key := w.create("PAY", "one")
				ann := w.jira.As("ann")
				w.clock.pass(2e9)
				check(t, ann.Assign(key, "carl"))
				w.clock.pass(2e9)
				check(t, ann.Assign(key, "bob"))
			})["assignee Carl"].Issue.Assignee
			if got.Name != x.want || got.Key == "" || x.want == "" && got.DisplayName != "Carl" {
				t.Errorf("the assignee was %+v, want %q", got, x.want)
			}
		})
	}
}

func TestAFieldWhoseNameIsNotItsOwnShowsWhatItHoldsNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	one := w.jira.AddField(jiratest.Field{Name: "Points", Type: "number"})
	w.jira.AddField(jiratest.Field{Name: "points", Type: "number"})
	alone := w.jira.AddField(jiratest.Field{Name: "Effort", Type: "number"})
	got := w.snapshots(func() {
		key := must(w.jira.As("ann").CreateIssue("PAY", "Task", "one", jiratest.Fields{one: 1, alone: 1}))(t)
		w.clock.pass(2e9)
		check(t, w.jira.As("ann").Edit(key, jiratest.Fields{one: 2, alone: 2}))
	})["issue_created"].Issue
	for id, want := range map[string]float64{one: 2, alone: 1} {
		if value, _ := got.Field(id); value != want {
			t.Errorf("%s was %v, want %v", id, value, want)
		}
	}
}

func TestMoreThanTwentyWorklogsAreAllRecovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.snapshots(func() {
		key := w.create("PAY", "one")
		for range 25 {
			w.clock.pass(2e9)
			must(w.jira.As("ann").LogWork(key, "1m", ""))(t)
		}
	})
	logged := 0
	for _, e := range w.stored() {
		if e.Kind == "worklog_created" {
			logged++
		}
	}
	if logged != 25 {
		t.Errorf("%d worklogs, want 25", logged)
	}
}

func TestAnEarlierResolutionHasItsDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	ann := w.jira.As("ann")
	key := w.create("PAY", "one")
	for _, to := range []string{"In Progress", "Done", "Reopened"} {
		w.clock.pass(60e9)
		check(t, ann.Transition(key, to))
	}
	resolved := w.clock.Now().Add(-60e9)
	w.restart()
	w.clock.pass(60e9)
	w.sweep()
	for _, e := range w.stored() {
		if e.Is("resolved") && !e.Issue.Resolved.Equal(resolved.UTC()) {
			t.Errorf("resolved at %v, want %v", e.Issue.Resolved, resolved)
		}
		if e.Is("reopened") && !e.Issue.Resolved.IsZero() {
			t.Errorf("reopened, and resolved at %v", e.Issue.Resolved)
		}
	}
}

func TestTextsComeAsNumbersAndAsNull(t *testing.T) {
	for raw, want := range map[string]text{`"a\"b"`: `a"b`, `12`: "12", `null`: "", `""`: ""} {
		var got text
		if err := json.Unmarshal([]byte(raw), &got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", raw, got, err, want)
		}
	}
}
