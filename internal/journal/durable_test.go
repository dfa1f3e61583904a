package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

// The committer syncs the files after the server has acknowledged. That is worth something only if the server has
// written to the file by then. A version of the server that buffers must fail here.
func TestTheServerHasWrittenToTheFileBeforeItAcknowledges(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	n := j.node.Load()
	for _, size := range []int{10, 7_000, 3_000_000, 9_000_000} {
		for i := range 5 {
			body := fmt.Appendf(nil, "pin %d/%d %s", size, i, strings.Repeat("z", size))
			if _, err := n.js.PublishMsg(t.Context(), &nats.Msg{Subject: "in.lane.1", Data: body}); err != nil {
				t.Fatal(err)
			}
			if !inFiles(t, n.sync[in].dir, body) {
				t.Fatalf("message %d of %d bytes is acknowledged and in no file", i, size)
			}
		}
	}
}

func inFiles(t *testing.T, dir string, what []byte) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.blk"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no block files in %s (%v)", dir, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, what) {
			return true
		}
	}
	return false
}

// Whatever has been answered must be in a file that was synced after it was written.
func TestAnAnsweredRecordIsInASyncedFile(t *testing.T) {
	var mu sync.Mutex
	synced := make(map[string]int64) // size at the last sync
	o := Options{Dir: t.TempDir(), Lanes: 4, TrimEvery: time.Hour, datasync: func(f *os.File) error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		mu.Lock()
		synced[filepath.Base(filepath.Dir(filepath.Dir(f.Name())))+"/"+filepath.Base(f.Name())] = info.Size()
		mu.Unlock()
		return nil
	}}
	j := openAt(t, o)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 60 {
				body := fmt.Sprintf("%d/%d %s", w, i, strings.Repeat("y", 40_000))
				put(t, j, body[:8], strconv.Itoa(w), body)
				if i == 30 && w == 0 {
					if err := j.node.Load().streams[in].Purge(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	writers.Wait()
	files, err := filepath.Glob(filepath.Join(o.Dir, "jetstream", "$G", "streams", "*", "msgs", "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 2 {
		t.Fatalf("only %d blocks: the test does not see one being begun", len(files))
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(filepath.Dir(f))) + "/" + filepath.Base(f)
		if strings.HasPrefix(name, "IN/") && synced[name] != info.Size() {
			t.Errorf("%s has %d bytes and was synced with %d", name, info.Size(), synced[name])
		}
	}
}

func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 30)
	j := openAt(t, Options{Dir: t.TempDir(), MinFree: 100 << 20, room: func(string) (int64, error) { return free.Load(), nil }})
	put(t, j, "a", "PAY-1", "x")
	noted := make(chan error, 1)
	again := make(chan struct{})
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		<-again
		noted <- task.Note(ctx, []byte("work under way may use the spare room"))
		return Finish(nil)
	})
	free.Store(60 << 20)
	_, err := j.Append(t.Context(), delivery("x"), "b", "PAY-1", false)
	var u *Unwell
	if !errors.As(err, &u) || !strings.Contains(err.Error(), "60 MB are free on the disk") {
		t.Errorf("append: %v", err)
	}
	if err := j.Well(); !errors.As(err, &u) {
		t.Errorf("well: %v", err)
	}
	close(again)
	if err := get(t, noted, "the note"); err != nil {
		t.Errorf("note: %v", err)
	}
	until(t, "handled", j.isIdle)
	free.Store(1 << 30)
	if err := j.Well(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if r := put(t, j, "b", "PAY-1", "x"); r.Repeat {
		t.Error("what was refused is called a repeat")
	}
}

func TestAFailedSyncIsNoAnswerAndIsMended(t *testing.T) {
	var broken atomic.Bool
	o := Options{Dir: t.TempDir(), Log: zerolog.Nop(), MinFree: 1, datasync: func(f *os.File) error {
		if broken.Load() {
			return syscall.EIO
		}
		return datasync(f)
	}}
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, j) })
	put(t, j, "a", "PAY-1", "a")
	bodies := make(chan string, 10)
	hold := make(chan struct{})
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		if string(task.Body) == "a" {
			select {
			case <-hold:
			case <-ctx.Done():
				return Release()
			}
		}
		bodies <- string(task.Body)
		return Finish(task.Body)
	})
	broken.Store(true)
	_, err = j.Append(t.Context(), delivery("b"), "b", "PAY-1", false)
	var u *Unwell
	if !errors.As(err, &u) || !errors.Is(err, syscall.EIO) {
		t.Fatalf("append: %v", err)
	}
	if err := j.Well(); !errors.Is(err, syscall.EIO) {
		t.Errorf("well: %v", err)
	}
	close(hold) // the handler finishes while nothing can be stored
	if got := get(t, bodies, "the first"); got != "a" {
		t.Errorf("handled %q", got)
	}
	broken.Store(false)
	until(t, "well again", func() bool { return j.Well() == nil })
	put(t, j, "b", "PAY-1", "b")
	put(t, j, "c", "PAY-1", "c")
	for _, want := range []string{"b", "c"} {
		got := get(t, bodies, want)
		if got == "a" { // the final may have come too late for the new node: then it is handled again, never lost
			got = get(t, bodies, want)
		}
		if got != want {
			t.Errorf("handled %q, want %q", got, want)
		}
	}
	until(t, "handled", j.isIdle)
}

// What was refused because the disk did not take it may lie in the file all the same.
func TestAFinalThatLiesInTheFileIsNotStoredAgain(t *testing.T) {
	var broken atomic.Bool
	o := Options{Dir: t.TempDir(), Lanes: 8, Log: zerolog.Nop(), MinFree: 1, datasync: func(f *os.File) error {
		if broken.Load() && strings.Contains(f.Name(), "RUNS") {
			return syscall.EIO
		}
		return datasync(f)
	}}
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, j) })
	hold := make(chan struct{})
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		select {
		case <-hold:
			return Finish(task.Body)
		case <-ctx.Done():
			return Release()
		}
	})
	for i := range 20 {
		put(t, j, strconv.Itoa(i), strconv.Itoa(i), strconv.Itoa(i))
	}
	broken.Store(true)
	close(hold)
	until(t, "unwell", func() bool { return j.Well() != nil })
	broken.Store(false)
	until(t, "handled", func() bool { return j.Well() == nil && j.isIdle() })
	finals := map[string]int{}
	for f, err := range j.Finals(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		finals[f.Delivery]++
	}
	for delivery, n := range finals {
		if n != 1 {
			t.Errorf("delivery %s has %d finals", delivery, n)
		}
	}
	if len(finals) != 20 {
		t.Errorf("%d deliveries have a final, want 20", len(finals))
	}
}

func TestTrimRemovesOnlyWhatIsOldAndHandled(t *testing.T) {
	var later atomic.Int64
	dir := t.TempDir()
	o := Options{Dir: dir, Lanes: 4, TrimEvery: time.Hour, Retention: Retention{Deliveries: time.Hour, Runs: 2 * time.Hour},
		Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }}
	j := openAt(t, o)
	var receipts []Receipt
	for i := range 40 {
		receipts = append(receipts, put(t, j, strconv.Itoa(i), strconv.Itoa(i), strconv.Itoa(i)))
	}
	stuck := receipts[20]
	hold := func(ctx context.Context, task *Task) Verdict {
		if task.Seq == stuck.Seq {
			if len(task.Notes) == 0 {
				if err := task.Note(ctx, []byte("begun")); err != nil {
					t.Error(err)
				}
			}
			<-ctx.Done()
			return Release()
		}
		return Finish(task.Body)
	}
	stop := work(t, j, hold)
	inStuck := 0
	for _, r := range receipts[20:] {
		if r.Lane == stuck.Lane {
			inStuck++
		}
	}
	until(t, "all but the stuck lane", func() bool { return int(j.waiting.Load()) == inStuck })
	count := func() (deliveries, finals int) {
		for _, err := range j.Deliveries(t.Context(), Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			deliveries++
		}
		for _, err := range j.Finals(t.Context(), Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			finals++
		}
		return deliveries, finals
	}
	trim := func(wait time.Duration, wantDeliveries, wantFinalsBelow int) {
		t.Helper()
		later.Store(int64(wait))
		if err := j.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d, f := count(); d != wantDeliveries || f > wantFinalsBelow {
			t.Errorf("after %v: %d deliveries and %d finals are left, want %d and at most %d", wait, d, f, wantDeliveries, wantFinalsBelow)
		}
	}
	trim(30*time.Minute, 40, 40)
	// The last delivery stays, as the mark of where the inbox ends.
	last := 0
	if receipts[39].Lane != stuck.Lane {
		last = 1
	}
	trim(3*time.Hour, inStuck+last, 40)
	stop()
	closeIt(t, j)

	// The log of the stuck delivery has outlived the trim, and the floors of the other lanes too.
	j = openAt(t, o)
	var got []string
	notes := 0
	work(t, j, func(_ context.Context, task *Task) Verdict {
		got = append(got, task.ID)
		notes += len(task.Notes)
		return Finish(nil)
	})
	until(t, "all handled", j.isIdle)
	if len(got) != inStuck || got[0] != stuck.ID || notes != 1 {
		t.Errorf("handled %v with %d notes; want %d, first %s with its note", got, notes, inStuck, stuck.ID)
	}
	trim(3*time.Hour, 1, 39)
	closeIt(t, j)
	j = openAt(t, o)
	if n := j.waiting.Load(); n != 0 {
		t.Errorf("%d wait after the log was trimmed, want none", n)
	}
}

func TestADamagedInboxIsSaidAndTakesNewDeliveries(t *testing.T) {
	tests := []struct {
		name  string
		index bool // whether the store's own index survives
		want  string
	}{
		{"the tail of the last block is gone", true, "the inbox is damaged"},
		{"the tail and the index are gone", false, "the inbox is damaged: it ends before the last delivery that was stored"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			j := openAt(t, Options{Dir: dir, Lanes: 1})
			for i := range 20 {
				put(t, j, strconv.Itoa(i), "PAY-1", fmt.Sprint(i, strings.Repeat("x", 1000)))
			}
			stop := work(t, j, func(context.Context, *Task) Verdict { return Finish(nil) })
			until(t, "handled", j.isIdle)
			stop()
			inbox := j.node.Load().sync[in].dir
			closeIt(t, j)
			blocks, err := filepath.Glob(filepath.Join(inbox, "*.blk"))
			if err != nil || len(blocks) != 1 {
				t.Fatalf("blocks %v, %v", blocks, err)
			}
			info, err := os.Stat(blocks[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(blocks[0], info.Size()-3000); err != nil {
				t.Fatal(err)
			}
			if !test.index {
				if err := os.Remove(filepath.Join(inbox, "index.db")); err != nil {
					t.Fatal(err)
				}
			}
			var log bytes.Buffer
			for range 2 { // damage is said, and said again or mended, but never in the way
				j, err = Open(t.Context(), Options{Dir: dir, Log: zerolog.New(zerolog.SyncWriter(&log)), MinFree: 1})
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(log.String(), test.want) {
					t.Errorf("the log does not say %q:\n%s", test.want, log.String())
				}
				id := "new" + strconv.Itoa(log.Len())
				r := put(t, j, id, "PAY-1", "new")
				tasks := make(chan *Task, 1)
				stop := work(t, j, func(_ context.Context, task *Task) Verdict {
					tasks <- task
					return Finish(nil)
				})
				if task := get(t, tasks, "the new delivery"); task.ID != r.ID {
					t.Errorf("handled %s, want %s", task.ID, r.ID)
				}
				until(t, "handled", j.isIdle)
				stop()
				closeIt(t, j)
			}
		})
	}
}

// testdata/format-1.txt is a delivery as the first version stored it. It must be readable for ever.
func TestFormatOneStaysReadable(t *testing.T) {
	data, err := os.ReadFile("testdata/format-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	h, err := nats.DecodeHeadersMsg(bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(data, []byte("\n\n"))
	at := time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)
	j := &Journal{lanes: make([]*lane, 64)}
	got, err := j.entry("in.lane.7", 42, at, h, body)
	if err != nil {
		t.Fatal(err)
	}
	want := Entry{ID: "42-abcdef", Seq: 42, Lane: 7, LaneKey: "10001", Stored: at, Delivery: event.Delivery{
		Source: event.Webhook, Body: []byte(`{"webhookEvent":"jira:issue_updated"}` + "\n"),
		Received: time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC), UserKey: "JIRAUSER10100", UserID: "ann",
		Name: "deploy-finished", Recovered: true, Depth: 2, Cause: "41-ghijkl/nudge"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	msg, err := message("in.lane.7", body, deliveryHeader, metaOf(want.Delivery, want.LaneKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{formatHeader, deliveryHeader} {
		if msg.Header.Get(name) != h.Get(name) {
			t.Errorf("%s is written as\n%s\nand was\n%s", name, msg.Header.Get(name), h.Get(name))
		}
	}
	h.Set(formatHeader, "3")
	if _, err := j.entry("in.lane.7", 42, at, h, body); err == nil || !strings.Contains(err.Error(), `a message of format "3", and this version of the bot knows only "1" and "2"`) {
		t.Errorf("format 3: %v", err)
	}
	if h.Get(jetstream.MsgIDHeader) == "" {
		t.Error("the file has no message ID")
	}
}

// testdata/format-2.txt is a delivery that was handed on. It must be readable for ever, too.
func TestFormatTwoStaysReadable(t *testing.T) {
	data, err := os.ReadFile("testdata/format-2.txt")
	if err != nil {
		t.Fatal(err)
	}
	h, err := nats.DecodeHeadersMsg(bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(data, []byte("\n\n"))
	j := &Journal{lanes: make([]*lane, 64)}
	got, err := j.entry("in.lane.7", 42, time.Time{}, h, body)
	want := event.Only{Rule: "nudge", Queue: "nudge/bob", Letter: "3-mnopqr", At: time.Date(2026, 3, 4, 6, 0, 0, 0, time.UTC)}
	if err != nil || got.Only != want || string(got.Body) != "{}" || string(got.Work) != `{"version":1}`+"\n" {
		t.Errorf("%+v, body %q, work %q, %v", got.Only, got.Body, got.Work, err)
	}
}

const (
	crashDir = "JOURNAL_TEST_DIR"
	crashAt  = "JOURNAL_TEST_CRASH"
)

// steps is the script that the child plays until it is killed before one of them.
const steps = 8

// idler is a delivery of which there is nothing to tell. It lies between the two others and must not cost the second its
// notes.
const idler = "n"

func script(t testing.TB, j *Journal, dieBefore int, said func(string)) {
	step := 0
	next := func() {
		if step == dieBefore {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			select {}
		}
		step++
	}
	must := func(err error, what string) {
		if err != nil {
			t.Fatal(err)
		}
		said(what)
	}
	next() // 0
	put(t, j, "a", "PAY-1", "a")
	said("append a")
	next() // 1
	put(t, j, "n", "PAY-1", idler)
	put(t, j, "b", "PAY-1", "b")
	said("append b")
	work(t, j, func(ctx context.Context, task *Task) Verdict {
		if string(task.Body) == idler {
			return Nothing()
		}
		next() // 2 for a, 5 for b
		must(task.Note(ctx, []byte("intent")), "note "+string(task.Body)+" intent")
		next() // 3, 6
		must(task.Note(ctx, []byte("result")), "note "+string(task.Body)+" result")
		next() // 4, 7
		return Finish([]byte("ran "+string(task.Body)), "claim "+string(task.Body))
	})
	until(t, "handled", j.isIdle)
	next() // 8
}

func TestACrashBetweenAnyTwoStepsLosesNothingAndRepeatsNothing(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		at, err := strconv.Atoi(os.Getenv(crashAt))
		if err != nil {
			t.Fatal(err)
		}
		j, err := Open(t.Context(), Options{Dir: dir, MinFree: 1, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		script(t, j, at, func(what string) { fmt.Fprintln(os.Stdout, "said:"+what) })
		return
	}
	for at := range steps + 1 {
		t.Run(fmt.Sprintf("killed before step %d", at), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$")
			child.Env = append(os.Environ(), crashDir+"="+dir, crashAt+"="+strconv.Itoa(at))
			out, err := child.Output()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the child was not killed: %v\n%s", err, out)
			}
			checkAfterCrash(t, dir, string(out))
		})
	}
}

// checkAfterCrash reopens the journal and compares with what the child had been told before it died.
func checkAfterCrash(t *testing.T, dir, out string) {
	said := func(what string) bool { return strings.Contains(out, "said:"+what+"\n") }
	begin := time.Now()
	j := openAt(t, Options{Dir: dir})
	finished := make(map[string]bool)
	for f, err := range j.Finals(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		finished[strings.TrimPrefix(string(f.Data), "ran ")] = true
	}
	var order []string
	notes := make(map[string]string)
	work(t, j, func(_ context.Context, task *Task) Verdict {
		if string(task.Body) == idler {
			return Nothing()
		}
		order = append(order, string(task.Body))
		notes[string(task.Body)] = string(bytes.Join(task.Notes, []byte(" ")))
		return Finish([]byte("ran "+string(task.Body)), "claim "+string(task.Body))
	})
	until(t, "handled", j.isIdle)
	if took := time.Since(begin); took > within/2 {
		t.Errorf("going on took %v", took)
	}
	for _, body := range []string{"a", "b"} {
		handedOut := strings.Contains(strings.Join(order, ""), body)
		if said("append "+body) && !finished[body] && !handedOut {
			t.Errorf("%s was accepted and is lost", body)
		}
		if finished[body] && handedOut {
			t.Errorf("%s was finished and was handed out again", body)
		}
		for _, note := range []string{"intent", "result"} {
			if said("note "+body+" "+note) && handedOut && !strings.Contains(notes[body], note) {
				t.Errorf("%s had the note %s and came with %q", body, note, notes[body])
			}
		}
	}
	if got := strings.Join(order, ""); !strings.Contains("ab", got) {
		t.Errorf("handed out in the order %s", got)
	}
	for _, body := range []string{"a", "b"} {
		if r := put(t, j, body, "PAY-1", body); said("append "+body) && !r.Repeat {
			t.Errorf("%s is not known as a repeat", body)
		}
	}
}
