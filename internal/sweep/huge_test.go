package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// busy creates issues, one every few seconds.
func (w *world) busy(n int) {
	w.t.Helper()
	for range n {
		w.create("PAY", "one of many")
		w.clock.pass(4 * time.Second)
	}
}

// searched calls do at every search that Jira has answered.
func (w *world) searched(do func(n int)) {
	n := 0
	w.called = func(c jiraclient.Call) {
		if strings.HasSuffix(c.Route, "/search") {
			n++
			do(n)
		}
	}
}

func TestNothingIsPassedOverWhilePagesShift(t *testing.T) {
	t.Parallel()
	const issues = 400
	for _, x := range []struct {
		name  string
		slice int
		shift func(w *world, n int) error
		gone  bool
	}{
		{"issues before the page are deleted", 10_000, func(w *world, n int) error {
			for k := range 15 {
				if err := w.jira.As("ann").Delete(fmt.Sprintf("PAY-%d", (n-1)*15+k+1)); err != nil {
					return err
				}
			}
			return nil
		}, true},
		{"issues before the page come in", 10_000, func(w *world, n int) error {
			_, err := w.jira.As("ann").CreateIssue("CHK", "Task", "comes before PAY")
			return err
		}, false},
		{"issues of the page are changed again", 150, func(w *world, n int) error {
			for k := range 15 {
				if err := w.jira.As("ann").Edit(fmt.Sprintf("PAY-%d", n*23%380+k+1), jiratest.Fields{"summary": fmt.Sprint("again ", n)}); err != nil {
					return err
				}
			}
			return nil
		}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, jiratest.Options{})
			w.sweep()
			w.busy(issues)
			w.restart()
			w.clock.pass(time.Minute)
			w.sizes.page, w.sizes.slice = 40, x.slice
			w.searched(func(n int) {
				if n <= 8 {
					if err := x.shift(w, n); err != nil {
						t.Error(err)
					}
				}
			})
			w.sweep()
			created := map[string]bool{}
			for _, e := range w.stored() {
				if e.Kind == "issue_created" {
					created[e.Issue.Key] = true
				}
			}
			for _, key := range w.jira.Keys() {
				if !created[key] && strings.HasPrefix(key, "PAY-") {
					t.Errorf("%s was passed over", key)
				}
			}
			if x.gone && len(created) == issues {
				t.Error("nothing was deleted meanwhile")
			}
		})
	}
}

func TestAHugeGapIsWorkedOffInSlicesAndGoesOnWhereItWasStopped(t *testing.T) {
	t.Parallel()
	const issues = 600
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.busy(issues)
	w.comment("PAY-7", "changed again at the end, and found there")
	w.clock.pass(time.Hour)
	reads, stops := 0, 0
	for ; stops < 20; stops++ {
		w.restart()
		w.sizes.page, w.sizes.slice, w.sizes.readers = 30, 100, 2
		ctx, stop := context.WithCancel(t.Context())
		w.searched(func(n int) {
			if n == 12 {
				stop()
			}
		})
		r, err := w.Sweep(ctx, Request{})
		reads += r.Issues
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if stops < 2 || stops == 20 {
		t.Errorf("it was stopped %d times, want a few", stops)
	}
	if got := len(w.stored()); got != issues+2 {
		t.Errorf("recovered %d events, want %d", got, issues+2)
	}
	if reads > 2*issues {
		t.Errorf("%d issues were read %d times: it begins anew", issues, reads)
	}
}

func TestASweepGivesWayToWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.busy(5)
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	w.options.Waiting = func() int {
		if asked++; asked == 2 {
			stop()
		}
		return 10_000
	}
	w.restart()
	if _, err := w.Sweep(ctx, Request{}); !errors.Is(err, context.Canceled) || len(w.stored()) != 0 {
		t.Errorf("%v, %d stored, want it to wait until it is stopped", err, len(w.stored()))
	}
}

func TestTwoSweepsDoNotRunAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.busy(30)
	w.restart()
	w.clock.pass(time.Minute)
	done := make(chan Report, 2)
	for range 2 {
		go func() {
			r, err := w.Sweep(t.Context(), Request{Since: time.Hour})
			if err != nil {
				t.Error(err)
			}
			done <- r
		}()
	}
	if a, b := <-done, <-done; a.Recovered+b.Recovered != 30 || a.Recovered*b.Recovered != 0 {
		t.Errorf("recovered %d and %d, want 30 and none", a.Recovered, b.Recovered)
	}
}
