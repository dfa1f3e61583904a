package journal

import (
	"context"
	"fmt"
	"time"
)

// Stats tell how much the journal holds.
type Stats struct {
	Waiting       int       // deliveries that are not handled yet
	OldestWaiting time.Time // when the oldest of them was stored; zero if none waits
	Deliveries    uint64    // all that the inbox holds, handled ones too
	Bytes         uint64    // of the inbox
	RunsBytes     uint64    // of the lane log
	Dead          uint64    // dead letters
	Lanes         []LaneStats
}

// LaneStats tell about one lane.
type LaneStats struct {
	Waiting int
	Busy    bool // a handler has one of its deliveries
}

// Stats counts. The oldest waiting delivery takes a look into each lane where something waits.
func (j *Journal) Stats(ctx context.Context) (Stats, error) {
	n := j.node.Load()
	s := Stats{Waiting: int(j.waiting.Load()), Lanes: make([]LaneStats, len(j.lanes))}
	for i, st := range [...]stream{in, runs, dead} {
		info, err := n.streams[st].Info(ctx)
		if err != nil {
			return Stats{}, fmt.Errorf("count %s: %w", st, err)
		}
		switch i {
		case 0:
			s.Deliveries, s.Bytes = info.State.Msgs, info.State.Bytes
		case 1:
			s.RunsBytes = info.State.Bytes
		default:
			s.Dead = info.State.Msgs
		}
	}
	for i, l := range j.lanes {
		l.mu.Lock()
		floor, waiting := l.floor, l.waiting
		l.mu.Unlock()
		s.Lanes[i] = LaneStats{Waiting: waiting, Busy: l.busy.Load()}
		if waiting == 0 {
			continue
		}
		m, err := n.next(ctx, in, floor+1, laneSubject(i))
		if err != nil {
			return Stats{}, fmt.Errorf("find what waits in lane %d: %w", i, err)
		}
		if m != nil && (s.OldestWaiting.IsZero() || m.Time.Before(s.OldestWaiting)) {
			s.OldestWaiting = m.Time
		}
	}
	return s, nil
}
