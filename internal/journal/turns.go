package journal

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// wants tells whether it is our turn in a lane.
func (c *crew) wants(lane int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil && c.turns[lane]
}

// assign finds whose turn it is in each lane. All who see the same members find the same.
func (c *crew) assign() {
	c.mu.Lock()
	var ready []string
	for _, o := range c.others {
		if o.Works && c.alive(o) {
			ready = append(ready, o.Name)
		}
	}
	// Of ourselves we know more than the last record.
	ready = slices.DeleteFunc(ready, func(name string) bool { return name == c.name })
	if c.fit() && c.session != nil {
		ready = append(ready, c.name)
	}
	for n, name := range deal(ready, len(c.turns)) {
		c.turns[n] = name == c.name
	}
	c.mu.Unlock()
	for _, l := range c.j.lanes {
		if g := l.held(); (g != nil) != c.wants(l.n) || g == nil && c.j.owes(l) || l.untold() > holdsEvery {
			l.kick()
		}
	}
}

// fit: this machine takes lanes, and its copies are not behind for long; lanes are better off elsewhere then. The caller
// holds mu.
func (c *crew) fit() bool { return c.working > 0 && now().since(c.abreast) < c.pace.gone }

// notice looks whether the inbox has grown without a call: calls can get lost.
func (c *crew) notice(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	n := c.j.node.Load()
	end, err := n.end(ctx, in)
	if err != nil || end == c.end {
		return
	}
	c.end = end
	for _, l := range c.j.lanes {
		if l.held() == nil {
			continue
		}
		if m, err := n.last(ctx, in, laneSubject(l.n)); err == nil && m != nil {
			l.exists(m.Sequence)
		}
	}
}

const wakeSubject = "bot.wake."

// wake calls the machine whose turn it is in a lane: a delivery is stored, or (with seq 0) the lane is free.
func (c *crew) wake(lane int, seq uint64) {
	// A call that gets lost is made good for by looking now and then.
	_ = c.j.node.Load().nc.Publish(wakeSubject+strconv.Itoa(lane), strconv.AppendUint(nil, seq, 10))
}

func (c *crew) listen() error {
	_, err := c.j.node.Load().nc.Subscribe(wakeSubject+"*", func(m *nats.Msg) {
		n, err := strconv.Atoi(strings.TrimPrefix(m.Subject, wakeSubject))
		if err != nil || n < 0 || n >= len(c.j.lanes) {
			return
		}
		if seq, err := strconv.ParseUint(string(m.Data), 10, 64); err == nil {
			c.j.lanes[n].exists(seq)
		}
	})
	return err
}

// exists takes note of a delivery that another machine has stored.
func (l *lane) exists(seq uint64) {
	l.mu.Lock()
	if seq > l.newest {
		l.newest = seq
		if l.grip != nil {
			l.wait(l.waiting + 1)
		}
	}
	l.mu.Unlock()
	l.kick()
}
