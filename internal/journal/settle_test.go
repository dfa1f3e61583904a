package journal

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"jirabot/internal/event"
)

// buried stores a delivery and buries one rule's run of it.
func buried(t *testing.T, j *Journal, id, lane, rule string, work []byte) Letter {
	t.Helper()
	r := put(t, j, id, lane, "body of "+id)
	e, err := j.Delivery(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	e.Work = work
	l, err := j.Bury(t.Context(), Letter{Entry: e, Rule: rule, Run: "run", Reason: "it broke", Class: "failed", Attempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALetterKeepsTheDeliveryByteForByteBesideTheWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	want := buried(t, j, "a", "10042", "rule", []byte(`{"done":1}`))
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	got, err := j.Letter(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Body) != "body of a" || string(got.Work) != `{"done":1}` || got.Class != "failed" || got.Attempts != 3 {
		t.Errorf("body %q, work %q, class %q, attempts %d", got.Body, got.Work, got.Class, got.Attempts)
	}
}

func TestARedrivenLetterIsADeliveryAgainAndGone(t *testing.T) {
	t.Parallel()
	j := openAt(t, Options{Dir: t.TempDir()})
	l := buried(t, j, "a", "10042", "rule", []byte("what was done"))
	r, err := j.Redrive(t.Context(), l.ID, "ann")
	if err != nil || r.Repeat {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := j.Letter(t.Context(), l.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the letter: %v, want %v", err, ErrNotFound)
	}
	seen := make(chan Entry, 2)
	work(t, j, func(_ context.Context, t *Task) Verdict { seen <- t.Entry; return Finish(nil) })
	first, second := get(t, seen, "the delivery"), get(t, seen, "the redriven one")
	if first.Only != (event.Only{}) || first.Work != nil {
		t.Errorf("the first has %+v, %q", first.Only, first.Work)
	}
	if second.Only.Rule != "rule" || second.Only.Letter != l.ID || second.Lane != first.Lane ||
		!bytes.Equal(second.Body, first.Body) || string(second.Work) != "what was done" || !second.Received.Equal(first.Received) {
		t.Errorf("redriven: %+v", second)
	}
	var what []string
	for s, err := range j.Settlements(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		what = append(what, s.Letter, s.Verdict, s.By, s.Reason)
	}
	if want := []string{l.ID, Redriven, "ann", "it broke"}; !slices.Equal(what, want) {
		t.Errorf("settlements %q, want %q", what, want)
	}
}

func TestRedrivingAtOnceStoresItOnce(t *testing.T) {
	t.Parallel()
	j := openAt(t, Options{Dir: t.TempDir()})
	l := buried(t, j, "a", "10042", "rule", nil)
	var all sync.WaitGroup
	fresh := make(chan string, 8)
	for range 8 {
		all.Go(func() {
			r, err := j.Redrive(t.Context(), l.ID, "ann")
			switch {
			case err == nil && !r.Repeat:
				fresh <- r.ID
			case err != nil && !errors.Is(err, ErrNotFound):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(fresh) != 1 || j.waiting.Load() != 2 {
		t.Errorf("stored %d times, %d wait, want 1 and 2", len(fresh), j.waiting.Load())
	}
}

func TestARedriveThatACrashHasCutInTwoIsNotRepeatedHoursLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	l := buried(t, j, "a", "10042", "rule", nil)
	// All but the last of what Redrive does, and then the process is gone.
	if err := j.record(t.Context(), settlement(l, Redriven, "ann")); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Hand(t.Context(), l.Delivery, nil, "redrive/"+l.ID, l.LaneKey); err != nil {
		t.Fatal(err)
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir, Now: func() time.Time { return time.Now().Add(3 * time.Hour) }})
	if done, err := j.redriven(t.Context(), l.ID, "redrive/"+l.ID); err != nil || !done {
		t.Errorf("stored hours ago: %t, %v", done, err)
	}
	if done, err := j.redriven(t.Context(), l.ID, "redrive/another"); err != nil || done {
		t.Errorf("begun hours ago and not stored: taken for done, %v", err)
	}
	r, err := j.Redrive(t.Context(), l.ID, "ann")
	if err != nil || !r.Repeat || j.waiting.Load() != 2 {
		t.Errorf("%+v, %v, %d wait, want a repeat and 2", r, err, j.waiting.Load())
	}
	if _, err := j.Letter(t.Context(), l.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the letter: %v, want %v", err, ErrNotFound)
	}
}

func TestADismissedLetterLeavesWhoAndWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	l := buried(t, j, "a", "10042", "rule", nil)
	if err := j.Dismiss(t.Context(), l.ID, "bob", "a test"); err != nil {
		t.Fatal(err)
	}
	if err := j.Dismiss(t.Context(), l.ID, "bob", "a test"); !errors.Is(err, ErrNotFound) {
		t.Errorf("twice: %v, want %v", err, ErrNotFound)
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	count := 0
	for s, err := range j.Settlements(t.Context(), Filter{}) {
		if count++; err != nil || s.Verdict != Discarded || s.By != "bob" || s.Why != "a test" || s.At.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
	}
	if count != 1 {
		t.Errorf("%d settlements, want 1", count)
	}
}

func TestWorkIsHandedOnEvenIntoAFullInbox(t *testing.T) {
	t.Parallel()
	j := openAt(t, Options{Dir: t.TempDir(), MaxWaiting: 1})
	put(t, j, "a", "10042", "body")
	if _, err := j.Append(t.Context(), delivery("b"), "b", "10042", false); !errors.Is(err, ErrFull) {
		t.Fatalf("%v, want %v", err, ErrFull)
	}
	if _, err := j.Hand(t.Context(), delivery("b"), nil, "b", "10042"); err != nil {
		t.Error(err)
	}
}

func TestATaskSeesWhatWaitsBehindIt(t *testing.T) {
	t.Parallel()
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	put(t, j, "a", "10042", "a")
	put(t, j, "b", "10043", "b")
	put(t, j, "c", "10044", "c")
	saw := make(chan string, 3)
	work(t, j, func(ctx context.Context, t *Task) Verdict {
		found, err := t.Behind(ctx, func(e Entry) bool { return string(e.Body) == "b" })
		saw <- string(t.Body)
		switch {
		case err != nil:
			saw <- err.Error()
		case found:
			saw <- "before b"
		default:
			saw <- "not before b"
		}
		return Finish(nil)
	})
	for _, want := range []string{"a", "before b", "b", "not before b", "c", "not before b"} {
		if got := get(t, saw, want); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
