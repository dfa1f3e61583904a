package schedule

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestTicksComeOnTimeInTheirOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("nudge", "0 9 * * *", None), w.line("tidy", "30 8,9 * * *", None))
		w.pass(8*time.Hour + 30*time.Minute - time.Second)
		w.want()
		w.pass(time.Second)
		w.want("tidy 01 08:30")
		w.pass(24 * time.Hour)
		w.want("nudge 01 09:00", "tidy 01 09:30", "tidy 02 08:30")
	})
}

func TestATickSaysInUTCWhatWasDue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(Line{Rule: "nudge", Trigger: 2, Plan: plan(t, "0 9 * * *", "Europe/Berlin")})
		w.pass(8 * time.Hour)
		w.want("nudge 01 08:00")
		w.wantBody(`{"rule":"nudge","trigger":2,"planned":"2000-01-01T08:00:00Z"}`)
	})
}

func TestWhatARestartMakesUpFor(t *testing.T) {
	for name, test := range map[string]struct {
		catchUp CatchUp
		away    time.Duration
		want    []string
		logged  string
	}{
		"none skips":                      {None, 3*time.Hour + 10*time.Minute, nil, `"skipped":3`},
		"last makes one":                  {Last, 3*time.Hour + 10*time.Minute, []string{"tidy 01 04:00"}, `"skipped":2`},
		"all makes each":                  {All, 3*time.Hour + 10*time.Minute, []string{"tidy 01 02:00", "tidy 01 03:00", "tidy 01 04:00"}, ""},
		"a quick restart has missed none": {None, 30*time.Minute + 20*time.Second, []string{"tidy 01 02:00"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start(w.line("tidy", "0 * * * *", test.catchUp))
				w.pass(90 * time.Minute)
				w.want("tidy 01 01:00")
				w.halt()
				w.pass(test.away)
				w.start(w.line("tidy", "0 * * * *", test.catchUp))
				w.want(test.want...)
				w.wantLog(test.logged)
				w.halt()
				w.start(w.line("tidy", "0 * * * *", test.catchUp)) // and only once
				w.want()
			})
		})
	}
}

func TestAThousandMissedTicksAreEnough(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "* * * * *", All))
		w.halt()
		w.pass(1100 * time.Minute)
		w.start(w.line("tidy", "* * * * *", All))
		w.with(func() {
			if n := len(w.made); n != 1002 || w.made[0] != "tidy 01 01:39" || w.made[n-1] != "tidy 01 18:20" {
				t.Errorf("%d ticks; want the newest 1,000 and the two that are not late", n)
			}
		})
		w.wantLog(`"skipped":98`)
	})
}

func TestANewLineHasMissedNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pass(5 * time.Hour)
		w.start(w.line("tidy", "0 * * * *", All))
		w.want()
		w.pass(time.Hour)
		w.want("tidy 01 06:00")
	})
}

func TestAChangedSetOfLines(t *testing.T) {
	for name, test := range map[string]struct {
		before, after []string // cron lines of tidy, by trigger
		want          []string // after three hours without a look at the clock
	}{
		"the same line goes on":           {[]string{"0 * * * *"}, []string{"0 * * * *"}, []string{"tidy 01 01:00", "tidy 01 02:00", "tidy 01 03:00"}},
		"a changed line begins now":       {[]string{"0 * * * *"}, []string{"30 * * * *"}, nil},
		"so does a new one beside it":     {[]string{"0 2 * * *"}, []string{"0 2 * * *", "30 * * * *"}, []string{"tidy 01 02:00"}},
		"a line that is gone is gone":     {[]string{"0 * * * *"}, nil, nil},
		"lines that change places, begin": {[]string{"0 * * * *", "30 * * * *"}, []string{"30 * * * *", "0 * * * *"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				lines := func(crons []string) []Line {
					lines := []Line{}
					for i, cron := range crons {
						lines = append(lines, Line{Rule: "tidy", Trigger: i, Plan: plan(w, cron, ""), CatchUp: All})
					}
					return lines
				}
				w.start(lines(test.before)...)
				w.with(func() { w.ahead = 3*time.Hour + 10*time.Minute }) // not seen before the next look
				w.running.Set(lines(test.after))
				synctest.Wait()
				w.want(test.want...)
			})
		})
	}
}

func TestALineThatComesBackHasMissedNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		tidy, nudge := w.line("tidy", "0 * * * *", All), w.line("nudge", "0 9 5 * *", All)
		w.start(tidy, nudge)
		w.running.Set([]Line{nudge})
		w.pass(5 * time.Hour)
		w.halt()
		w.start(tidy, nudge)
		w.want()
		w.pass(time.Hour)
		w.want("tidy 01 06:00")
	})
}

func TestASoonerLineDoesNotWaitForTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		yearly := w.line("yearly", "@yearly", None)
		w.start(yearly)
		w.pass(59*time.Minute + 55*time.Second)
		w.running.Set([]Line{yearly, w.line("tidy", "0 * * * *", None)})
		w.pass(5 * time.Second)
		w.want("tidy 01 01:00")
	})
}

func TestAFullInboxLosesNothing(t *testing.T) {
	for name, refusal := range map[string]error{
		"full for a while":      full(7 * time.Second),
		"full for long":         full(time.Hour),
		"full for no time":      full(0),
		"broken, nobody says":   errors.New("disk is sick"),
		"an error of a context": context.DeadlineExceeded,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start(w.line("tidy", "0 * * * *", None), w.line("nudge", "0 2 * * *", Last))
				w.with(func() { w.refuse = refusal })
				w.pass(3*time.Hour + 30*time.Minute)
				w.want()
				w.wantLog(refusal.Error())
				w.with(func() { w.refuse = nil })
				w.pass(30 * time.Second)
				w.want("tidy 01 01:00", "tidy 01 02:00", "tidy 01 03:00", "nudge 01 02:00")
				w.pass(time.Hour)
				w.want("tidy 01 04:00")
			})
		})
	}
}

func TestARestartWithAFullInboxStillKnowsWhatWasDue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", All))
		w.with(func() { w.refuse = full(time.Second) })
		w.pass(2*time.Hour + 30*time.Minute)
		w.halt()
		w.with(func() { w.refuse = nil })
		w.start(w.line("tidy", "0 * * * *", All))
		w.want("tidy 01 01:00", "tidy 01 02:00")
	})
}

func TestALineThatIsGoneTakesItsTicksWithItAndSaysSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", All))
		w.with(func() { w.refuse = full(time.Second) })
		w.pass(2*time.Hour + 30*time.Minute)
		w.running.Set(nil)
		synctest.Wait()
		w.with(func() { w.refuse = nil })
		w.pass(time.Hour)
		w.want()
		w.wantLog(`"skipped":2,"message":"ticks of a line that is gone"`)
	})
}

func TestFire(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("nudge", "0 9 * * *", None), Line{Rule: "tidy", Trigger: 1, Plan: plan(t, "0 9 * * *", "")}, Line{Rule: "tidy", Trigger: 3, Plan: plan(t, "0 9 * * *", "")})
		planned := time.Date(2000, 1, 7, 12, 0, 0, 0, time.FixedZone("", 3600))
		if err := w.running.Fire(t.Context(), "tidy", planned); err != nil {
			t.Error(err)
		}
		w.want("tidy 07 11:00")
		w.wantBody(`{"rule":"tidy","trigger":1,"planned":"2000-01-07T11:00:00Z"}`)
		if err := w.running.Fire(t.Context(), "tidi", planned); err == nil || err.Error() != `fire "tidi": no rule of this name has a schedule` {
			t.Errorf("got %v", err)
		}
		w.with(func() { w.refuse = full(time.Second) })
		if err := w.running.Fire(t.Context(), "tidy", planned); !errors.Is(err, full(time.Second)) {
			t.Errorf("got %v", err)
		}
	})
}
