package journal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// trimNowAndThen is the trimmer: every TrimEvery, and soon when the inbox has met its limit.
func (j *Journal) trimNowAndThen() {
	tick := time.NewTicker(j.opts.TrimEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-j.trimSoon:
		case <-j.noTrim:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), j.opts.TrimEvery+answerTime)
		if err := j.Trim(ctx); err != nil {
			j.log.Warn().Err(err).Msg("trim")
		}
		cancel()
	}
}

// trimIfFull asks for a trim when the inbox has met its limit.
func (j *Journal) trimIfFull(err error) {
	if !errors.Is(err, ErrFull) {
		return
	}
	select {
	case j.trimSoon <- struct{}{}:
	default:
	}
}

// Trim removes what has been kept long enough, or what must go for the sizes to be kept, oldest first. It never
// removes a delivery that is not handled, nor what the lane log says about one.
func (j *Journal) Trim(ctx context.Context) error {
	j.trimming.Lock()
	defer j.trimming.Unlock()
	n := j.node.Load()
	if j.crew != nil && j.lanes[0].held() == nil {
		return nil // one machine does it, and lanes have one holder
	}
	left, err := j.leave(ctx, n)
	if err != nil {
		return fmt.Errorf("trim: %w", err)
	}
	if err := j.trimInbox(ctx, n, left); err != nil {
		return fmt.Errorf("trim inbox: %w", err)
	}
	if err := j.trimRuns(ctx, n, left.run); err != nil {
		return fmt.Errorf("trim lane log: %w", err)
	}
	return nil
}

// leavings are what a trim must leave.
type leavings struct {
	floors []uint64 // by lane: everything behind
	last   uint64   // of the inbox: this and everything behind
	run    uint64   // of the lane log: likewise
}

// leave finds out what a trim must leave. What is stored from here on is not touched: its accounting may not have been
// done yet.
func (j *Journal) leave(ctx context.Context, n *node) (leavings, error) {
	left := leavings{floors: make([]uint64, len(j.lanes)), last: j.seen[in].Load(), run: j.seen[runs].Load()}
	if j.crew != nil {
		return left, j.leaveShared(ctx, n, &left)
	}
	if err := j.writeFloors(ctx); err != nil {
		return left, err
	}
	for i, l := range j.lanes {
		l.mu.Lock()
		left.floors[i] = l.floor
		if l.open.first > 0 {
			left.run = min(left.run, l.open.first)
		}
		l.mu.Unlock()
	}
	return left, nil
}

// leaveShared asks the log, since other machines hold most of the lanes. What it says is true and perhaps old: then less
// is trimmed.
func (j *Journal) leaveShared(ctx context.Context, n *node, left *leavings) (err error) {
	if left.last, err = n.end(ctx, in); err != nil {
		return err
	}
	if left.run, err = n.end(ctx, runs); err != nil {
		return err
	}
	for i, l := range j.lanes {
		stands, err := l.stands(ctx, n)
		if err != nil {
			return err
		}
		left.floors[i], left.run = stands.floor, min(left.run, stands.from)
	}
	return nil
}

func (j *Journal) trimInbox(ctx context.Context, n *node, left leavings) error {
	due, err := j.due(ctx, n, in, j.opts.Retention.Deliveries, j.opts.MaxBytes)
	if err != nil || due == 0 {
		return err
	}
	due = min(due, left.last)
	open := due
	for i := range j.lanes {
		// Asked of the stream: the memory of what waits is a moment behind.
		m, err := n.next(ctx, in, left.floors[i]+1, laneSubject(i))
		if err != nil {
			return err
		}
		if m != nil {
			open = min(open, m.Sequence)
		}
	}
	if err := n.streams[in].Purge(ctx, jetstream.WithPurgeSequence(open)); err != nil {
		return err
	}
	if open == due {
		return nil
	}
	// Something old is not handled. What lies behind it goes lane by lane.
	for i := range j.lanes {
		if err := j.purgeSubject(ctx, n, laneSubject(i), min(due, left.floors[i]+1)); err != nil {
			return err
		}
	}
	return j.purgeSubject(ctx, n, idleSubject, due)
}

// purgeSubject removes what has a subject and a sequence below seq.
func (j *Journal) purgeSubject(ctx context.Context, n *node, subject string, seq uint64) error {
	if seq <= 1 {
		return nil
	}
	return n.streams[in].Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(seq))
}

func (j *Journal) trimRuns(ctx context.Context, n *node, left uint64) error {
	due, err := j.due(ctx, n, runs, j.opts.Retention.Runs, j.opts.Retention.RunsBytes)
	if err != nil {
		return err
	}
	if due = min(due, left); due <= 1 {
		return nil
	}
	return n.streams[runs].Purge(ctx, jetstream.WithPurgeSequence(due))
}

// due is the first sequence to keep; 0 if everything is kept. By size a stream is trimmed from nine tenths of its limit
// down to seven, judged by the average size of its messages.
func (j *Journal) due(ctx context.Context, n *node, s stream, age time.Duration, bytes int64) (uint64, error) {
	info, err := n.streams[s].Info(ctx)
	if err != nil {
		return 0, err
	}
	st := info.State
	if st.Msgs == 0 {
		return 0, nil
	}
	due := uint64(0)
	if float64(st.Bytes) > 0.9*float64(bytes) {
		gone := 1 - 0.7*float64(bytes)/float64(st.Bytes)
		due = st.FirstSeq + uint64(math.Ceil(gone*float64(st.LastSeq-st.FirstSeq+1)))
	}
	cutoff := j.opts.Now().Add(-age)
	if st.FirstTime.Before(cutoff) {
		old, err := n.firstSince(ctx, s, st, cutoff)
		if err != nil {
			return 0, err
		}
		due = max(due, old)
	}
	return due, nil
}

// firstSince finds the first sequence stored at t or later, or the one behind the last.
func (n *node) firstSince(ctx context.Context, s stream, st jetstream.StreamState, t time.Time) (uint64, error) {
	low, high := st.FirstSeq, st.LastSeq+1 // what is below low is older, what is from high on is not
	for low < high {
		middle := low + (high-low)/2
		m, err := n.next(ctx, s, middle, ">")
		if err != nil {
			return 0, err
		}
		if m == nil || !m.Time.Before(t) {
			high = middle
			continue
		}
		low = m.Sequence + 1
	}
	return low, nil
}
