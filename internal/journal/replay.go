package journal

import (
	"context"
	"errors"
	"fmt"
)

// A standing is what the newest records of a lane's log say without a replay. It may be old, and is never wrong.
type standing struct {
	floor uint64
	from  uint64 // the first record that a replay needs
}

func (l *lane) stands(ctx context.Context, n *node) (st standing, err error) {
	last, err := n.last(ctx, runs, holdSubject(l.n))
	if err != nil {
		return st, err
	}
	if last != nil {
		var meta recordMeta
		if err := header(last.Header, recordHeader, &meta); err != nil {
			return st, err
		}
		if meta.Hold == nil {
			return st, fmt.Errorf("record %d does not say who holds the lane", last.Sequence)
		}
		st.floor, st.from = meta.Hold.Floor, last.Sequence
		if meta.Hold.First > 0 {
			st.from = meta.Hold.First
		}
	}
	final, err := n.last(ctx, runs, finalSubject(l.n))
	if err != nil || final == nil {
		return st, err
	}
	var meta recordMeta
	if err := header(final.Header, recordHeader, &meta); err != nil {
		return st, err
	}
	st.floor = max(st.floor, sequenceOf(meta.Delivery))
	if last == nil {
		st.from = final.Sequence
	}
	return st, nil
}

// replayAll reads the log of the lane from where it last said everything, and tells who holds the lane and which record
// is the last. The copy of the log that is read may lack the newest records: then nothing can be written behind the last
// one that was seen.
func (l *lane) replayAll(ctx context.Context, n *node, known, at uint64) (holder hold, tail uint64, err error) {
	st, err := l.stands(ctx, n)
	if err != nil {
		return hold{}, 0, err
	}
	// What is replayed may lower the floor to what it was then, and raises it again.
	floor, from := known, uint64(1)
	if st.from > 0 {
		from = st.from
	}
	l.reset(floor)
	brought := true // nobody has held the lane since a single machine worked on it
	for {
		var bad error
		shown, err := n.fetch(ctx, runs, batch{subject: logSubject(l.n), seq: from, count: scanBatch}, func(m stored) bool {
			from, tail = m.seq+1, m.seq
			if m.subject == finalSubject(l.n) && m.seq <= at {
				return true // the floors say what it says, or something newer
			}
			if m.subject == holdSubject(l.n) {
				var meta recordMeta
				if bad = header(m.header, recordHeader, &meta); bad == nil && meta.Hold != nil {
					holder, brought = *meta.Hold, false
				}
			}
			if bad == nil {
				bad = l.replay(m.subject, m.seq, m.header, m.data)
			}
			return bad == nil
		})
		if err != nil || bad != nil {
			return hold{}, 0, errors.Join(err, bad)
		}
		if shown == 0 {
			if brought {
				l.suspectUntil(n.suspect)
			}
			return holder, tail, nil
		}
	}
}
