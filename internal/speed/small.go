package speed

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// small measures the bot as it is by default, with one rule and nothing to do.
func (r *run) small(ctx context.Context) error {
	for i := range 2*r.opts.Rounds + 1 {
		if err := r.start(ctx, fmt.Sprintf("start-%d", i)); err != nil {
			return err
		}
	}
	return r.idle(ctx)
}

// start measures the time from the program's start to the first delivery that it has stored.
func (r *run) start(ctx context.Context, name string) (err error) {
	b, err := r.startBot(ctx, setup{name: name})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	took, err := b.firstAccepted(ctx, r.batch(Wanted, 1))
	if err == nil {
		r.table.add(rowStart, milliseconds(took), "into an empty directory")
		r.say("first 2xx after %v", took)
	}
	return err
}

// idle measures the memory of a bot that has settled.
func (r *run) idle(ctx context.Context) (err error) {
	b, err := r.startBot(ctx, setup{name: "idle"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	event := r.batch(Wanted, 1)
	if _, err := b.firstAccepted(ctx, event); err != nil {
		return err
	}
	if _, err := r.effectsOf(ctx, event); err != nil {
		return err
	}
	select {
	case <-time.After(r.opts.wait(10 * time.Second)):
	case <-ctx.Done():
		return ctx.Err()
	}
	now, peak, err := memory(b.cmd.Process.Pid)
	if err != nil {
		return err
	}
	r.table.add(rowIdle, megabytes(now), "peak %.0f MB, program file pages included", megabytes(peak))
	r.say("idle: %.1f MB", megabytes(now))
	return b.snapshots(ctx, "idle")
}
