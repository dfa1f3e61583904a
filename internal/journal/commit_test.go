package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
)

// What may wait is not synced together with what is in a hurry elsewhere, and gets its answer only when it is synced itself.
func TestWhoIsInAHurryDoesNotWaitForTheOthersSync(t *testing.T) {
	var mu sync.Mutex
	var synced []string
	fails := false
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 2})
	j.opts.datasync = func(f *os.File) error {
		mu.Lock()
		defer mu.Unlock()
		synced = append(synced, filepath.Base(filepath.Dir(filepath.Dir(f.Name()))))
		if fails {
			return errors.New("the disk says no")
		}
		return nil
	}
	c := newCommitter(j) // the journal's own has nothing to do meanwhile
	number := 0
	made := func(s stream, w write) *write {
		number++
		w.stream, w.answer = s, make(chan answer, 1)
		w.msg = &nats.Msg{Subject: map[stream]string{in: laneSubject(0), runs: noteSubject(0)}[s], Data: []byte("x"), Header: nats.Header{formatHeader: {format}}}
		if s == in {
			w.id = shortHash(fmt.Sprint(number))
		}
		return &w
	}
	step := func(what string, do func(), wantSynced string, answers map[*write]string) {
		t.Helper()
		synced = nil
		do()
		slices.Sort(synced)
		if got := strings.Join(synced, " "); got != wantSynced {
			t.Errorf("%s: synced %q, want %q", what, got, wantSynced)
		}
		for w, want := range answers {
			got := "none"
			select {
			case a := <-w.answer:
				if got = "stored"; a.err != nil {
					got = "failed"
				}
			default:
			}
			if got != want {
				t.Errorf("%s: the answer to %s is %q, want %q", what, w.stream, got, want)
			}
		}
	}

	easy, soon, hurried := made(runs, write{easy: true}), made(runs, write{soon: true}), made(in, write{})
	step("what may wait", func() { c.store([]*write{easy, soon}) }, "", map[*write]string{easy: "none", soon: "stored"})
	step("a hurry elsewhere", func() { c.store([]*write{hurried}) }, "IN", map[*write]string{hurried: "stored", easy: "none"})
	step("its time has come", func() { c.settle(everyStream) }, "RUNS", map[*write]string{easy: "stored"})

	easy, hurried = made(runs, write{easy: true}), made(runs, write{})
	step("a hurry in the same stream", func() { c.store([]*write{easy}); c.store([]*write{hurried}) }, "RUNS", map[*write]string{hurried: "stored", easy: "stored"})

	easy = made(runs, write{easy: true})
	group := []*write{easy}
	for range crowd {
		group = append(group, made(in, write{}))
	}
	step("a crowd", func() { c.store(group) }, "IN RUNS", map[*write]string{easy: "stored", group[1]: "stored"})

	easy, hurried = made(runs, write{easy: true}), made(in, write{})
	fails = true
	step("a sync that fails", func() { c.store([]*write{easy}); c.store([]*write{hurried}) }, "IN", map[*write]string{hurried: "failed", easy: "failed"})
	if len(c.stored) != 0 {
		t.Errorf("%d writes still wait", len(c.stored))
	}
	j.unwell.Store(nil) // the disk was well all the time, and the journal is to be closed
	fails = false
}
