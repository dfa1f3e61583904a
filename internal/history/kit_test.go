package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/internal/record"
)

// within is how long a test waits for what must come.
const within = time.Minute

func openJournal(t testing.TB, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Dir: dir, Lanes: 4, MinFree: 1 << 20, Log: quiet(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

func quiet(t testing.TB) zerolog.Logger {
	return zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel)
}

// body is a webhook's.
func body(n int, issue string) []byte {
	return fmt.Appendf(nil, `{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_updated","timestamp":%d,"user":{"name":"ann"},
		"issue":{"id":"1000%d","key":%q,"fields":{"summary":"Totals"}},"changelog":{"id":"%d","items":[{"field":"status","fromString":"Done","toString":"Reopened"}]}}`,
		1700000000000+n, n%10, issue, n)
}

func delivery(body string) event.Delivery {
	return event.Delivery{Source: event.Webhook, Body: []byte(body), Received: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
}

// arrive stores a delivery.
func arrive(t testing.TB, j *journal.Journal, n int, issue string, idle bool) string {
	t.Helper()
	r, err := j.Append(t.Context(), delivery(string(body(n, issue))), fmt.Sprint("delivery ", n), issue, idle)
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// play has deliveries arrive and handles them. What becomes of one its number says:
//
//	every  5th: no rule wants it     every 7th: a trigger fires, and no condition holds
//	every 11th: its run is buried    every 3rd: two runs, else one
func play(t testing.TB, j *journal.Journal, from, to int) (ids map[int]string) {
	t.Helper()
	ids = map[int]string{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Work(ctx, handler(j)) }()
	for n := from; n < to; n++ {
		ids[n] = arrive(t, j, n, fmt.Sprintf("PAY-%d", n%10), n%5 == 0)
	}
	until(t, "everything is handled", func() bool {
		s, err := j.Stats(ctx)
		return err == nil && s.Waiting == 0
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// Without this nothing is known of those of which there was nothing to tell.
	if err := j.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ids
}

func handler(j *journal.Journal) journal.Handler {
	return func(ctx context.Context, task *journal.Task) journal.Verdict {
		ev, err := event.Decode(task.Delivery)
		if err != nil {
			return journal.Release()
		}
		n := 0
		_, _ = fmt.Sscanf(ev.Identity[strings.LastIndex(ev.Identity, "/")+1:], "%d", &n)
		if n%7 == 0 {
			return journal.Nothing()
		}
		runs := []record.Run{runOf(n, "reopened-goes-back", task.ID, ev.Issue.Key)}
		if n%11 == 0 {
			runs[0].Outcome, runs[0].Reason = record.Denied, "the bot user lacks Add Comments in project PAY"
			if _, err := j.Bury(ctx, journal.Letter{Entry: task.Entry, Rule: runs[0].Rule, Run: runs[0].ID, Reason: runs[0].Reason}); err != nil {
				return journal.Release()
			}
		}
		if n%3 == 0 {
			runs = append(runs, runOf(n, "tell-the-lead", task.ID, ev.Issue.Key))
		}
		data, err := json.Marshal(record.Final{Version: record.Version, Runs: runs})
		if err != nil {
			return journal.Release()
		}
		return journal.Finish(data)
	}
}

func runOf(n int, rule, delivery, issue string) record.Run {
	at := time.Date(2026, 3, 4, 5, 6, n%60, 0, time.UTC)
	return record.Run{ID: fmt.Sprintf("%04x%s", n, strings.Repeat(string('a'+rune(len(rule)%6)), 16)), Rule: rule, Mode: "live", Delivery: delivery, Issue: issue,
		Kind: "issue_updated", Actor: "ann", Started: at, Finished: at.Add(time.Second), Attempts: 1, Outcome: record.Done,
		Why:   "issue_updated: status from Done to Reopened; issue.type is Bug",
		Steps: []record.Step{{Path: "1", Action: "comment", Sentence: fmt.Sprintf("comment on %s: Thanks, number %d", issue, n), Outcome: record.Done}}}
}

func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(within); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// forever keeps everything.
var forever = Retention{Runs: 1000 * time.Hour, Deliveries: 1000 * time.Hour, MaxBytes: 1 << 40}

func optionsFor(t testing.TB, j *journal.Journal, file string) Options {
	return Options{File: file, Journal: j, Retention: forever, Every: time.Millisecond, Log: quiet(t), eager: true}
}

// follow runs a History until the test ends or the function is called.
func follow(t testing.TB, o Options) (h *History, stop func()) {
	t.Helper()
	h = New(o)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(stop)
	return h, stop
}

// index brings a history up to date, and ends.
func index(t testing.TB, o Options) {
	t.Helper()
	h, stop := follow(t, o)
	until(t, "the history has caught up", func() bool { return h.State() == State{} })
	stop() // with a last look
}

func open(t testing.TB, file string) *Reader {
	t.Helper()
	r, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// contents is everything that a history holds, in its order, with which words lead to which runs; numbers are left out,
// since those of what was trimmed are missing.
func contents(t testing.TB, file string) string {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out strings.Builder
	for _, query := range []string{
		"SELECT 'run ' || at || ' ' || record FROM runs ORDER BY id",
		"SELECT 'delivery ' || at || ' ' || record FROM deliveries ORDER BY seq",
		"SELECT 'letter ' || seq || ' ' || record FROM letters ORDER BY seq",
		"SELECT 'lane ' || lane || ' ' || floor FROM lanes ORDER BY lane",
		"SELECT 'places ' || places FROM places",
		"SELECT 'word ' || term || ' ' || (SELECT group_concat(run, ' ') FROM (SELECT record ->> 'id' AS run FROM runs WHERE id IN (SELECT rowid FROM words WHERE words MATCH '\"' || term || '\"') ORDER BY id)) FROM terms ORDER BY term",
	} {
		if _, err := db.Exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, words, row)"); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		err = each(rows, func() error {
			var line string
			err := rows.Scan(&line)
			fmt.Fprintln(&out, line)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	return out.String()
}

func fileIn(dir string) string { return filepath.Join(dir, "history.db") }
