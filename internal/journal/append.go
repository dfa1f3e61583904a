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
	// Work is what whoever handed the delivery on has given along: what was done about it before.
	Work []byte
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
	if waiting := j.allWaiting(); !idle && waiting >= j.opts.MaxWaiting {
		return Receipt{}, &Full{Why: fmt.Sprintf("%d deliveries wait", waiting), wait: fullWait}
	}
	return j.append(ctx, d, nil, storeID, lane, idle, false)
}

// Hand stores a delivery that comes of the work on another, with what was done about it before. It is never refused for
// how many wait: a lane that could not hand on would not get on either.
func (j *Journal) Hand(ctx context.Context, d event.Delivery, work []byte, storeID, lane string) (Receipt, error) {
	d.Known = nil // of what it was before
	return j.append(ctx, d, work, storeID, lane, false, true)
}

func (j *Journal) append(ctx context.Context, d event.Delivery, work []byte, storeID, lane string, idle, spare bool) (Receipt, error) {
	if storeID == "" {
		return Receipt{}, fmt.Errorf("append delivery: a store ID is needed")
	}
	j.given.Add(1)
	n := laneOf(lane, len(j.lanes))
	subject := laneSubject(n)
	if idle {
		subject = idleSubject
	}
	msg, err := message(subject, d.Body, deliveryHeader, metaOf(d, lane))
	if err != nil {
		return Receipt{}, fmt.Errorf("append delivery: %w", err)
	}
	addWork(msg, d.Only, work)
	hash := shortHash(storeID)
	a, err := j.write(ctx, &write{stream: in, msg: msg, id: hash, spare: spare, stored: func(a answer) {
		if !a.repeat && !idle {
			j.arrived(j.lanes[n], Entry{Delivery: d, ID: idOf(a.seq, hash), Seq: a.seq, Lane: n, LaneKey: lane, Stored: a.at, Work: work})
		}
	}})
	if err != nil {
		j.trimIfFull(err)
		return Receipt{}, fmt.Errorf("append delivery: %w", err)
	}
	return Receipt{ID: idOf(a.seq, hash), Seq: a.seq, Lane: n, Repeat: a.repeat}, nil
}

// arrived tells whoever works on the lane.
func (j *Journal) arrived(l *lane, e Entry) {
	switch {
	case j.crew == nil:
		e.Received = e.Received.Round(0) // as it would be read
		l.arrived(e.Seq, &e)
	case l.held() != nil:
		l.arrived(e.Seq, nil) // several writers come here in any order
	default:
		j.crew.wake(l.n, e.Seq)
	}
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
	body, work := splitWork(h, body)
	e := Entry{Delivery: meta.delivery(body), ID: id, Seq: seq, LaneKey: meta.Lane, Stored: stored, Work: work}
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
