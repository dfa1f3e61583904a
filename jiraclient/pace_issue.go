package jiraclient

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An issuePace keeps writes to one issue within Cloud's limits of 20 in 2 s and 100 in 30 s, which no answer announces.
// https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
type issuePace struct {
	now func() time.Time

	mu     sync.Mutex
	issues map[string]*recentWrites
}

// recentWrites are the writes to one issue. They count from when they were answered: Jira had them by then, so that a later
// one that leaves in time arrives in time.
type recentWrites struct {
	answered []time.Time // oldest first
	out      int         // under way
	floor    time.Time   // nobody leaves before
	changed  chan struct{}
}

const (
	longestWindow = 30 * time.Second
	manyIssues    = 1000 // that were written to; then those of long ago are forgotten
)

func issueWindows() []struct {
	writes int
	within time.Duration
} {
	return []struct {
		writes int
		within time.Duration
	}{{20, 2 * time.Second}, {100, longestWindow}}
}

func newIssuePace(now func() time.Time) *issuePace {
	return &issuePace{now: now, issues: map[string]*recentWrites{}}
}

// take waits until the issue bears one more write. Each take that returns nil is followed by one done.
func (p *issuePace) take(ctx context.Context, issue string) error {
	for {
		wait, changed := p.try(issue)
		if wait <= 0 && changed == nil {
			return nil
		}
		var timeUp <-chan time.Time
		stop := func() bool { return true }
		if wait > 0 {
			timer := time.NewTimer(wait)
			timeUp, stop = timer.C, timer.Stop
		}
		select {
		case <-timeUp:
		case <-changed:
		case <-ctx.Done():
			stop()
			return gaveUp(ctx)
		}
		stop()
	}
}

// try lets a write leave; or it says how long to wait, or what to wait for where that depends on an answer.
func (p *issuePace) try(issue string) (wait time.Duration, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	w := p.issues[issue]
	if w == nil {
		p.forget(now)
		w = &recentWrites{changed: make(chan struct{})}
		p.issues[issue] = w
	}
	w.prune(now)
	if wait := w.floor.Sub(now); wait > 0 {
		return wait, nil
	}
	for _, window := range issueWindows() {
		before := len(w.answered) + w.out - window.writes // so many need not be within the window
		switch {
		case before < 0:
		case before >= len(w.answered):
			return 0, w.changed
		default:
			wait = max(wait, w.answered[before].Add(window.within).Sub(now))
		}
	}
	if wait <= 0 {
		w.out++
	}
	return wait, nil
}

// done counts the write as finished; h is nil where no answer came.
func (p *issuePace) done(issue string, h http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	w := p.issues[issue]
	w.out--
	w.answered = append(w.answered, now)
	if perIssue(h) {
		w.floor = now.Add(max(retryAfter(h, now), time.Second))
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *recentWrites) prune(now time.Time) {
	for len(w.answered) > 0 && now.Sub(w.answered[0]) >= longestWindow {
		w.answered = w.answered[1:]
	}
}

// forget drops issues that nobody has written to for a while.
func (p *issuePace) forget(now time.Time) {
	if len(p.issues) < manyIssues {
		return
	}
	for issue, w := range p.issues {
		if w.prune(now); w.out == 0 && len(w.answered) == 0 && !w.floor.After(now) {
			delete(p.issues, issue)
		}
	}
}

// perIssue tells whether Jira refused a write for its issue's sake.
func perIssue(h http.Header) bool { return h.Get("RateLimit-Reason") == "jira-per-issue-on-write" }

// writtenIssue is the issue that the request changes, as far as its address tells.
func (r request) writtenIssue() string {
	rest, ok := strings.CutPrefix(r.path, "/rest/api/2/issue/")
	if !ok || !r.write() {
		return ""
	}
	key, _, _ := strings.Cut(rest, "/")
	if !strings.ContainsAny(key, "0123456789") {
		return "" // bulk, archive: no issue is called so
	}
	return key
}

// pacedIssue is the issue whose limit the request must keep to; Data Center has none.
func (c *Client) pacedIssue(r request) string {
	if !c.isCloud() {
		return ""
	}
	return r.writtenIssue()
}
