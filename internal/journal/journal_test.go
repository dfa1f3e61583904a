package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

// within is how long a test waits for what must come.
const within = 20 * time.Second

func openAt(t testing.TB, o Options) *Journal {
	t.Helper()
	o.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel)
	fallback(&o.MinFree, 1<<20)
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, j) })
	return j
}

func closeIt(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func put(t testing.TB, j *Journal, storeID, lane, body string) Receipt {
	t.Helper()
	r, err := j.Append(t.Context(), delivery(body), storeID, lane, false)
	if err != nil {
		t.Fatalf("append %s: %v", storeID, err)
	}
	return r
}

func delivery(body string) event.Delivery {
	return event.Delivery{Source: event.Webhook, Body: []byte(body), Received: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)}
}

// work runs handle on the journal until the test or the function it returns ends it.
func work(t testing.TB, j *Journal, handle Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Work(ctx, handle) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("work: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func get[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(within):
		t.Fatalf("nothing came: %s", what)
		panic("not reached")
	}
}

// until waits for a state that nothing announces.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(within); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

func (j *Journal) isIdle() bool { return j.waiting.Load() == 0 }

func TestDeliveriesOfALaneAreHandledInOrderOneAtATime(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 8})
	const issues, each = 20, 25
	var mu sync.Mutex
	got := make(map[string][]int)
	var busy [8]atomic.Int32
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		if busy[task.Lane].Add(1) != 1 {
			t.Errorf("lane %d works on two deliveries", task.Lane)
		}
		defer busy[task.Lane].Add(-1)
		n, err := strconv.Atoi(string(task.Body))
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		got[task.LaneKey] = append(got[task.LaneKey], n)
		mu.Unlock()
		if n%3 == 0 {
			return Nothing()
		}
		return Finish([]byte("done"))
	})
	var writers sync.WaitGroup
	for issue := range issues {
		writers.Go(func() {
			for i := range each {
				key := fmt.Sprintf("PAY-%d", issue)
				put(t, j, fmt.Sprintf("%s/%d", key, i), key, strconv.Itoa(i))
			}
		})
	}
	writers.Wait()
	until(t, "everything handled", j.isIdle)
	for issue := range issues {
		key := fmt.Sprintf("PAY-%d", issue)
		if len(got[key]) != each || !slices.IsSorted(got[key]) {
			t.Errorf("%s was handled as %v", key, got[key])
		}
	}
}

func TestARepeatIsStoredOnce(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	first := put(t, j, "issue_updated/10001/20002", "PAY-1", "one")
	if first.Repeat {
		t.Error("the first is called a repeat")
	}
	want := first
	want.Repeat = true
	if again := put(t, j, "issue_updated/10001/20002", "PAY-1", "two"); again != want {
		t.Errorf("within the window: got %+v, want %+v", again, want)
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	if again := put(t, j, "issue_updated/10001/20002", "PAY-1", "three"); again != want {
		t.Errorf("after reopening: got %+v, want %+v", again, want)
	}
	if n := j.waiting.Load(); n != 1 {
		t.Errorf("%d wait, want 1", n)
	}
	e, err := j.Delivery(t.Context(), first.ID)
	if err != nil || string(e.Body) != "one" {
		t.Errorf("the delivery is %q (%v)", e.Body, err)
	}
}

func TestADeliveryComesBackAsItWas(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	d := event.Delivery{Source: event.Hook, Body: []byte("\x00\r\n \xff{"), Received: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC),
		UserKey: " jörg\r\nBot-Format: 9 ", UserID: "ann", Name: "deploy-finished", Recovered: true, Depth: 3, Cause: "12-abcdef/r"}
	r, err := j.Append(t.Context(), d, "x", " lane \n", false)
	if err != nil {
		t.Fatal(err)
	}
	tasks := make(chan *Task, 1)
	work(t, j, func(_ context.Context, task *Task) Verdict {
		tasks <- task
		return Nothing()
	})
	e := get(t, tasks, "the delivery").Entry
	if fmt.Sprint(e.Delivery) != fmt.Sprint(d) || e.LaneKey != " lane \n" || e.ID != r.ID || e.Seq != r.Seq || e.Lane != r.Lane || e.Idle {
		t.Errorf("got  %+v\nfrom %+v", e, d)
	}
}

func TestTheLargestBodyFits(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	body := strings.Repeat("x", 25<<20)
	put(t, j, "large", "PAY-1", body)
	got := make(chan string, 1)
	work(t, j, func(_ context.Context, task *Task) Verdict {
		got <- string(task.Body)
		return Finish(task.Body)
	})
	if get(t, got, "the delivery") != body {
		t.Error("the body came back different")
	}
	until(t, "handled", j.isIdle)
	_, err := j.Append(t.Context(), delivery(strings.Repeat("x", maxPayload)), "larger", "PAY-1", false)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("a body beyond the limit: %v", err)
	}
}

func TestAnIdleDeliveryIsKeptAndNotHandled(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	r, err := j.Append(t.Context(), delivery("nobody cares"), "a", "PAY-1", true)
	if err != nil {
		t.Fatal(err)
	}
	put(t, j, "b", "PAY-1", "for a rule")
	handled := make(chan string, 2)
	stop := work(t, j, func(_ context.Context, task *Task) Verdict {
		handled <- string(task.Body)
		return Finish(nil)
	})
	if body := get(t, handled, "the other"); body != "for a rule" {
		t.Errorf("handled %q", body)
	}
	until(t, "handled", j.isIdle)
	stop()
	e, err := j.Delivery(t.Context(), r.ID)
	if err != nil || !e.Idle || !j.Handled(e) || len(handled) != 0 {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestAFullInboxRefusesAndRecovers(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), MaxWaiting: 3})
	for i := range 3 {
		put(t, j, strconv.Itoa(i), "PAY-1", "x")
	}
	_, err := j.Append(t.Context(), delivery("x"), "one more", "PAY-1", false)
	var full *Full
	if !errors.As(err, &full) || !errors.Is(err, ErrFull) || full.RetryAfter() <= 0 {
		t.Fatalf("got %v", err)
	}
	stop := work(t, j, func(context.Context, *Task) Verdict { return Finish(nil) })
	until(t, "room again", j.isIdle)
	stop()
	put(t, j, "one more", "PAY-1", "x")
}

func TestAnInboxAtItsSizeLimitKeepsWhatWaitsAndForgetsWhatIsHandled(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), MaxBytes: 1 << 20, TrimEvery: time.Hour})
	body := strings.Repeat("x", 10_000)
	stored := 0
	var err error
	for ; err == nil; stored++ {
		_, err = j.Append(t.Context(), delivery(body), strconv.Itoa(stored), "PAY-"+strconv.Itoa(stored%5), false)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	stored--
	if err := j.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err := j.Stats(t.Context()); err != nil || s.Deliveries != uint64(stored) || s.Waiting != stored || s.OldestWaiting.IsZero() {
		t.Fatalf("after a trim of %d that wait: %+v, %v", stored, s, err)
	}
	if err := j.Well(); err != nil {
		t.Errorf("full is not unwell: %v", err)
	}
	// The first delivery is stuck; its lane waits, the others go on.
	stuck := make(chan struct{})
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		if task.Seq == 1 {
			close(stuck)
			<-ctx.Done()
			return Release()
		}
		return Finish(nil)
	})
	get(t, stuck, "the first delivery")
	other := laneOf("PAY-0", len(j.lanes))
	until(t, "the other lanes empty", func() bool {
		j.lanes[other].mu.Lock()
		defer j.lanes[other].mu.Unlock()
		return int(j.waiting.Load()) == j.lanes[other].waiting
	})
	if err := j.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	s, err := j.Stats(t.Context())
	if err != nil || s.Deliveries >= uint64(stored) || s.Waiting != j.lanes[other].waiting {
		t.Errorf("after the work: %+v, %v", s, err)
	}
	if _, err := j.Append(t.Context(), delivery(body), "again", "PAY-1", false); err != nil {
		t.Errorf("append after the trim: %v", err)
	}
	var left []string
	work(t, j, func(_ context.Context, task *Task) Verdict {
		if task.Lane == other {
			left = append(left, task.LaneKey)
		}
		return Finish(nil)
	})
	until(t, "all handled", j.isIdle)
	if len(left) < stored/5 {
		t.Errorf("of the lane that waited, %d came", len(left))
	}
}

func TestADelayedDeliveryKeepsItsPlace(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	for i := range 5 {
		put(t, j, strconv.Itoa(i), "PAY-1", strconv.Itoa(i))
	}
	var got []string
	verdicts := []Verdict{Finish(nil), Later(0), Later(time.Millisecond), Pause(time.Millisecond), Release(), Finish(nil), Finish(nil), Finish(nil)}
	reached := make(chan struct{}, 1)
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		got = append(got, fmt.Sprintf("%s#%d", task.Body, task.Attempt))
		if len(got) <= len(verdicts) {
			return verdicts[len(got)-1]
		}
		reached <- struct{}{}
		<-ctx.Done()
		return Later(0)
	})
	get(t, reached, "the last delivery")
	stop()
	want := "[0#1 1#1 1#2 1#3 1#3 1#3 2#1 3#1 4#1]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	again := make(chan *Task, 1)
	work(t, j, func(_ context.Context, task *Task) Verdict {
		again <- task
		return Finish(nil)
	})
	if task := get(t, again, "the last delivery again"); string(task.Body) != "4" || task.Attempt != 2 {
		t.Errorf("after reopening: %s, attempt %d; want 4, attempt 2", task.Body, task.Attempt)
	}
}

func TestNotesComeBackWithTheDelivery(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	put(t, j, "a", "PAY-1", "first")
	put(t, j, "b", "PAY-1", "second")
	noted := make(chan struct{})
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		if string(task.Body) == "first" {
			if err := task.Note(ctx, []byte("of the first")); err != nil {
				t.Error(err)
			}
			return Finish([]byte("done"), "claim 1", "claim\n2")
		}
		if err := errors.Join(task.Note(ctx, []byte("one")), task.Note(ctx, nil), task.Note(ctx, []byte("three"))); err != nil {
			t.Error(err)
		}
		close(noted)
		<-ctx.Done()
		return Release()
	})
	get(t, noted, "the notes")
	stop()
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	tasks := make(chan *Task, 1)
	work(t, j, func(_ context.Context, task *Task) Verdict {
		tasks <- task
		return Finish(nil)
	})
	task := get(t, tasks, "the second delivery")
	if got := string(bytes.Join(task.Notes, []byte("|"))); got != "one||three" || string(task.Body) != "second" || task.Attempt != 1 {
		t.Errorf("%s has the notes %q at attempt %d", task.Body, got, task.Attempt)
	}
	claimed, err := j.Claimed(t.Context(), "PAY-1", time.Time{}, []string{"claim\n2", "claim 3", "claim 1"})
	if err != nil || fmt.Sprint(claimed) != "[true false true]" {
		t.Errorf("claimed %v, %v", claimed, err)
	}
	if claimed, err = j.Claimed(t.Context(), "PAY-1", time.Now().Add(time.Hour), []string{"claim 1"}); err != nil || claimed[0] {
		t.Errorf("claimed in the future: %v, %v", claimed, err)
	}
}

func TestListingsShowWhatTheFilterSays(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	const count = 300
	for i := range count {
		put(t, j, strconv.Itoa(i), strconv.Itoa(i%7), strconv.Itoa(i))
	}
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		if err := task.Note(ctx, []byte("a note is no final")); err != nil {
			t.Error(err)
		}
		return Finish(task.Body, "c"+string(task.Body))
	})
	until(t, "all handled", j.isIdle)
	var all []Final
	for f, err := range j.Finals(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e, err := j.Delivery(t.Context(), f.Delivery); err != nil || !bytes.Equal(e.Body, f.Data) || e.Lane != f.Lane || f.Claims[0] != "c"+string(e.Body) {
			t.Fatalf("%+v belongs to %+v, %v", f, e, err)
		}
		all = append(all, f)
	}
	if len(all) != count {
		t.Fatalf("%d finals, want %d", len(all), count)
	}
	tests := []struct {
		name   string
		filter Filter
		want   []Final
	}{
		{"behind a sequence", Filter{After: all[99].Seq}, all[100:]},
		{"since a time", Filter{Since: all[250].Stored}, all[250:]},
		{"the newest", Filter{Newest: 3}, all[count-3:]},
		{"more than there are", Filter{Newest: 2 * count}, all},
		{"the newest behind a sequence", Filter{Newest: 10, After: all[count-4].Seq}, all[count-3:]},
		{"nothing new", Filter{After: all[count-1].Seq}, nil},
		{"nothing in the future", Filter{Since: time.Now().Add(time.Hour)}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []Final
			for f, err := range j.Finals(t.Context(), test.filter) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, f)
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %d, want %d", len(got), len(test.want))
			}
		})
	}
	seen := 0
	for e, err := range j.Deliveries(t.Context(), Filter{Newest: 5}) {
		if err != nil || string(e.Body) != strconv.Itoa(count-5+seen) || !j.Handled(e) {
			t.Errorf("delivery %+v, %v", e, err)
		}
		seen++
	}
	if seen != 5 {
		t.Errorf("%d deliveries, want 5", seen)
	}
}

func TestADeadLetterStaysUntilItIsDiscarded(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	r := put(t, j, "a", "PAY-1", "broken")
	e, err := j.Delivery(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	l, err := j.Bury(t.Context(), Letter{Entry: e, Rule: "nudge", Run: "r1", Reason: "no permission\nat all", Attempts: 4})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := j.Bury(t.Context(), Letter{Entry: e, Rule: "nudge", Run: "r1", Reason: "after a crash"}); err != nil || again.ID != l.ID {
		t.Errorf("buried twice as %s and %s (%v)", l.ID, again.ID, err)
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	var got []Letter
	for l, err := range j.Dead(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if len(got) != 1 || got[0].ID != l.ID || got[0].Entry.ID != r.ID || string(got[0].Body) != "broken" ||
		got[0].Rule != "nudge" || got[0].Reason != "no permission\nat all" || got[0].Attempts != 4 || !got[0].Buried.Equal(l.Buried) {
		t.Fatalf("got %+v", got)
	}
	if one, err := j.Letter(t.Context(), l.ID); err != nil || fmt.Sprint(one) != fmt.Sprint(got[0]) {
		t.Errorf("by its ID: %+v, %v", one, err)
	}
	if err := j.Discard(t.Context(), l.ID); err != nil {
		t.Fatal(err)
	}
	if err := j.Discard(t.Context(), l.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("discarded twice: %v", err)
	}
	for l := range j.Dead(t.Context()) {
		t.Errorf("still there: %+v", l)
	}
	for _, id := range []string{"", "1", "x", "1-aaaaaa", "999-abcdef", "-1-x"} {
		if _, err := j.Delivery(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("delivery %q: %v", id, err)
		}
	}
}

func TestWhatIsRememberedIsRecalled(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir})
	for _, v := range []string{"1", "2", ""} {
		for _, key := range []string{"tick nudge.waiting/0 > *", "", "sweep"} {
			if err := j.Remember(t.Context(), key, []byte(key+v)); err != nil {
				t.Fatal(err)
			}
		}
	}
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	for _, key := range []string{"tick nudge.waiting/0 > *", "", "sweep"} {
		if got, err := j.Recall(t.Context(), key); err != nil || string(got) != key {
			t.Errorf("%q recalls %q, %v", key, got, err)
		}
	}
	if _, err := j.Recall(t.Context(), "Sweep"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	dir := t.TempDir()
	openAt(t, Options{Dir: dir, Lanes: 8})
	other := t.TempDir()
	closeIt(t, openAt(t, Options{Dir: other, Lanes: 8}))
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"no directory", Options{}, "no directory given"},
		{"too many lanes", Options{Dir: other, Lanes: 5000}, "5000 lanes, but 1 to 1024 are possible"},
		{"a negative limit", Options{Dir: other, MaxBytes: -1}, "a limit is negative"},
		{"a second process", Options{Dir: dir}, "another process has it open"},
		{"another number of lanes", Options{Dir: other, Lanes: 9}, "was created with 8 lanes and cannot be opened with 9"},
		{"a file instead of a directory", Options{Dir: file}, "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Open(t.Context(), test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if j := openAt(t, Options{Dir: other}); len(j.lanes) != 8 {
		t.Errorf("reopened with %d lanes", len(j.lanes))
	}
}

func TestAClosedJournalTakesNothing(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	closeIt(t, j)
	if _, err := j.Append(t.Context(), delivery("x"), "a", "b", false); !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if err := j.Well(); !errors.Is(err, ErrClosed) {
		t.Errorf("well: %v", err)
	}
}
