package jiraclient

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// longestWait bounds what Jira's headers can ask of us, one by one and taken together; Cloud's longest limit is counted by the hour.
const longestWait = time.Hour

// A pace is Jira's token bucket as we see it from outside. Jira tells its size, what is left and how fast it fills on
// every answer while rate limiting is on; we count along and wait before Jira would have to refuse.
// https://confluence.atlassian.com/adminjiraserver/improving-instance-stability-with-rate-limiting-983794911.html
type pace struct {
	now      func() time.Time
	jitter   func() float64 // in [0,1)
	issues   *issuePace
	patience time.Duration // who waits gives up at once where it would take longer; 0 is however long

	mu     sync.Mutex
	on     bool // Jira limits us
	size   float64
	rate   float64 // tokens per second
	tokens float64
	at     time.Time // when tokens was right
	last   time.Time // when the last request left
	out    int       // requests under way
	floor  time.Time // nobody leaves before
	spread time.Duration
}

func newPace(now func() time.Time) *pace {
	return &pace{now: now, jitter: rand.Float64, issues: newIssuePace(now)}
}

// takeFor is take for a write to an issue; empty where the request is none, or Jira does not care. Each takeFor that returns nil is
// followed by one doneFor.
func (p *pace) takeFor(ctx context.Context, issue string) error {
	if issue == "" {
		return p.take(ctx)
	}
	if err := p.issues.take(ctx, issue); err != nil {
		return err
	}
	err := p.take(ctx)
	if err != nil {
		p.issues.done(issue, nil)
	}
	return err
}

// doneFor is done for a write to an issue. Where Jira refused it for that issue's sake, the others need not wait.
func (p *pace) doneFor(issue string, status int, h http.Header) {
	if issue != "" {
		p.issues.done(issue, h)
		if perIssue(h) {
			h = nil
		}
	}
	p.done(status, h)
}

// take waits for a token. Each take that returns nil is followed by one done.
func (p *pace) take(ctx context.Context) error {
	for {
		wait := p.try()
		if wait <= 0 {
			return nil
		}
		if p.patience > 0 && wait > p.patience {
			return fmt.Errorf("not sent: %w, and Jira lets the bot user's next request pass in %v", ErrRateLimited, wait.Round(time.Second))
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return gaveUp(ctx)
		}
	}
}

// try takes a token, or says how long to wait before trying again.
func (p *pace) try() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if wait := p.floor.Sub(now); wait > 0 {
		// All who wait for the same moment must not arrive in the same moment.
		return wait + time.Duration(p.jitter()*float64(p.spread))
	}
	if p.on {
		p.refill(now)
		if p.tokens < 1 {
			return seconds((1-p.tokens)/p.rate) + time.Millisecond
		}
		if wait := p.last.Add(p.gap()).Sub(now); wait > 0 {
			return wait
		}
		p.tokens--
	}
	p.last = now
	p.out++
	return 0
}

// gap is how far apart requests leave: not at all while there is plenty, as fast as the bucket fills when little is left, and
// slower the less there is. We may not be the only client of our user. Each that sees the same bucket slows down in the same way,
// so they share what comes in, and together leave a little: the more clients, the less. Little is what comes in within half a
// second, in which everybody hears of what the others took, and no more than a third of the bucket.
func (p *pace) gap() time.Duration {
	reserve := min(p.size/3, max(10, p.rate/2))
	if p.tokens >= reserve {
		return 0
	}
	return seconds(reserve / (p.rate * p.tokens))
}

// seconds is a time to wait. What Jira's headers say may be beyond all bounds, and beyond those of a Duration.
func seconds(n float64) time.Duration {
	return time.Duration(min(n, longestWait.Seconds()) * float64(time.Second))
}

func (p *pace) refill(now time.Time) {
	if passed := now.Sub(p.at).Seconds(); passed > 0 {
		p.tokens = min(p.size, p.tokens+passed*p.rate)
	}
	p.at = now
}

// done counts the request as finished and learns from its answer; h is nil where none came.
func (p *pace) done(status int, h http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out--
	if h == nil {
		return
	}
	now := p.now()
	size, okSize := number(h, "X-RateLimit-Limit")
	fill, okFill := number(h, "X-RateLimit-FillRate")
	interval, okInterval := number(h, "X-RateLimit-Interval-Seconds")
	left, okLeft := number(h, "X-RateLimit-Remaining")
	switch {
	case okSize && okFill && okInterval && size > 0 && fill > 0 && interval > 0:
		if !p.on {
			p.on, p.tokens, p.at = true, size, now
		}
		// A bucket that never fills would let nothing pass, and nobody would hear that its limit is gone.
		p.size, p.rate = size, max(fill/interval, 1/longestWait.Seconds())
		p.refill(now)
		if okLeft {
			// Requests under way may not be counted in this answer yet. Each node counts for itself, hence the least.
			p.tokens = min(p.tokens, left-float64(p.out))
		}
	case !okSize && status < 300:
		p.on = false // an administrator switched it off
	}

	after := retryAfter(h, now)
	switch {
	case status == http.StatusTooManyRequests:
		after = max(after, time.Second)
	case status == http.StatusServiceUnavailable:
	case !okLeft || left > 0:
		// While there are tokens the header only says what would be, if there were none.
		return
	case after == 0 && okInterval:
		// Nothing left and no word when: the bucket may fill in one go at the interval's end.
		after = seconds(interval)
	}
	if floor := now.Add(after); after > 0 && floor.After(p.floor) {
		p.floor, p.spread = floor, after/4
	}
}

// retryAfter reads how long Jira wants us to wait: seconds or a date, or Cloud's moment of reset.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	if n, ok := number(h, "Retry-After"); ok {
		wait = seconds(n)
	} else if date, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		wait = date.Sub(now)
	} else if date, err := time.Parse(time.RFC3339, h.Get("X-RateLimit-Reset")); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}

// number reads a header that counts something. Some senders write fractions, or more than any bucket holds.
func number(h http.Header, name string) (float64, bool) {
	n, err := strconv.ParseFloat(h.Get(name), 64)
	return n, err == nil && n >= 0 && !math.IsInf(n, 1)
}
