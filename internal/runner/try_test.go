package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"jirabot/actions"
	"jirabot/internal/journal"
	"jirabot/internal/uptime"
	"jirabot/rules"
)

// anOperation is one that is never carried out.
type anOperation struct{}

func (anOperation) String() string { return "do it" }
func (anOperation) Target() string { return "PAY-1" }
func (anOperation) Apply(context.Context, *actions.Jira, actions.Try) (actions.Outcome, error) {
	return actions.Done, nil
}

func TestWhetherJiraIsAskedForTheMarkOfAnEarlierTry(t *testing.T) {
	noted := map[string]intent{"1": {Mark: "m"}}
	for _, x := range []struct {
		name      string
		intents   map[string]intent
		suspect   bool
		kind      actions.Kind
		uncertain actions.Uncertain
		want      bool
	}{
		{"the first try", nil, false, actions.Kind{Creates: true}, "", false},
		{"an intent is there", noted, false, actions.Kind{Creates: true}, "", true},
		{"the machine went down and may have forgotten it", nil, true, actions.Kind{Creates: true}, "", true},
		{"it went down, and the step creates nothing", nil, true, actions.Kind{}, "", false},
		{"it went down, and the rule would rather do it twice", nil, true, actions.Kind{Creates: true}, actions.Retry, false},
		{"it went down, and an intent would be on the disk", nil, true, actions.Kind{Creates: true}, actions.Bury, false},
	} {
		h := &handling{r: New(Options{Now: newClock().now}), task: &journal.Task{Suspect: x.suspect}}
		r := &aRun{handling: h, before: newProgress(), rec: Record{ID: "run"}}
		if x.intents != nil {
			r.before.intents = x.intents
		}
		r.r.opts.Backoff.Settle = 0
		st := &rules.Step{Path: "1", Action: &x.kind, Uncertain: x.uncertain}
		got, _, err := r.try(t.Context(), st, anOperation{}, nil)
		if err != nil || got.Again != x.want || got.Mark == "" {
			t.Errorf("%s: %+v, %v; want again %t", x.name, got, err, x.want)
		}
	}
}

func TestAnEarlierTryGetsItsTimeWhateverIsDoneToTheClock(t *testing.T) {
	const settle = 5 * time.Second
	at := newClock().now()
	for _, x := range []struct {
		name  string
		clock time.Duration // what has passed by the clock
		up    uptime.Reading
		want  time.Duration // how long is left
	}{
		{"nothing is done to it", time.Second, uptime.Reading{Boot: "a", Up: 11 * time.Second}, 4 * time.Second},
		{"it was set forward", 31 * time.Second, uptime.Reading{Boot: "a", Up: 11 * time.Second}, 4 * time.Second},
		{"it was set back", -time.Hour, uptime.Reading{Boot: "a", Up: 11 * time.Second}, 4 * time.Second},
		{"it was set back, and the time is over", -time.Hour, uptime.Reading{Boot: "a", Up: time.Minute}, 0},
		{"the machine was started since", 2 * time.Second, uptime.Reading{Boot: "b", Up: time.Second}, 3 * time.Second},
		{"the machine does not tell", 2 * time.Second, uptime.Reading{}, 3 * time.Second},
	} {
		h := &handling{r: New(Options{
			Now: func() time.Time { return at.Add(x.clock) }, Uptime: func() uptime.Reading { return x.up }, Backoff: Backoff{Settle: settle},
		})}
		r := &aRun{handling: h, before: newProgress()}
		r.before.intents = map[string]intent{"1": {At: at, Up: uptime.Reading{Boot: "a", Up: 10 * time.Second}}}
		var left time.Duration
		if err := r.settled("1"); err != nil {
			var again *retry
			if !errors.As(err, &again) {
				t.Fatal(x.name, err)
			}
			left = again.after
		}
		if left != x.want {
			t.Errorf("%s: %v are left, want %v", x.name, left, x.want)
		}
	}
}
