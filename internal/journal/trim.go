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
	// What is stored from here on is not touched: its accounting may not have been done yet.
	last := j.seen[in].Load()
	lastRun := j.seen[runs].Load()
	if err := j.writeFloors(ctx); err != nil {
		return fmt.Errorf("trim: %w", err)
	}
	if err := j.trimInbox(ctx, n, last); err != nil {
		return fmt.Errorf("trim inbox: %w", err)
	}
	if err := j.trimRuns(ctx, n, lastRun); err != nil {
		return fmt.Errorf("trim lane log: %w", err)
	}
	return nil
}

func (j *Journal) trimInbox(ctx context.Context, n *node, last uint64) error {
	due, err := j.due(ctx, n, in, j.opts.Retention.Deliveries, j.opts.MaxBytes)
	if err != nil || due == 0 {
		return err
	}
	due = min(due, last)
	open := due
	floors := make([]uint64, len(j.lanes))
	for i, l := range j.lanes {
		l.mu.Lock()
		floors[i] = l.floor
		l.mu.Unlock()
		// Asked of the stream: the memory of what waits is a moment behind.
		m, err := n.next(ctx, in, floors[i]+1, laneSubject(i))
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
		if err := j.purgeSubject(ctx, n, laneSubject(i), min(due, floors[i]+1)); err != nil {
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

func (j *Journal) trimRuns(ctx context.Context, n *node, last uint64) error {
	due, err := j.due(ctx, n, runs, j.opts.Retention.Runs, j.opts.Retention.RunsBytes)
	if err != nil || due == 0 {
		return err
	}
	due = min(due, last)
	for _, l := range j.lanes {
		l.mu.Lock()
		if l.open.first > 0 {
			due = min(due, l.open.first)
		}
		l.mu.Unlock()
	}
	if due <= 1 {
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
