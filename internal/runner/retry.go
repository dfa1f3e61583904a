package runner

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"jirabot/jiraclient"
)

// Backoff is how long a delivery waits before its next attempt, and how often it is tried.
type Backoff struct {
	First    time.Duration // before the second attempt; doubles each time
	Max      time.Duration
	Attempts int // after so many the delivery is buried
	// Settle is how long Jira is given to finish a request that it has not answered, before it is asked whether it has
	// carried the request out. 0 is no time at all.
	Settle time.Duration
}

// DefaultBackoff waits 1 s, 2 s, 4 s … up to 5 min and gives up after 16 attempts, which is about half an hour of a Jira
// that answers others but not this delivery. While Jira is away for everybody no attempt is counted.
var DefaultBackoff = Backoff{First: time.Second, Max: 5 * time.Minute, Attempts: 16, Settle: 5 * time.Second}

func (b Backoff) after(attempt int) time.Duration {
	d := b.First
	for i := 1; i < attempt && d < b.Max; i++ {
		d *= 2
	}
	d = min(d, b.Max)
	return d + time.Duration(rand.Int64N(int64(d)/4+1))
}

// A verdict on an error is what to do about it.
type verdict int

const (
	final   verdict = iota // it will fail again: record it
	again                  // worth another attempt
	wait                   // not this delivery's fault: another try, not counted as an attempt
	release                // the bot is stopping
)

// loginWait is how often a delivery looks whether somebody has repaired the login.
const loginWait = 2 * time.Second

// judge is the one place that decides what becomes of an error.
func (r *Runner) judge(ctx context.Context, err error) (verdict, time.Duration) {
	if ctx.Err() != nil {
		return release, 0
	}
	if errors.Is(err, jiraclient.ErrUnauthorized) {
		return wait, loginWait
	}
	after, temporary := jiraclient.Temporary(err)
	var s *stuck
	switch {
	case errors.As(err, &s) && s.paced:
		return wait, r.opts.Backoff.First
	case !temporary && errors.Is(err, context.DeadlineExceeded):
		return again, 0 // a step that got stuck
	case !temporary:
		return final, 0
	case errors.Is(err, jiraclient.ErrRateLimited):
		return wait, max(after, r.opts.Backoff.First)
	case r.gate.away():
		return wait, max(after, firstProbe)
	}
	return again, after
}

// judge is the runner's, and counts attempts: the last one is final. Attempts only count against a delivery while Jira
// answers others, so before giving up Jira is asked whether it is there at all.
func (h *handling) judge(err error) (verdict, time.Duration) {
	v, after := h.r.judge(h.stop, err)
	if v == wait && !errors.Is(err, jiraclient.ErrUnauthorized) && !errors.Is(err, jiraclient.ErrRateLimited) && !errors.As(err, new(*stuck)) {
		// Jira seems to be away. If it answers the simplest of questions, it is this request that it does not answer.
		if _, down := h.r.opts.Jira.ServerInfo(h.ctx); down == nil {
			v = again
		}
	}
	if v != again || h.task.Attempt < h.r.opts.Backoff.Attempts {
		return v, after
	}
	if _, err := h.r.opts.Jira.ServerInfo(h.ctx); err != nil {
		if v, _ := h.r.judge(h.stop, err); v != final {
			return wait, max(after, firstProbe)
		}
	}
	return final, 0
}
