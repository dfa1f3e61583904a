package journal

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Filter chooses what a listing shows. The zero Filter shows everything the journal still has.
type Filter struct {
	After  uint64    // only what has a higher sequence
	Since  time.Time // only what was stored at this time or later
	Newest int       // only the last so many; 0 for all
}

// A stored is a message as a listing meets it.
type stored struct {
	subject string
	seq     uint64
	at      time.Time
	header  nats.Header
	data    []byte
}

const (
	scanBatch  = 128
	scanBodies = 16 // where a message may be a body of 25 MB
)

// scan shows the messages of a stream, oldest first, up to those that are there when it begins.
func (j *Journal) scan(ctx context.Context, s stream, subjects []string, f Filter, bodies bool) iter.Seq2[stored, error] {
	if f.Newest > 0 {
		return j.newest(ctx, s, subjects, f, bodies)
	}
	return func(yield func(stored, error) bool) {
		if err := j.scanInto(ctx, s, subjects, f, bodies, func(m stored) bool { return yield(m, nil) }); err != nil {
			yield(stored{}, fmt.Errorf("list %s: %w", s, err))
		}
	}
}

func (j *Journal) scanInto(ctx context.Context, s stream, subjects []string, f Filter, bodies bool, show func(stored) bool) error {
	n := j.node.Load()
	config := jetstream.ConsumerConfig{FilterSubjects: subjects, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
		DeliverPolicy: jetstream.DeliverAllPolicy, InactiveThreshold: time.Minute, HeadersOnly: !bodies}
	switch {
	case f.After > 0:
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, f.After+1
	case !f.Since.IsZero():
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &f.Since
	}
	c, err := n.streams[s].CreateConsumer(ctx, config)
	if err != nil {
		return err
	}
	// Best effort: the server removes it by itself after InactiveThreshold.
	defer func() { _ = n.streams[s].DeleteConsumer(context.WithoutCancel(ctx), c.CachedInfo().Name) }()
	batch := scanBatch
	if bodies && s != runs {
		batch = scanBodies
	}
	for left := c.CachedInfo().NumPending; left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := c.FetchNoWait(batch)
		if err != nil {
			return err
		}
		count := 0
		for m := range got.Messages() {
			count++
			meta, err := m.Metadata()
			if err != nil {
				return err
			}
			left = min(left, meta.NumPending)
			if meta.Timestamp.Before(f.Since) {
				continue
			}
			if !show(stored{m.Subject(), meta.Sequence.Stream, meta.Timestamp, nats.Header(m.Headers()), m.Data()}) {
				return nil
			}
		}
		if err := got.Error(); err != nil {
			return err
		}
		if count == 0 {
			return nil // the rest was trimmed meanwhile
		}
	}
	return nil
}

// newest looks back from the end, further each time, until it has enough.
func (j *Journal) newest(ctx context.Context, s stream, subjects []string, f Filter, bodies bool) iter.Seq2[stored, error] {
	return func(yield func(stored, error) bool) {
		end := j.seen[s].Load()
		var kept []stored
		for back := uint64(4 * f.Newest); ; back *= 4 {
			part := f
			if end > back {
				part.After = max(f.After, end-back)
			}
			kept = kept[:0]
			err := j.scanInto(ctx, s, subjects, part, bodies, func(m stored) bool {
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
