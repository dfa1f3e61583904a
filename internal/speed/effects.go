package speed

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// lostAfter is how long no event may have its effect before the rest is taken for lost.
const lostAfter = 30 * time.Second

// jiraIs makes the stand-in slow, or away.
func (r *run) jiraIs(ctx context.Context, delay time.Duration, away bool) error {
	q := url.Values{"delay": {delay.String()}, "away": {fmt.Sprint(away)}}
	_, err := get(ctx, "http://"+r.jira.addr+"/run/be?"+q.Encode())
	return err
}

// effects asks the stand-in how many of the batch's events had their effect, and when, once all had.
func (r *run) effects(ctx context.Context, b *batch) (there int, at []time.Time, err error) {
	data, err := get(ctx, fmt.Sprintf("http://%s/run/effects?first=%d&n=%d", r.jira.addr, b.first, b.n))
	if err != nil {
		return 0, nil, err
	}
	if len(data) < 16 {
		return 0, nil, errors.New("the stand-in for Jira gave a short answer")
	}
	number := func(i int) int64 { return int64(binary.LittleEndian.Uint64(data[8*i:])) }
	if doubled := number(0); doubled > 0 {
		return 0, nil, fmt.Errorf("%d effects came twice", doubled)
	}
	there = int(number(1))
	for i := 2; i < len(data)/8; i++ {
		at = append(at, time.Unix(0, number(i)))
	}
	return there, at, nil
}

// effectsOf waits until all events of the batch had their effect, and tells when.
func (r *run) effectsOf(ctx context.Context, b *batch) ([]time.Time, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	most, moved := 0, time.Now()
	for {
		there, at, err := r.effects(ctx, b)
		if err != nil || there == b.n {
			return at, err
		}
		if there > most {
			most, moved = there, time.Now()
		}
		if time.Since(moved) > lostAfter {
			return nil, fmt.Errorf("of %d events %d had an effect, and for %v nothing has moved", b.n, there, lostAfter)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// last is when the last effect came.
func last(at []time.Time) time.Time { return slices.MaxFunc(at, time.Time.Compare) }

// percentile is the value below which a share of all lies.
func percentile(all []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
