package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
)

// heard is all that a follower has told, in a form that can be compared.
type heard struct {
	deliveries, finals, letters []string
	floors                      uint64 // the sum
	discarded                   *Gone
	places                      Places
}

// hear follows to the end, a few records at a time.
func hear(t *testing.T, f *Follower) (h heard) {
	t.Helper()
	for {
		b, err := f.Next(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if max(len(b.Deliveries), len(b.Finals), len(b.Letters)) > 3 {
			t.Errorf("more than was asked for: %+v", b)
		}
		for _, e := range b.Deliveries {
			h.deliveries = append(h.deliveries, string(e.Body))
		}
		for _, d := range b.Finals {
			h.finals = append(h.finals, string(d.Data))
			if d.DeliverySeq > b.Places.Deliveries.Seq {
				t.Errorf("of %s is told before its delivery", d.Data)
			}
		}
		for _, l := range b.Letters {
			h.letters = append(h.letters, l.Reason)
			if l.Seq > b.Places.Deliveries.Seq {
				t.Errorf("letter %s is told before its delivery", l.Reason)
			}
		}
		for _, n := range b.Floors {
			h.floors += n
		}
		if b.Discarded != nil {
			h.discarded = b.Discarded
		}
		h.places = b.Places
		if b.Behind == 0 {
			return h
		}
	}
}

// handleSome handles n deliveries: each is noted upon and finished, and every fifth is buried.
func handleSome(t *testing.T, j *Journal, name string, n int) (letters []string) {
	t.Helper()
	ids := make(chan string, n)
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		if err := task.Note(ctx, []byte("a note")); err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(string(task.Body), "5") {
			l, err := j.Bury(ctx, Letter{Entry: task.Entry, Reason: string(task.Body)})
			if err != nil {
				t.Error(err)
			}
			ids <- l.ID
		}
		return Finish([]byte("done " + string(task.Body)))
	})
	for i := 1; i <= n; i++ {
		put(t, j, fmt.Sprint(name, i), "PAY-1", fmt.Sprint(name, " ", i))
	}
	until(t, "all handled", j.isIdle)
	stop()
	close(ids)
	for id := range ids {
		letters = append(letters, id)
	}
	return letters
}

func TestAFollowerHearsEverythingOnceAndInOrder(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir, Lanes: 2})
	f := j.Follow(Places{})
	if h := hear(t, f); h.deliveries != nil || h.places.Deliveries.Seq != 0 {
		t.Errorf("in an empty journal it hears %+v", h)
	}
	handleSome(t, j, "a", 10)
	if err := j.Trim(t.Context()); err != nil { // writes the floors
		t.Fatal(err)
	}
	first := hear(t, f)
	want := []string{"a 1", "a 2", "a 3", "a 4", "a 5", "a 6", "a 7", "a 8", "a 9", "a 10"}
	if fmt.Sprint(first.deliveries) != fmt.Sprint(want) || len(first.finals) != 10 || first.finals[9] != "done a 10" ||
		fmt.Sprint(first.letters) != "[a 5]" || first.floors != 10 {
		t.Errorf("it hears %+v", first)
	}
	if again := hear(t, f); again.deliveries != nil || again.finals != nil || again.letters != nil {
		t.Errorf("again: %+v", again)
	}

	// Another one, behind kept places, after a restart.
	kept, err := json.Marshal(first.places)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	handleSome(t, j, "b", 4)
	var places Places
	if err := json.Unmarshal(kept, &places); err != nil {
		t.Fatal(err)
	}
	f = j.Follow(places)
	defer f.Close()
	if h := hear(t, f); fmt.Sprint(h.deliveries) != "[b 1 b 2 b 3 b 4]" || len(h.finals) != 4 {
		t.Errorf("behind its place it hears %+v", h)
	}
}

func TestAFollowerHearsOfADeliveryBeforeWhatBecameOfIt(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	// Far more deliveries than finals: those would be ahead.
	for i := range 20 {
		if _, err := j.Append(t.Context(), delivery("unwanted"), fmt.Sprint("idle", i), "PAY-1", true); err != nil {
			t.Fatal(err)
		}
	}
	handleSome(t, j, "a", 5)
	f := j.Follow(Places{})
	defer f.Close()
	if h := hear(t, f); len(h.deliveries) != 25 || len(h.finals) != 5 || len(h.letters) != 1 {
		t.Errorf("it hears %+v", h)
	}

	// What is stored and handled while a batch is read, before each of its records.
	heard := 5
	for before := 1; before <= 4; before++ {
		handleSome(t, j, fmt.Sprint(before), 1)
		calls := 0
		f.Rest = func() {
			if calls++; calls == before {
				handleSome(t, j, fmt.Sprint(before, "meanwhile"), 5)
			}
		}
		heard += len(hear(t, f).finals) + len(hear(t, f).finals)
		if want := 5 + 6*before; calls < before || heard != want {
			t.Errorf("it rested %d times, and heard %d finals of %d", calls, heard, want)
		}
	}
}

// The deliveries are still read to the end that was found when there were many, while the ends of the others are found anew.
func TestAFollowerLooksForDeliveriesAfterItHasLookedForFinals(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	handleSome(t, j, "a", 1)
	for i := range 20 {
		if _, err := j.Append(t.Context(), delivery("unwanted"), fmt.Sprint("idle", i), "PAY-1", true); err != nil {
			t.Fatal(err)
		}
	}
	f := j.Follow(Places{})
	defer f.Close()
	if _, err := f.Next(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	handleSome(t, j, "b", 5)
	if h := hear(t, f); len(h.finals)+len(h.letters) != 6 {
		t.Errorf("it hears %+v", h)
	}
}

func TestAFollowerIsToldWhatBecameOfADeliveryThatTheJournalHasLost(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	msg, err := message("run.0.final", []byte("done"), recordHeader, recordMeta{Delivery: "77-lost"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.node.Load().js.PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	put(t, j, "1", "PAY-1", "one")
	f := j.Follow(Places{})
	defer f.Close()
	if b, err := f.Next(t.Context(), 10); err != nil || len(b.Finals) != 1 || b.Behind != 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestAFollowerIsToldWhatWasDiscarded(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir, Lanes: 1})
	letters := handleSome(t, j, "a", 25) // 5, 15, 25
	f := j.Follow(Places{})
	defer f.Close()
	if h := hear(t, f); fmt.Sprint(h.letters) != "[a 5 a 15 a 25]" || len(letters) != 3 {
		t.Fatalf("letters %v, heard %+v", letters, h)
	}
	discard := func(id string) {
		if err := j.Discard(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	discard(letters[1])
	h := hear(t, f)
	if h.discarded == nil || fmt.Sprint(*h.discarded) != "{1 [2]}" {
		t.Errorf("told %+v", h.discarded)
	}
	if h := hear(t, f); h.discarded != nil {
		t.Errorf("told twice: %+v", h.discarded)
	}
	discard(letters[0])
	discard(letters[2])
	if h := hear(t, f); h.discarded == nil || h.discarded.Before != 4 {
		t.Errorf("told %+v", h.discarded)
	}

	// With nothing left in it, the journal still knows the place after a restart.
	places := hear(t, f).places
	f.Close()
	closeIt(t, j)
	j = openAt(t, Options{Dir: dir})
	f = j.Follow(places)
	defer f.Close()
	if h := hear(t, f); h.letters != nil {
		t.Errorf("heard %+v", h)
	}
}

func TestAFollowerNoticesThatTheJournalIsAnother(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir, Lanes: 1})
	handleSome(t, j, "a", 5)
	f := j.Follow(Places{})
	places := hear(t, f).places
	f.Close()
	closeIt(t, j)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		n    int
	}{{"an empty one", 0}, {"one with less", 3}, {"one with more", 20}} {
		t.Run(x.name, func(t *testing.T) {
			j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
			handleSome(t, j, "b", x.n)
			f := j.Follow(places)
			defer f.Close()
			if b, err := f.Next(t.Context(), 10); !errors.Is(err, ErrElsewhere) {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
	t.Run("the same, with another record in its place", func(t *testing.T) {
		j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
		handleSome(t, j, "b", 6)
		f := j.Follow(Places{})
		places := hear(t, f).places
		f.Close()
		places.Deliveries.Seq, places.Deliveries.Stored = 3, time.Now()
		f = j.Follow(places)
		defer f.Close()
		if b, err := f.Next(t.Context(), 10); !errors.Is(err, ErrElsewhere) {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

func TestAFollowerPassesOverWhatItCannotRead(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	put(t, j, "1", "PAY-1", "one")
	n := j.node.Load()
	msg, err := message(laneSubject(0), []byte("from the future"), deliveryHeader, metaOf(event.Delivery{}, "PAY-1"))
	if err != nil {
		t.Fatal(err)
	}
	msg.Header.Set(formatHeader, "9")
	if _, err := n.js.PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	put(t, j, "3", "PAY-1", "three")
	f := j.Follow(Places{})
	defer f.Close()
	b, err := f.Next(t.Context(), 10)
	if err != nil || len(b.Deliveries) != 2 || len(b.Unreadable) != 1 || !strings.Contains(b.Unreadable[0].Error(), `format "9"`) {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestAfterAnErrorAFollowerBeginsBehindTheLastBatch(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	handleSome(t, j, "a", 9)
	f := j.Follow(Places{})
	defer f.Close()
	first, err := f.Next(t.Context(), 4)
	if err != nil || len(first.Deliveries) != 4 || first.Behind == 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for {
		// What is read already is given out; then the ended context is met.
		b, err := f.Next(ended, 1)
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil || b.Behind == 0 {
			t.Fatalf("no error met: %+v, %v", b, err)
		}
		first = b
	}
	left := hear(t, f)
	if got := int(first.Places.Deliveries.Seq) + len(left.deliveries); got != 9 {
		t.Errorf("after the error %v, from %+v", left.deliveries, first.Places)
	}
}
