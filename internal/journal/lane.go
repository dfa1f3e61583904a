package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// A lane remembers where its work stands. It reads that from the lane log: after a start, and whenever it takes the lane
// over from another machine.
type lane struct {
	n    int
	wake chan struct{} // has a token when there may be something to do

	busy atomic.Bool // a handler has one of its deliveries

	mu      sync.Mutex
	floor   uint64 // all deliveries up to this sequence are handled
	newest  uint64 // the last delivery that is stored for good
	waiting int
	total   *atomic.Int64 // of all lanes
	open    progress
	fresh   fresh  // on a single machine
	suspect uint64 // the machine went down; a delivery up to this sequence, if it is the first to be worked on, may have been begun
	silent  bool   // no record says, not even of a later delivery, that the last one is handled
	grip    *grip  // in a cluster, while this machine holds the lane

	owed *session // in a cluster, if the log may say that this session holds the lane and it does not

	writing sync.Mutex // in a cluster, a lane's records are written one after the other

	// Only the lane's worker uses these.
	due    time.Time // when the next delivery is handed out at the earliest
	misses int       // how often it was not to be seen
}

// progress is what is known about the one delivery of a lane that was begun and is not handled.
type progress struct {
	delivery string // its ID
	notes    [][]byte
	tries    int    // that ended with Later
	first    uint64 // the sequence of the first record; 0 without
}

func newLane(n int, total, kept *atomic.Int64) *lane {
	return &lane{n: n, total: total, fresh: fresh{bytes: kept}, wake: make(chan struct{}, 1)}
}

// wait sets how many wait. The caller holds mu.
func (l *lane) wait(n int) {
	l.total.Add(int64(n - l.waiting))
	l.waiting = n
}

// arrived takes note of a delivery that is stored for good, and keeps it at hand if it is given. Nothing behind it in the
// lane is handed out before.
func (l *lane) arrived(seq uint64, e *Entry) {
	l.mu.Lock()
	if e != nil && e.Stored != (time.Time{}) {
		l.fresh.add(*e, max(l.floor, l.newest))
	}
	if seq > l.floor {
		l.wait(l.waiting + 1)
	}
	l.newest = max(l.newest, seq)
	l.mu.Unlock()
	l.kick()
}

func (l *lane) kick() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// span is between what and what something may wait; nothing does if they are equal.
func (l *lane) span() (floor, newest uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.floor, max(l.floor, l.newest)
}

// record adds a note or a try to the progress of a delivery.
func (l *lane) record(seq uint64, delivery string, data []byte, try bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin(delivery)
	l.silent = false // it says that all before is handled
	if l.open.first == 0 {
		l.open.first = seq
	}
	if try {
		l.open.tries++
		return
	}
	l.open.notes = append(l.open.notes, data)
}

// begin forgets the progress of any other delivery. The caller holds mu.
func (l *lane) begin(delivery string) {
	if l.open.delivery != delivery {
		l.open = progress{delivery: delivery}
	}
}

// passed closes a delivery of which there is nothing to tell.
func (l *lane) passed(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silent = l.close(seq) || l.silent
}

// handled closes a delivery whose final is stored.
func (l *lane) handled(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silent = false
	l.close(seq)
}

// close tells whether the delivery was open. The caller holds mu.
func (l *lane) close(seq uint64) bool {
	if seq <= l.floor {
		return false
	}
	l.floor, l.suspect = seq, 0
	l.open = progress{}
	if l.floor >= l.newest {
		l.wait(0)
	} else {
		l.wait(max(0, l.waiting-1))
	}
	return true
}

// isSilent tells whether the log says less than what is handled.
func (l *lane) isSilent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.silent
}

func (l *lane) isHandled(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return seq <= l.floor
}

// reset forgets everything but a floor.
func (l *lane) reset(floor uint64) {
	l.mu.Lock()
	l.floor, l.newest, l.open = floor, floor, progress{}
	l.fresh.clear()
	l.wait(0)
	l.mu.Unlock()
}

// replay takes in one record of the lane log. Records come in their order.
func (l *lane) replay(subject string, seq uint64, h nats.Header, data []byte) error {
	var meta recordMeta
	if err := header(h, recordHeader, &meta); err != nil {
		return err
	}
	of := sequenceOf(meta.Delivery)
	switch subject {
	case finalSubject(l.n):
		l.mu.Lock()
		l.floor, l.suspect, l.open = of, 0, progress{}
		l.mu.Unlock()
	case noteSubject(l.n):
		l.mu.Lock()
		floor := l.floor
		// A delivery is only begun when all before it in its lane are handled. Those of which there was nothing to
		// tell have no final; handed out once more, they would make this one's notes be forgotten.
		l.floor = max(floor, of-1)
		l.mu.Unlock()
		if of > floor {
			l.record(seq, meta.Delivery, data, meta.Try)
		}
	case holdSubject(l.n):
		if meta.Hold == nil {
			return fmt.Errorf("record %d says nothing about who holds the lane", seq)
		}
		l.mu.Lock()
		l.floor, l.suspect = meta.Hold.Floor, meta.Hold.Suspect
		if sequenceOf(l.open.delivery) <= l.floor {
			l.open = progress{}
		}
		l.mu.Unlock()
	}
	return nil
}

// floorsSubject holds where all lanes stand. Together with what lies behind it in the lane log it is complete, so that
// everything before it may be trimmed. A later record replaces what an earlier one says, also with a lower number.
const floorsSubject = "run.floors"

type floors struct {
	Floors []uint64 `json:"floors"` // by lane
	Last   uint64   `json:"last"`   // the last delivery stored
}

// writeFloors stores where the lanes stand, if that has changed since the last time.
func (j *Journal) writeFloors(ctx context.Context) error {
	now := floors{Floors: make([]uint64, len(j.lanes)), Last: j.seen[in].Load()}
	before := j.floors.Load()
	same := before != nil && now.Last == before.Last
	for i, l := range j.lanes {
		l.mu.Lock()
		now.Floors[i] = l.floor
		l.mu.Unlock()
		same = same && now.Floors[i] == before.Floors[i]
	}
	if same {
		return nil
	}
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	msg, err := message(floorsSubject, data)
	if err != nil {
		return err
	}
	if _, err := j.write(ctx, &write{stream: runs, msg: msg, spare: true}); err != nil {
		return fmt.Errorf("store where the lanes stand: %w", err)
	}
	j.floors.Store(&now)
	return nil
}
