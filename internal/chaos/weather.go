package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"jirabot/jiraclient/jiratest"
)

// weather is how Jira does: mostly well, at times badly, and at times not at all.
type weather struct {
	jira *jira

	mu   sync.Mutex
	rand *rand.Rand
	seen map[string]int // faults that requests have met, by kind
}

func newWeather(seed uint64, j *jira) *weather {
	return &weather{jira: j, rand: rand.New(rand.NewPCG(seed, 4)), seen: map[string]int{}}
}

// run lets the weather change until ctx ends, and then be fine.
func (w *weather) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		kind, length, lag := w.rand.Float64(), time.Duration(w.rand.Int64N(int64(2*time.Second))), time.Duration(w.rand.Int64N(int64(2*time.Second)))
		w.mu.Unlock()
		w.jira.ClearFaults()
		w.jira.SetRateLimit(jiratest.RateLimit{})
		w.jira.SetIndexLag(lag)
		switch {
		case kind < 0.35:
			w.drizzle()
		case kind < 0.80:
			w.storm()
		case kind < 0.87:
			length /= 2
			w.fault("jira away: 503", 1, jiratest.Fault{Status: http.StatusServiceUnavailable})
		case kind < 0.93:
			w.fault("slow", 0.5, jiratest.Fault{Delay: 300 * time.Millisecond})
		default:
			w.jira.SetRateLimit(jiratest.RateLimit{Limit: 20, FillRate: 100})
		}
		wait(ctx, length)
	}
	w.jira.ClearFaults()
	w.jira.SetRateLimit(jiratest.RateLimit{})
	w.jira.SetIndexLag(0)
}

// drizzle is Jira on a good day.
func (w *weather) drizzle() {
	w.fault("lost answer", 0.01, jiratest.Fault{Drop: true, AfterEffect: true})
	w.fault("slow", 0.05, jiratest.Fault{Delay: 30 * time.Millisecond})
}

func (w *weather) storm() {
	w.fault("503", 0.03, jiratest.Fault{Status: http.StatusServiceUnavailable})
	w.fault("503 after the effect", 0.04, jiratest.Fault{Status: http.StatusServiceUnavailable, AfterEffect: true})
	w.fault("lost answer", 0.04, jiratest.Fault{Drop: true, AfterEffect: true})
	w.fault("connection dropped", 0.03, jiratest.Fault{Drop: true})
	w.fault("slow, and the answer lost", 0.01, jiratest.Fault{Delay: 100 * time.Millisecond, Drop: true, AfterEffect: true})
	w.fault("429", 0.01, jiratest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}})
	w.fault("slow", 0.08, jiratest.Fault{Delay: 100 * time.Millisecond})
}

// fault makes some of the bot's requests go wrong.
func (w *weather) fault(kind string, share float64, f jiratest.Fault) {
	f.Match = func(r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/rest/") {
			return false
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.rand.Float64() >= share {
			return false
		}
		w.seen[kind]++
		return true
	}
	w.jira.Fault(f)
}

func (w *weather) counts() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(map[string]int, len(w.seen))
	for kind, n := range w.seen {
		out[kind] = n
	}
	return out
}
