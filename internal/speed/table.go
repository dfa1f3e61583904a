package speed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// The rows.
const (
	rowStored        = "stored without a match, 64 connections"
	rowEffect        = "event to effect, Jira 0 ms"
	rowEffectSlow    = "event to effect, Jira 20 ms"
	rowAccept50      = "accepted at 500/s, p50"
	rowAccept99      = "accepted at 500/s, p99"
	rowAcceptTimes   = "accepted at 500/s, p99, to a bare Gin that syncs"
	rowEffect99      = "event to effect at 500/s, p99"
	rowIndexed       = "processor time per event, 10 → 10,000 rules of elsewhere"
	rowUnindexed     = "processor time per event, 10,000 rules that no index narrows"
	rowIndexedCalm   = "processor time at 500/s with an effect, 10 → 10,000 rules of elsewhere"
	rowUnindexedCalm = "processor time at 500/s with an effect, 10,000 that no index narrows"
	rowIdle          = "memory at rest, one rule"
	rowStart         = "start to the first 2xx"
	rowPeak          = "peak memory of all rows with one rule"
	rowAgain         = "100,000 deliveries wait: start to the first effect"
	rowDrain         = "100,000 deliveries wait: peak memory"
)

// A Row is one thing that is measured, in rounds.
type Row struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Floor float64 `json:"floor,omitempty"` // must be reached; 0 for none
	Goal  float64 `json:"goal,omitempty"`  // is aimed at; 0 for none
	More  bool    `json:"more_is_better"`
	// Rounds are the values measured; the row's value is their median.
	Rounds []float64 `json:"rounds"`
	Notes  []string  `json:"notes"` // one for each round
}

// A Table is all of them.
type Table struct {
	Rows []*Row `json:"rows"`
}

// newTable makes the empty table; with parts, of those rows alone whose name holds one of them.
func newTable(only []string) *Table {
	t := &Table{Rows: []*Row{
		{Name: rowStored, Unit: "of bare Gin", Floor: .25, Goal: .42, More: true},
		{Name: rowEffect, Unit: "of bare Gin", Floor: .11, Goal: .25, More: true},
		{Name: rowEffectSlow, Unit: "of bare Gin", Floor: .10, Goal: .25, More: true},
		{Name: rowAccept50, Unit: "ms"},
		{Name: rowAccept99, Unit: "ms", Floor: 2, Goal: 1.2},
		{Name: rowAcceptTimes, Unit: "times"},
		{Name: rowEffect99, Unit: "ms", Floor: 3, Goal: 1.5},
		{Name: rowIndexed, Unit: "times", Floor: 1.05},
		{Name: rowUnindexed, Unit: "µs", Floor: 500},
		{Name: rowIndexedCalm, Unit: "times", Floor: 1.05},
		{Name: rowUnindexedCalm, Unit: "µs"},
		{Name: rowIdle, Unit: "MB", Floor: 45, Goal: 25},
		{Name: rowStart, Unit: "ms", Floor: 150, Goal: 30},
		{Name: rowPeak, Unit: "MB", Floor: 120},
		{Name: rowAgain, Unit: "s", Floor: 5},
		{Name: rowDrain, Unit: "MB", Floor: 300},
	}}
	t.Rows = slices.DeleteFunc(t.Rows, func(r *Row) bool {
		return len(only) > 0 && !slices.ContainsFunc(only, func(part string) bool { return strings.Contains(r.Name, part) })
	})
	return t
}

func (t *Table) row(name string) *Row {
	for _, r := range t.Rows {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// wants tells whether one of the rows is in the table.
func (t *Table) wants(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return t.row(name) != nil })
}

// add notes what one round measured.
func (t *Table) add(name string, value float64, note string, args ...any) {
	if r := t.row(name); r != nil {
		r.Rounds, r.Notes = append(r.Rounds, value), append(r.Notes, fmt.Sprintf(note, args...))
	}
}

// complete is an error that names the rows without a measurement.
func (t *Table) complete() error {
	var missing []string
	for _, r := range t.Rows {
		if len(r.Rounds) == 0 || slices.ContainsFunc(r.Rounds, func(v float64) bool { return !(v > 0) }) {
			missing = append(missing, r.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the table is not complete: %s", strings.Join(missing, "; "))
	}
	return nil
}

// Measured is the median of the rounds.
func (r *Row) Measured() float64 { return r.Rounds[r.middle()] }

// middle is the round that has the median.
func (r *Row) middle() int {
	order := make([]int, len(r.Rounds))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(r.Rounds[a], r.Rounds[b]) })
	return order[len(order)/2]
}

// Verdict says in a word how the row stands.
func (r *Row) Verdict() string {
	reached := func(wish float64) bool {
		return wish != 0 && (r.More && r.Measured() >= wish || !r.More && r.Measured() <= wish)
	}
	switch {
	case r.Floor == 0:
		return ""
	case reached(r.Goal):
		return "goal"
	case !reached(r.Floor):
		return "MISSED"
	case r.Goal == 0:
		return "good"
	}
	return "floor"
}

// Print writes the table for people.
func (t *Table) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tFLOOR\tGOAL\tMEASURED\tFROM – TO\tUNIT\tVERDICT\tTHE MEDIAN'S ROUND")
	wish := func(v float64) string {
		if v == 0 {
			return ""
		}
		return fmt.Sprintf("%.4g", v)
	}
	for _, r := range t.Rows {
		if len(r.Rounds) == 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\tnot measured\t\t\t\t\n", r.Name, wish(r.Floor), wish(r.Goal))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.3g\t%.3g – %.3g\t%s\t%s\t%s\n", r.Name, wish(r.Floor), wish(r.Goal), r.Measured(),
			slices.Min(r.Rounds), slices.Max(r.Rounds), r.Unit, r.Verdict(), r.Notes[r.middle()])
	}
	return w.Flush()
}

// PrintJSON writes the table for programs.
func (t *Table) PrintJSON(out io.Writer) error {
	type row struct {
		*Row
		Measured float64 `json:"measured"`
		Verdict  string  `json:"verdict"`
	}
	rows := []row{}
	for _, r := range t.Rows {
		if len(r.Rounds) > 0 {
			rows = append(rows, row{r, r.Measured(), r.Verdict()})
		}
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{"rows": rows})
}
