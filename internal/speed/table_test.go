package speed

import (
	"strings"
	"testing"
)

func TestARowIsJudgedByTheMedianOfItsRounds(t *testing.T) {
	for _, x := range []struct {
		name   string
		row    Row
		rounds []float64
		want   string
	}{
		{"more than the goal", Row{Floor: .1, Goal: .2, More: true}, []float64{.05, .3, .25}, "goal"},
		{"more than the floor", Row{Floor: .1, Goal: .2, More: true}, []float64{.15, .1, .3}, "floor"},
		{"less than the floor", Row{Floor: .1, Goal: .2, More: true}, []float64{.01, .3, .02}, "MISSED"},
		{"where less is better, less than the goal", Row{Floor: 3, Goal: 1}, []float64{9, .5, .9}, "goal"},
		{"where less is better, more than the floor", Row{Floor: 3, Goal: 1}, []float64{4}, "MISSED"},
		{"a floor without a goal", Row{Floor: 3}, []float64{3}, "good"},
		{"neither", Row{}, []float64{3}, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.row.Rounds = x.rounds
			if got := x.row.Verdict(); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

func TestATableTellsWhatItLacks(t *testing.T) {
	table := newTable([]string{"memory"})
	for _, r := range table.Rows {
		if r.Name != rowPeak {
			table.add(r.Name, 1, "")
		}
	}
	if err := table.complete(); err == nil || !strings.HasSuffix(err.Error(), ": "+rowPeak) {
		t.Errorf("got %v, want the one row that is missing", err)
	}
	table.add(rowStored, 1, "not asked for")
	table.add(rowPeak, 1, "")
	if err := table.complete(); err != nil {
		t.Error(err)
	}
}
