package runner

import (
	"context"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/journal"
)

// The memory of claims holds those of twins only: that it goes back far enough proves nothing about other events.
func TestALateRepeatIsLookedUpInTheJournalByABotThatHasBeenUpAllTheWhile(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	j, err := journal.Open(ctx, journal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := j.Append(ctx, event.Delivery{Source: event.Webhook, Body: []byte("{}")}, "id", "10042", false); err != nil {
		t.Fatal(err)
	}
	worked, done := context.WithCancel(ctx)
	if err := j.Work(worked, func(context.Context, *journal.Task) journal.Verdict {
		done()
		return journal.Finish(nil, "rule/issue_updated/10042/changelog/7")
	}); err != nil {
		t.Fatal(err)
	}

	now := time.Now()
	r := &Runner{opts: Options{Journal: j}, claims: recent{since: now.Add(-24 * time.Hour), seen: map[string]time.Time{}}}
	for _, x := range []struct {
		name  string
		claim string
		late  bool
		held  time.Time
		want  bool
	}{
		{"a late event that was met before", "rule/issue_updated/10042/changelog/7", true, time.Time{}, true},
		{"a late event that was not", "rule/issue_updated/10042/changelog/8", true, time.Time{}, false},
		{"a twin that is not remembered was not met, without asking", "rule/comment/1/created", false, time.Time{}, false},
		{"a twin that another machine has met is looked up", "rule/issue_updated/10042/changelog/7", false, now, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := &handling{r: r, ctx: ctx, ev: &event.Event{Lane: "10042"}, task: &journal.Task{Held: x.held}}
			taken, err := h.allTaken([]string{x.claim}, now.Add(-3*time.Hour), x.late)
			if err != nil || taken != x.want {
				t.Errorf("taken %t, %v, want %t", taken, err, x.want)
			}
		})
	}
}
