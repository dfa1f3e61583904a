package journal

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// A Filter chooses what a listing shows. The zero Filter shows everything the journal still has.
type Filter struct {
	After  uint64    // only what has a higher sequence
	Since  time.Time // only what was stored at this time or later
	Newest int       // only the last so many; 0 for all

	brief bool // as a batch's
}

// scanBatch is how many messages are asked for at once; batchBytes bounds their size.
const scanBatch = 256

// scan shows the messages of a stream, oldest first, up to those that are there when it begins.
func (j *Journal) scan(ctx context.Context, s stream, subject string, f Filter) iter.Seq2[stored, error] {
	if f.Newest > 0 {
		return j.newest(ctx, s, subject, f)
	}
	return func(yield func(stored, error) bool) {
		if err := j.scanInto(ctx, s, subject, f, func(m stored) bool { return yield(m, nil) }); err != nil {
			yield(stored{}, fmt.Errorf("list %s: %w", s, err))
		}
	}
}

func (j *Journal) scanInto(ctx context.Context, s stream, subject string, f Filter, show func(stored) bool) error {
	n := j.node.Load()
	ask := batch{subject: subject, seq: f.After + 1, count: scanBatch, brief: f.brief}
	if f.After == 0 && !f.Since.IsZero() {
		ask.seq, ask.since = 0, &f.Since
	}
	left, begun, stopped := uint64(0), false, false
	for !begun || left > 0 {
		shown, err := n.fetch(ctx, s, ask, func(m stored) bool {
			if !begun {
				begun, left = true, m.left+1
			}
			left = min(left-1, m.left)
			ask.seq, ask.since = m.seq+1, nil
			if m.at.Before(f.Since) {
				return left > 0
			}
			stopped = !show(m)
			return !stopped && left > 0
		})
		if err != nil {
			return err
		}
		if stopped || shown == 0 {
			return nil // shown enough, or the rest was trimmed meanwhile
		}
	}
	return nil
}

// newest looks back from the end, further each time, until it has enough.
func (j *Journal) newest(ctx context.Context, s stream, subject string, f Filter) iter.Seq2[stored, error] {
	return func(yield func(stored, error) bool) {
		end, err := j.node.Load().end(ctx, s)
		if err != nil {
			yield(stored{}, fmt.Errorf("list %s: %w", s, err))
			return
		}
		var kept []stored
		for back := uint64(4 * f.Newest); ; back *= 4 {
			part := f
			if end > back {
				part.After = max(f.After, end-back)
			}
			kept = kept[:0]
			err := j.scanInto(ctx, s, subject, part, func(m stored) bool {
				if len(kept) == f.Newest {
					kept = append(kept[:0], kept[1:]...)
				}
				kept = append(kept, m)
				return true
			})
			if err != nil {
				yield(stored{}, fmt.Errorf("list %s: %w", s, err))
				return
			}
			if len(kept) == f.Newest || part.After == f.After {
				break
			}
		}
		for _, m := range kept {
			if !yield(m, nil) {
				return
			}
		}
	}
}
