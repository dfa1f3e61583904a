package journal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Handler works on one delivery and says what becomes of it. Its context ends with that of Work, or when another
// machine may have taken the lane over; it should then return Release.
type Handler func(context.Context, *Task) Verdict

// A Task is one attempt to handle a delivery.
type Task struct {
	Entry
	// Attempt is 1 for the first. It counts what ended with Later, also before a restart.
	Attempt int
	// Notes are those of all attempts so far, in order. They are there after a crash, and on another machine.
	Notes [][]byte
	// Held is since when this process has worked on the lane without a break. What happened in it before, another may
	// have done.
	Held time.Time
	// Suspect is set if the machine went down since the delivery came, and may have forgotten the newest of what was written with
	// NoteSoon about it.
	Suspect bool

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
	if j.crew != nil {
		stop := j.crew.work()
		defer stop()
	}
	var workers sync.WaitGroup
	for _, l := range j.lanes {
		workers.Go(func() { j.workLane(ctx, l, handle) })
	}
	workers.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return ctx.Err()
}

// workLane works on one lane. While nothing waits in it, it costs a sleeping goroutine.
func (j *Journal) workLane(ctx context.Context, l *lane, handle Handler) {
	defer l.kick() // for the next Work
	defer j.letGo(l)
	l.due = time.Time{}
	for ctx.Err() == nil {
		held := j.grasp(ctx, l)
		if held == nil {
			l.sleep(ctx, 0)
			continue
		}
		wait, err := j.handleNext(held, l, handle)
		switch {
		case err != nil && held.Err() == nil:
			if !j.node.Load().ended() {
				j.log.Warn().Err(err).Int("lane", l.n).Msg("lane interrupted")
			}
			j.awaitNext(ctx)
		case wait != 0:
			l.sleep(held, wait)
		}
	}
}

// forever is how long a lane sleeps that has nothing to do.
const forever time.Duration = -1

// sleep returns when there may be something to do. With a delay it returns then at the latest.
func (l *lane) sleep(ctx context.Context, delay time.Duration) {
	var due <-chan time.Time
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-l.wake:
	case <-due:
	case <-ctx.Done():
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

// handleNext has the next delivery of a lane handled, if one waits and its time has come. It says how long there is
// nothing more to do; 0 for not at all.
func (j *Journal) handleNext(ctx context.Context, l *lane, handle Handler) (wait time.Duration, err error) {
	floor, newest := l.span()
	if floor == newest {
		return forever, nil
	}
	if left := time.Until(l.due); left > 0 {
		return left, nil
	}
	e, at := l.atHand()
	if !at {
		m, err := j.nextIn(ctx, l, floor+1)
		if err != nil {
			return 0, err
		}
		if m == nil || m.Sequence > newest {
			return j.unseen(l, newest), nil
		}
		l.misses = 0
		e, err = j.entry(m.Subject, m.Sequence, m.Time, m.Header, m.Data)
		if err != nil {
			return j.unreadable(l, err), nil
		}
	}
	t := j.task(l, e)
	l.busy.Store(true)
	v := handle(ctx, t)
	l.busy.Store(false)
	l.due = time.Now().Add(j.settle(ctx, l, t, v))
	return 0, nil
}

// unreadable is for a delivery that was written by a later version, or is damaged. Whoever reads the log decides; the lane keeps
// its order until then.
func (j *Journal) unreadable(l *lane, err error) time.Duration {
	j.log.Error().Err(err).Int("lane", l.n).Msg("cannot read a delivery; its lane waits")
	l.due = time.Now().Add(time.Minute)
	return 0
}

// nextIn reads the next delivery of a lane: from the nearest copy of the inbox, or, if that has lacked it for long, from
// the copy that leads.
func (j *Journal) nextIn(ctx context.Context, l *lane, seq uint64) (*jetstream.RawStreamMsg, error) {
	n := j.node.Load()
	if j.crew == nil {
		return n.next(ctx, in, seq, laneSubject(l.n))
	}
	ctx, cancel := context.WithTimeout(ctx, othersTime)
	defer cancel()
	if l.misses > patientMisses {
		return n.nextOfLeader(ctx, in, seq, laneSubject(l.n))
	}
	return n.next(ctx, in, seq, laneSubject(l.n))
}

// patientMisses take a quarter of a second.
const patientMisses = 7

// unseen is for a delivery that should be there and is not: the nearest copy of the stream does not have it yet, or, on a
// single machine, it was removed.
func (j *Journal) unseen(l *lane, newest uint64) time.Duration {
	if j.crew != nil {
		l.misses++
		return min(time.Millisecond<<min(l.misses, patientMisses+1), 250*time.Millisecond)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.newest == newest { // else more has come
		l.newest = l.floor
		l.wait(0)
	}
	return 0
}

func (j *Journal) task(l *lane, e Entry) *Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Seq > l.floor {
		l.begin(e.ID)
	}
	return &Task{Entry: e, Attempt: l.open.tries + 1, Notes: slices.Clone(l.open.notes), Held: j.heldSince(l), Suspect: e.Seq <= l.suspect, journal: j, lane: l}
}

// settle does what the verdict says, and tells how long the lane waits then.
func (j *Journal) settle(ctx context.Context, l *lane, t *Task, v Verdict) (wait time.Duration) {
	switch v.kind {
	case finish:
		j.finish(ctx, l, t, v)
	case nothing:
		l.passed(t.Seq)
	case later:
		if err := t.record(context.WithoutCancel(ctx), nil, true); err != nil {
			j.log.Warn().Err(err).Str("delivery", t.ID).Msg("an attempt is not counted")
		}
		return v.after
	case pause:
		return v.after
	}
	return 0
}

// finish writes the final. The work is done, so it goes on trying while the journal is unwell, until the bot stops: then
// the notes tell the next process what was done.
func (j *Journal) finish(ctx context.Context, l *lane, t *Task, v Verdict) {
	for {
		err := t.final(context.WithoutCancel(ctx), v)
		if err == nil || l.isHandled(t.Seq) {
			return
		}
		j.log.Error().Err(err).Str("delivery", t.ID).Msg("cannot store what was done")
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return
		}
		if errors.Is(err, ErrTooLarge) {
			// Nothing makes it smaller. The delivery is done, and must not be done twice for the sake of its record.
			v.data = nil
			continue
		}
		j.awaitNext(ctx)
	}
}
