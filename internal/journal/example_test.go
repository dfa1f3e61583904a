package journal_test

import (
	"context"
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/internal/journal"
)

func Example() {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j, err := journal.Open(ctx, journal.Options{Dir: dir, Log: zerolog.Nop()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()

	d := event.Delivery{Source: event.Webhook, Body: []byte(`{"webhookEvent":"jira:issue_updated"}`)}
	for range 2 {
		receipt, err := j.Append(ctx, d, "issue_updated/10001/20002", "10001", false)
		fmt.Println("repeat:", receipt.Repeat, err)
	}
	err = j.Work(ctx, func(ctx context.Context, t *journal.Task) journal.Verdict {
		fmt.Printf("attempt %d: %s\n", t.Attempt, t.Body)
		cancel()
		return journal.Finish([]byte("what was done"))
	})
	fmt.Println("stopped:", err)
	// Output:
	// repeat: false <nil>
	// repeat: true <nil>
	// attempt 1: {"webhookEvent":"jira:issue_updated"}
	// stopped: <nil>
}
