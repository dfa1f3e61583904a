package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go/jetstream"
)

// A lane remembers where its work stands. After a start that is read from the lane log.
type lane struct {
	n    int
	wake chan struct{} // has a token when something arrived

	// current is the message being handled, kept alive until it is nil again.
	current atomic.Pointer[jetstream.Msg]

	mu      sync.Mutex
	floor   uint64 // all deliveries up to this sequence are handled
	synced  uint64 // all deliveries up to this sequence are on disk
	waiting int
	open    progress
}

// progress is what is known about the one delivery of a lane that was begun and is not handled.
type progress struct {
	delivery string // its ID
	notes    [][]byte
	tries    int    // that ended with Later
	first    uint64 // the sequence of the first record; 0 without
}

func newLane(n int) *lane { return &lane{n: n, wake: make(chan struct{}, 1)} }

// arrived takes note of a delivery that is on disk now.
func (l *lane) arrived(seq uint64) {
	l.mu.Lock()
	l.waiting++
	l.synced = seq
	l.mu.Unlock()
	l.kick()
}

// awaitSync waits until a delivery is on disk: the server hands it out while it is still being synced.
func (l *lane) awaitSync(ctx context.Context, n *node, seq uint64) bool {
	for {
		l.mu.Lock()
		synced := l.synced
		l.mu.Unlock()
		if seq <= synced {
			return true
		}
		select {
		case <-l.wake:
		case <-ctx.Done():
			return false
		case <-n.gone:
			return false
		}
	}
}

func (l *lane) kick() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// record adds a note or a try to the progress of a delivery.
func (l *lane) record(seq uint64, delivery string, data []byte, try bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin(delivery)
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

// handled closes a delivery and tells whether it was open.
func (l *lane) handled(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq <= l.floor {
		return false
	}
	l.floor = seq
	l.open = progress{}
	l.waiting--
	return true
}

func (l *lane) isHandled(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return seq <= l.floor
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
