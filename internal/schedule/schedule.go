// Package schedule turns cron lines into ticks: deliveries that say which rule was due, and for which moment. A tick is
// stored in the same inbox as everything else that arrives, and from there on it is an event like any other.
//
// No tick is made twice and none is lost in silence. What was due while the bot was away is made up for as the line's
// CatchUp says; what is skipped is logged with its number.
package schedule

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

const (
	// longestWait is how long the scheduler sleeps at most. Timers do not notice that the clock was set or that the machine
	// was asleep, so it looks at the clock now and then.
	longestWait = 30 * time.Second
	// retryWait is the pause after a failure that does not say how long to wait.
	retryWait = 5 * time.Second
	// rememberWithin bounds the last write of a shutdown.
	rememberWithin = 5 * time.Second
)

// An Inbox stores deliveries. An error with a method RetryAfter() time.Duration means "not now"; after any error the same
// tick is offered again.
type Inbox interface {
	Accept(ctx context.Context, d event.Delivery) (Receipt, error)
}

// A Receipt is the inbox's answer: the delivery's ID, and whether the same one was stored before. It is an alias of a
// plain struct so that one inbox can serve several packages that do not know each other.
type Receipt = struct {
	Delivery string
	Repeat   bool
}

// A Line is one schedule trigger of a rule; Trigger is its position in the rule's list.
type Line struct {
	Rule    string
	Trigger int
	// Schedule is handed on in the tick, to tell the trigger apart from others that get its position later.
	Schedule string
	Plan     Plan
	CatchUp  CatchUp
}

func (l Line) key() string { return fmt.Sprintf("%s/%d", l.Rule, l.Trigger) }

// Options says what a Scheduler works with. Inbox and Memory are required.
type Options struct {
	Inbox  Inbox
	Memory Memory
	Log    zerolog.Logger
	Now    func() time.Time
}

// A Scheduler makes ticks while Run runs.
type Scheduler struct {
	opts    Options
	changed chan struct{}

	mu     sync.Mutex
	wanted []Line // what Set said last

	// The rest belongs to Run.
	lines      []*progress
	remembered map[string]mark // by Line.key
}

// New makes a Scheduler without lines.
func New(o Options) *Scheduler {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Scheduler{opts: o, changed: make(chan struct{}, 1)}
}

// Set replaces all lines. A line that was there before with the same plan goes on where it is; any other begins now and
// has missed nothing.
func (s *Scheduler) Set(lines []Line) {
	s.mu.Lock()
	s.wanted = append([]Line{}, lines...) // never nil, so that Run can tell it from not having been told
	s.again()
	s.mu.Unlock()
}

// again has Run look at the lines.
func (s *Scheduler) again() {
	select {
	case s.changed <- struct{}{}:
	default: // it has not yet looked at the change before, and will see both
	}
}

// Run makes ticks until ctx is done. It begins with the first Set, as without lines there would be nothing worth
// remembering. It may be called again when it has ended, and then goes on from what is remembered: somebody else may
// have made ticks meanwhile. An error means that the memory could not be read.
func (s *Scheduler) Run(ctx context.Context) error {
	s.lines, s.remembered = nil, nil
	if err := s.recall(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	if s.wanted != nil {
		s.again()
	}
	s.mu.Unlock()
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	for begun := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
			s.adopt()
			begun = true
		case <-timer.C:
		}
		if begun {
			timer.Reset(s.step(ctx))
		}
	}
}

// Fire makes the tick of a rule's first line by hand, for any moment, and changes nothing about its later ones.
func (s *Scheduler) Fire(ctx context.Context, rule string, planned time.Time) error {
	s.mu.Lock()
	at := slices.IndexFunc(s.wanted, func(l Line) bool { return l.Rule == rule })
	var line Line
	if at >= 0 {
		line = s.wanted[at]
	}
	s.mu.Unlock()
	if at < 0 {
		return fmt.Errorf("fire %q: no rule of this name has a schedule", rule)
	}
	return s.tick(ctx, line, planned)
}

// adopt takes over what Set said.
func (s *Scheduler) adopt() {
	s.mu.Lock()
	wanted := s.wanted
	s.mu.Unlock()
	running := map[string]*progress{}
	for _, l := range s.lines {
		running[l.key()] = l
	}
	lines := make([]*progress, 0, len(wanted))
	for _, want := range wanted {
		key, plan := want.key(), want.Plan.String()
		l := &progress{Line: want, seen: s.opts.Now()}
		if had, ok := running[key]; ok && had.Plan.String() == plan {
			l.seen, l.waiting = had.seen, had.waiting
			delete(running, key)
		} else if m, ok := s.remembered[key]; ok && m.Plan == plan {
			l.seen = m.Last
		}
		lines = append(lines, l)
	}
	for _, l := range running {
		if len(l.waiting) > 0 {
			s.opts.Log.Warn().Str("rule", l.Rule).Int("skipped", len(l.waiting)).Msg("ticks of a line that is gone")
		}
	}
	s.lines = lines
}

// step does what is to be done now and tells how long there is nothing more to do.
func (s *Scheduler) step(ctx context.Context) time.Duration {
	for _, l := range s.lines {
		s.look(l, s.opts.Now())
	}
	retry := s.deliver(ctx)
	if err := s.remember(ctx); err != nil {
		s.opts.Log.Error().Err(err).Msg("ticks may be made again after a restart") // they are, and are then dropped as repeats
		retry = min(retry, retryWait)
	}
	now, wait := s.opts.Now(), retry
	for _, l := range s.lines {
		if next := l.Plan.Next(l.seen); !next.IsZero() {
			wait = min(wait, next.Sub(now))
		}
	}
	return wait
}
