package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A grip is this machine's hold on a lane.
type grip struct {
	session *session
	lost    context.Context // ends when the lane is no longer ours
	drop    context.CancelCauseFunc
	work    context.Context // for handlers: ends with lost, and with Work
	end     context.CancelFunc
	since   time.Time
	told    time.Time // when the log last said so
	tail    uint64    // the last record of the lane's log
}

// holdsEvery is how often the log is told again who holds a lane: the rest of the log may be trimmed up to there.
const holdsEvery = 10 * time.Minute

var errHeld = errors.New("another machine holds the lane")

// grasp gives the context in which to work on a lane, or nil if it is another machine's turn. A single machine holds all
// lanes for good. Only the lane's worker calls it.
func (j *Journal) grasp(ctx context.Context, l *lane) context.Context {
	if j.crew == nil {
		return ctx
	}
	wanted := j.crew.wants(l.n)
	if g := l.held(); g != nil && wanted {
		j.tellAgain(g, l)
		return g.work
	}
	j.letGo(l)
	if !wanted {
		return nil
	}
	var err error
	for range takeTries {
		var g *grip
		if g, err = j.take(ctx, l); err == nil {
			return g.work
		}
		if !errors.Is(err, errHeld) && !errors.Is(err, errStale) {
			break
		}
		sleep(ctx, takePause) // our copy of the log may be a moment behind
	}
	if !errors.Is(err, errHeld) && ctx.Err() == nil {
		j.log.Warn().Err(err).Int("lane", l.n).Msg("cannot take a lane yet")
	}
	return nil // the crew wakes the lane now and then
}

const (
	takeTries = 4
	takePause = 25 * time.Millisecond
)

// held is the grip on the lane; nil if there is none or if it was lost.
func (l *lane) held() *grip {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grip == nil || l.grip.lost.Err() != nil {
		return nil
	}
	return l.grip
}

// take takes a lane that nobody holds. It replays the log and then writes into it that the lane is ours, on the condition
// that nothing has been written since: so what was replayed is all there is, and whoever held the lane before cannot
// write any more.
func (j *Journal) take(ctx context.Context, l *lane) (*grip, error) {
	s := j.crew.current()
	if s == nil {
		return nil, errHeld
	}
	n := j.node.Load()
	known, at, err := readFloors(ctx, n, len(j.lanes))
	if err != nil {
		return nil, err
	}
	before, tail, err := l.replayAll(ctx, n, known.Floors[l.n], at)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	// A hold of this very session is one that was dropped: this lane's worker is the only one to have had it.
	if own := before.Member == j.crew.name && before.Session == s.id; !own && !j.crew.over(before) {
		return nil, errHeld
	}
	g := &grip{session: s, since: j.opts.Now(), tail: tail}
	g.lost, g.drop = context.WithCancelCause(s.ctx)
	work, cancel := context.WithCancelCause(context.WithValue(ctx, gripKey{}, g))
	unlink := context.AfterFunc(g.lost, func() { cancel(context.Cause(g.lost)) })
	g.work, g.end = work, func() { unlink(); cancel(nil) }
	l.mu.Lock()
	l.grip, l.due = g, time.Time{}
	l.mu.Unlock()
	j.crew.holding.Add(1)
	if err = j.tell(ctx, g, l, hold{Member: j.crew.name, Session: s.id}); err == nil {
		err = l.look(ctx, n)
	}
	if err != nil {
		g.drop(err)
		j.letGo(l)
		return nil, err
	}
	j.log.Debug().Int("lane", l.n).Uint64("floor", before.Floor).Str("before", before.Member).Msg("lane taken")
	return g, nil
}

// heldSince is since when this process has worked on a lane without a break.
func (j *Journal) heldSince(l *lane) time.Time {
	if l.grip == nil { // the caller holds mu
		return j.opened
	}
	return l.grip.since
}

// tell writes into the log who holds the lane.
func (j *Journal) tell(ctx context.Context, g *grip, l *lane, h hold) error {
	l.mu.Lock()
	h.Floor, h.First = l.floor, l.open.first
	l.mu.Unlock()
	g.told = time.Now()
	return j.writeLog(ctx, l, holdSubject(l.n), nil, recordMeta{Hold: &h}, func(uint64) {})
}

func (j *Journal) tellAgain(g *grip, l *lane) {
	if time.Since(g.told) < holdsEvery {
		return
	}
	if err := j.tell(g.work, g, l, hold{Member: j.crew.name, Session: g.session.id}); err != nil {
		j.log.Warn().Err(err).Int("lane", l.n).Msg("cannot store where the lane stands")
	}
}

// letGo gives a lane up, so that another machine can take it at once. No handler has anything of it any more.
func (j *Journal) letGo(l *lane) {
	l.mu.Lock()
	g := l.grip
	l.mu.Unlock()
	if g == nil {
		return
	}
	if g.lost.Err() == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(g.work), lastWords)
		if err := j.tell(ctx, g, l, hold{}); err != nil {
			j.log.Warn().Err(err).Int("lane", l.n).Msg("cannot hand a lane over; another machine will find out")
		}
		cancel()
		g.drop(ErrLost)
		j.crew.wake(l.n, 0)
	}
	g.end()
	l.mu.Lock()
	l.grip = nil
	l.wait(0)
	l.mu.Unlock()
	j.crew.holding.Add(-1)
}

// lastWords bounds what is written while everything stops.
const lastWords = 3 * time.Second

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
					holder = *meta.Hold
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
			return holder, tail, nil
		}
	}
}
