package jiratest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// A RateLimit is a token bucket. Data Center has one for each user, and none by default. Cloud has one for each call and
// method, which by default fills with 100 tokens a second for GET and POST and 50 for PUT and DELETE.
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

// perSecond is how fast the bucket fills.
func (r RateLimit) perSecond() float64 {
	if r.Interval <= 0 {
		return float64(r.FillRate)
	}
	return float64(r.FillRate) / r.Interval.Seconds()
}

// spendToken takes a token out of a bucket. It returns what is left, and the seconds until there is one again.
func (j *Jira) spendToken(name string, r RateLimit) (left float64, wait int, ok bool) {
	b := j.buckets[name]
	now := j.now()
	if b == nil {
		b = &bucket{tokens: float64(r.Limit), filled: now}
		j.buckets[name] = b
	}
	b.tokens = min(float64(r.Limit), b.tokens+now.Sub(b.filled).Seconds()*r.perSecond())
	b.filled = now
	if ok = b.tokens >= 1; ok {
		b.tokens--
	}
	if b.tokens < 1 && r.perSecond() > 0 {
		wait = int(math.Ceil((1 - b.tokens) / r.perSecond()))
	}
	return b.tokens, wait, ok
}

// withinRate takes a token, or answers that there is none. Data Center tells everybody who is logged in how many are left.
func (c *call) withinRate() bool {
	j := c.j
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.options.RateLimit
	switch {
	case j.version.cloud:
		return c.withinCloudRate()
	case r.Limit <= 0 || c.user == nil:
		return true
	}
	left, wait, ok := j.spendToken(c.user.key, r)
	c.header.Set("X-RateLimit-Limit", strconv.Itoa(r.Limit))
	c.header.Set("X-RateLimit-Remaining", strconv.Itoa(int(left)))
	c.header.Set("X-RateLimit-Interval-Seconds", strconv.Itoa(max(1, int(r.Interval.Seconds()))))
	c.header.Set("X-RateLimit-FillRate", strconv.Itoa(r.FillRate))
	c.header.Set("Retry-After", strconv.Itoa(wait))
	if !ok {
		c.answer(http.StatusTooManyRequests, obj{"message": "Rate limit exceeded.", "status-code": http.StatusTooManyRequests})
	}
	return ok
}
