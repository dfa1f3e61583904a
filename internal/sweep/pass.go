package sweep

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"jirabot/jiraclient"
)

// A pass looks at all that changed in some projects since a moment.
type pass struct {
	s        *Sweeper
	clock    jiraTime
	projects []string // none: all
	wanted   map[string]bool
	from     time.Time // events since then are brought
	reached  time.Time // issues updated before then were looked at
	byHand   bool
	dry      bool
	progress func(reached time.Time) error // nil for a pass that leaves no marks

	before map[string]seen // what the last sweep has looked at
	looked time.Time       // when the last sweep searched
	known  func(storeID string) bool

	mu     sync.Mutex // guards what follows
	report *Report
	seen   map[string]seen
	lag    time.Duration
}

// seen is an issue that needs no look until it is updated again.
type seen struct {
	updated time.Time
	whole   bool // nothing of it was left for the next sweep
}

// quiet is how long after an update an issue must be read to be sure that there was not a second one: some databases keep
// whole seconds.
const quiet = 3 * time.Second

func (s *Sweeper) pass(clock jiraTime, scope Scope, report *Report) *pass {
	return &pass{s: s, clock: clock, wanted: recoverable(scope.Events), report: report, seen: s.seen}
}

func (s *Sweeper) cloud() bool { return s.opts.Jira.Cloud() }

// run lists changed issues, a slice of time after the other, and looks at each.
func (p *pass) run(ctx context.Context) error {
	if err := p.lookUp(ctx); err != nil {
		return err
	}
	lower := p.from
	if p.reached.After(lower) {
		lower = p.reached
	}
	for {
		issues, upper, err := p.list(ctx, lower)
		if err != nil {
			return err
		}
		if err := p.look(ctx, issues); err != nil {
			return err
		}
		if upper.IsZero() {
			return nil
		}
		lower = upper
		if p.progress != nil {
			if err := p.progress(upper); err != nil {
				return err
			}
		}
	}
}

// lookUp finds out what arrived, where the inbox does not know repeats by itself any more.
func (p *pass) lookUp(ctx context.Context) error {
	p.known = func(string) bool { return false }
	ago := p.clock.now().Sub(p.from)
	if ago <= window && !p.dry {
		return nil
	}
	known, err := p.s.opts.Known(ctx, p.s.opts.Now().Add(-ago-15*time.Minute)) // the two clocks may differ
	if err == nil {
		p.known = known
	}
	return err
}

// look reads issues, some side by side, and brings what happened to them.
func (p *pass) look(ctx context.Context, issues []found) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan found)
	var readers sync.WaitGroup
	for range p.s.sizes.readers {
		readers.Go(func() {
			for f := range next {
				if err := p.issue(ctx, f); err != nil {
					stop(err)
				}
			}
		})
	}
	for n, f := range issues {
		if n%100 == 0 {
			if err := p.giveWay(ctx); err != nil {
				stop(err)
			}
		}
		if p.unchanged(f) {
			continue
		}
		select {
		case next <- f:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	readers.Wait()
	return context.Cause(ctx)
}

// giveWay waits while much is to be done: what webhooks bring must not stand behind the past.
func (p *pass) giveWay(ctx context.Context) error {
	for p.s.opts.Waiting() > p.s.sizes.waiting {
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// unchanged tells whether the last sweep has dealt with the issue. It also notices how far the index is behind: an issue
// that the last search should have found, and has not.
func (p *pass) unchanged(f found) bool {
	if p.byHand || f.updated.IsZero() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last, had := p.before[f.id]
	if had && last.updated.Equal(f.updated) {
		if last.whole {
			p.seen[f.id] = last
		}
		return last.whole
	}
	if !p.looked.IsZero() && f.updated.Before(p.looked) && f.updated.After(p.from) {
		p.lag = max(p.lag, p.looked.Sub(f.updated))
	}
	return false
}

// issue reads one issue and brings what happened to it, in the order in which it happened.
func (p *pass) issue(ctx context.Context, f found) error {
	readAt := p.clock.now()
	i, err := p.read(ctx, f.id)
	if errors.Is(err, jiraclient.ErrNotFound) {
		p.gap(Gap{Issue: f.key, Time: readAt, What: "the issue was deleted, or hidden from the bot user, between being found and being read"})
		return nil
	}
	if err != nil {
		return fmt.Errorf("read issue %s: %w", f.key, err)
	}
	var happenings []happened
	err = p.s.patiently(ctx, func() (err error) {
		happenings, err = p.s.happenings(ctx, i, p.from, p.wanted)
		return err
	})
	if err != nil {
		return fmt.Errorf("issue %s: %w", f.key, err)
	}
	whole := true
	for _, h := range happenings {
		if p.young(h.at, readAt) {
			whole = false
			break
		}
		if err := p.bring(ctx, i.Key, h); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.Issues++
	for _, g := range i.gaps(p.from) {
		if p.byHand || g.Time.Before(p.s.begun) { // else a webhook may well have told of it
			p.report.missed(g)
		}
	}
	if !p.byHand {
		p.seen[f.id] = seen{updated: i.updated, whole: whole && readAt.Sub(i.updated) > quiet}
	}
	return nil
}

// young tells whether the webhook may still be under way. That of what happened before the bot listened is not.
func (p *pass) young(at, now time.Time) bool {
	return !p.byHand && now.Sub(at) < settle && !at.Before(p.s.begun)
}

func (p *pass) gap(g Gap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.missed(g)
}
