package sweep

import (
	"context"
	"errors"
	"maps"
	"time"
)

// ordinary sweeps every project from its mark on.
func (s *Sweeper) ordinary(ctx context.Context) (Report, error) {
	var report Report
	if err := s.recall(ctx); err != nil {
		return report, err
	}
	scope := s.opts.Scope()
	if len(recoverable(scope.Events)) == 0 {
		// Rules that come later begin then: nobody has waited for what happens now.
		return report, s.set(ctx, marks{})
	}
	clock, err := s.askTime(ctx)
	if err != nil {
		return report, err
	}
	if s.begun.IsZero() {
		if s.begun = clock.now(); !s.opts.Listens.IsZero() {
			s.begun = s.opts.Listens.Add(clock.ahead)
		}
	}
	if err := s.adopt(ctx, scope, clock.now()); err != nil {
		return report, err
	}
	report.From, report.Until = s.oldest(), clock.now()
	before := s.seen
	s.seen = map[string]seen{}
	var errs []error
	for _, group := range s.groups() {
		if err := s.apart(ctx, group, func(projects []string) error { return s.sweepFrom(ctx, clock, scope, projects, before, &report) }); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(errs...); err != nil {
		maps.Copy(before, s.seen)
		s.seen = before
		return report, err
	}
	return report, s.retire(ctx, scope)
}

// oldest is the oldest of all marks.
func (s *Sweeper) oldest() time.Time {
	var oldest time.Time
	for _, m := range s.marks {
		if oldest.IsZero() || m.From.Before(oldest) {
			oldest = m.From
		}
	}
	return oldest
}

// retire forgets the marks of projects that were swept once more on their own.
func (s *Sweeper) retire(ctx context.Context, scope Scope) error {
	m, all := s.marks[everywhere]
	if !scope.All || !all || len(s.marks) == 1 {
		return nil
	}
	return s.set(ctx, marks{everywhere: m})
}

// sweepFrom sweeps projects that stand at the same mark, and moves the mark.
func (s *Sweeper) sweepFrom(ctx context.Context, clock jiraTime, scope Scope, projects []string, before map[string]seen, report *Report) error {
	m := s.marks[projects[0]]
	begin := clock.now()
	overlap := m.overlap(s.opts.Overlap)
	p := s.pass(clock, scope, report)
	if projects[0] != everywhere {
		p.projects = projects
	}
	p.from, p.reached, p.before, p.looked = m.From, m.Reached, before, s.looked[projects[0]]
	p.progress = func(reached time.Time) error {
		// The index may be behind; what is younger than the overlap is looked for again.
		if latest := begin.Add(-overlap); reached.After(latest) {
			reached = latest
		}
		return s.move(ctx, projects, func(m mark) mark { m.Reached = reached; return m })
	}
	if err := p.run(ctx); err != nil {
		return err
	}
	for _, one := range projects {
		s.looked[one] = begin
	}
	lag := max(p.lag, m.Lag-m.Lag/8)
	if lag < time.Second {
		lag = 0
	}
	next := mark{Lag: lag}
	next.From = begin.Add(-next.overlap(s.opts.Overlap))
	return s.move(ctx, projects, func(old mark) mark {
		if next := next; next.From.After(old.From) {
			return next
		}
		return mark{From: old.From, Lag: lag} // the bot is younger than the overlap: nothing before its begin
	})
}
