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

// of is the depth of an event: 0 if a person made it. Of links, versions and some deletions Jira does not always say who
// made them; on an issue that the bot has just worked on they are taken for its own, so that a loop ends.
func (c *chains) of(ev *event.Event, bot event.User) int {
	own, nobody := ev.Actor.Is(bot), ev.Actor.ID() == ""
	if !own && !nobody {
		return ev.Depth
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	deepest, found := 0, false
	for _, issue := range []string{ev.Issue.Key, ev.Issue.ID, ev.Link.DestinationID} {
		if l, ok := c.depth[issue]; ok && issue != "" && c.now().Sub(l.at) <= forgotten {
			deepest, found = max(deepest, l.depth), true
		}
	}
	switch {
	case found:
		return max(ev.Depth, deepest) + 1
	case own:
		return ev.Depth + 1
	}
	return ev.Depth
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
