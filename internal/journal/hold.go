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
		j.payBack(ctx, l)
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

// payBack gives up a lane of which the log still says that this session holds it: the word that it is free was not
// stored, or a write of which nobody knows whether it was came before. Nobody else can take it until then.
func (j *Journal) payBack(ctx context.Context, l *lane) {
	if !j.owes(l) {
		return
	}
	if _, err := j.take(ctx, l); err == nil {
		j.letGo(l)
	} else if errors.Is(err, errHeld) { // somebody else has it by now
		l.mu.Lock()
		l.owed = nil
		l.mu.Unlock()
	}
}

// owes tells whether the log may still say that this session holds a lane which it does not.
func (j *Journal) owes(l *lane) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owed != nil && l.owed == j.crew.current()
}

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
	soon, cancel := context.WithTimeout(ctx, othersTime)
	defer cancel()
	known, at, err := readFloors(soon, n, len(j.lanes))
	if err != nil {
		return nil, err
	}
	before, tail, err := l.replayAll(soon, n, known.Floors[l.n], at)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	// A hold of this very session is one that was dropped: this lane's worker is the only one to have had it.
	if own := before.Member == j.crew.name && before.Session == s.id; !own && !j.crew.over(before) {
		return nil, errHeld
	}
	g := &grip{session: s, since: j.opts.Now(), tail: tail}
	g.lost, g.drop = context.WithCancelCause(s.ctx)
	work, end := context.WithCancelCause(context.WithValue(ctx, gripKey{}, g))
	unlink := context.AfterFunc(g.lost, func() { end(context.Cause(g.lost)) })
	g.work, g.end = work, func() { unlink(); end(nil) }
	l.mu.Lock()
	l.grip, l.due = g, time.Time{}
	l.mu.Unlock()
	j.crew.holding.Add(1)
	if err = j.tell(ctx, g, l, hold{Member: j.crew.name, Session: s.id}); err == nil {
		err = l.look(soon, n)
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
	h.Floor, h.First, h.Suspect = l.floor, l.open.first, l.suspect
	g.told = time.Now()
	l.mu.Unlock()
	return j.writeLog(ctx, l, holdSubject(l.n), nil, recordMeta{Hold: &h}, write{}, func(uint64) {})
}

// untold is how long ago this process has last told that it holds the lane; 0 if it does not.
func (l *lane) untold() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grip == nil {
		return 0
	}
	return time.Since(l.grip.told)
}

func (j *Journal) tellAgain(g *grip, l *lane) {
	if l.untold() < holdsEvery {
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
	owed := g.session
	if g.lost.Err() == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(g.work), lastWords)
		if err := j.tell(ctx, g, l, hold{}); err != nil {
			j.log.Warn().Err(err).Int("lane", l.n).Msg("cannot hand a lane over yet")
		} else {
			owed = nil
		}
		cancel()
		g.drop(ErrLost)
		j.crew.wake(l.n, 0)
	}
	g.end()
	l.mu.Lock()
	l.grip, l.owed = nil, owed
	l.wait(0)
	l.mu.Unlock()
	j.crew.holding.Add(-1)
}

// lastWords bounds what is written while everything stops.
const lastWords = 3 * time.Second
