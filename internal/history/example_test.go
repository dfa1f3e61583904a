package history_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/internal/history"
	"jirabot/internal/journal"
)

func Example() {
	dir, err := os.MkdirTemp("", "history")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j, err := journal.Open(ctx, journal.Options{Dir: filepath.Join(dir, "journal"), Log: zerolog.Nop()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	d := event.Delivery{Source: event.Webhook, Body: []byte(`{"webhookEvent":"jira:issue_created","issue":{"id":"10001","key":"PAY-7"}}`)}
	if _, err := j.Append(ctx, d, "issue_created/10001", "10001", false); err != nil {
		fmt.Println(err)
		return
	}
	err = j.Work(ctx, func(context.Context, *journal.Task) journal.Verdict {
		cancel()
		return journal.Finish([]byte(`{"version":1,"runs":[{"id":"3f9a0c","rule":"welcome","issue":"PAY-7","outcome":"done",
			"steps":[{"path":"1","outcome":"done","sentence":"comment on PAY-7: Thanks"}]}]}`))
	})
	fmt.Println("stopped:", err)

	ctx = context.Background()
	o := history.Options{File: filepath.Join(dir, "history.db"), Journal: j,
		Retention: history.Retention{Runs: 90 * 24 * time.Hour, Deliveries: 7 * 24 * time.Hour, MaxBytes: 1 << 30}}
	if _, err := history.Rebuild(ctx, o, func(p history.Progress) { fmt.Println(p.Runs, "run,", p.Behind, "records to go") }); err != nil {
		fmt.Println(err)
		return
	}
	r, err := history.Open(ctx, o.File)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	page, err := r.Runs(ctx, history.Query{Issue: "PAY-7", Text: "thanks"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, run := range page.Runs {
		fmt.Println(run.Rule, run.Outcome, run.Steps[0].Sentence)
	}
	// Output:
	// stopped: <nil>
	// 1 run, 0 records to go
	// welcome done comment on PAY-7: Thanks
}
