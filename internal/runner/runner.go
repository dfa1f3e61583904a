// Package runner takes deliveries out of the journal, asks the rules about them, carries out what they decide, and
// writes down what it did. It is where retrying, giving up and going on after a crash are decided.
//
// One delivery is one call of Handle; the journal sees to it that the deliveries of one issue come in order and one at a
// time. Everything that Handle needs to go on after a crash stands in the notes of the delivery: that a step that creates
// something was about to begin (the intent), and what finished steps did.
package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/internal/record"
	"jirabot/internal/uptime"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// Receipt says that a delivery is stored.
type Receipt = struct {
	Delivery string
	Repeat   bool
}

// An Inbox stores deliveries: a tick's issues are deliveries of their own.
type Inbox interface {
	Accept(ctx context.Context, d event.Delivery) (Receipt, error)
}

// Options are what a Runner works with. All but Backoff, Observe and Grace are required.
type Options struct {
	Journal *journal.Journal
	Inbox   Inbox
	Jira    *actions.Jira
	// Rules gives the rules that are in force now.
	Rules func() *rules.Set
	// Bounds are what rules may do at most.
	Bounds actions.Bounds
	Log    zerolog.Logger
	Now    func() time.Time
	// Uptime is a clock that nobody sets; uptime.Now by default.
	Uptime func() uptime.Reading

	Backoff Backoff
	// Grace is how long a request to Jira may go on after the bot was told to stop; 10 s by default.
	Grace time.Duration
	// Observe is told about every finished run.
	Observe func(Record)
}

// A Runner carries out what rules decide.
type Runner struct {
	opts   Options
	gate   gate
	claims recent
	chains chains
}

// New makes a Runner.
func New(o Options) *Runner {
	if o.Backoff == (Backoff{}) {
		o.Backoff = DefaultBackoff
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	if o.Uptime == nil {
		o.Uptime = uptime.Now
	}
	if o.Observe == nil {
		o.Observe = func(Record) {}
	}
	return &Runner{
		opts:   o,
		gate:   gate{now: o.Now},
		claims: newRecent(o.Now()),
		chains: newChains(o.Now),
	}
}

// Run works until ctx ends and what is under way is finished or given back.
func (r *Runner) Run(ctx context.Context) error {
	return r.opts.Journal.Work(ctx, r.Handle)
}

// Away tells whether Jira seems to be away as a whole.
func (r *Runner) Away() bool { return r.gate.away() }

// Called tells the runner how a request to Jira ended. It is the client's Observe.
func (r *Runner) Called(c jiraclient.Call) {
	away := c.Status == 502 || c.Status == 503 || c.Status == 504 || (c.Status == 0 && c.Err != nil && !errors.Is(c.Err, context.Canceled))
	if r.gate.report(away) {
		if away {
			r.opts.Log.Warn().Err(c.Err).Msg("jira is away: deliveries wait")
		} else {
			r.opts.Log.Info().Msg("jira is back")
		}
	}
}

// Handle works on one delivery.
func (r *Runner) Handle(ctx context.Context, t *journal.Task) journal.Verdict {
	if pause := r.gate.wait(); pause > 0 {
		return journal.Pause(pause)
	}
	if r.opts.Jira.LoginRefused() != nil {
		return journal.Pause(loginWait)
	}
	ev, insight, err := understood(t)
	if err != nil {
		return r.bury(ctx, t, Unreadable, fmt.Errorf("the delivery cannot be read: %w", err))
	}
	runs, exp, err := readNotes(t.Notes)
	if err != nil {
		return r.bury(ctx, t, Unreadable, err)
	}
	before, err := ReadWork(t.Work)
	if err != nil {
		return r.bury(ctx, t, Unreadable, err)
	}
	// What was begun is finished even if the bot is told to stop meanwhile, within the grace.
	work, cancel := r.grace(ctx)
	defer cancel()
	h := &handling{r: r, ctx: work, stop: ctx, task: t, ev: ev, insight: insight, runs: runs, before: before, log: r.logger(t, ev)}
	if line, ok := h.expands(); ok {
		return h.expand(exp, line)
	}
	return h.decide()
}

// grace is a context that outlives ctx by the time in which a request may still be finished.
func (r *Runner) grace(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(r.opts.Grace, cancel)
		context.AfterFunc(work, func() { timer.Stop() })
	})
	return work, func() { stop(); cancel() }
}

func (r *Runner) logger(t *journal.Task, ev *event.Event) zerolog.Logger {
	c := r.opts.Log.With().Str("delivery", t.ID).Str("event", ev.Kind)
	if ev.Issue.Key != "" {
		c = c.Str("issue", ev.Issue.Key)
	}
	if ev.Recovered {
		c = c.Bool("recovered", true)
	}
	if t.Attempt > 1 {
		c = c.Int("attempt", t.Attempt)
	}
	return c.Logger()
}

// bury gives a whole delivery up.
func (r *Runner) bury(ctx context.Context, t *journal.Task, class string, reason error) journal.Verdict {
	letter, err := r.opts.Journal.Bury(ctx, journal.Letter{Entry: t.Entry, Rule: t.Only.Rule, Reason: reason.Error(), Class: class, Attempts: t.Attempt})
	if err != nil {
		r.opts.Log.Error().Err(err).Str("delivery", t.ID).Msg("cannot store a dead letter")
		return journal.Pause(r.opts.Backoff.First)
	}
	r.opts.Log.Error().Err(reason).Str("delivery", t.ID).Str("letter", letter.ID).Msg("delivery buried")
	return finish(nil, nil)
}

// finish closes a delivery with its runs.
func finish(runs []Record, claims []string) journal.Verdict {
	data, err := json.Marshal(record.Final{Version: record.Version, Runs: runs})
	if err != nil { // cannot be: a Record holds texts, numbers and times
		data = nil
	}
	return journal.Finish(data, claims...)
}

// Bot is the bot's own user in the words of events; the zero User until Jira has said who it is.
func (r *Runner) Bot() event.User {
	u := r.opts.Jira.Self()
	return event.User{Name: u.Name, Key: u.Key, AccountID: u.AccountID, Email: u.EmailAddress, DisplayName: u.DisplayName, Active: true}
}
