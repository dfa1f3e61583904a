package chaos

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Two events on one issue and one on another, the second of which may or may not have been stored.
func story() []Event {
	return []Event{
		{Token: "T1", Deed: "work", Lane: "PAY-1", Order: 1, Fate: Accepted, Wants: []Want{{"PAY-1", "label: l-T1"}, {"PAY-1", "comment: working T1"}}},
		{Token: "T2", Deed: "ping", Lane: "PAY-1", Order: 2, Fate: Accepted, Wants: []Want{{"PAY-1", "comment: pong T2"}}},
		{Token: "T3", Deed: "tie", Lane: "PAY-2", Order: 1, Fate: Unsure, Wants: []Want{{"PAY-2", "link: CHK-1"}, {"PAY-2", "comment: tied T3"}}},
		{Token: "T4", Deed: "ping", Lane: "PAY-2", Order: 2, Fate: Refused, Wants: []Want{{"PAY-2", "comment: pong T4"}}},
	}
}

func TestTheCheckerSeesEveryBrokenPromise(t *testing.T) {
	label, working, pong := Effect{"PAY-1", "label: l-T1", 10}, Effect{"PAY-1", "comment: working T1", 20}, Effect{"PAY-1", "comment: pong T2", 30}
	link, tied := Effect{"PAY-2", "link: CHK-1", 15}, Effect{"PAY-2", "comment: tied T3", 25}
	at := func(e Effect, at int64) Effect { e.At = at; return e }
	for _, test := range []struct {
		name    string
		effects []Effect
		want    string
	}{
		{"all is well, and the unsure event was never stored", []Effect{label, working, pong}, ""},
		{"all is well, and the unsure event was stored", []Effect{link, label, tied, working, pong}, ""},
		{"an effect is lost", []Effect{label, pong}, "lost PAY-1 comment: working T1 (work, accepted, effect 2 of 2)"},
		{"all effects of an event are lost", []Effect{label, working}, "lost PAY-1 comment: pong T2 (ping, accepted, effect 1 of 1)"},
		{"an unsure event was begun and not ended", []Effect{label, working, pong, link}, "lost PAY-2 comment: tied T3 (tie, unsure, effect 2 of 2)"},
		{"an effect is doubled", []Effect{label, working, pong, at(pong, 40)}, "doubled PAY-1 comment: pong T2"},
		{"an effect is doubled whose moment nobody knows", []Effect{at(label, 0), at(label, 0), working, pong}, "doubled PAY-1 label: l-T1"},
		{"two events are swapped", []Effect{label, working, at(pong, 5)}, "out of order PAY-1 comment: working T1 came after PAY-1 comment: pong T2; out of order PAY-1 label: l-T1 came after PAY-1 comment: pong T2"},
		{"an event runs between the steps of another", []Effect{label, working, at(pong, 15)}, "out of order PAY-1 comment: working T1 came after PAY-1 comment: pong T2"},
		{"two steps are swapped", []Effect{at(label, 25), working, pong}, "out of order PAY-1 label: l-T1 came after PAY-1 comment: working T1"},
		{"other issues do not matter", []Effect{label, working, pong, at(link, 1), at(tied, 100)}, ""},
		{"something was done that nobody asked for", []Effect{label, working, pong, {"PAY-9", "comment: hello", 50}}, "unasked PAY-9 comment: hello"},
		{"what was refused was done all the same", []Effect{label, working, pong, {"PAY-2", "comment: pong T4", 50}}, "unasked PAY-2 comment: pong T4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := Check(story(), test.effects)
			if got := broken(v); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if v.Good() != (test.want == "") {
				t.Errorf("good is %v", v.Good())
			}
		})
	}
}

func broken(v Verdict) string {
	var out []string
	for name, items := range map[string][]string{"lost": v.Lost, "doubled": v.Doubled, "out of order": v.OutOfOrder, "unasked": v.Unasked} {
		for _, item := range items {
			out = append(out, name+" "+item)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestWhatABotSaysIsHeldAgainstWhatHappened(t *testing.T) {
	effects := []Effect{{"PAY-1", "label: l-T1", 10}, {"PAY-1", "comment: working T1", 20}, {"PAY-1", "comment: pong T2", 30}}
	for _, test := range []struct {
		name, want string
		found      map[string]int
	}{
		{"one run for each event", "", map[string]int{"T1": 1, "T2": 1}},
		{"a run is missing", "missing ping T2", map[string]int{"T1": 1}},
		{"two runs of one event", "two runs work T1: 2 runs", map[string]int{"T1": 2, "T2": 1}},
		{"a run of an event that was refused", "nonsense ping T4", map[string]int{"T1": 1, "T2": 1, "T4": 1}},
		{"a run of an event that never was", "nonsense T99", map[string]int{"T1": 1, "T2": 1, "T99": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r Records
			r.compare(test.found, story(), effects)
			var got []string
			for _, m := range r.Missing {
				got = append(got, "missing "+m)
			}
			for _, m := range r.TwoRuns {
				got = append(got, "two runs "+m)
			}
			for _, m := range r.Nonsense {
				got = append(got, "nonsense "+m)
			}
			if text := strings.Join(got, "; "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

func TestOneSeedIsOnePlan(t *testing.T) {
	plan := func(seed uint64, faults ...Fault) (out []Round) {
		p := newPlanner(seed, faults, 1)
		for range 200 {
			out = append(out, p.next())
		}
		return out
	}
	all := plan(7, Kill, Freeze, Full)
	if !slices.Equal(all, plan(7, Kill, Freeze, Full)) {
		t.Error("the same seed makes another plan")
	}
	if slices.Equal(all, plan(8, Kill, Freeze, Full)) {
		t.Error("another seed makes the same plan")
	}
	fewer := plan(7, Kill)
	seen := map[string]int{}
	for i, round := range all {
		seen[string(round.Fault)+string(round.Moment)]++
		if round.Fault == Kill && round != fewer[i] {
			t.Errorf("round %d is another one where only kills are planned: %+v, %+v", i, round, fewer[i])
		}
	}
	for _, kind := range []string{"stop", "disk", "kill" + string(Booting), "kill" + string(Working), "kill" + string(BeforeWrite), "kill" + string(AfterWrite), "kill" + string(DuringWrite)} {
		if seen[kind] == 0 {
			t.Errorf("no %s among 200 rounds: %v", kind, seen)
		}
	}
}

func TestTheClockMakesItsEvents(t *testing.T) {
	day := func(text string) (at time.Time) {
		at, err := time.Parse(time.DateTime, "2026-03-05 "+text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, test := range []struct {
		name, from, to string
		edge           time.Duration
		want           string
	}{
		{"each full minute in between", "09:00:30", "09:02:30", tickEdge, "09:01 accepted, 09:02 accepted"},
		{"a bot that was there just before may not have known", "09:00:05", "09:01:30", tickEdge, "09:00 unsure, 09:01 accepted"},
		{"the last seconds are nobody's", "09:00:30", "09:02:05", tickEdge, "09:01 accepted, 09:02 unsure"},
		{"no full minute", "09:00:30", "09:00:50", tickEdge, ""},
		{"a clock that was up to a minute off", "09:00:30", "09:04:30", tickEdge + time.Minute,
			"09:00 unsure, 09:01 unsure, 09:02 accepted, 09:03 accepted, 09:04 unsure, 09:05 unsure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, ev := range ticks(day(test.from), day(test.to), test.edge) {
				if ev.Lane == "OPS-1" {
					got = append(got, strings.TrimPrefix(ev.Token, "2026-03-05T")+" "+string(ev.Fate))
				}
			}
			if text := strings.Join(got, ", "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
