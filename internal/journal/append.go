package journal

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"jirabot/internal/event"
)

// An Entry is a delivery as the journal holds it.
type Entry struct {
	event.Delivery
	ID      string    // unique, also among journals
	Seq     uint64    // the order of arrival
	Lane    int       // the lane's number
	LaneKey string    // what Append was given as the lane
	Idle    bool      // it was stored off the lanes, to be looked at only
	Stored  time.Time // when
}

// A Receipt says that a delivery is stored. For a repeat it names the delivery that was stored the first time.
type Receipt struct {
	ID     string
	Seq    uint64
	Lane   int
	Repeat bool
}

// fullWait is how long senders are asked to wait: long enough for a trim or for some of the work to be done.
const fullWait = 10 * time.Second

// Append stores a delivery. The same storeID within two hours is stored once. Deliveries with the same lane are handled
// in the order of their Append; an idle one is kept for questions and never handled.
func (j *Journal) Append(ctx context.Context, d event.Delivery, storeID, lane string, idle bool) (Receipt, error) {
	if storeID == "" {
		return Receipt{}, fmt.Errorf("append delivery: a store ID is needed")
	}
	n := laneOf(lane, len(j.lanes))
	if waiting := j.allWaiting(); !idle && waiting >= j.opts.MaxWaiting {
		return Receipt{}, &Full{Why: fmt.Sprintf("%d deliveries wait", waiting), wait: fullWait}
	}
	subject := laneSubject(n)
	if idle {
		subject = idleSubject
	}
	msg, err := message(subject, d.Body, deliveryHeader, metaOf(d, lane))
	if err != nil {
		return Receipt{}, fmt.Errorf("append delivery: %w", err)
	}
	hash := shortHash(storeID)
	a, err := j.write(ctx, &write{stream: in, msg: msg, id: hash, stored: func(seq uint64, repeat bool) {
		if !repeat && !idle {
			j.arrived(j.lanes[n], seq)
		}
	}})
	if err != nil {
		j.trimIfFull(err)
		return Receipt{}, fmt.Errorf("append delivery: %w", err)
	}
	return Receipt{ID: idOf(a.seq, hash), Seq: a.seq, Lane: n, Repeat: a.repeat}, nil
}

// arrived tells whoever works on the lane.
func (j *Journal) arrived(l *lane, seq uint64) {
	if j.crew == nil || l.held() != nil {
		l.arrived(seq)
		return
	}
	j.crew.wake(l.n, seq)
}

// allWaiting is how many deliveries wait, in a cluster on all its machines.
func (j *Journal) allWaiting() int {
	if j.crew == nil {
		return int(j.waiting.Load())
	}
	return j.crew.waiting()
}

// entry reads a stored delivery.
func (j *Journal) entry(subject string, seq uint64, stored time.Time, h nats.Header, body []byte) (Entry, error) {
	id := idOf(seq, h.Get(jetstream.MsgIDHeader))
	var meta deliveryMeta
	if err := header(h, deliveryHeader, &meta); err != nil {
		return Entry{}, fmt.Errorf("read delivery %s: %w", id, err)
	}
	e := Entry{Delivery: meta.delivery(body), ID: id, Seq: seq, LaneKey: meta.Lane, Stored: stored}
	if subject == idleSubject {
		e.Idle, e.Lane = true, laneOf(meta.Lane, len(j.lanes))
		return e, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(subject, "in.lane."))
	if err != nil || n < 0 || n >= len(j.lanes) {
		return Entry{}, fmt.Errorf("read delivery %s: %s is no lane of this journal", id, subject)
	}
	e.Lane = n
	return e, nil
}
