package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Handler works on one delivery and says what becomes of it. Its context ends with that of Work; it should then return
// Release.
type Handler func(context.Context, *Task) Verdict

// A Task is one attempt to handle a delivery.
type Task struct {
	Entry
	// Attempt is 1 for the first. It counts what ended with Later, also before a restart.
	Attempt int
	// Notes are those of all attempts so far, in order. They are there after a crash.
	Notes [][]byte

	journal *Journal
	lane    *lane
}

// A Verdict is what becomes of a delivery. The zero Verdict is Release.
type Verdict struct {
	kind   verdict
	data   []byte
	claims []string
	after  time.Duration
}

type verdict int

const (
	release verdict = iota
	finish
	nothing
	later
	pause
)

// Finish closes a delivery and keeps data as the record of its runs. Claims are what these runs have settled: Claimed
// finds them.
func Finish(data []byte, claims ...string) Verdict {
	return Verdict{kind: finish, data: data, claims: claims}
}

// Nothing closes a delivery of which there is nothing to tell. It is not synced: after a crash within TrimEvery the
// delivery may come again.
func Nothing() Verdict { return Verdict{kind: nothing} }

// Later has the delivery handed out again after a while, as the next attempt. Its lane waits for it.
func Later(after time.Duration) Verdict { return Verdict{kind: later, after: after} }

// Pause has the delivery handed out again after a while, without counting an attempt. Its lane waits for it.
func Pause(after time.Duration) Verdict { return Verdict{kind: pause, after: after} }

// Release gives the delivery back at once, without counting an attempt: the bot is stopping.
func Release() Verdict { return Verdict{kind: release} }

// Work hands out deliveries, those of one lane in order and one at a time, until ctx ends and all handlers have
// returned. It lasts over a journal that is unwell in between. Call it once at a time.
func (j *Journal) Work(ctx context.Context, handle Handler) error {
	var workers sync.WaitGroup
	for _, l := range j.lanes {
		workers.Go(func() { j.workLane(ctx, l, handle) })
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		j.keepAlive(stop)
	}()
	workers.Wait()
	close(stop)
	<-ended
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return ctx.Err()
}

// keepAlive tells the server of every delivery being handled that it is. It ends after the last handler, not with the
// context: a handler may take its time to stop.
func (j *Journal) keepAlive(stop <-chan struct{}) {
	tick := time.NewTicker(max(j.opts.AckWait/3, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, l := range j.lanes {
				if m := l.current.Load(); m != nil {
					// An error means that the node is gone, and with it the need.
					_ = (*m).InProgress()
				}
			}
		case <-stop:
			return
		}
	}
}

// workLane works on one lane. Before anything arrives in it, it costs a waiting goroutine and nothing in the server.
func (j *Journal) workLane(ctx context.Context, l *lane, handle Handler) {
	select {
	case <-l.wake:
	case <-ctx.Done():
		return
	}
	defer l.kick() // for the next Work
	for {
		n := j.node.Load()
		err := j.drain(ctx, n, l, handle)
		if ctx.Err() != nil {
			n.forget(l.n)
			return
		}
		if !n.ended() {
			j.log.Warn().Err(err).Int("lane", l.n).Msg("lane interrupted")
		}
		j.awaitNext(ctx)
	}
}

func (n *node) ended() bool {
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}

// awaitNext waits for as long as it takes to replace a node, or for the end.
func (j *Journal) awaitNext(ctx context.Context) {
	pause := time.NewTimer(reviveEvery)
	defer pause.Stop()
	select {
	case <-j.stopped:
		<-ctx.Done()
	case <-ctx.Done():
	case <-pause.C:
	}
}

// drain hands out what the lane holds until the context or the node ends.
func (j *Journal) drain(ctx context.Context, n *node, l *lane, handle Handler) error {
	l.mu.Lock()
	floor := l.floor
	l.mu.Unlock()
	c, err := n.consumer(ctx, l.n, floor)
	if err != nil {
		return err
	}
	// MaxAckPending lets one message through at a time. The many that are asked for are never underway together: the
	// client asks again when half of them have come, and with a handful it can miss that moment and wait for good.
	messages, err := c.Messages(jetstream.PullMaxMessages(500), jetstream.PullHeartbeat(5*time.Second),
		jetstream.WithMessagesErrOnMissingHeartbeat(false))
	if err != nil {
		return fmt.Errorf("take deliveries of lane %d: %w", l.n, err)
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("take deliveries of lane %d: %w", l.n, err)
		}
		j.deliver(ctx, n, l, m, handle)
	}
}

// deliver has one delivery handled. Answers to the server that get lost are made good for: a delivery that is handled
// and comes again is skipped, another comes again when AckWait has passed.
func (j *Journal) deliver(ctx context.Context, n *node, l *lane, m jetstream.Msg, handle Handler) {
	t, err := j.task(l, m)
	if err != nil {
		// Written by a later version, or damaged. Whoever reads the log decides; the lane keeps its order until then.
		j.log.Error().Err(err).Int("lane", l.n).Msg("cannot read a delivery; its lane waits")
		_ = m.NakWithDelay(time.Minute)
		return
	}
	if l.isHandled(t.Seq) {
		_ = m.Ack()
		return
	}
	l.current.Store(&m)
	defer l.current.Store(nil)
	if l.awaitSync(ctx, n, t.Seq) {
		j.settle(ctx, l, t, m, handle(ctx, t))
	}
}

func (j *Journal) task(l *lane, m jetstream.Msg) (*Task, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	e, err := j.entry(m.Subject(), meta.Sequence.Stream, meta.Timestamp, nats.Header(m.Headers()), m.Data())
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Seq > l.floor {
		l.begin(e.ID)
	}
	return &Task{Entry: e, Attempt: l.open.tries + 1, Notes: slices.Clone(l.open.notes), journal: j, lane: l}, nil
}

func (j *Journal) settle(ctx context.Context, l *lane, t *Task, m jetstream.Msg, v Verdict) {
	switch v.kind {
	case finish:
		if !j.finish(ctx, l, t, v) {
			_ = m.Nak()
			return
		}
		_ = m.Ack()
	case nothing:
		j.handled(l, t.Seq)
		_ = m.Ack()
	case later:
		if err := t.record(context.WithoutCancel(ctx), nil, true); err != nil {
			j.log.Warn().Err(err).Str("delivery", t.ID).Msg("an attempt is not counted")
		}
		_ = m.NakWithDelay(v.after)
	case pause:
		_ = m.NakWithDelay(v.after)
	default:
		_ = m.Nak()
	}
}

func (j *Journal) handled(l *lane, seq uint64) {
	if l.handled(seq) {
		j.waiting.Add(-1)
	}
}

// finish writes the final. The work is done, so it goes on trying while the journal is unwell, until the bot stops: then
// the notes tell the next process what was done.
func (j *Journal) finish(ctx context.Context, l *lane, t *Task, v Verdict) bool {
	for {
		err := t.final(context.WithoutCancel(ctx), v)
		// After a revival the final may turn out to be stored although the answer was an error.
		if err == nil || l.isHandled(t.Seq) {
			return true
		}
		j.log.Error().Err(err).Str("delivery", t.ID).Msg("cannot store what was done")
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return false
		}
		if errors.Is(err, ErrTooLarge) {
			// Nothing makes it smaller. The delivery is done, and must not be done twice for the sake of its record.
			v.data = nil
			continue
		}
		j.awaitNext(ctx)
	}
}

func (t *Task) final(ctx context.Context, v Verdict) error {
	msg, err := message(finalSubject(t.Lane), v.data, recordHeader, recordMeta{Delivery: t.ID, Claims: v.claims})
	if err != nil {
		return err
	}
	_, err = t.journal.write(ctx, &write{stream: runs, msg: msg, spare: true,
		stored: func(uint64, bool) { t.journal.handled(t.lane, t.Seq) }})
	return err
}

// Note keeps data with the delivery until it is closed: an intent before a step, what became of it after. An answer
// without error means that it is on disk.
func (t *Task) Note(ctx context.Context, data []byte) error {
	if err := t.record(ctx, data, false); err != nil {
		return fmt.Errorf("note on delivery %s: %w", t.ID, err)
	}
	return nil
}

func (t *Task) record(ctx context.Context, data []byte, try bool) error {
	msg, err := message(noteSubject(t.Lane), data, recordHeader, recordMeta{Delivery: t.ID, Try: try})
	if err != nil {
		return err
	}
	_, err = t.journal.write(ctx, &write{stream: runs, msg: msg, spare: true,
		stored: func(seq uint64, _ bool) { t.lane.record(seq, t.ID, data, try) }})
	return err
}
