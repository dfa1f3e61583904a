package journal

import (
	"context"
	"fmt"
	"iter"

	"github.com/nats-io/nats.go/jetstream"
)

// Deliveries lists what arrived, handled or not, oldest first.
func (j *Journal) Deliveries(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for m, err := range j.scan(ctx, in, "in.>", f) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			e, err := j.entry(m.subject, m.seq, m.at, m.header, m.data)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Delivery finds a delivery by its ID. When it was trimmed, or never was, the error is ErrNotFound.
func (j *Journal) Delivery(ctx context.Context, id string) (Entry, error) {
	m, err := j.byID(ctx, in, id)
	if err != nil {
		return Entry{}, fmt.Errorf("delivery %q: %w", id, err)
	}
	return j.entry(m.Subject, m.Sequence, m.Time, m.Header, m.Data)
}

// Handled tells whether a delivery needs no more work: it was closed, or was never to be worked on.
func (j *Journal) Handled(e Entry) bool {
	l := j.lanes[e.Lane]
	if e.Idle || l.isHandled(e.Seq) {
		return true
	}
	if j.crew == nil || l.held() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	st, err := l.stands(ctx, j.node.Load())
	return err == nil && e.Seq <= st.floor
}

func (j *Journal) byID(ctx context.Context, s stream, id string) (*jetstream.RawStreamMsg, error) {
	seq := sequenceOf(id)
	if seq == 0 {
		return nil, ErrNotFound
	}
	m, err := j.node.Load().at(ctx, s, seq)
	if err != nil {
		return nil, err
	}
	if m == nil || idOf(m.Sequence, m.Header.Get(jetstream.MsgIDHeader)) != id {
		return nil, ErrNotFound
	}
	return m, nil
}
