package speed

import (
	"context"
	"errors"
	"time"
)

// throughput measures one bot, round by round, each thing between two measurements of the bare handler.
func (r *run) throughput(ctx context.Context) (err error) {
	b, err := r.startWarm(ctx, setup{name: "throughput", wide: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	// First, since after a flood the bot indexes for a minute what it has done, and a steady load leaves nothing over.
	if err := r.jiraIs(ctx, 0, false); err != nil {
		return err
	}
	for range r.opts.Rounds {
		if !r.table.wants([]string{rowAccept50, rowAccept99, rowEffect99, rowPeak}) {
			break
		}
		if err := b.steadily(ctx); err != nil {
			return err
		}
	}
	kinds := []struct {
		row     string
		project Project
		events  int
		delay   time.Duration
	}{
		{rowStored, Unwanted, 10_000, 0},
		{rowEffect, Wanted, 5_000, 0},
		{rowEffectSlow, Wanted, 5_000, 20 * time.Millisecond},
	}
	before, err := r.bareRate(ctx)
	if err != nil {
		return err
	}
	for range r.opts.Rounds {
		for _, k := range kinds {
			if !r.table.wants([]string{k.row, rowPeak}) {
				continue
			}
			if err := r.jiraIs(ctx, k.delay, false); err != nil {
				return err
			}
			events := r.batch(k.project, r.opts.size(k.events))
			var rate float64
			used, err := b.processorTimeOf(func() error {
				return b.profiled(ctx, k.row, func() (err error) {
					rate, err = b.rate(ctx, events, k.project == Wanted)
					return err
				})
			})
			if err != nil {
				return err
			}
			each := used / time.Duration(events.n)
			after, err := r.bareRate(ctx)
			if err != nil {
				return err
			}
			bare := (before + after) / 2
			r.table.add(k.row, rate/bare, "%.0f/s, bare Gin %.0f/s; %.0f µs of processor each", rate, bare, microseconds(each))
			r.say("%s: %.0f/s and %v of processor each, beside %.0f/s and %.0f/s of bare Gin", k.row, rate, each, before, after)
			before = after
		}
	}
	if err := r.jiraIs(ctx, 0, false); err != nil {
		return err
	}
	_, peak, err := memory(b.cmd.Process.Pid)
	if err != nil {
		return err
	}
	r.table.add(rowPeak, megabytes(peak), "%d events", r.next)
	return b.snapshots(ctx, "throughput")
}

// bareRate is how many posts a second the bare handler answers.
func (r *run) bareRate(ctx context.Context) (float64, error) {
	events := r.batch(Unwanted, r.opts.size(20_000))
	_, took, err := flood(ctx, r.bare.addr, events)
	return float64(events.n) / took.Seconds(), err
}

// rate is how many events a second are answered, or have had their effect.
func (b *bot) rate(ctx context.Context, events *batch, effect bool) (float64, error) {
	began, took, err := flood(ctx, b.addr, events)
	if err != nil {
		return 0, err
	}
	if effect {
		at, err := b.run.effectsOf(ctx, events)
		if err != nil {
			return 0, err
		}
		took = last(at).Sub(began)
	}
	return float64(events.n) / took.Seconds(), nil
}

// steadyRate is far below what any of those measured can do, and more than most Jiras ever send.
const steadyRate = 500

// steadily measures how long one event takes while others come and go, and how long the bare handlers take just then.
func (b *bot) steadily(ctx context.Context) error {
	r := b.run
	bare, err := r.calmly(ctx, r.bare)
	if err != nil {
		return err
	}
	synced, err := r.calmly(ctx, r.synced)
	if err != nil {
		return err
	}
	events := r.batch(Wanted, r.opts.size(5*steadyRate))
	before, err := stolen()
	if err != nil {
		return err
	}
	began := time.Now()
	var due, at []time.Time
	var accepted []time.Duration
	err = b.profiled(ctx, rowEffect99, func() (err error) {
		if due, accepted, err = steady(ctx, b.addr, events, steadyRate); err == nil {
			at, err = r.effectsOf(ctx, events)
		}
		return err
	})
	if err != nil {
		return err
	}
	after, err := stolen()
	if err != nil {
		return err
	}
	taken := 100 * (after - before).Seconds() / time.Since(began).Seconds()
	again, err := r.calmly(ctx, r.synced)
	if err != nil {
		return err
	}
	synced = append(synced, again...)
	effects := make([]time.Duration, events.n)
	for i := range effects {
		effects[i] = at[i].Sub(due[i])
	}
	p50 := func(of []time.Duration) float64 { return milliseconds(percentile(of, .5)) }
	p99 := func(of []time.Duration) float64 { return milliseconds(percentile(of, .99)) }
	r.table.add(rowAccept50, p50(accepted), "bare Gin %.2f ms, one that syncs %.2f ms", p50(bare), p50(synced))
	r.table.add(rowAccept99, p99(accepted), "bare Gin %.2f ms, one that syncs %.2f ms; the host took %.0f %% of a processor", p99(bare), p99(synced), taken)
	r.table.add(rowAcceptTimes, p99(accepted)/p99(synced), "%.2f ms and %.2f ms", p99(accepted), p99(synced))
	r.table.add(rowEffect99, p99(effects), "p50 %.2f ms", p50(effects))
	r.say("at %d/s in ms: accepted p50 %.2f p99 %.2f, effect p50 %.2f p99 %.2f; bare Gin p50 %.2f p99 %.2f, one that syncs p50 %.2f p99 %.2f; the host took %.0f %% of a processor",
		steadyRate, p50(accepted), p99(accepted), p50(effects), p99(effects), p50(bare), p99(bare), p50(synced), p99(synced), taken)
	return nil
}

// calmly measures how long a helper takes to answer at the steady rate.
func (r *run) calmly(ctx context.Context, h *helper) (took []time.Duration, err error) {
	_, took, err = steady(ctx, h.addr, r.batch(Unwanted, r.opts.size(2*steadyRate)), steadyRate)
	return took, err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func megabytes(n int64) float64 { return float64(n) / 1e6 }
