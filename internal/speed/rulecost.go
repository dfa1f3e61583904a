package speed

import (
	"context"
	"errors"
	"time"
)

// processor measures what an event costs in processor time, with few rules and with many. The bots take turns at the same steady
// rate: a busier bot shares more syncs among its events, and would look cheaper.
func (r *run) processor(ctx context.Context) (err error) {
	n := r.opts.size(10_000)
	few, many, all := &cost{setup: setup{name: "few-rules", rules: manyRules(10, elsewhere)}},
		&cost{setup: setup{name: "many-rules", rules: manyRules(n, elsewhere)}},
		&cost{setup: setup{name: "unindexed-rules", rules: manyRules(n, everywhere)}}
	costs := []*cost{few, many, all}
	for _, c := range costs {
		if c.bot, err = r.startWarm(ctx, c.setup); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.bot.stop()) }()
	}
	for range r.opts.Rounds {
		for _, c := range costs {
			if c.event, err = c.bot.perEvent(ctx, c.name); err != nil {
				return err
			}
		}
		r.say("processor time per event: %v with 10 rules, %v with %d of elsewhere, %v with %[3]d that no index narrows", few.event, many.event, n, all.event)
		r.table.add(rowIndexed, float64(many.event)/float64(few.event), "%v → %v", few.event, many.event)
		r.table.add(rowUnindexed, microseconds(all.event), "%v of it beyond 10 rules", all.event-few.event)
	}
	return nil
}

// A cost is what an event costs one of the bots.
type cost struct {
	setup
	bot   *bot
	event time.Duration
}

// perEvent is the processor time of one event, from the post to the effect.
func (b *bot) perEvent(ctx context.Context, name string) (time.Duration, error) {
	events := b.run.batch(Wanted, b.run.opts.size(4*steadyRate))
	used, err := b.processorTimeOf(func() error {
		return b.profiled(ctx, name, func() error {
			if _, _, err := steady(ctx, b.addr, events, steadyRate); err != nil {
				return err
			}
			_, err := b.run.effectsOf(ctx, events)
			return err
		})
	})
	return (used / time.Duration(events.n)).Round(100 * time.Nanosecond), err
}

// processorTimeOf is what the bot uses while something is done. On a machine that is busy with other things it tells more than
// the time that passes.
func (b *bot) processorTimeOf(do func() error) (time.Duration, error) {
	before, err := processorTime(b.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := processorTime(b.cmd.Process.Pid)
	return after - before, err
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
