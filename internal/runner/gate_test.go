package runner

import (
	"testing"
	"time"
)

// clock is a time that stands still until it is moved.
type clock struct{ t time.Time }

func (c *clock) now() time.Time       { return c.t }
func (c *clock) pass(d time.Duration) { c.t = c.t.Add(d) }
func newClock() *clock                { return &clock{time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)} }
func (g *gate) fail(times int) (last bool) {
	for range times {
		last = g.report(true)
	}
	return last
}

func TestAFewFailuresLeaveTheGateOpen(t *testing.T) {
	g := gate{now: newClock().now}
	if g.fail(awayAfter-1) || g.away() || g.wait() != 0 {
		t.Error("the gate closed too early")
	}
}

func TestASuccessInBetweenBeginsTheCountAnew(t *testing.T) {
	g := gate{now: newClock().now}
	g.fail(awayAfter - 1)
	g.report(false)
	if g.fail(awayAfter-1) || g.away() {
		t.Error("failures before a success were counted")
	}
}

func TestTheGateClosesOnceAndOpensOnce(t *testing.T) {
	g := gate{now: newClock().now}
	g.fail(awayAfter - 1)
	if !g.report(true) || g.report(true) {
		t.Error("going away is to be told exactly once")
	}
	if !g.report(false) || g.report(false) {
		t.Error("coming back is to be told exactly once")
	}
	if g.away() || g.wait() != 0 {
		t.Error("the gate is still closed")
	}
}

func TestAClosedGateLetsOneThroughAtATime(t *testing.T) {
	c := newClock()
	g := gate{now: c.now}
	g.fail(awayAfter)
	if g.wait() != firstProbe {
		t.Errorf("wait %v, want %v", g.wait(), firstProbe)
	}
	c.pass(firstProbe)
	if g.wait() != 0 {
		t.Error("nobody may look whether Jira is back")
	}
	if g.wait() == 0 {
		t.Error("a second delivery went through with the first")
	}
}

func TestAGateThatStaysClosedIsTriedLessAndLessOften(t *testing.T) {
	c := newClock()
	g := gate{now: c.now}
	g.fail(awayAfter)
	before := time.Duration(0)
	for range 12 {
		wait := g.wait()
		if wait < before || wait > lastProbe {
			t.Fatalf("wait %v after %v", wait, before)
		}
		before = wait
		c.pass(wait)
		if g.wait() != 0 {
			t.Fatal("the time is up and nobody may look")
		}
		g.report(true)
	}
	if before != lastProbe {
		t.Errorf("in the end it waits %v, want %v", before, lastProbe)
	}
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	b := Backoff{First: time.Second, Max: 10 * time.Second, Attempts: 9}
	for attempt, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 100: 10 * time.Second} {
		for range 50 {
			if got := b.after(attempt); got < want || got > want+want/4 {
				t.Errorf("after attempt %d it waits %v, want %v to %v", attempt, got, want, want+want/4)
			}
		}
	}
}
