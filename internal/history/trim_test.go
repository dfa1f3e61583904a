package history

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jirabot/internal/journal"
	"jirabot/internal/record"
)

// filled is a store with so many runs and deliveries, one of each every minute.
func filled(t testing.TB, n int, began time.Time) *store {
	t.Helper()
	o := Options{File: fileIn(t.TempDir())}.withDefaults()
	s, err := openStore(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	var b journal.Batch
	for i := range n {
		at := began.Add(time.Duration(i) * time.Minute)
		id := fmt.Sprintf("%d-aaaaaa", i+1)
		b.Deliveries = append(b.Deliveries, journal.Entry{Delivery: delivery(string(body(i, "PAY-1"))), ID: id, Seq: uint64(i + 1), Stored: at})
		run := runOf(i, "reopened-goes-back", id, "PAY-1")
		run.Reason = strings.Repeat(fmt.Sprintf("word%d ", i%100), 20)
		b.Finals = append(b.Finals, journal.Final{Seq: uint64(i + 1), Delivery: id, DeliverySeq: uint64(i + 1), Stored: at,
			Data: []byte(asJSON(record.Final{Version: record.Version, Runs: []record.Run{run}}))})
	}
	b.Places.Finals.Seq = uint64(n)
	if _, err := s.write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return s
}

// count tells how much is left, and whether each run is found by its words and nothing else is.
func count(t testing.TB, s *store) (runs, deliveries int) {
	t.Helper()
	var words int
	err := s.db.QueryRow(`SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM deliveries), (SELECT count(*) FROM words WHERE words MATCH '"thanks"')`).
		Scan(&runs, &deliveries, &words)
	if err != nil || runs != words {
		t.Errorf("%d runs, and words of %d (%v)", runs, words, err)
	}
	if _, err := s.db.Exec("INSERT INTO words (words) VALUES ('integrity-check')"); err != nil {
		t.Errorf("the index of words: %v", err)
	}
	return runs, deliveries
}

func trimAll(t testing.TB, s *store, keep Retention, now time.Time) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.trim(t.Context(), keep, now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsTooOldGoes(t *testing.T) {
	began := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	s := filled(t, 2000, began)
	now := began.Add(2000 * time.Minute)
	keep := Retention{Runs: 900 * time.Minute, Deliveries: 100 * time.Minute, MaxBytes: 1 << 40}
	trimAll(t, s, keep, now)
	if runs, deliveries := count(t, s); runs != 899 || deliveries != 99 {
		t.Errorf("%d runs and %d deliveries are left, want 899 and 99", runs, deliveries)
	}
	trimAll(t, s, keep, now.Add(1000*time.Hour))
	if runs, deliveries := count(t, s); runs+deliveries != 0 {
		t.Errorf("%d runs and %d deliveries are left of what is all too old", runs, deliveries)
	}
}

func TestWhenItIsTooLargeTheOldestGo(t *testing.T) {
	began := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	s := filled(t, 5000, began)
	before, err := s.used(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keep := forever
	keep.MaxBytes = before / 2
	trimAll(t, s, keep, began)
	used, err := s.used(t.Context())
	if err != nil || used > keep.MaxBytes*9/10 || used < keep.MaxBytes/2 {
		t.Errorf("%d of %d bytes are used, and %d allowed (%v)", used, before, keep.MaxBytes, err)
	}
	runs, deliveries := count(t, s)
	if runs < 1000 || runs > 4000 || deliveries > runs || deliveries < runs-trimmed {
		t.Errorf("%d runs and %d deliveries are left", runs, deliveries)
	}
	var first string
	if err := s.db.QueryRow("SELECT min(record ->> 'id') FROM runs").Scan(&first); err != nil || !strings.HasPrefix(first, fmt.Sprintf("%04x", 5000-runs)) {
		t.Errorf("the oldest that is left is %s (%v), and %d are", first, err, runs)
	}
	trimAll(t, s, keep, began)
	if again, _ := count(t, s); again != runs {
		t.Errorf("it goes on: %d of %d runs are left", again, runs)
	}
}

func TestARunningHistoryForgets(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 9)
	o := optionsFor(t, j, fileIn(dir))
	index(t, o)
	// Every look at the clock finds two minutes more, so it is always time to trim.
	o.Retention = Retention{Runs: time.Hour, Deliveries: time.Hour, MaxBytes: 1 << 40}
	now := time.Now()
	o.Now = func() time.Time { now = now.Add(2 * time.Minute); return now }
	h, stop := follow(t, o)
	r := open(t, o.File)
	until(t, "the runs are gone", func() bool {
		page, err := r.Runs(t.Context(), Query{})
		return err == nil && len(page.Runs) == 0
	})
	stop()
	if s := h.State(); s.Err != nil {
		t.Error(s.Err)
	}
}
