package chaos

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"jirabot/internal/journal"
	"jirabot/internal/record"
	"jirabot/internal/runner"
)

// Records are what the bot itself says that it has done.
type Records struct {
	Runs     map[runner.Outcome]int `json:"runs"` // by outcome
	Waiting  int                    `json:"waiting"`
	Dead     []string               `json:"dead_letters"`
	NotSo    []string               `json:"not_so"`  // runs that failed, were denied or came too late; nothing here gives a reason for that
	Missing  []string               `json:"missing"` // events that took effect and have no run
	TwoRuns  []string               `json:"two_runs"`
	Nonsense []string               `json:"nonsense"` // runs of events that never were
}

// Good tells whether the bot's own word agrees with what has happened.
func (r Records) Good() bool {
	return r.Waiting+len(r.Dead)+len(r.NotSo)+len(r.Missing)+len(r.TwoRuns)+len(r.Nonsense) == 0
}

// tokens are found in the sentences of steps.
var tokens = regexp.MustCompile(`\bT[0-9]+\b`)

// readRecords opens the journal of a bot that has ended, and holds its runs against the events.
func readRecords(ctx context.Context, dir string, events []Event, effects []Effect) (r Records, err error) {
	j, err := journal.Open(ctx, journal.Options{Dir: filepath.Join(dir, "data", "journal")})
	if err != nil {
		return r, fmt.Errorf("read what the bot has recorded: %w", err)
	}
	defer j.Close() // nothing was written
	stats, err := j.Stats(ctx)
	if err != nil {
		return r, err
	}
	r.Waiting, r.Runs = stats.Waiting, map[runner.Outcome]int{}
	found := map[string]int{}
	for f, err := range j.Finals(ctx, journal.Filter{}) {
		if err != nil {
			return r, err
		}
		closed, err := record.Read(f.Data)
		if err != nil {
			return r, err
		}
		for _, run := range closed.Runs {
			r.take(run, found)
		}
	}
	for letter, err := range j.Dead(ctx) {
		if err != nil {
			return r, err
		}
		r.Dead = append(r.Dead, fmt.Sprintf("%s: %s: %s", letter.Entry.ID, letter.Rule, letter.Reason))
	}
	r.compare(found, events, effects)
	return r, nil
}

// take counts one run, and the events that it names.
func (r *Records) take(run runner.Record, found map[string]int) {
	r.Runs[run.Outcome]++
	if run.Outcome != runner.Done && run.Outcome != runner.AlreadySo {
		r.NotSo = append(r.NotSo, fmt.Sprintf("%s of %s on %s: %s: %s", run.ID, run.Rule, run.Issue, run.Outcome, run.Reason))
	}
	named := map[string]bool{}
	for _, st := range run.Steps {
		for _, token := range tokens.FindAllString(st.Sentence, -1) {
			named[token] = true
		}
	}
	for token := range named {
		found[token]++
	}
}

func (r *Records) compare(found map[string]int, events []Event, effects []Effect) {
	there := map[Want]bool{}
	for _, ef := range effects {
		there[Want{ef.Issue, ef.What}] = true
	}
	for _, ev := range events {
		if ev.Deed == tickDeed {
			continue // told by its moment, not by a token
		}
		n := found[ev.Token]
		delete(found, ev.Token)
		switch {
		case n > 1:
			r.TwoRuns = append(r.TwoRuns, fmt.Sprintf("%s %s: %d runs", ev.Deed, ev.Token, n))
		case n == 0 && slices.ContainsFunc(ev.Wants, func(w Want) bool { return there[w] }):
			r.Missing = append(r.Missing, ev.Deed+" "+ev.Token)
		case n > 0 && ev.Fate == Refused:
			r.Nonsense = append(r.Nonsense, ev.Deed+" "+ev.Token)
		}
	}
	r.Nonsense = append(r.Nonsense, slices.Sorted(maps.Keys(found))...)
}
