package journal

import (
	"fmt"
	"testing"
	"time"
)

func TestRepeatsAreKnownForTheWholeWindowAndForgottenInTheEnd(t *testing.T) {
	r, began := &repeats{}, time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	const every = time.Minute
	for i := range 1000 {
		at := began.Add(time.Duration(i) * every)
		id := shortHash(fmt.Sprint(i))
		if i%7 == 0 {
			id = fmt.Sprint("of another make ", i)
		}
		r.add(id, uint64(10*i+1), at)
		for back := range min(i+1, int(window/every)) {
			old := i - back
			id := shortHash(fmt.Sprint(old))
			if old%7 == 0 {
				id = fmt.Sprint("of another make ", old)
			}
			if seq := r.find(id); seq != uint64(10*old+1) {
				t.Fatalf("at %d, %d is known as %d, want %d", i, old, seq, 10*old+1)
			}
		}
	}
	known := 0
	for _, p := range r.parts {
		known += len(p.seqs)
	}
	if most := int(window/every) * (windowParts + 2) / windowParts; known > most {
		t.Errorf("%d are kept, want %d at most", known, most)
	}
	if r.find(shortHash("never")) != 0 {
		t.Error("what was never stored is known")
	}
}

func TestAClockThatIsSetBackDoesNotKeepRepeatsForEver(t *testing.T) {
	r, began := &repeats{}, time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	r.add(shortHash("of next year"), 1, began.AddDate(1, 0, 0))
	for i := range 500 {
		r.add(shortHash(fmt.Sprint(i)), uint64(i+2), began.Add(time.Duration(i)*time.Minute))
	}
	if r.find(shortHash("of next year")) != 0 || r.find(shortHash("0")) != 0 || r.find(shortHash("499")) != 501 {
		t.Errorf("%d parts are kept, the first since %v", len(r.parts), r.parts[0].since)
	}
}

func TestARepeatIsKnownAfterARestartAndWithoutTheServer(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, Options{Dir: dir, Lanes: 2})
	first := put(t, j, "one", "lane", "body")
	for i := range 50 {
		put(t, j, fmt.Sprint("more ", i), "lane", "body")
	}
	if again := put(t, j, "one", "lane", "body"); !again.Repeat || again.ID != first.ID {
		t.Errorf("%+v, want a repeat of %s", again, first.ID)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openAt(t, Options{Dir: dir})
	if again := put(t, j, "one", "another lane", "another body"); !again.Repeat || again.ID != first.ID {
		t.Errorf("after a restart %+v, want a repeat of %s", again, first.ID)
	}
	// The server knows it for a moment yet, so ask who is asked first.
	for after, known := range map[time.Duration]bool{0: true, window + time.Minute: false} {
		r, err := j.node.Load().direct[in].readRepeats(time.Now().Add(after))
		if err != nil || r.find(shortHash("one")) != 0 != known {
			t.Errorf("after %v: known %v, %v; want %v", after, !known, err, known)
		}
	}
}
