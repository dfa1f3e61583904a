package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Places say how far a follower has read. They can be kept as JSON; the zero Places are the beginning.
type Places struct {
	Deliveries Place `json:"deliveries"`
	Finals     Place `json:"finals"`
	Letters    Place `json:"letters"`
}

// A Place is the last record of one stream that was read.
type Place struct {
	Stream time.Time `json:"stream"` // when the stream was made
	Seq    uint64    `json:"seq"`
	Stored time.Time `json:"stored"` // when that record was
}

// ErrElsewhere is the answer to places that are not in this journal: it was made anew, or has lost its end.
var ErrElsewhere = errors.New("what was read before is not in this journal")

// A Batch is what a follower reads at once, and where it stands behind it. Bodies and data are good until the next one is read.
type Batch struct {
	Places     Places
	Deliveries []Entry
	Finals     []Final
	Letters    []Letter
	// Floors are, by lane, the sequences up to which all deliveries are handled; nil where nothing new is known.
	Floors []uint64
	// Discarded are letters that are gone; nil where nothing was discarded since the last batch.
	Discarded *Gone
	// Unreadable are records that are damaged or of a later format. They are passed over.
	Unreadable []error
	// Behind is how many records are left, those counted in that a follower skips. With 0 the end was reached.
	Behind uint64
}

// Gone are the sequences of letters that the journal does not have any more.
type Gone struct {
	Before uint64 // all below it
	Among  []uint64
}

// Number is the letter's own sequence, as Gone means it.
func (l Letter) Number() uint64 { return sequenceOf(l.ID) }

// A Follower reads everything that the journal holds in the order in which it was stored, and then what comes. Of what
// belongs to a delivery nothing is told before the delivery itself; in a cluster that depends on the nearest copies of the streams,
// which may lack for a moment what the others have. It is for one goroutine.
type Follower struct {
	// Rest, if set, is called before each record: a batch takes some milliseconds to read.
	Rest func()

	journal *Journal
	places  Places
	tails   [3]tail
	round   int                    // of looking for ends
	floors  uint64                 // the sequence of those that were told last
	letters *jetstream.StreamState // as looked at last; nil before
	room    []byte                 // for the bodies and data of one batch
}

// A tail is one stream on its way to its end.
type tail struct {
	stream  stream
	subject string
	end     uint64                       // the last sequence when reading began
	looked  int                          // in which round that was
	from    uint64                       // the place when reading began
	seen    time.Time                    // when there was something new last
	next    func() (stored, error, bool) // nil when the end was reached
	stop    func()
	held    *stored // what was read too early
}

// Follow begins to read behind the places.
func (j *Journal) Follow(p Places) *Follower {
	return &Follower{journal: j, places: p, tails: [3]tail{
		{stream: in, subject: "in.>"},
		{stream: dead, subject: "dead.*"},
		{stream: runs, subject: "run.*.final"},
	}}
}

// Close lets go of what is being read. Reading would begin anew behind the places of the last batch.
func (f *Follower) Close() {
	for i := range f.tails {
		f.tails[i].close()
		f.tails[i].end = 0
	}
	f.letters = nil
}

// followBytes bounds the bodies of one batch; the last one may exceed it.
const followBytes = 8 << 20

// Next reads on, at most so many records of each kind, and does not wait for any. After an error it begins anew behind the
// last batch.
func (f *Follower) Next(ctx context.Context, most int) (Batch, error) {
	b := Batch{Places: f.places}
	f.room = f.room[:0]
	if err := f.readAll(ctx, &b, most); err != nil {
		f.Close()
		return Batch{}, err
	}
	f.places = b.Places
	if b.Behind == 0 || cap(f.room) > mostRoom {
		f.room = nil // the batch's own from here on
	}
	return b, nil
}

// readAll looks for the ends of the streams and reads towards them. A delivery is stored first, then its letters, then its
// final: whoever looks for the ends in the other order has the delivery of each final that is before the end.
func (f *Follower) readAll(ctx context.Context, b *Batch, most int) error {
	places := [...]*Place{&b.Places.Deliveries, &b.Places.Letters, &b.Places.Finals}
	f.round++
	for i := len(f.tails) - 1; i >= 0; i-- {
		if err := f.look(ctx, &f.tails[i], places[i], b); err != nil {
			return fmt.Errorf("follow %s: %w", f.tails[i].stream, err)
		}
	}
	for i := range f.tails {
		if err := f.read(ctx, &f.tails[i], places[i], b, most); err != nil {
			return fmt.Errorf("follow %s: %w", f.tails[i].stream, err)
		}
	}
	return nil
}

// lag is how long a copy of a stream may lack what its leader has.
const lag = time.Minute

// look begins to read a stream if there is anything new in it.
func (f *Follower) look(ctx context.Context, t *tail, p *Place, b *Batch) error {
	if t.next != nil {
		return nil
	}
	n := f.journal.node.Load()
	t.looked = f.round
	info, err := n.streams[t.stream].Info(ctx)
	if err != nil {
		return err
	}
	more := info.State.LastSeq > max(p.Seq, t.end)
	if more {
		t.seen = time.Now()
	}
	// Between the place and the end lies what the subject does not fit, or what a copy of the stream did not have yet: it
	// is the leader who tells the end, and any copy that shows what is there.
	lacking := n.direct[t.stream] == nil && p.Seq < t.end && time.Since(t.seen) < lag
	if more || lacking {
		if err := known(ctx, n, t.stream, info, *p); err != nil {
			return err
		}
		p.Stream, t.end, t.from = info.Created, info.State.LastSeq, p.Seq
		t.next, t.stop = iter.Pull2(f.journal.scan(ctx, t.stream, t.subject, Filter{After: p.Seq, brief: true}))
	} else if p.Seq > 0 && (p.Seq > info.State.LastSeq || !p.Stream.Equal(info.Created)) {
		return ErrElsewhere
	}
	if t.stream == dead {
		return f.lookForDiscarded(ctx, n, info.State, b)
	}
	return nil
}

// known makes sure that a place is in this journal.
func known(ctx context.Context, n *node, s stream, info *jetstream.StreamInfo, p Place) error {
	if p.Seq == 0 {
		return nil
	}
	if !p.Stream.Equal(info.Created) {
		return ErrElsewhere
	}
	m, err := n.at(ctx, s, p.Seq)
	if err == nil && m != nil && !m.Time.Equal(p.Stored) {
		return ErrElsewhere
	}
	return err
}

// read takes records off a stream that has some.
func (f *Follower) read(ctx context.Context, t *tail, p *Place, b *Batch, most int) error {
	for size := 0; t.next != nil && most > 0 && size < followBytes; most-- {
		if f.Rest != nil {
			f.Rest()
		}
		m, more, err := t.one()
		if err != nil {
			return err
		}
		if !more {
			t.close()
			if p.Seq > t.from {
				t.seen = time.Now()
			}
			if t.stream == runs {
				return f.readFloors(ctx, t.end, b)
			}
			return nil
		}
		kept := m
		kept.data = f.keep(m.data)
		err = f.take(t, kept, b)
		if errors.Is(err, errEarly) {
			early := m
			t.held = &early
			break
		}
		if err != nil {
			b.Unreadable = append(b.Unreadable, err)
		}
		p.Seq, p.Stored = m.seq, m.at
		size += len(m.data)
	}
	if t.next != nil {
		b.Behind += max(t.end, p.Seq+1) - p.Seq
	}
	return nil
}

// mostRoom is what a follower that has more to read keeps from batch to batch: so much less for the collector to find.
const mostRoom = 1 << 20

// keep copies the data of a record to where it stays until the next batch.
func (f *Follower) keep(data []byte) []byte {
	if cap(f.room)-len(f.room) < len(data) {
		f.room = make([]byte, 0, max(len(data), min(2*cap(f.room), mostRoom), 64<<10))
	}
	from := len(f.room)
	f.room = append(f.room, data...)
	return f.room[from:len(f.room):len(f.room)]
}

// one is the next record before the end.
func (t *tail) one() (m stored, more bool, err error) {
	if held := t.held; held != nil {
		t.held = nil
		return *held, true, nil
	}
	m, err, more = t.next()
	return m, more && m.seq <= t.end, err
}

func (t *tail) close() {
	if t.next != nil {
		t.stop()
		t.next, t.stop, t.held = nil, nil, nil
	}
}

// errEarly is told of what belongs to a delivery that is still to be read.
var errEarly = errors.New("its delivery comes first")

// early is false also where the deliveries were read to an end that was looked for later: then the journal has lost the one it
// is about.
func (f *Follower) early(t *tail, delivery uint64, b *Batch) bool {
	deliveries := &f.tails[0]
	return delivery > b.Places.Deliveries.Seq && (deliveries.next != nil || deliveries.looked < t.looked)
}

func (f *Follower) take(t *tail, m stored, b *Batch) error {
	switch t.stream {
	case in:
		e, err := f.journal.entry(m.subject, m.seq, m.at, m.header, m.data)
		if err != nil {
			return err
		}
		b.Deliveries = append(b.Deliveries, e)
	case runs:
		final, err := finalOf(m)
		if err != nil {
			return err
		}
		if f.early(t, final.DeliverySeq, b) {
			return errEarly
		}
		b.Finals = append(b.Finals, final)
	default:
		l, err := letter(m.seq, m.header, m.data)
		if err != nil {
			return err
		}
		if f.early(t, l.Seq, b) {
			return errEarly
		}
		b.Letters = append(b.Letters, l)
	}
	return nil
}

// readFloors reads where the lanes stand, if that was written before the end that was reached: what lies behind it may
// tell of runs that were not read yet.
func (f *Follower) readFloors(ctx context.Context, end uint64, b *Batch) error {
	known, at, err := readFloors(ctx, f.journal.node.Load(), len(f.journal.lanes))
	if err == nil && at != f.floors && at > 0 && at <= end {
		b.Floors, f.floors = known.Floors, at
	}
	return err
}

// lookForDiscarded asks which letters are gone, if their number says that some are.
func (f *Follower) lookForDiscarded(ctx context.Context, n *node, now jetstream.StreamState, b *Batch) error {
	if was := f.letters; was != nil && now.Msgs == was.Msgs+now.LastSeq-was.LastSeq || now.LastSeq == 0 {
		f.letters = &now
		return nil
	}
	info, err := n.streams[dead].Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return err
	}
	f.letters = &now
	b.Discarded = &Gone{Before: info.State.FirstSeq, Among: info.State.Deleted}
	return nil
}
