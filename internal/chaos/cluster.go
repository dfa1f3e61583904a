//go:build linux

package chaos

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// patienceOfSeveral is how long one of several bots may take to answer before another is asked.
const patienceOfSeveral = time.Second

// recovery is how long a cluster may take to be whole again.
const recovery = time.Minute

// longestPause is for how long at the most several bots may accept nothing while one of them is away.
const longestPause = 5 * time.Second

// tooLong tells of pauses that were longer.
func (r *run) tooLong() {
	for _, p := range r.report.Pauses {
		if p.Length > longestPause {
			r.report.Broken = append(r.report.Broken, fmt.Sprintf("nothing was accepted for %v, %.0f s after the begin, though most of the bots were there",
				p.Length.Round(time.Millisecond), p.At.Seconds()))
		}
	}
}

// allUp waits until every bot can store and has what the others have: one that lacks something counts as away. One that has ended
// by itself, or does not come back, has broken a promise.
func (r *run) allUp(ctx context.Context) {
	for _, b := range r.bots {
		err := b.up(ctx, "/readyz", recovery)
		if err == nil {
			err = r.until(ctx, recovery, func() bool { return b.whole(ctx) })
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		r.report.Broken = append(r.report.Broken, err.Error())
		b.kill()
		if err := b.start(); err != nil {
			r.report.Broken = append(r.report.Broken, err.Error())
		}
	}
}

// loseMost takes two of three bots away. The one that is left must refuse, since it cannot keep what it is given; and all must
// be well when one comes back.
func (r *run) loseMost(ctx context.Context) error {
	r.allUp(ctx)
	left, lost := r.bots[0], r.bots[1:]
	for _, b := range lost {
		b.kill()
	}
	died := time.Now()
	r.relay.patient(patience) // it may take its time to find out that it is alone
	defer r.relay.patient(patienceOfSeveral)
	if err := r.until(ctx, recovery, func() bool {
		status, _, err := left.get(ctx, "/readyz")
		return err == nil && status == http.StatusServiceUnavailable
	}); err != nil {
		r.report.Broken = append(r.report.Broken, "with two of three bots away the third still says that it is ready")
	}
	before, refused := r.relay.accepted(), r.relay.answered()[http.StatusServiceUnavailable]
	if err := r.until(ctx, recovery, func() bool { return r.relay.answered()[http.StatusServiceUnavailable] > refused }); err != nil {
		r.report.Broken = append(r.report.Broken, "with two of three bots away, nothing was answered with 503")
	}
	first := time.Since(died)
	wait(ctx, 5*time.Second)
	if n := r.relay.accepted() - before; n > 0 {
		r.report.Broken = append(r.report.Broken, fmt.Sprintf("with two of three bots away, %d events were accepted", n))
	}
	refused = r.relay.answered()[http.StatusServiceUnavailable] - refused
	back := time.Now()
	if err := lost[0].start(); err != nil {
		return err
	}
	before = r.relay.accepted()
	if err := r.until(ctx, recovery, func() bool { return r.relay.accepted() > before }); err != nil {
		r.report.Broken = append(r.report.Broken, "two of three bots are there again, and nothing is accepted")
	}
	r.report.TwoAway = fmt.Sprintf("for %v: 503 after %v, %d in all; accepting again %v after the start of one of them",
		back.Sub(died).Round(time.Millisecond), first.Round(time.Millisecond), refused, time.Since(back).Round(time.Millisecond))
	for _, b := range lost[1:] {
		if err := b.start(); err != nil {
			return err
		}
	}
	r.allUp(ctx)
	return ctx.Err()
}

// until waits for something to become so.
func (r *run) until(ctx context.Context, patience time.Duration, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !so() {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait(ctx, 20*time.Millisecond)
	}
	return nil
}
