package runner

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestNotesTellWhereToGoOn(t *testing.T) {
	started := newClock().t
	var notes [][]byte
	for _, n := range []note{
		{Run: "a", Started: &started, Revision: "r1", Issue: json.RawMessage(`{"id":"1"}`), Intent: "1"},
		{Run: "a", Failure: &failure{"1", "503"}},
		{Run: "a", Step: &StepRecord{Path: "1", Outcome: Done}},
		{Run: "b", End: &Record{ID: "b", Outcome: AlreadySo}},
		{Collected: true, Found: []found{{"1", "PAY-1"}, {"2", "PAY-2"}}},
		{Emitted: 1},
	} {
		data, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, data)
	}
	runs, exp, err := readNotes(notes)
	if err != nil {
		t.Fatal(err)
	}
	a := runs["a"]
	_, intended := a.intents["1"]
	if !a.begun || a.revision != "r1" || string(a.issue) != `{"id":"1"}` || !intended || a.steps["1"].Outcome != Done || a.failures["1"][0] != "503" || a.end != nil {
		t.Errorf("run a: %+v", a)
	}
	if runs["b"].end == nil || runs["b"].end.Outcome != AlreadySo {
		t.Errorf("run b: %+v", runs["b"])
	}
	if !exp.collected || len(exp.found) != 2 || exp.emitted != 1 {
		t.Errorf("expansion: %+v", exp)
	}
}

func TestANoteOfNoIssuesIsStillACollection(t *testing.T) {
	data, err := json.Marshal(note{Collected: true, Found: []found{}})
	if err != nil {
		t.Fatal(err)
	}
	_, exp, err := readNotes([][]byte{data})
	if err != nil || !exp.collected {
		t.Errorf("an empty result was forgotten (%s): %+v, %v", data, exp, err)
	}
}

func TestFinalsOfEveryFormatAreRead(t *testing.T) {
	for _, x := range []struct{ name, data, err string }{
		{"the first format, as it was written", `{"version":1,"runs":[{"id":"x","rule":"r","revision":"1","mode":"live","delivery":"d","identity":"i","kind":"issue_created","started":"2026-01-05T09:00:00Z","finished":"2026-01-05T09:00:01Z","attempts":1,"outcome":"done","steps":[{"path":"1","outcome":"done","sentence":"comment on PAY-1: Hi"}]}]}`, ""},
		{"one that was too large to keep", "", ""},
		{"one of a later bot", `{"version":99}`, "newer bot"},
		{"damage", `{"version":`, "run record"},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := ReadFinal([]byte(x.data))
			if x.err != "" {
				if err == nil || !strings.Contains(err.Error(), x.err) {
					t.Errorf("error %v, want one with %q", err, x.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if x.data != "" && (f.Runs[0].Outcome != Done || f.Runs[0].Steps[0].Sentence == "" || f.Runs[0].Finished.Sub(f.Runs[0].Started) != time.Second) {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestMarksAreStableAndDistinct(t *testing.T) {
	if first, second := mark("run", "1"), mark("run", "1"); first != second {
		t.Errorf("a mark changed between two tries: %s and %s", first, second)
	}
	seen := map[string]bool{}
	for _, m := range []string{mark("run", "1"), mark("run", "2"), mark("nur", "1"), mark("run1", ""), runID("run")} {
		if seen[m] {
			t.Errorf("two steps share the mark %s", m)
		}
		seen[m] = true
	}
}
