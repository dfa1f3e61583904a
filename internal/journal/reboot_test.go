package journal

import (
	"context"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A note that need not be on the disk is answered while the disk is still busy, and a process that dies has it.
func TestANoteThatIsWrittenSoonWaitsForNoDiskAndSurvivesTheProcess(t *testing.T) {
	var stuck atomic.Bool
	free := make(chan struct{})
	o := Options{Dir: t.TempDir(), Lanes: 1, boot: func() string { return "first" }, datasync: func(*os.File) error {
		if stuck.Load() {
			<-free
		}
		return nil
	}}
	j := openAt(t, o)
	put(t, j, "1", "lane", "body")
	noted := make(chan error, 1)
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		if len(task.Notes) > 0 {
			return Pause(time.Hour)
		}
		stuck.Store(true)
		noted <- task.NoteSoon(ctx, []byte("about to act"))
		return Pause(time.Hour)
	})
	if err := get(t, noted, "the answer to the note"); err != nil {
		t.Error(err)
	}
	stop()
	// What is in the file now is what the next process finds, whether it was synced or not.
	next := copyOf(t, o.Dir)
	stuck.Store(false)
	close(free)
	o.Dir, o.datasync = next, nil
	again := openAt(t, o)
	seen := make(chan *Task, 1)
	work(t, again, func(_ context.Context, task *Task) Verdict { seen <- task; return Finish(nil) })
	task := get(t, seen, "the delivery")
	if len(task.Notes) != 1 || string(task.Notes[0]) != "about to act" || task.Suspect {
		t.Errorf("the next process has the notes %q, suspect %t; the machine was up all the while", task.Notes, task.Suspect)
	}
}

// Without power the delivery before would come again, and be the one that is suspect.
func TestANoteBehindADeliveryOfWhichNothingIsToldWaitsForTheDisk(t *testing.T) {
	var stuck atomic.Bool
	asked, free := make(chan struct{}, 10), make(chan struct{})
	o := Options{Dir: t.TempDir(), Lanes: 1, datasync: func(*os.File) error {
		if stuck.Load() {
			asked <- struct{}{}
			<-free
		}
		return nil
	}}
	j := openAt(t, o)
	put(t, j, "1", "lane", "nothing")
	put(t, j, "2", "lane", "something")
	put(t, j, "3", "lane", "more")
	noted := make(chan error, 2)
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		switch string(task.Body) {
		case "nothing":
			return Nothing()
		case "something":
			stuck.Store(true)
		}
		noted <- task.NoteSoon(ctx, []byte("about to act"))
		return Finish(nil)
	})
	get(t, asked, "a sync")
	if len(noted) > 0 {
		t.Error("it is noted before the disk has it")
	}
	stuck.Store(false)
	close(free)
	for range 2 {
		if err := get(t, noted, "the answer to the note"); err != nil {
			t.Error(err)
		}
	}
	if j.lanes[0].isSilent() {
		t.Error("the note and the final tell that all before them is handled")
	}
}

func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestOnlyWhatMayHaveBeenUnderWayWhenTheMachineWentDownIsSuspect(t *testing.T) {
	boot := "first"
	o := Options{Dir: t.TempDir(), Lanes: 1, boot: func() string { return boot }}
	// Deliveries are finished until one comes that is left to wait.
	suspects := func(until string, bodies ...string) []bool {
		t.Helper()
		j, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer closeIt(t, j)
		for _, b := range bodies {
			put(t, j, b, "lane", b)
		}
		var seen []bool
		done := make(chan struct{})
		stop := work(t, j, func(_ context.Context, task *Task) Verdict {
			seen = append(seen, task.Suspect)
			if string(task.Body) == until {
				close(done)
				return Pause(time.Hour)
			}
			return Finish(nil)
		})
		get(t, done, "the last delivery")
		stop()
		return seen
	}
	for _, x := range []struct {
		name   string
		boot   string
		bodies []string
		until  string
		want   []bool
	}{
		{"a new journal", "first", []string{"a", "last"}, "last", []bool{false, false}},
		{"the process was started again, and the last waits", "first", nil, "last", []bool{false}},
		{"the machine was started again", "second", nil, "last", []bool{true}},
		{"then the process, and the last still waits", "second", nil, "last", []bool{true}},
		{"one has come since", "second", []string{"later"}, "later", []bool{true, false}},
		{"it alone waits", "second", nil, "later", []bool{false}},
		{"it cannot be told", "", nil, "later", []bool{true}},
	} {
		boot = x.boot
		if got := suspects(x.until, x.bodies...); !slices.Equal(got, x.want) {
			t.Errorf("%s: suspect %v, want %v", x.name, got, x.want)
		}
	}
}
