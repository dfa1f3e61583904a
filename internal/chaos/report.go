package chaos

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Report is what came of a run.
type Report struct {
	Seed   uint64        `json:"seed"`
	Nodes  int           `json:"nodes"`
	Took   time.Duration `json:"took"`
	Kills  int           `json:"kills"`
	Counts []Count       `json:"counts"` // of what was done to the bots
	Rounds []Round       `json:"-"`
	// Skipped are the faults that this machine does not allow.
	Skipped []string `json:"skipped,omitempty"`

	Jira        map[string]int `json:"jira"`         // faults of Jira that the bots have met
	Answers     map[int]int    `json:"answers"`      // of the bots to posts, by status; 0 is none
	LongestWait time.Duration  `json:"longest_wait"` // of an event, from the first try to its acceptance
	Pauses      []Pause        `json:"pauses"`       // of a second and more, the longest first
	// TwoAway is what happened while two of three bots were away.
	TwoAway string `json:"two_away,omitempty"`

	Verdict  Verdict  `json:"verdict"`
	Records  *Records `json:"records,omitempty"`
	Broken   []string `json:"broken"` // what the bots did that they must not, such as to end
	Evidence string   `json:"evidence,omitempty"`
}

// A Pause is a time in which events were posted and none was accepted.
type Pause struct {
	At     time.Duration `json:"at"` // since the begin of the run
	Length time.Duration `json:"length"`
}

// aPause is from when on it is one.
const aPause = time.Second

// A Count is how often something was done.
type Count struct {
	What  string `json:"what"`
	Times int    `json:"times"`
}

// Good tells whether all promises were kept.
func (r Report) Good() bool {
	return r.Verdict.Good() && len(r.Broken) == 0 && (r.Records == nil || r.Records.Good())
}

func (r *Report) count(round Round) {
	what := string(round.Fault)
	if round.Moment != "" {
		what += " " + string(round.Moment)
	}
	if round.Fault == Kill {
		r.Kills++
	}
	at := slices.IndexFunc(r.Counts, func(c Count) bool { return c.What == what })
	if at < 0 {
		r.Counts = append(r.Counts, Count{what, 1})
		slices.SortFunc(r.Counts, func(a, b Count) int { return strings.Compare(a.What, b.What) })
		return
	}
	r.Counts[at].Times++
}

// Table writes the report for people.
func (r Report) Table(out io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(out, "  %-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	v := r.Verdict
	fmt.Fprintf(out, "\nseed %d, bots %d, %d kills in %v\n", r.Seed, r.Nodes, r.Kills, r.Took.Round(time.Second))
	var counts, weather, answers []string
	for _, c := range r.Counts {
		counts = append(counts, fmt.Sprintf("%s %d", c.What, c.Times))
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Jira)) {
		weather = append(weather, fmt.Sprintf("%s %d", kind, r.Jira[kind]))
	}
	for _, status := range slices.Sorted(maps.Keys(r.Answers)) {
		answers = append(answers, fmt.Sprintf("%d: %d", status, r.Answers[status]))
	}
	row("done to bots", "%s", strings.Join(counts, ", "))
	for _, s := range r.Skipped {
		row("skipped", "%s", s)
	}
	row("done by jira", "%s", strings.Join(weather, ", "))
	row("answers", "%s; longest wait of an event %v", strings.Join(answers, ", "), r.LongestWait.Round(time.Millisecond))
	row("pauses", "%s", tellPauses(r.Pauses))
	if r.TwoAway != "" {
		row("two away", "%s", r.TwoAway)
	}
	row("events", "%d: accepted %d, unsure %d (of which %d took effect), refused %d", v.Events, v.Accepted, v.Unsure, v.Happened, v.Refused)
	row("effects", "%d of %d wanted", v.Effects, v.Wanted)
	for _, list := range []struct {
		name  string
		items []string
	}{{"lost", v.Lost}, {"doubled", v.Doubled}, {"out of order", v.OutOfOrder}, {"unasked", v.Unasked}, {"broken", r.Broken}} {
		tell(out, list.name, list.items)
	}
	if r.Records != nil {
		r.Records.table(out)
	}
	switch {
	case r.Good():
		fmt.Fprintln(out, "  all promises kept")
	default:
		fmt.Fprintf(out, "  PROMISES BROKEN; the evidence is in %s\n", r.Evidence)
	}
}

// tellPauses says for how long nothing was accepted.
func tellPauses(all []Pause) string {
	if len(all) == 0 {
		return fmt.Sprintf("none of %v in which nothing was accepted", aPause)
	}
	var longest []string
	for _, p := range all[:min(len(all), shownPauses)] {
		longest = append(longest, fmt.Sprintf("%v (after %.0f s)", p.Length.Round(time.Millisecond), p.At.Seconds()))
	}
	return fmt.Sprintf("nothing accepted for %v and more: %d times, median %v; longest %s", aPause, len(all),
		all[len(all)/2].Length.Round(time.Millisecond), strings.Join(longest, ", "))
}

// shownPauses are how many of the pauses a table has.
const shownPauses = 5

func (r Records) table(out io.Writer) {
	var runs []string
	for _, outcome := range slices.Sorted(maps.Keys(r.Runs)) {
		runs = append(runs, fmt.Sprintf("%s %d", outcome, r.Runs[outcome]))
	}
	fmt.Fprintf(out, "  %-14s %s; still waiting %d\n", "runs recorded", strings.Join(runs, ", "), r.Waiting)
	for _, list := range []struct {
		name  string
		items []string
	}{
		{"dead letters", r.Dead}, {"runs not so", r.NotSo}, {"runs missing", r.Missing}, {"two runs", r.TwoRuns}, {"runs of nothing", r.Nonsense},
	} {
		tell(out, list.name, list.items)
	}
}

// shown is how many examples of something bad a table has.
const shown = 8

func tell(out io.Writer, name string, items []string) {
	fmt.Fprintf(out, "  %-14s %d\n", name, len(items))
	for _, item := range items[:min(shown, len(items))] {
		fmt.Fprintf(out, "  %-14s   %s\n", "", item)
	}
}
