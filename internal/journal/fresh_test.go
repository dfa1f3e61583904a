package journal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"jirabot/internal/event"
)

func TestWhatIsFreshIsHandedOutInOrderAndWithoutGaps(t *testing.T) {
	var bytes atomic.Int64
	f := fresh{bytes: &bytes}
	entry := func(seq uint64) Entry { return Entry{Seq: seq, Delivery: event.Delivery{Body: []byte("12345")}} }
	taken := func(floor uint64) uint64 {
		e, ok := f.take(floor)
		if !ok {
			return 0
		}
		return e.Seq
	}
	f.add(entry(7), 3)
	f.add(entry(9), 7)
	f.add(entry(15), 12) // 12 is not kept
	for _, x := range []struct {
		name  string
		floor uint64
		want  uint64
	}{
		{"3 waits before it and is not kept", 2, 0},
		{"3 is handled", 3, 7},
		{"7 is tried again, and that reads it", 3, 0},
		{"7 is handled", 7, 9},
		{"what came behind a gap is not kept", 9, 0},
	} {
		if got := taken(x.floor); got != x.want {
			t.Errorf("%s: at floor %d got %d, want %d", x.name, x.floor, got, x.want)
		}
	}
	f.add(entry(20), 15)
	f.add(entry(21), 20)
	if got := taken(20); got != 21 {
		t.Errorf("20 was handled by somebody else: got %d, want 21", got)
	}
	f.add(entry(30), 21)
	f.clear()
	if got := bytes.Load(); got != 0 || taken(21) != 0 {
		t.Errorf("%d bytes are counted, and nothing is kept", got)
	}
}

// What waits longer than memory allows is read, and comes in the same order and with the same content.
func TestDeliveriesAreTheSameFromMemoryAndFromTheDisk(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 2})
	body := strings.Repeat("x", mostFresh/4)
	var want []string
	for i := range 12 {
		r := put(t, j, fmt.Sprint(i), fmt.Sprint("lane", i%3), fmt.Sprint(i, body))
		want = append(want, r.ID)
	}
	if kept := j.kept.Load(); kept == 0 || kept > 2*mostFresh {
		t.Fatalf("%d bytes are kept; some of it, but not all, should be", kept)
	}
	var mu sync.Mutex
	got := map[string]Entry{}
	again := map[string]bool{}
	work(t, j, func(_ context.Context, task *Task) Verdict {
		mu.Lock()
		defer mu.Unlock()
		if !again[task.ID] {
			again[task.ID] = true
			return Later(0)
		}
		got[task.ID] = task.Entry
		return Finish(nil)
	})
	until(t, "everything handled", j.isIdle)
	for i, id := range want {
		e, ok := got[id]
		if !ok || string(e.Body) != fmt.Sprint(i, body) || e.LaneKey != fmt.Sprint("lane", i%3) {
			t.Errorf("delivery %d came as lane %q with %d bytes", i, e.LaneKey, len(e.Body))
		}
		read, err := j.Delivery(t.Context(), id)
		if err != nil || !read.Stored.Equal(e.Stored) || !read.Received.Equal(e.Received) || read.Lane != e.Lane || read.Seq != e.Seq {
			t.Errorf("delivery %d: %v in memory, %v on the disk, %v", i, e.Stored, read.Stored, err)
		}
	}
	if kept := j.kept.Load(); kept != 0 {
		t.Errorf("%d bytes are still kept", kept)
	}
}
