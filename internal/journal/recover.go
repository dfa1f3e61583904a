package journal

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// recover reads from the lane log where each lane stands.
func (j *Journal) recover(ctx context.Context, n *node) error {
	for s := range streams {
		j.seen[s].Store(n.streams[s].CachedInfo().State.LastSeq)
	}
	known, at, err := readFloors(ctx, n, len(j.lanes))
	if err != nil {
		return err
	}
	err = j.eachLane(func(l *lane) error {
		if err := l.recover(ctx, n, known.Floors[l.n], at); err != nil {
			return fmt.Errorf("read where lane %d stands: %w", l.n, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.inspect(ctx, n, known.Last); err != nil {
		return err
	}
	return j.countWaiting(ctx, n)
}

// eachLane does something in all lanes. Side by side, since it is mostly waiting for the server's answers.
func (j *Journal) eachLane(do func(*lane) error) error {
	var group errgroup.Group
	group.SetLimit(16)
	for _, l := range j.lanes {
		group.Go(func() error { return do(l) })
	}
	return group.Wait()
}

// readFloors finds the last record of where the lanes stand, and its sequence.
func readFloors(ctx context.Context, n *node, lanes int) (floors, uint64, error) {
	var f floors
	m, err := n.last(ctx, runs, floorsSubject)
	if err != nil {
		return f, 0, fmt.Errorf("read where the lanes stand: %w", err)
	}
	if m == nil {
		return floors{Floors: make([]uint64, lanes)}, 0, nil
	}
	if err := json.Unmarshal(m.Data, &f); err != nil {
		return f, 0, fmt.Errorf("read where the lanes stand: %w", err)
	}
	if len(f.Floors) != lanes {
		return f, 0, fmt.Errorf("read where the lanes stand: a record for %d lanes, but there are %d", len(f.Floors), lanes)
	}
	return f, m.Sequence, nil
}

// recover replays the log of a lane. What the floors say holds unless the log has something newer.
func (l *lane) recover(ctx context.Context, n *node, floor, at uint64) error {
	final, err := n.last(ctx, runs, finalSubject(l.n))
	if err != nil {
		return err
	}
	l.reset(floor)
	from := uint64(0)
	if final != nil {
		from = final.Sequence
		if final.Sequence > at {
			if err := l.replay(final.Subject, final.Sequence, final.Header, final.Data); err != nil {
				return err
			}
		}
	}
	for {
		note, err := n.next(ctx, runs, from+1, noteSubject(l.n))
		if err != nil || note == nil {
			return err
		}
		from = note.Sequence
		if err := l.replay(note.Subject, note.Sequence, note.Header, note.Data); err != nil {
			return err
		}
	}
}

// inspect looks for damage: deliveries that were stored and are not in the inbox any more, though nothing removed them.
// New ones would get the same sequences and be taken for handled, so lanes that stand behind the end are set back to it.
func (j *Journal) inspect(ctx context.Context, n *node, last uint64) error {
	info := n.streams[in].CachedInfo().State
	if info.Lost != nil {
		j.log.Error().Int("deliveries", len(info.Lost.Msgs)).Uint64("bytes", info.Lost.Bytes).
			Msg("the inbox is damaged: deliveries are lost")
	}
	for _, l := range j.lanes {
		last = max(last, l.floor)
	}
	end := info.LastSeq
	if last > end {
		j.log.Error().Uint64("from", end+1).Uint64("to", last).
			Msg("the inbox is damaged: it ends before the last delivery that was stored")
		for _, l := range j.lanes {
			l.mu.Lock()
			l.floor = min(l.floor, end)
			if sequenceOf(l.open.delivery) > end {
				l.open = progress{}
			}
			l.mu.Unlock()
		}
		return j.setBack(ctx, n)
	}
	// The last delivery is never trimmed. The store may know its sequence and yet have lost it.
	if last == 0 || last < info.FirstSeq {
		return nil
	}
	m, err := n.at(ctx, in, last)
	if err != nil {
		return fmt.Errorf("look at the end of the inbox: %w", err)
	}
	if m == nil {
		j.log.Error().Uint64("delivery", last).
			Msg("the inbox is damaged: the last delivery that was stored is lost, and perhaps some before it")
	}
	return nil
}

// setBack makes the lowered floors known before anything new is stored.
func (j *Journal) setBack(ctx context.Context, n *node) error {
	now := floors{Floors: make([]uint64, len(j.lanes)), Last: n.streams[in].CachedInfo().State.LastSeq}
	for i, l := range j.lanes {
		now.Floors[i] = l.floor
	}
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	msg, err := message(floorsSubject, data)
	if err != nil {
		return err
	}
	if _, err := n.js.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("store where the lanes stand: %w", err)
	}
	if _, err := n.sync[runs].sync(j.opts.datasync); err != nil {
		return err
	}
	j.floors.Store(&now)
	return nil
}

// countWaiting finds the last delivery of each lane and counts those that wait.
func (j *Journal) countWaiting(ctx context.Context, n *node) error {
	info, err := n.streams[in].Info(ctx, jetstream.WithSubjectFilter("in.lane.*"))
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	return j.eachLane(func(l *lane) error {
		if info.State.Subjects[laneSubject(l.n)] == 0 {
			return nil
		}
		if err := l.look(ctx, n); err != nil {
			return fmt.Errorf("count what waits in lane %d: %w", l.n, err)
		}
		return nil
	})
}

// look finds what waits in the lane, and how much.
func (l *lane) look(ctx context.Context, n *node) error {
	last, err := n.last(ctx, in, laneSubject(l.n))
	if err != nil || last == nil {
		return err
	}
	floor, _ := l.span()
	count := 0
	if last.Sequence > floor {
		if count, err = n.count(ctx, in, floor+1, laneSubject(l.n)); err != nil {
			return err
		}
	}
	l.mu.Lock()
	l.newest = max(l.newest, last.Sequence)
	l.wait(count)
	l.mu.Unlock()
	if count > 0 {
		l.kick()
	}
	return nil
}
