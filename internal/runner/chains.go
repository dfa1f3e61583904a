package runner

import (
	"sync"
	"time"

	"jirabot/internal/event"
)

// MaxDepth is how many runs may follow from one another before a chain is taken for a loop.
const MaxDepth = 10

// chains remembers how deep in a chain the bot's last work on an issue was. Jira's webhooks do not say which run caused
// them, so an event of the bot's own is taken to follow from its last run on that issue.
type chains struct {
	now func() time.Time

	mu    sync.Mutex
	depth map[string]link
}

type link struct {
	depth int
	at    time.Time
}

// forgotten is after how long without work on an issue its chain is over.
const forgotten = 10 * time.Minute

// of is the depth of an event: 0 if a person made it.
func (c *chains) of(ev *event.Event, bot event.User) int {
	if !ev.Actor.Is(bot) {
		return ev.Depth
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.depth[ev.Issue.Key]
	if !ok || c.now().Sub(l.at) > forgotten {
		return ev.Depth + 1
	}
	return max(ev.Depth, l.depth) + 1
}

// wrote notes that a run at this depth changed an issue.
func (c *chains) wrote(issue string, depth int) {
	if issue == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.depth) > 10_000 {
		for key, l := range c.depth {
			if now.Sub(l.at) > forgotten {
				delete(c.depth, key)
			}
		}
	}
	if l, ok := c.depth[issue]; ok && l.depth > depth && now.Sub(l.at) <= time.Minute {
		depth = l.depth
	}
	c.depth[issue] = link{depth, now}
}
