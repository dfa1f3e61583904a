package jiratest

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// issueWindows are Cloud's limits on writes to one issue.
func issueWindows() []struct {
	writes int
	within time.Duration
} {
	return []struct {
		writes int
		within time.Duration
	}{{20, 2 * time.Second}, {100, 30 * time.Second}}
}

// withinCloudRate is Cloud's protection against bursts: one limit for each call and method, and one for writes to each issue.
// Unlike Data Center it does not say how much is left, only that it is little.
func (c *call) withinCloudRate() bool {
	name, _ := c.j.route(c.r)
	r := c.j.options.RateLimit
	if r.Limit <= 0 {
		r = RateLimit{Limit: 100, FillRate: 100}
		if c.r.Method == http.MethodPut || c.r.Method == http.MethodDelete {
			r = RateLimit{Limit: 50, FillRate: 50}
		}
	}
	left, wait, ok := c.j.spendToken(name, r)
	if left < float64(r.Limit)/5 {
		c.header.Set("X-RateLimit-NearLimit", "true")
	}
	if !ok {
		c.slowDown("jira-burst-based", wait)
		return false
	}
	if wait := c.issueWait(); wait > 0 {
		c.slowDown("jira-per-issue-on-write", wait)
		return false
	}
	return true
}

func (c *call) slowDown(reason string, wait int) {
	c.header.Set("Retry-After", strconv.Itoa(wait))
	c.header.Set("X-RateLimit-Reset", c.j.now().Add(time.Duration(wait)*time.Second).UTC().Format(time.RFC3339))
	c.header.Set("RateLimit-Reason", reason)
	c.answer(http.StatusTooManyRequests, obj{"errorMessages": []string{"Rate limit exceeded."}, "errors": obj{}})
}

// issueWait notes a write to an issue, or says how many seconds it comes too early.
func (c *call) issueWait() int {
	if !(Request{Method: c.r.Method, Path: c.r.URL.Path}).Write() {
		return 0
	}
	_, rest, _ := strings.Cut(c.r.URL.Path, "/rest/api/2/issue/")
	key, _, _ := strings.Cut(rest, "/")
	i := c.j.lookup(key)
	if i == nil {
		return 0
	}
	now := c.j.now()
	windows := issueWindows()
	longest := windows[len(windows)-1].within
	c.j.written[i.id] = slices.DeleteFunc(c.j.written[i.id], func(at time.Time) bool { return now.Sub(at) >= longest })
	times := c.j.written[i.id]
	var wait time.Duration
	for _, w := range windows {
		if n := len(times); n >= w.writes {
			wait = max(wait, times[n-w.writes].Add(w.within).Sub(now))
		}
	}
	if wait <= 0 {
		c.j.written[i.id] = append(times, now)
		return 0
	}
	return int(math.Ceil(wait.Seconds()))
}
