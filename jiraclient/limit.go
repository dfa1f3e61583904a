package jiraclient

// A RateLimit is Jira's token bucket for our user, as its last answer told.
type RateLimit struct {
	Size      float64 // requests that may come at once
	Left      float64
	PerSecond float64 // how fast it fills
}

// RateLimit is Jira's limit for our user; ok is false where Jira shows none.
func (c *Client) RateLimit() (limit RateLimit, ok bool) {
	p := c.pace
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.on {
		return RateLimit{}, false
	}
	p.refill(p.now())
	return RateLimit{Size: p.size, Left: p.tokens, PerSecond: p.rate}, true
}
