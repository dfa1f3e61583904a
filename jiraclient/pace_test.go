package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A bucket is Jira's side of the rate limit: it fills steadily, or in one go at the interval's end.
type bucket struct {
	mu             sync.Mutex
	size, fill     int
	interval       time.Duration
	inOneGo        bool
	tokens         float64
	at             time.Time
	served, denied int
}

// answer takes a token and tells what Jira would.
func (b *bucket) answer() (int, http.Header) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.IsZero() {
		b.tokens, b.at = float64(b.size), time.Now()
	}
	passed := time.Since(b.at)
	if b.inOneGo {
		passed = passed.Truncate(b.interval)
	}
	b.tokens = min(float64(b.size), b.tokens+float64(b.fill)*passed.Seconds()/b.interval.Seconds())
	b.at = b.at.Add(passed)
	status := http.StatusOK
	if b.tokens < 1 {
		status = http.StatusTooManyRequests
		b.denied++
	} else {
		b.tokens--
		b.served++
	}
	h := http.Header{}
	h.Set("X-RateLimit-Limit", fmt.Sprint(b.size))
	h.Set("X-RateLimit-Remaining", fmt.Sprint(int(b.tokens)))
	h.Set("X-RateLimit-Interval-Seconds", fmt.Sprint(int(b.interval.Seconds())))
	h.Set("X-RateLimit-FillRate", fmt.Sprint(b.fill))
	h.Set("Retry-After", "0")
	return status, h
}

// TestPaceProvokesNo429: sixteen callers want two hundred requests, and Jira never has to refuse one.
func TestPaceProvokesNo429(t *testing.T) {
	for _, tt := range []struct {
		name            string
		b               *bucket
		atMost, atLeast time.Duration
	}{
		{"a bucket that fills steadily", &bucket{size: 20, fill: 10, interval: time.Second}, 60 * time.Second, 18 * time.Second},
		{"a bucket that fills in one go", &bucket{size: 20, fill: 20, interval: 5 * time.Second, inOneGo: true}, 120 * time.Second, 40 * time.Second},
		{"a bucket of one", &bucket{size: 1, fill: 1, interval: time.Second}, 500 * time.Second, 199 * time.Second},
		{"no limit worth the name", &bucket{size: 1000, fill: 1000, interval: time.Second}, 10 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPace(time.Now)
				started := time.Now()
				work := make(chan struct{}, 200)
				for range 200 {
					work <- struct{}{}
				}
				close(work)
				exchange := func() {
					if err := p.take(t.Context()); err != nil {
						t.Error(err)
						return
					}
					time.Sleep(20 * time.Millisecond) // to Jira, by the fake clock
					status, h := tt.b.answer()
					time.Sleep(20 * time.Millisecond) // and back
					p.done(status, h)
				}
				<-work
				exchange() // the first goes alone, as a client's first request does
				var all sync.WaitGroup
				for range 16 {
					all.Go(func() {
						for range work {
							exchange()
						}
					})
				}
				all.Wait()
				took := time.Since(started)
				if tt.b.denied != 0 || tt.b.served != 200 {
					t.Errorf("%d served, %d refused", tt.b.served, tt.b.denied)
				}
				if took > tt.atMost || took < tt.atLeast {
					t.Errorf("took %v", took)
				}
				t.Logf("200 requests in %v", took)
			})
		})
	}
}

// TestPaceWaits: after an answer with these headers, the next request waits this long, jitter aside.
func TestPaceWaits(t *testing.T) {
	limits := func(left, retry string) http.Header {
		h := http.Header{}
		h.Set("X-RateLimit-Limit", "10")
		h.Set("X-RateLimit-FillRate", "5")
		h.Set("X-RateLimit-Interval-Seconds", "10")
		h.Set("X-RateLimit-Remaining", left)
		if retry != "" {
			h.Set("Retry-After", retry)
		}
		return h
	}
	only := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	every := func(interval string) http.Header {
		h := limits("0", "")
		h.Set("X-RateLimit-Interval-Seconds", interval)
		return h
	}
	fraction := limits("0", "20")
	fraction.Set("X-RateLimit-FillRate", "0.5")
	for _, tt := range []struct {
		name   string
		status int
		h      http.Header
		want   time.Duration
	}{
		{"no limit, no wait", 200, only(), 0},
		{"no answer, no wait", 0, nil, 0},
		{"tokens left, no wait", 200, limits("5", "0"), 0},
		{"few tokens left", 200, limits("2", "0"), 3333333333 * time.Nanosecond},
		{"a Retry-After beside tokens means nothing", 200, limits("5", "9"), 0},
		{"the last token was ours", 200, limits("0", "4"), 4 * time.Second},
		{"nothing left and no word when", 200, limits("0", ""), 10 * time.Second},
		{"refused, with a wait", 429, limits("0", "6"), 6 * time.Second},
		{"refused, without a word", 429, only(), time.Second},
		{"refused until a date", 429, only("Retry-After", "Sat, 01 Jan 2000 00:00:30 GMT"), 30 * time.Second},
		{"refused until Cloud's moment", 429, only("X-RateLimit-Reset", "2000-01-01T00:00:20Z"), 20 * time.Second},
		{"a date that has passed", 429, only("Retry-After", "Fri, 31 Dec 1999 00:00:30 GMT"), time.Second},
		{"away for a known time", 503, only("Retry-After", "8"), 8 * time.Second},
		{"away", 503, only(), 0},
		{"refused for longer than a number of 32 bits holds", 429, only("Retry-After", "99999999999999999999"), time.Hour},
		{"refused for seconds and a half", 429, only("Retry-After", "2.5"), 2500 * time.Millisecond},
		{"a wait before now is none", 429, only("Retry-After", "-5"), time.Second},
		{"refused until a date in another year", 429, only("Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT"), time.Hour},
		{"a bucket that fills once in a lifetime", 200, every("2147483647"), time.Hour},
		{"a bucket that fills once in the life of the sun", 200, every("999999999999999999"), time.Hour},
		{"a bucket that never fills", 200, every("Inf"), 0},
		{"a rate below one", 200, fraction, 66666666666 * time.Nanosecond},
		{"nonsense", 200, only("X-RateLimit-Limit", "many", "Retry-After", "soon"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // its clock starts with the year 2000
				p := newPace(time.Now)
				p.jitter = func() float64 { return 0 }
				if err := p.take(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.done(tt.status, tt.h)
				started := time.Now()
				if err := p.take(t.Context()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(started); waited != tt.want {
					t.Errorf("waited %v, want %v", waited, tt.want)
				}
			})
		})
	}
}

// TestPaceOfOneWhoSitsBeforeTheScreen: a command does not keep silent for an hour.
func TestPaceOfOneWhoSitsBeforeTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		p.jitter, p.patience = func() float64 { return 0 }, 30*time.Second
		for _, tt := range []struct{ retryAfter, want string }{
			{"29", ""},
			{"300", "not sent: rate limit reached, and Jira lets the bot user's next request pass in 5m0s"},
		} {
			if err := p.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.done(http.StatusTooManyRequests, http.Header{"Retry-After": {tt.retryAfter}})
			started, got := time.Now(), ""
			if err := p.take(t.Context()); err != nil {
				got = err.Error()
			} else {
				p.done(http.StatusOK, nil)
			}
			if got != tt.want {
				t.Errorf("Retry-After %s: got %q, want %q", tt.retryAfter, got, tt.want)
			}
			if waited := time.Since(started); waited > 30*time.Second {
				t.Errorf("Retry-After %s: waited %v", tt.retryAfter, waited)
			}
		}
	})
}

func TestPaceSpreadsAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		draws := []float64{0, 0.5, 0.99}
		p.jitter = func() float64 { d := draws[0]; draws = draws[1:]; return d }
		_ = p.take(t.Context())
		h := http.Header{}
		h.Set("Retry-After", "8")
		p.done(429, h)
		started := time.Now()
		var mu sync.Mutex
		var waits []time.Duration
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				_ = p.take(t.Context())
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, time.Since(started))
			})
		}
		all.Wait()
		if fmt.Sprint(waits) != "[8s 9s 9.98s]" {
			t.Errorf("left after %v", waits)
		}

		p.jitter = func() float64 { return 0 }
		p.done(429, h)
		why := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		started = time.Now()
		err := p.take(ctx)
		if !errors.Is(err, why) || !errors.Is(err, context.Canceled) || time.Since(started) != time.Second {
			t.Errorf("%v after %v", err, time.Since(started))
		}
	})
}

// TestPaceForgets: an administrator who switches the limit off gets full speed.
func TestPaceForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		b := bucket{size: 5, fill: 1, interval: time.Second}
		for range 10 {
			_ = p.take(t.Context())
			p.done(b.answer())
		}
		_ = p.take(t.Context())
		p.done(200, http.Header{})
		started := time.Now()
		for range 100 {
			_ = p.take(t.Context())
			p.done(200, http.Header{})
		}
		if time.Since(started) != 0 {
			t.Errorf("still waits: %v", time.Since(started))
		}
	})
}
