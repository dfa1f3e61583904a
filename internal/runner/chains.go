package runner

import (
	"hash/maphash"
	"sync"
	"time"

	"jirabot/internal/event"
)

// MaxDepth is how many runs may follow from one another before a chain is taken for a loop.
const MaxDepth = 10

// chains remembers how deep in a chain the bot's last work on an issue was. Jira's webhooks do not say which run caused
// them, so an event of the bot's own is taken to follow from its last run on that issue.
//
// It is written to with each effect, so that it forgets a generation at a time, without looking for what is old.
type chains struct {
	now  func() time.Time
	seed maphash.Seed

	mu     sync.Mutex
	depth  map[uint64]link // by the hash of an issue's key or ID; two issues of one hash would only end a chain too early
	before map[uint64]link // the generation before
	began  time.Time       // when this one did
}

type link struct {
	depth uint32
	at    uint32 // in seconds since the year 1970
}

const (
	// forgotten is after how long without work on an issue its chain is over.
	forgotten = 10 * time.Minute
	// generation is how many links are remembered at least. Two generations take some 20 MB, and a loop over as many issues
	// as a person can change at once is still found.
	generation = 250_000
)

func newChains(now func() time.Time) chains {
	return chains{now: now, seed: maphash.MakeSeed(), depth: map[uint64]link{}, began: now()}
}

// of is the depth of an event: 0 if a person made it. Of links, versions and some deletions Jira does not always say who
// made them; on an issue that the bot has just worked on they are taken for its own, so that a loop ends. What the clock or
// a caller brings follows from nothing, however often it comes.
func (c *chains) of(ev *event.Event, bot event.User) int {
	if ev.Source != event.Webhook {
		return ev.Depth
	}
	own, nobody := ev.Actor.Is(bot), ev.Actor.ID() == ""
	if !own && !nobody {
		return ev.Depth
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	deepest, found := 0, false
	for _, issue := range []string{ev.Issue.Key, ev.Issue.ID, ev.Link.DestinationID} {
		if l, ok := c.find(issue); ok && now.Sub(l.time()) <= forgotten {
			deepest, found = max(deepest, int(l.depth)), true
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

func (l link) time() time.Time { return time.Unix(int64(l.at), 0) }

// find is the last link of an issue. The caller holds mu.
func (c *chains) find(issue string) (link, bool) {
	if issue == "" {
		return link{}, false
	}
	hash := maphash.String(c.seed, issue)
	if l, ok := c.depth[hash]; ok {
		return l, true
	}
	l, ok := c.before[hash]
	return l, ok
}

// wrote notes that a run at this depth changed an issue.
func (c *chains) wrote(issue string, depth int) {
	if issue == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.depth) >= generation || now.Sub(c.began) > forgotten {
		c.depth, c.before, c.began = map[uint64]link{}, c.depth, now
	}
	if l, ok := c.find(issue); ok && int(l.depth) > depth && now.Sub(l.time()) <= time.Minute {
		depth = int(l.depth)
	}
	c.depth[maphash.String(c.seed, issue)] = link{uint32(depth), uint32(now.Unix())}
}
