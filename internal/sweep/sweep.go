// Package sweep finds the events whose webhook never came, because the bot was down, Jira's queue overflowed or somebody
// narrowed the webhook's filter. It asks Jira by JQL which issues changed, reads their changelog, comments and worklogs,
// and makes of each happening the delivery that Jira would have posted, with the same identity, marked as recovered. All
// go into the same inbox, where those that did arrive fall away as repeats.
//
// # What is recovered
//
// Issues created; updates with their changelog entry; comments added; worklogs added; files attached and removed; links
// made that still exist. Of a comment or worklog that was edited several times only the last edit is known to Jira.
//
// # What is not
//
// Deleted issues, comments, worklogs and links leave no trace that could be read; nor do transitions that change nothing,
// entity properties, watchers and votes; nor versions, sprints, boards, projects and users, which JQL does not find. What
// is seen to be missing (an issue's time of update that nothing explains, a worklog or a link that the changelog names and
// that is gone) is reported as a gap.
//
// # What the issue looked like
//
// The issue in a recovered delivery is the issue as it was then: the changelog is walked back from now. That is exact for
// status, resolution, assignee, reporter, priority, type, summary, description, environment, due date, labels,
// components, versions, security level, parent, project and key, the three times of time tracking, and for custom fields
// that hold one text, number, date, person, option or epic, or labels. Any other field (lists of options or people,
// cascading selects, sprints, rank, and fields whose name two fields have) shows what it holds now, as do watchers, votes,
// sub-tasks and the text of a comment that was edited later. The type of an update (issue_event_type_name) is a guess,
// since the workflow decides about it.
package sweep

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/jiraclient"
)

// An Inbox stores deliveries. An error with a method RetryAfter() time.Duration means "not now".
type Inbox interface {
	Accept(ctx context.Context, d event.Delivery) (Receipt, error)
}

// A Receipt is the inbox's answer: the delivery's ID, and whether the same one was stored before.
type Receipt = struct {
	Delivery string
	Repeat   bool
}

// A Scope is what the rules wait for.
type Scope struct {
	Projects []string // keys
	All      bool     // every project
	Events   []string // webhookEvents by Jira's names
}

// Options say what a Sweeper works with. Jira, Inbox, Memory, Scope and Known are required.
type Options struct {
	Jira   *jiraclient.Client
	Inbox  Inbox
	Memory Memory
	// Scope is asked at each sweep, as rules change.
	Scope func() Scope
	// Known tells which deliveries were stored since a moment by the bot's clock.
	Known func(ctx context.Context, since time.Time) (func(storeID string) bool, error)
	// Waiting is how many deliveries wait to be handled; a sweep pauses while they are many.
	Waiting func() int
	// Person finds somebody by the key that changelogs name; without it, people are known who occur in the issues read.
	Person func(ctx context.Context, key string) (jiraclient.User, error)
	// Alone calls do while no other machine is in it, where there are several. Ordinary sweeps are made in it, as they move
	// the marks.
	Alone func(ctx context.Context, do func(context.Context) error) error

	// Listens is when the bot began to listen; at its first sweep if zero. A machine whose turn it is to sweep may have
	// listened for long.
	Listens time.Time

	// Every is the pause between two sweeps, Overlap how far each looks back before the one before.
	Every, Overlap time.Duration
	// Remembers is how long the bot knows what it has done; nothing older is brought again.
	Remembers time.Duration
	Log       zerolog.Logger
	Now       func() time.Time
	// Observe is told about every sweep that ended.
	Observe func(Request, Report, error)
}

const (
	// settle is how long webhooks may be under way before a sweep takes the event for lost.
	settle = time.Minute
	// window is safely below the two hours for which the inbox knows repeats by itself.
	window = 90 * time.Minute
	// maxOverlap keeps an ordinary sweep within that window, however far the index is behind.
	maxOverlap = time.Hour
	// firstRetry and lastRetry bound the pause after a sweep that failed.
	firstRetry = 10 * time.Second
	lastRetry  = 5 * time.Minute
)

// A Sweeper sweeps while Run runs, and when Sweep is called.
type Sweeper struct {
	opts    Options
	turn    chan struct{} // holds a token while nobody sweeps
	known   *catalog
	begun   time.Time            // the bot began to listen then, by Jira's clock; zero before the first sweep
	marks   marks                // as they were when this sweeper last saw or moved them
	seen    map[string]seen      // issues that the last sweep looked at, by ID
	looked  map[string]time.Time // when the last search was made, by Jira's clock, by project
	sizes   sizes
	patient time.Duration
}

// sizes are how much is asked for at a time.
type sizes struct {
	page    int // issues of one search
	slice   int // changed issues that are listed before any of them is read
	readers int // issues read side by side
	waiting int // deliveries that may wait before a sweep pauses
}

// New makes a Sweeper.
func New(o Options) *Sweeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Request, Report, error) {}
	}
	if o.Waiting == nil {
		o.Waiting = func() int { return 0 }
	}
	if o.Alone == nil {
		o.Alone = func(ctx context.Context, do func(context.Context) error) error { return do(ctx) }
	}
	s := &Sweeper{
		opts: o, turn: make(chan struct{}, 1), seen: map[string]seen{}, looked: map[string]time.Time{}, marks: marks{},
		sizes:   sizes{page: 500, slice: 2000, readers: 4, waiting: 2000},
		patient: time.Second,
	}
	s.known = newCatalog(o)
	s.turn <- struct{}{}
	return s
}

// Run sweeps at once, and then again and again until ctx ends. The very first sweep of all finds nothing: what was before
// the bot is not its business.
func (s *Sweeper) Run(ctx context.Context) error {
	retry := firstRetry
	for {
		wait := s.opts.Every
		if _, err := s.Sweep(ctx, Request{}); err != nil && ctx.Err() == nil {
			wait, retry = min(retry, s.opts.Every), min(2*retry, lastRetry)
			s.opts.Log.Warn().Err(err).Dur("again_in", wait).Msg("the sweep has not come to its end")
		} else {
			retry = firstRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// Sweep makes one sweep; it waits while another is under way. What was found before an error or the end of ctx is stored,
// and the next sweep goes on from there.
func (s *Sweeper) Sweep(ctx context.Context, r Request) (report Report, err error) {
	if err := r.validate(s.opts.Remembers); err != nil {
		return Report{}, err
	}
	select {
	case <-ctx.Done():
		return Report{}, ctx.Err()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	begin := s.opts.Now()
	if r.Since > 0 {
		report, err = s.byHand(ctx, r)
	} else {
		err = s.opts.Alone(ctx, func(ctx context.Context) (err error) {
			report, err = s.ordinary(ctx)
			return err
		})
	}
	report.Ended = s.opts.Now()
	report.Took = report.Ended.Sub(begin)
	s.opts.Observe(r, report, err)
	if report.Recovered > 0 || report.Missed > 0 || r.Since > 0 {
		s.opts.Log.Info().Int("issues", report.Issues).Int("events", report.Events).Int("recovered", report.Recovered).
			Int("gaps", report.Missed).Bool("dry_run", r.DryRun).Dur("took", report.Took).Msg("sweep")
	}
	return report, err
}
