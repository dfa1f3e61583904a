package journal

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// A crew is the machines that share a journal, as one of them sees it: who is there, and whose turn it is in which lane.
type crew struct {
	j     *Journal
	name  string
	pace  times
	log   zerolog.Logger
	hurry chan struct{} // has a token when the others should hear of us at once

	holding atomic.Int64 // lanes

	mu      sync.Mutex
	session *session
	working int
	news    map[string]string
	others  map[string]*sighting // by name; ourselves as well
	turns   []bool               // by lane: it is ours
	end     uint64               // of the inbox at the last look
	abreast instant              // when our copies of the streams last had what the others have
	steady  instant              // since when each look has found it so, without a break
	looked  instant              // the last look
	whole   bool                 // it was so for long enough, at least once

	lag laggards // used by tend alone

	stop  context.CancelFunc
	parts sync.WaitGroup
}

func newCrew(j *Journal, name string) *crew {
	return &crew{j: j, name: name, abreast: now(), pace: j.opts.pace, log: j.log.With().Str("member", name).Logger(),
		hurry: make(chan struct{}, 1), news: map[string]string{}, lag: laggards{}, others: map[string]*sighting{}, turns: make([]bool, len(j.lanes))}
}

// start joins the others and takes part until leaveAll.
func (c *crew) start(ctx context.Context) error {
	s, err := c.join(ctx)
	if err != nil {
		return err
	}
	c.set(s)
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := c.listen(); err != nil {
		c.stop()
		return err
	}
	c.parts.Go(func() { c.live(ctx, s) })
	c.parts.Go(func() { c.tend(ctx) })
	return nil
}

// leaveAll ends what start began. The lanes are given up by then.
func (c *crew) leaveAll() {
	c.stop()
	c.parts.Wait()
	if s := c.current(); s != nil {
		c.leave(s)
		s.over(ErrClosed)
	}
}

// live is one session after the other: one that is over because the others took us to be gone is followed by the next.
func (c *crew) live(ctx context.Context, s *session) {
	for {
		err := c.beat(ctx, s)
		if ctx.Err() != nil {
			return
		}
		c.set(nil)
		s.over(ErrLost)
		c.log.Warn().Err(err).Msg("the others took this machine to be gone; what it was working on is theirs now")
		for {
			if s, err = c.join(ctx); err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			c.log.Warn().Err(err).Msg("cannot join the others again yet")
			sleep(ctx, c.pace.beat)
		}
		c.set(s)
		c.log.Info().Msg("joined the others again")
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *crew) set(s *session) {
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
}

// current is the session; nil while there is none.
func (c *crew) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// work says that this machine takes lanes, until the function it returns is called.
func (c *crew) work() (stop func()) {
	change := func(by int) {
		c.mu.Lock()
		c.working += by
		c.mu.Unlock()
		c.tell()
	}
	change(1)
	return func() { change(-1) }
}

// tell has the next sign of life given at once.
func (c *crew) tell() {
	select {
	case c.hurry <- struct{}{}:
	default:
	}
}

// tend looks after the others and the lanes.
func (c *crew) tend(ctx context.Context) {
	tick := time.NewTicker(c.pace.beat)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.compare(c.j.node.Load().abreast(ctx), now())
		if err := c.look(ctx); err != nil && ctx.Err() == nil {
			c.log.Debug().Err(err).Msg("cannot see who is there")
		} else {
			c.bury(ctx)
			c.assign()
			c.notice(ctx)
			c.nudge(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// compare takes note of whether our copies have what the others have. What a look that took long has found says nothing about the
// time in between.
func (c *crew) compare(abreast bool, at instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !abreast || at.since(c.looked) > 3*c.pace.beat {
		c.steady = at
	}
	c.looked = at
	if abreast {
		c.abreast = at
	}
	c.whole = c.whole || c.complete(at)
}

// complete: our copies have had what the others have for so long that nothing can be on its way that they do not know of. The
// caller holds mu.
func (c *crew) complete(at instant) bool {
	return c.steady != (instant{}) && at.since(c.looked) <= 3*c.pace.beat && at.since(c.steady) >= 3*c.pace.beat
}

// ailing and healthy keep what Well says.
func (c *crew) ailing(err error) {
	var u *Unwell
	if errors.As(err, &u) && c.j.unwell.CompareAndSwap(nil, u) {
		c.log.Error().Err(err).Msg("cannot store")
	}
}

func (c *crew) healthy() {
	if u := c.j.unwell.Swap(nil); u != nil {
		c.log.Info().Dur("after", c.j.opts.Now().Sub(u.Since)).Msg("can store again")
	}
}
