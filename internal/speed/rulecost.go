package speed

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// processor measures what an event costs in processor time, with few rules and with many, of which none wants it.
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
		if err := c.bot.settled(ctx); err != nil {
			return err
		}
	}
	for range r.opts.Rounds {
		if err := inTurns(ctx, costs, cost.calmly, func(c *cost, each time.Duration) { c.calm = each }); err != nil {
			return err
		}
		if err := inTurns(ctx, costs, cost.busily, func(c *cost, each time.Duration) { c.busy = each }); err != nil {
			return err
		}
		r.say("processor time per event: %v with 10 rules, %v with %d of elsewhere, %v with %[3]d that no index narrows; at %[5]d/s with an effect %v, %v, %v",
			few.busy, many.busy, n, all.busy, steadyRate, few.calm, many.calm, all.calm)
		r.table.add(rowIndexed, float64(many.busy)/float64(few.busy), "%v → %v", few.busy, many.busy)
		r.table.add(rowUnindexed, microseconds(all.busy), "%v of it beyond 10 rules", all.busy-few.busy)
		r.table.add(rowIndexedCalm, float64(many.calm)/float64(few.calm), "%v → %v", few.calm, many.calm)
		r.table.add(rowUnindexedCalm, microseconds(all.calm), "%v of it beyond 10 rules", all.calm-few.calm)
	}
	return nil
}

// A cost is what an event costs one of the bots.
type cost struct {
	setup
	bot *bot
	// busy is of events that no rule wants, as many as the bot can take, until history has them all. On a machine that has time
	// to sleep between two events most of the time goes into falling asleep and waking up.
	busy time.Duration
	// calm is of events at the steady rate that one rule wants, up to its effect.
	calm time.Duration
}

// calmly is a turn of events at the steady rate; busily one of as many as the bot can take. Both tell how many that were.
func (c cost) calmly(ctx context.Context) (events int, err error) {
	r := c.bot.run
	b := r.batch(Wanted, r.opts.size(2*steadyRate))
	return b.n, c.bot.profiled(ctx, c.name+"-calm", func() error {
		if _, _, err := steady(ctx, c.bot.addr, b, steadyRate); err != nil {
			return err
		}
		_, err := r.effectsOf(ctx, b)
		return err
	})
}

func (c cost) busily(ctx context.Context) (events int, err error) {
	r := c.bot.run
	b := r.batch(Unwanted, r.opts.size(6_000))
	return b.n, c.bot.profiled(ctx, c.name, func() error {
		_, _, err := flood(ctx, c.bot.addr, b)
		return err
	})
}

// inTurns measures what an event costs each of the bots. They take turns, since a machine is not as fast in one minute as in the next.
// What a bot has left to do after its turn it does in the others', and it counts as its own.
func inTurns(ctx context.Context, costs []*cost, turn func(cost, context.Context) (int, error), is func(*cost, time.Duration)) error {
	const turns = 5
	before, events := make([]time.Duration, len(costs)), make([]int, len(costs))
	for i, c := range costs {
		var err error
		if before[i], err = processorTime(c.bot.cmd.Process.Pid); err != nil {
			return err
		}
	}
	for range turns {
		for i, c := range costs {
			n, err := turn(*c, ctx)
			if err != nil {
				return err
			}
			events[i] += n
		}
	}
	for i, c := range costs {
		if err := c.bot.settled(ctx); err != nil {
			return err
		}
		after, err := processorTime(c.bot.cmd.Process.Pid)
		if err != nil {
			return err
		}
		is(c, ((after - before[i]) / time.Duration(events[i])).Round(100*time.Nanosecond))
	}
	return nil
}

// settled waits until the bot has nothing more to do: it has used next to nothing for two seconds, and history knows of nothing that
// it does not have.
func (b *bot) settled(ctx context.Context) error {
	const look, looks = 500 * time.Millisecond, 4
	tick := time.NewTicker(look)
	defer tick.Stop()
	for quiet := 0; quiet < looks; quiet++ {
		used, err := b.processorTimeOf(func() error {
			select {
			case <-tick.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil {
			return err
		}
		metrics, err := get(ctx, "http://"+b.addr+"/metrics")
		if err != nil {
			return err
		}
		if used > look/30 || !bytes.Contains(metrics, []byte("\nbot_history_behind 0\n")) {
			quiet = -1
		}
	}
	return nil
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
