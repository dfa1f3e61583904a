package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/freeport"
)

// quick is a pace for tests: machines are missed after a second and a half.
var quick = times{beat: 200 * time.Millisecond, lease: time.Second, gone: 1500 * time.Millisecond}

// A fleet is some machines of one cluster in this process.
type fleet struct {
	options []Options
	nodes   []*Journal
}

// newFleet lays out three machines with addresses on loopback.
func newFleet(t testing.TB) *fleet {
	t.Helper()
	f := &fleet{nodes: make([]*Journal, 3)}
	peers := freeAddresses(t, 3)
	for i, address := range peers {
		f.options = append(f.options, Options{
			Dir: t.TempDir(), Member: fmt.Sprintf("bot-%d", i+1), Lanes: 8, MinFree: 1 << 20, pace: quick,
			Log:     zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel).With().Int("node", i+1).Logger(),
			Cluster: &Cluster{Name: "bots", Listen: address, Peers: peers, Password: "among ourselves"},
		})
	}
	t.Cleanup(func() {
		for i := range f.nodes {
			f.stop(t, i)
		}
	})
	return f
}

func freeAddresses(t testing.TB, n int) []string {
	t.Helper()
	out, err := freeport.Addresses(n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// start starts machines, side by side since they wait for each other.
func (f *fleet) start(t testing.TB, which ...int) {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for _, i := range which {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*within)
			defer cancel()
			j, err := Open(ctx, f.options[i])
			if err != nil {
				t.Errorf("open %d: %v", i, err)
				return
			}
			f.nodes[i] = j
		})
	}
	all.Wait()
	t.Logf("open after %v", time.Since(began).Round(time.Millisecond))
	if t.Failed() {
		t.FailNow()
	}
}

func (f *fleet) stop(t testing.TB, i int) {
	if f.nodes[i] != nil {
		closeIt(t, f.nodes[i])
		f.nodes[i] = nil
	}
}

// busy is how many machines hold lanes, by what they say themselves.
func (f *fleet) busy() (n int) {
	for _, j := range f.nodes {
		if j != nil && j.crew.holding.Load() > 0 {
			n++
		}
	}
	return n
}

func TestThreeMachinesMakeOneJournal(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	var mu sync.Mutex
	got := map[string][]int{}
	by := map[string]bool{}
	for i, j := range f.nodes {
		work(t, j, func(ctx context.Context, task *Task) Verdict {
			if err := task.Note(ctx, []byte("a note")); err != nil && ctx.Err() == nil {
				t.Errorf("note: %v", err)
			}
			n, err := strconv.Atoi(string(task.Body))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			got[task.LaneKey] = append(got[task.LaneKey], n)
			by[strconv.Itoa(i)] = true
			mu.Unlock()
			return Finish(task.Body, "claim "+task.LaneKey+string(task.Body))
		})
	}
	until(t, "all have lanes", func() bool { return f.busy() == 3 })
	const issues, each = 12, 20
	var writers sync.WaitGroup
	for issue := range issues {
		writers.Go(func() {
			key := fmt.Sprintf("PAY-%d", issue)
			for i := range each {
				put(t, f.nodes[(issue+i)%3], key+"/"+strconv.Itoa(i), key, strconv.Itoa(i))
			}
		})
	}
	writers.Wait()
	until(t, "everything handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for _, list := range got {
			n += len(list)
		}
		return n >= issues*each
	})
	mu.Lock()
	defer mu.Unlock()
	for key, list := range got {
		if len(list) != each || !slices.IsSorted(list) {
			t.Errorf("%s was handled as %v", key, list)
		}
	}
	if len(by) != 3 {
		t.Errorf("only the machines %v have worked", by)
	}
	r := put(t, f.nodes[0], "again", "PAY-1", "0")
	for i, j := range f.nodes {
		if again := put(t, j, "again", "PAY-1", "0"); !again.Repeat || again.ID != r.ID {
			t.Errorf("machine %d stores a repeat as %+v", i, again)
		}
	}
	var members []string
	for _, m := range f.nodes[0].Members() {
		if m.Alive && m.Works {
			members = append(members, m.Name)
		}
	}
	if strings.Join(members, " ") != "bot-1 bot-2 bot-3" {
		t.Errorf("members %v", members)
	}
	for i, j := range f.nodes {
		f := j.Follow(Places{})
		defer f.Close()
		begun, err := f.Next(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		all := func(what string) {
			deliveries, finals := len(begun.Deliveries), len(begun.Finals)
			until(t, fmt.Sprintf("machine %d hears everything %s", i, what), func() bool {
				h := hear(t, f)
				deliveries, finals = deliveries+len(h.deliveries), finals+len(h.finals)
				return deliveries == 1+issues*each && finals == issues*each
			})
		}
		all("that its copies have")
		f.places = begun.Places // as if a copy had shown no more before the end
		all("that a copy did not have at first")
	}
}

// What one machine has stored alone is there, with its order and its memory, when it becomes one of three.
func TestFromOneMachineToThreeNothingIsLost(t *testing.T) {
	f := newFleet(t)
	j := openAt(t, Options{Dir: f.options[1].Dir, Lanes: 8})
	for i := range 30 {
		put(t, j, strconv.Itoa(i), "PAY-"+strconv.Itoa(i%3), strconv.Itoa(i))
	}
	noted := make(chan struct{})
	stop := work(t, j, func(ctx context.Context, task *Task) Verdict {
		n, err := strconv.Atoi(string(task.Body))
		if err != nil {
			t.Error(err)
		}
		if n < 15 {
			return Finish(task.Body, "claim "+string(task.Body))
		}
		if n == 15 {
			if err := task.Note(ctx, []byte("begun")); err != nil {
				t.Error(err)
			}
			close(noted)
		}
		<-ctx.Done()
		return Release()
	})
	get(t, noted, "the note")
	until(t, "the first half", func() bool { return j.waiting.Load() == 15 })
	if err := j.Remember(t.Context(), "schedule", []byte("yesterday")); err != nil {
		t.Fatal(err)
	}
	stop()
	closeIt(t, j)

	f.start(t, 0, 1, 2)
	var mu sync.Mutex
	var got []string
	for _, j := range f.nodes {
		work(t, j, func(_ context.Context, task *Task) Verdict {
			mu.Lock()
			got = append(got, string(task.Body))
			mu.Unlock()
			if string(task.Body) == "15" && len(task.Notes) != 1 {
				t.Errorf("the delivery that was begun has %d notes", len(task.Notes))
			}
			return Finish(nil)
		})
	}
	if err := f.nodes[0].Remember(t.Context(), "sweep", []byte("today")); err != nil {
		t.Error(err)
	}
	until(t, "the second half", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) >= 15
	})
	slices.Sort(got)
	if want := "15 16 17 18 19 20 21 22 23 24 25 26 27 28 29"; strings.Join(got, " ") != want {
		t.Errorf("handled %v, want %s", got, want)
	}
	if r := put(t, f.nodes[2], "3", "PAY-0", "again"); !r.Repeat {
		t.Error("a delivery of the old journal is not known as a repeat")
	}
	if got, err := f.nodes[0].Recall(t.Context(), "schedule"); err != nil || string(got) != "yesterday" {
		t.Errorf("recalled %q, %v", got, err)
	}
	if claimed, err := f.nodes[2].Claimed(t.Context(), "PAY-0", time.Time{}, []string{"claim 3", "claim 4"}); err != nil || fmt.Sprint(claimed) != "[true false]" {
		t.Errorf("claimed %v, %v", claimed, err)
	}
}

// A single machine need not have its newest notes on the disk. When it lost its power and is the first of three next, they are to
// know; also whoever takes the lane over from another of them, and until the delivery is handled.
func TestWhatASingleMachineMayHaveBegunIsSuspectInTheCluster(t *testing.T) {
	for _, x := range []struct {
		name, boot string
		want       bool
	}{{"its power was lost", "another", true}, {"only its process ended", "first", false}} {
		t.Run(x.name, func(t *testing.T) {
			f := newFleet(t)
			boot := "first"
			f.options[0].boot = func() string { return boot }
			j := openAt(t, Options{Dir: f.options[0].Dir, Lanes: 1, MaxBytes: 64 << 20, boot: f.options[0].boot})
			for _, body := range []string{"done", "begun", "behind"} {
				put(t, j, body, "PAY-1", body)
			}
			begun := make(chan struct{})
			stop := work(t, j, func(_ context.Context, task *Task) Verdict {
				if string(task.Body) == "done" {
					return Finish(nil)
				}
				close(begun)
				return Pause(time.Hour)
			})
			get(t, begun, "the delivery that is begun")
			stop()
			closeIt(t, j)

			boot = x.boot
			for i := range f.options {
				f.options[i].Lanes, f.options[i].MaxBytes = 1, 128<<20
			}
			f.start(t, 0, 1, 2)
			type sight struct {
				by      int
				body    string
				suspect bool
			}
			seen := make(chan sight, 10)
			var stops [3]func()
			handle := func(by int, v Verdict) func(context.Context, *Task) Verdict {
				return func(_ context.Context, task *Task) Verdict {
					seen <- sight{by, string(task.Body), task.Suspect}
					return v
				}
			}
			for i, j := range f.nodes {
				stops[i] = work(t, j, handle(i, Pause(time.Hour)))
			}
			first := get(t, seen, "the delivery that was begun")
			if first.body != "begun" || first.suspect != x.want {
				t.Errorf("%+v, want suspect %t", first, x.want)
			}
			stops[first.by]()
			second := get(t, seen, "it, on another machine")
			if second.by == first.by || second.body != "begun" || second.suspect != x.want {
				t.Errorf("%+v, want suspect %t", second, x.want)
			}
			stops[second.by]()
			last := 3 - first.by - second.by
			stops[last]()
			drain(seen)
			work(t, f.nodes[last], handle(last, Finish(nil)))
			for _, want := range []sight{{last, "begun", x.want}, {last, "behind", false}} {
				if got := get(t, seen, want.body); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
		})
	}
}

func drain[T any](from chan T) {
	for len(from) > 0 {
		<-from
	}
}

// lead makes a machine the leader of the inbox, once its copy is complete.
func (f *fleet) lead(t testing.TB, i int) {
	t.Helper()
	n, want := f.nodes[i].node.Load(), f.options[i].Member
	until(t, want+" leads", func() bool {
		if err := n.everywhere(t.Context(), in); err != nil {
			return false // between two leaders
		}
		info, err := n.streams[in].Info(t.Context())
		if err != nil || info.Cluster == nil || info.Cluster.Leader == want {
			return err == nil && info.Cluster != nil
		}
		ask := []byte(`{"placement":{"preferred":"` + want + `"}}`)
		if m, err := n.nc.Request("$JS.API.STREAM.LEADER.STEPDOWN.IN", ask, time.Second); err != nil || strings.Contains(string(m.Data), "error") {
			t.Logf("%s does not lead yet: %v", want, err)
		}
		sleep(t.Context(), time.Second) // while the new leader finds its feet it must not be asked to step down, too
		return false
	})
}

// A machine that lost its disk gets everything from the others, and can be relied on then: also for what is a repeat.
func TestAMachineWithAnEmptyDirectoryRejoins(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	var stops []func()
	for _, j := range f.nodes {
		stops = append(stops, work(t, j, func(context.Context, *Task) Verdict { return Finish(nil) }))
	}
	var ids []string
	for i := range 20 {
		ids = append(ids, put(t, f.nodes[i%3], strconv.Itoa(i), strconv.Itoa(i), "x").ID)
	}
	stops[2]()
	f.stop(t, 2)
	f.options[2].Dir = t.TempDir()
	for i := 20; i < 40; i++ {
		ids = append(ids, put(t, f.nodes[i%2], strconv.Itoa(i), strconv.Itoa(i), "x").ID)
	}
	f.start(t, 2)
	f.lead(t, 2)
	for i := range 40 {
		if r := put(t, f.nodes[i%3], strconv.Itoa(i), strconv.Itoa(i), "again"); !r.Repeat || r.ID != ids[i] {
			t.Errorf("delivery %d again: %+v, want a repeat of %s", i, r, ids[i])
		}
	}
}
