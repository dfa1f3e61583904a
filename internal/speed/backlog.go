package speed

import (
	"context"
	"errors"
	"time"
)

// backlog fills the inbox while Jira is away, stops the bot, and measures how it comes back and works the queue off.
func (r *run) backlog(ctx context.Context) (err error) {
	s := setup{name: "backlog"}
	b, err := r.startWarm(ctx, s)
	if err != nil {
		return err
	}
	if err := r.jiraIs(ctx, 0, true); err != nil {
		return errors.Join(err, b.stop())
	}
	events := r.batch(Wanted, r.opts.size(100_000))
	_, took, err := flood(ctx, b.addr, events)
	if err := errors.Join(err, b.stop()); err != nil {
		return err
	}
	r.say("%d deliveries wait after %v; the bot starts again", events.n, took.Round(time.Millisecond))
	if err := r.jiraIs(ctx, 0, false); err != nil {
		return err
	}
	if b, err = r.startBot(ctx, s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	listening, err := b.firstAccepted(ctx, r.batch(Unwanted, 1))
	if err != nil {
		return err
	}
	var at []time.Time
	err = b.profiled(ctx, rowDrain, func() (err error) {
		at, err = r.effectsOf(ctx, events)
		return err
	})
	if err != nil {
		return err
	}
	first := at[0]
	for _, t := range at {
		if t.Before(first) {
			first = t
		}
	}
	_, peak, err := memory(b.cmd.Process.Pid)
	if err != nil {
		return err
	}
	r.table.add(rowAgain, first.Sub(b.began).Seconds(), "%d deliveries, first 2xx after %.2f s", events.n, listening.Seconds())
	r.table.add(rowDrain, megabytes(peak), "all worked off after %.1f s, %.0f/s", last(at).Sub(b.began).Seconds(), float64(events.n)/last(at).Sub(first).Seconds())
	return nil
}
