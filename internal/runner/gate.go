package runner

import (
	"sync"
	"time"
)

// A gate closes when Jira as a whole is away, so that waiting deliveries neither hammer it nor use up their attempts.
// While it is closed one delivery at a time is let through to find out whether Jira is back.
type gate struct {
	now func() time.Time

	mu       sync.Mutex
	failures int // in a row, over all lanes
	until    time.Time
}

const (
	// awayAfter failures in a row, whichever lanes they come from, Jira is taken to be away.
	awayAfter  = 6
	firstProbe = 500 * time.Millisecond
	lastProbe  = 30 * time.Second
)

// wait is how long a delivery should wait before it is worked on; 0 means now.
func (g *gate) wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failures < awayAfter {
		return 0
	}
	if left := g.until.Sub(g.now()); left > 0 {
		return left
	}
	g.until = g.now().Add(g.backoff()) // this one goes and looks, the others wait for what it finds
	return 0
}

func (g *gate) backoff() time.Duration {
	d := firstProbe
	for i := awayAfter; i < g.failures && d < lastProbe; i++ {
		d *= 2
	}
	return min(d, lastProbe)
}

// report tells the gate how a request to Jira ended; changed is true when Jira went away or came back.
func (g *gate) report(away bool) (changed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !away {
		changed = g.failures >= awayAfter
		g.failures = 0
		return changed
	}
	g.failures++
	if g.failures >= awayAfter {
		g.until = g.now().Add(g.backoff())
	}
	return g.failures == awayAfter
}

// away tells whether the gate is closed.
func (g *gate) away() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failures >= awayAfter
}
