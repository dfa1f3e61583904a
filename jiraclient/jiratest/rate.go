package jiratest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// A RateLimit is Jira's token bucket, one per user. The zero value is no limit.
type RateLimit struct {
	Limit    int           // size of the bucket
	FillRate int           // tokens that come back in each interval
	Interval time.Duration // a second by default
}

type bucket struct {
	tokens float64
	filled time.Time
}

// SetRateLimit changes the limit while requests come in; everybody's bucket is full again.
func (j *Jira) SetRateLimit(r RateLimit) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.options.RateLimit = r
	clear(j.buckets)
}

// withinRate takes a token. Every answer to somebody who is logged in tells how many are left.
func (c *call) withinRate() bool {
	j := c.j
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.options.RateLimit
	if r.Limit <= 0 || c.user == nil {
		return true
	}
	if r.Interval <= 0 {
		r.Interval = time.Second
	}
	perSecond := float64(r.FillRate) / r.Interval.Seconds()
	b := j.buckets[c.user.key]
	now := j.now()
	if b == nil {
		b = &bucket{tokens: float64(r.Limit), filled: now}
		j.buckets[c.user.key] = b
	}
	b.tokens = min(float64(r.Limit), b.tokens+now.Sub(b.filled).Seconds()*perSecond)
	b.filled = now
	ok := b.tokens >= 1
	wait := 0
	if ok {
		b.tokens--
	}
	if b.tokens < 1 && perSecond > 0 {
		wait = int(math.Ceil((1 - b.tokens) / perSecond))
	}
	c.header.Set("X-RateLimit-Limit", strconv.Itoa(r.Limit))
	c.header.Set("X-RateLimit-Remaining", strconv.Itoa(int(b.tokens)))
	c.header.Set("X-RateLimit-Interval-Seconds", strconv.Itoa(max(1, int(r.Interval.Seconds()))))
	c.header.Set("X-RateLimit-FillRate", strconv.Itoa(r.FillRate))
	c.header.Set("Retry-After", strconv.Itoa(wait))
	if !ok {
		c.answer(http.StatusTooManyRequests, obj{"message": "Rate limit exceeded.", "status-code": http.StatusTooManyRequests})
	}
	return ok
}
