package history

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"jirabot/internal/journal"
	"jirabot/internal/record"
)

// BenchmarkNewest looks for the newest 50 runs in every way there is. HISTORY_RUNS says among how many, 20,000 if it says
// nothing; the file for 5,000,000 takes 5 GB of the temporary directory and some minutes, once. "worst-ms" is the slowest
// of all, the first one with nothing in SQLite's memory included.
//
//	HISTORY_RUNS=5000000 go test ./internal/history -run '^$' -bench Newest -benchtime 100x -timeout 1h
func BenchmarkNewest(b *testing.B) {
	n := 20_000
	if given := os.Getenv("HISTORY_RUNS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil {
			b.Fatal(err)
		}
	}
	file := filepath.Join(os.TempDir(), fmt.Sprintf("jirabot-history-%d.db", n))
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		fillWith(b, n, file)
	}
	ago := func(part float64) time.Time {
		return manyBegan.Add(time.Duration(part * float64(n) * float64(time.Second)))
	}
	for _, x := range []struct {
		name  string
		query func(i int) Query
		want  int // at least
	}{
		{"all", func(int) Query { return Query{} }, 50},
		{"rule", func(i int) Query { return Query{Rule: rule(i)} }, 50},
		{"rule that last ran long ago", func(int) Query { return Query{Rule: "was-switched-off"} }, 50},
		{"issue", func(i int) Query { return Query{Issue: fmt.Sprintf("PAY-%d", i%1000)} }, 1},
		{"outcome", func(i int) Query { return Query{Outcome: record.Outcomes[i%2*3]} }, 50},
		{"rule and outcome", func(i int) Query { return Query{Rule: rule(i), Outcome: record.Denied} }, 5},
		{"rule and outcome, never together", func(i int) Query { return Query{Rule: rule(i), Outcome: record.Overtaken} }, 0},
		{"time", func(i int) Query { return Query{Since: ago(.2), Until: ago(.2 + .0001*float64(i%100) + .01)} }, 50},
		{"a word in all", func(int) Query { return Query{Text: "thanks"} }, 50},
		{"a word in two of five", func(int) Query { return Query{Text: "escalated"} }, 50},
		{"two words, each in two of five", func(int) Query { return Query{Text: "escalated customer"} }, 50},
		{"two words, never together", func(int) Query { return Query{Text: "morning evening"} }, 0},
		{"a rare word", func(i int) Query { return Query{Text: fmt.Sprintf("number%d", i)} }, 1},
		{"a frequent word and a rare one", func(i int) Query { return Query{Text: fmt.Sprintf("escalated number%d", i*5)} }, 1},
		{"a word and a rule", func(i int) Query { return Query{Text: "escalated", Rule: rule(i)} }, 50},
		{"a word and a time", func(int) Query { return Query{Text: "escalated", Until: ago(.3)} }, 50},
		{"a page in the middle", func(int) Query { return Query{Rule: rule(1), Before: int64(n / 2)} }, 50},
		{"a word that is nowhere", func(int) Query { return Query{Text: "nonesuch"} }, 0},
	} {
		b.Run(x.name, func(b *testing.B) {
			r := open(b, file)
			worst := time.Duration(0)
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				page, err := r.Runs(b.Context(), x.query(i))
				worst = max(worst, time.Since(began))
				if err != nil || len(page.Runs) < x.want && n >= 20_000 {
					b.Fatalf("%d runs (%v), want %d", len(page.Runs), err, x.want)
				}
			}
			b.ReportMetric(float64(worst)/1e6, "worst-ms")
		})
	}
	b.Run("one run by its ID", func(b *testing.B) {
		r := open(b, file)
		for i := 0; b.Loop(); i++ {
			if _, err := r.Run(b.Context(), manyID(i*7919%n)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// manyBegan is when the runs of the benchmark began, one each second.
var manyBegan = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func rule(i int) string   { return fmt.Sprintf("rule-%d", i%20) }
func manyID(i int) string { return fmt.Sprintf("%020x", uint64(i)*0x9e3779b97f4a7c15) }

// fillWith makes a history of so many runs.
func fillWith(b *testing.B, n int, file string) {
	o := Options{File: file + ".new"}.withDefaults()
	if err := remove(o.File); err != nil {
		b.Fatal(err)
	}
	s, err := openStore(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for from := 0; from < n; from += 1000 {
		var batch journal.Batch
		for i := from; i < min(from+1000, n); i++ {
			batch.Finals = append(batch.Finals, journal.Final{Seq: uint64(i + 1), Delivery: fmt.Sprintf("%d-aaaaaa", i+1), DeliverySeq: uint64(i + 1), Lane: i % 64,
				Stored: manyBegan.Add(time.Duration(i) * time.Second), Data: []byte(asJSON(record.Final{Version: record.Version, Runs: []record.Run{manyRun(i, n)}}))})
		}
		batch.Places.Finals.Seq = uint64(from + 1000)
		if _, err := s.write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		if from%500_000 == 0 && from > 0 {
			b.Logf("%d runs after %s", from, time.Since(began).Round(time.Second))
		}
	}
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Rename(o.File, file); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d runs, %d MB, filled in %s", n, info.Size()>>20, time.Since(began).Round(time.Second))
}

// manyRun is a run like many. Of its words some are in all runs, some in two of five, some never together, some in one.
func manyRun(i, n int) record.Run {
	key := fmt.Sprintf("PAY-%d", rand.IntN(max(1000, n/25)))
	if i%10 == 0 {
		key = fmt.Sprintf("PAY-%d", i/10%1000) // these are looked for
	}
	at := manyBegan.Add(time.Duration(i) * time.Second)
	run := record.Run{ID: manyID(i), Rule: rule(rand.IntN(20)), Revision: "a9cf76586d11", Mode: "live", Delivery: fmt.Sprintf("%d-aaaaaa", i+1),
		Identity: fmt.Sprintf("issue_updated/%d/%d", 10000+i%9973, i), Kind: "issue_updated", Issue: key, Actor: "ann", Started: at, Finished: at.Add(20 * time.Millisecond),
		Attempts: 1, Outcome: record.Done, Why: `issue_updated: status from Done to Reopened; issue.type == "Bug" holds: issue.type is "Bug"`}
	if i < n/3 && i%50 == 7 {
		run.Rule = "was-switched-off"
	}
	words := []string{"thanks", "morning"}
	if i%2 == 1 {
		words[1] = "evening"
	}
	if i%5 < 2 {
		words = append(words, "escalated", "customer")
	}
	run.Steps = []record.Step{
		{Path: "1", Line: 12, Action: "labels", Sentence: "add label reopened to " + key, Outcome: record.Done},
		{Path: "2", Line: 13, Action: "comment", Sentence: fmt.Sprintf("comment on %s: %s number%d w%d", key, strings.Join(words, " "), i, rand.IntN(50_000)), Outcome: record.Done},
	}
	if i%50 == 3 {
		run.Outcome, run.Reason = record.Denied, `step 2 (rules.yaml:13): the bot user bot lacks "Add Comments" (ADD_COMMENTS) in project PAY`
		run.Steps[1].Outcome, run.Steps[1].Error = record.Denied, run.Reason
	}
	return run
}

// BenchmarkRebuild reads a journal of 5,000 deliveries, most of them with runs, again and again.
func BenchmarkRebuild(b *testing.B) {
	dir := b.TempDir()
	j := openJournal(b, filepath.Join(dir, "journal"))
	play(b, j, 1, 5001)
	records := 0
	for b.Loop() {
		p, err := Rebuild(b.Context(), optionsFor(b, j, fileIn(dir)), func(Progress) {})
		if err != nil {
			b.Fatal(err)
		}
		records += p.Runs + p.Deliveries
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
