package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

const machineEnv = "JOURNAL_TEST_MACHINE"

// A machine is one process of a cluster, as its parent starts it.
type machine struct {
	Options  struct{ Dir, Member string }
	Address  string   // for the others
	Peers    []string // of all
	Jira     string   // where effects go
	Listen   string   // where deliveries come from
	Settings times
}

// TestAMachine is no test: it is the process that the tests below start, stop and kill. Its handler does what a creating
// step does: it writes down that it begins, asks for the mark if it finds that it has begun before, and creates.
func TestAMachine(t *testing.T) {
	spec := os.Getenv(machineEnv)
	if spec == "" {
		t.Skip("only for the processes that other tests start")
	}
	var m machine
	if err := json.Unmarshal([]byte(spec), &m); err != nil {
		t.Fatal(err)
	}
	j, err := Open(t.Context(), Options{Dir: m.Options.Dir, Member: m.Options.Member,
		Cluster: &Cluster{Name: "bots", Listen: m.Address, Peers: m.Peers, Password: "among ourselves"}, Lanes: 8, MinFree: 1 << 20,
		pace: m.Settings, Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel).With().Timestamp().Str("node", m.Options.Member).Logger()})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /append", func(w http.ResponseWriter, r *http.Request) {
		id, lane := r.FormValue("id"), r.FormValue("lane")
		if _, err := j.Append(r.Context(), delivery(id), id, lane, false); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	listener, err := net.Listen("tcp", m.Listen)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = http.Serve(listener, mux) }()
	fmt.Println("open")
	err = j.Work(t.Context(), func(ctx context.Context, task *Task) Verdict { return m.create(ctx, task) })
	t.Fatal("work ended: ", err)
}

func (m machine) create(ctx context.Context, task *Task) Verdict {
	id := string(task.Body)
	if len(task.Notes) == 0 {
		if err := task.Note(ctx, []byte("intent")); err != nil {
			return Pause(10 * time.Millisecond)
		}
	} else if exists, err := m.ask(ctx, id); err != nil {
		return Pause(10 * time.Millisecond)
	} else if exists {
		return Finish(nil)
	}
	sleep(ctx, time.Duration(rand.IntN(20))*time.Millisecond) // room for a stop right here
	if err := Holding(ctx); err != nil {
		return Release()
	}
	answer, err := http.PostForm(m.Jira, url.Values{"id": {id}, "lane": {task.LaneKey}, "by": {m.Options.Member}})
	if err != nil {
		return Pause(10 * time.Millisecond)
	}
	answer.Body.Close()
	return Finish(nil)
}

func (m machine) ask(ctx context.Context, id string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Jira+"?id="+url.QueryEscape(id), nil)
	if err != nil {
		return false, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK, nil
}

// effects is a Jira that creates whatever it is asked to, as often as it is asked to, and writes everything down.
type effects struct {
	mu    sync.Mutex
	count map[string]int
	order map[string][]int // by lane
	by    map[string]int
	more  chan struct{} // has a token when there may be one more
}

func (e *effects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := r.FormValue("id")
	if r.Method == http.MethodGet {
		if e.count[id] == 0 {
			w.WriteHeader(http.StatusNotFound)
		}
		return
	}
	lane := r.FormValue("lane")
	_, number, _ := strings.Cut(id, "/")
	n, _ := strconv.Atoi(number)
	e.count[id]++
	e.order[lane] = append(e.order[lane], n)
	e.by[r.FormValue("by")]++
	select {
	case e.more <- struct{}{}:
	default:
	}
}

// goesOn waits for the next effect, and is false if none comes.
func (e *effects) goesOn() bool {
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-e.more:
		return true
	case <-limit.C:
		return false
	}
}

func (e *effects) total() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.count)
}

// A pack is the parent of three machines.
type pack struct {
	t        *testing.T
	machines [3]machine
	cmds     [3]*exec.Cmd
	jira     *effects
	client   *http.Client
}

func newPack(t *testing.T, pace times) *pack {
	p := &pack{t: t, jira: &effects{count: map[string]int{}, order: map[string][]int{}, by: map[string]int{}, more: make(chan struct{}, 1)},
		client: &http.Client{Timeout: 1500 * time.Millisecond}}
	jira := httptest.NewServer(p.jira)
	t.Cleanup(jira.Close)
	addresses := freeAddresses(t, 6)
	dir := t.TempDir()
	for i := range p.machines {
		m := &p.machines[i]
		m.Options.Dir, m.Options.Member = filepath.Join(dir, strconv.Itoa(i)), fmt.Sprintf("bot-%d", i+1)
		m.Address, m.Peers = addresses[i], addresses[:3]
		m.Jira, m.Listen, m.Settings = jira.URL, addresses[3+i], pace
	}
	t.Cleanup(func() {
		for i := range p.cmds {
			p.kill(i)
		}
	})
	return p
}

// start starts a machine and gives a function that waits until it is open.
func (p *pack) start(i int) (open func()) {
	p.t.Helper()
	spec, err := json.Marshal(p.machines[i])
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAMachine$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), machineEnv+"="+string(spec))
	cmd.Stderr = p.t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.cmds[i] = cmd
	opened := make(chan string, 1)
	go func() {
		line := make([]byte, 5)
		_, err := io.ReadFull(out, line)
		opened <- fmt.Sprint(string(line), err)
		_, _ = io.Copy(io.Discard, out)
	}()
	return func() {
		p.t.Helper()
		if got := get(p.t, opened, "an open machine"); got != "open\n<nil>" {
			p.t.Fatalf("machine %d said %q", i, got)
		}
	}
}

func (p *pack) signal(i int, s syscall.Signal) {
	if err := p.cmds[i].Process.Signal(s); err != nil {
		p.t.Errorf("signal %v to machine %d: %v", s, i, err)
	}
}

func (p *pack) kill(i int) {
	if p.cmds[i] == nil {
		return
	}
	_ = p.cmds[i].Process.Kill()
	_ = p.cmds[i].Wait()
	p.cmds[i] = nil
}

// post gives a delivery to one machine after the other until one takes it, and tells how long that took.
func (p *pack) post(id, lane string, first int) (time.Duration, error) {
	began := time.Now()
	var errs []error
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for try := 0; time.Since(began) < within; try++ {
		m := p.machines[(first+try)%3]
		answer, err := p.client.PostForm("http://"+m.Listen+"/append", url.Values{"id": {id}, "lane": {lane}})
		if err == nil {
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
			err = errors.New(string(body))
		}
		errs = append(errs, err)
		<-again.C
	}
	return 0, errors.Join(errs...)
}

// load posts until stop is closed, each lane's deliveries one after the other, and tells how many were accepted and the
// longest that one took.
func (p *pack) load(stop <-chan struct{}, lanes int) (accepted int, longest time.Duration) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			key := fmt.Sprintf("PAY-%d", lane)
			pace := time.NewTicker(5 * time.Millisecond)
			defer pace.Stop()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-pace.C:
				}
				took, err := p.post(fmt.Sprintf("%s/%d", key, n), key, n)
				if err != nil {
					p.t.Errorf("nobody takes %s/%d: %v", key, n, err)
					return
				}
				mu.Lock()
				accepted++
				longest = max(longest, took)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return accepted, longest
}

func (p *pack) check(accepted int) {
	p.t.Helper()
	for p.jira.total() < accepted && p.jira.goesOn() { // it takes the time it takes
	}
	p.jira.mu.Lock()
	defer p.jira.mu.Unlock()
	if len(p.jira.count) != accepted {
		p.t.Errorf("%d were accepted and %d have their effect", accepted, len(p.jira.count))
	}
	for id, n := range p.jira.count {
		if n != 1 {
			p.t.Errorf("%s has its effect %d times", id, n)
		}
	}
	for lane, order := range p.jira.order {
		if !slices.IsSorted(order) {
			p.t.Errorf("%s is out of order: %v", lane, order)
		}
		if len(p.jira.count) != accepted {
			p.t.Logf("%s came up to %d", lane, order[len(order)-1])
		}
	}
	p.t.Logf("%d accepted, effects by machine %v", accepted, p.jira.by)
}

// Any one machine dies, or stops and wakes up again, at any moment: nothing is lost, nothing doubled, all in order.
func TestAMachineThatDiesOrSleepsCostsNothing(t *testing.T) {
	if os.Getenv("BOT_LONG_TESTS") == "" {
		t.Skip("takes a minute; BOT_LONG_TESTS=1 plays it")
	}
	p := newPack(t, times{beat: 250 * time.Millisecond, lease: 1200 * time.Millisecond, gone: 2 * time.Second})
	var opens []func()
	for i := range p.machines {
		opens = append(opens, p.start(i))
	}
	for _, open := range opens {
		open()
	}
	stop := make(chan struct{})
	type result struct {
		accepted int
		longest  time.Duration
	}
	done := make(chan result, 1)
	go func() {
		accepted, longest := p.load(stop, 6)
		done <- result{accepted, longest}
	}()
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 6 {
		i := random.IntN(3)
		wait := time.Duration(500+random.IntN(1500)) * time.Millisecond
		sleep(t.Context(), wait)
		if round%2 == 0 {
			t.Logf("round %d: kill %d", round, i+1)
			p.kill(i)
			sleep(t.Context(), wait)
			p.start(i)()
		} else {
			t.Logf("round %d: stop %d", round, i+1)
			p.signal(i, syscall.SIGSTOP)
			sleep(t.Context(), 2*time.Second+wait)
			p.signal(i, syscall.SIGCONT)
		}
		sleep(t.Context(), wait)
	}
	close(stop)
	r := <-done
	t.Logf("the longest that a sender had to wait: %v", r.longest.Round(time.Millisecond))
	if r.longest > 8*time.Second { // it takes 4 where machines have processors of their own
		t.Errorf("a sender had to wait for %v", r.longest)
	}
	p.check(r.accepted)
}
