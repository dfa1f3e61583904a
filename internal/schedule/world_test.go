package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

// world is everything around a scheduler: an inbox and a memory that survive its restarts, and a clock that can be set.
// Its time is that of a synctest bubble, which begins at midnight, Saturday 1 January 2000, and passes in no time.
type world struct {
	*testing.T
	mu      sync.Mutex
	made    []string // ticks stored since somebody looked
	bodies  map[string]bool
	refuse  error // what the inbox says instead of storing
	accept  func()
	kept    map[string][]byte
	recall  error
	forget  error // what the memory says instead of remembering
	writes  int
	ahead   time.Duration // of the clock
	log     bytes.Buffer
	running *Scheduler
	stop    func() error
}

func inWorld(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(&world{T: t, kept: map[string][]byte{}, bodies: map[string]bool{}})
	})
}

func (w *world) Accept(_ context.Context, d event.Delivery) (Receipt, error) {
	if w.accept != nil {
		w.accept()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return Receipt{}, w.refuse
	}
	var body event.TickBody
	if err := json.Unmarshal(d.Body, &body); err != nil || d.Source != event.Tick {
		w.Errorf("not a tick: %+v", d)
	}
	text := body.Rule + " " + body.Planned.Format("02 15:04")
	if w.bodies[string(d.Body)] {
		text += " again"
	}
	w.bodies[string(d.Body)] = true
	w.made = append(w.made, text)
	return Receipt{Delivery: text}, nil
}

func (w *world) Recall(_ context.Context, key string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept[key], w.recall
}

func (w *world) Remember(ctx context.Context, key string, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.forget != nil {
		return w.forget
	}
	w.writes++
	w.kept[key] = data
	return ctx.Err()
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

// start runs a new scheduler, as a start of the bot does.
func (w *world) start(lines ...Line) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := New(Options{Inbox: w, Memory: w, Log: zerolog.New(w), Now: w.now})
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if lines != nil {
		s.Set(lines)
	}
	w.running = s
	w.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	w.Cleanup(func() {
		if err := w.stop(); err != nil {
			w.Error(err)
		}
	})
	synctest.Wait()
}

func (w *world) halt() {
	w.Helper()
	if err := w.stop(); err != nil {
		w.Error(err)
	}
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// with touches the world while nobody else does.
func (w *world) with(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// want compares the ticks made since the last look.
func (w *world) want(ticks ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.made, ticks) {
		w.Errorf("want ticks %q, got %q\n%s", ticks, w.made, w.log.String())
	}
	w.made = nil
}

func (w *world) wantLog(text string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.Contains(w.log.String(), text) {
		w.Errorf("want %q in the log:\n%s", text, w.log.String())
	}
}

func (w *world) wantBody(text string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.bodies[text] {
		w.Errorf("want %s, got %v", text, w.bodies)
	}
}

func (w *world) wantWrites(n int) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writes != n {
		w.Errorf("the memory was written %d times, want %d", w.writes, n)
	}
}

func (w *world) line(rule, cron string, catchUp CatchUp) Line {
	w.Helper()
	return Line{Rule: rule, Plan: plan(w, cron, ""), CatchUp: catchUp}
}

type full time.Duration

func (f full) Error() string             { return "the inbox is full" }
func (f full) RetryAfter() time.Duration { return time.Duration(f) }
