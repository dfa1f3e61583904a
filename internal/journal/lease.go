package journal

import (
	"context"
	"errors"
	"sync"
	"time"

	"jirabot/internal/hardship"
	"jirabot/internal/uptime"
)

// ErrLost is the answer to whoever wants to act on a lane that another machine may have taken over.
var ErrLost = errors.New("this machine no longer holds the lane")

// An instant is read from two clocks. The first counts also while the machine sleeps and cannot be set; the second, the
// clock on the wall, still moves when a virtual machine was stopped as a whole.
type instant struct {
	awake time.Duration
	wall  time.Time
}

// now reads the clocks. Where the first is not to be had, what the machine sleeps through is seen on the wall.
func now() instant {
	awake, _ := uptime.Awake()
	return instant{awake: awake, wall: hardship.Now()}
}

// since is how much time has passed since an instant: what the clock says that saw more of it.
func (i instant) since(before instant) time.Duration {
	return max(i.awake-before.awake, i.wall.Round(0).Sub(before.wall.Round(0)))
}

// A lease says until when this process may act on what it holds.
type lease struct {
	lasts time.Duration
	now   func() instant

	mu      sync.Mutex
	from    instant
	given   bool
	renewed chan struct{} // closed at the next renewal
}

func newLease(lasts time.Duration) *lease {
	return &lease{lasts: lasts, now: now, renewed: make(chan struct{})}
}

// renew makes the lease count from an instant. That must be the one before the renewal was asked for, not the one when
// it was granted: whoever waits for the end of the lease counts from when he saw it granted.
func (l *lease) renew(from instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.from, l.given = from, true
	close(l.renewed)
	l.renewed = make(chan struct{})
}

// valid tells whether the lease holds now, and gives a channel that is closed when it is renewed.
func (l *lease) valid() (bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.given && l.now().since(l.from) < l.lasts, l.renewed
}

type gripKey struct{}

// Holding is to be asked right before something irrevocable is done for a task, with the context of its handler or one
// made from it. It waits while this machine cannot be sure that the lane is still its own, and answers ErrLost when it is
// not. In a context that belongs to no lane, and on a single machine, there is nothing to ask.
func Holding(ctx context.Context) error {
	g, ok := ctx.Value(gripKey{}).(*grip)
	if !ok {
		return nil
	}
	for {
		if g.lost.Err() != nil {
			return ErrLost
		}
		valid, renewed := g.session.lease.valid()
		if valid {
			return nil
		}
		select {
		case <-renewed:
		case <-g.lost.Done():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
