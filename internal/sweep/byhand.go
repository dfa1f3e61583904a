package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jirabot/jiraclient"
)

// A Request asks for a sweep by hand. The zero Request is the next ordinary sweep, now.
type Request struct {
	// Since looks back so far, and leaves the marks of the ordinary sweeps alone.
	Since time.Duration `json:"since,omitempty"`
	// Projects narrows it; none means all that rules wait for. It takes Since.
	Projects []string `json:"projects,omitempty"`
	// DryRun only tells what would be brought. It takes Since.
	DryRun bool `json:"dry_run,omitempty"`
}

func (r Request) validate(remembers time.Duration) error {
	switch {
	case r.Since < 0:
		return fmt.Errorf("since: %v lies in the future", -r.Since)
	case r.Since == 0 && (r.DryRun || len(r.Projects) > 0):
		return errors.New("how far back? a dry run, or a sweep of certain projects, takes since, such as 2h")
	case r.Since > remembers:
		return fmt.Errorf("since: %v is longer ago than the bot remembers what it has done (retention.runs, %v): it might do it twice", r.Since, remembers)
	}
	return nil
}

// byHand looks back as far as was asked.
func (s *Sweeper) byHand(ctx context.Context, r Request) (Report, error) {
	scope := s.opts.Scope()
	report := Report{DryRun: r.DryRun}
	projects := scope.Projects
	if scope.All {
		projects = nil
	}
	if len(r.Projects) > 0 {
		for _, p := range r.Projects {
			if !scope.All && !slices.Contains(scope.Projects, p) {
				return report, fmt.Errorf("no rule waits for events of the project %s, only for those of %s", p, strings.Join(scope.Projects, ", "))
			}
		}
		projects = r.Projects
	}
	if wanted := recoverable(scope.Events); len(wanted) == 0 {
		return report, errors.New("no rule waits for an event that a sweep could find")
	}
	clock, err := s.askTime(ctx)
	if err != nil {
		return report, err
	}
	report.From, report.Until = clock.now().Add(-r.Since), clock.now()
	return report, s.apart(ctx, projects, func(projects []string) error {
		p := s.pass(clock, scope, &report)
		p.projects, p.from, p.byHand, p.dry = projects, report.From, true, r.DryRun
		return p.run(ctx)
	})
}

// apart does something for several projects at once or, where Jira refuses the question because of one of them, for each
// on its own.
func (s *Sweeper) apart(ctx context.Context, projects []string, do func([]string) error) error {
	err := do(projects)
	e, refused := errors.AsType[*jiraclient.Error](err)
	if !refused || e.Status != 400 || len(projects) < 2 || ctx.Err() != nil {
		return err
	}
	var errs []error
	for _, one := range projects {
		if err := do([]string{one}); err != nil {
			errs = append(errs, fmt.Errorf("project %s: %w", one, err))
		}
	}
	return errors.Join(errs...)
}
