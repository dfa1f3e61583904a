package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// A Final is the closing record of a delivery.
type Final struct {
	Seq         uint64 // the order of closing; a Filter's After
	Delivery    string // its ID
	DeliverySeq uint64
	Lane        int
	Stored      time.Time
	Data        []byte // as given to Finish
	Claims      []string
}

// Finals lists closing records, oldest first.
func (j *Journal) Finals(ctx context.Context, f Filter) iter.Seq2[Final, error] {
	return finalsOf(j.scan(ctx, runs, "run.*.final", f))
}

func finalsOf(messages iter.Seq2[stored, error]) iter.Seq2[Final, error] {
	return func(yield func(Final, error) bool) {
		for m, err := range messages {
			if err != nil {
				yield(Final{}, err)
				return
			}
			f, err := finalOf(m)
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

func finalOf(m stored) (Final, error) {
	var meta recordMeta
	if err := header(m.header, recordHeader, &meta); err != nil {
		return Final{}, fmt.Errorf("read run record %d: %w", m.seq, err)
	}
	// Only we write these subjects, so the number is one.
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(m.subject, "run."), ".final"))
	return Final{Seq: m.seq, Delivery: meta.Delivery, DeliverySeq: sequenceOf(meta.Delivery), Lane: n,
		Stored: m.at, Data: m.data, Claims: meta.Claims}, nil
}

// Claimed tells for each claim whether a delivery of the lane was finished with it at that time or later. It reads the
// lane's finals since then; if this machine holds the lane, all of them.
func (j *Journal) Claimed(ctx context.Context, lane string, since time.Time, claims []string) ([]bool, error) {
	claimed := make([]bool, len(claims))
	if len(claims) == 0 {
		return claimed, nil
	}
	places := make(map[string][]int, len(claims))
	for i, c := range claims {
		places[c] = append(places[c], i)
	}
	tick := func(f Final) (all bool) {
		for _, c := range f.Claims {
			for _, i := range places[c] {
				claimed[i] = true
			}
			delete(places, c)
		}
		return len(places) == 0
	}
	l, last := j.lanes[laneOf(lane, len(j.lanes))], uint64(0)
	for f, err := range finalsOf(j.scan(ctx, runs, finalSubject(l.n), Filter{Since: since})) {
		if err != nil {
			return nil, fmt.Errorf("look for earlier runs: %w", err)
		}
		if last = f.Seq; tick(f) {
			return claimed, nil
		}
	}
	if err := j.finalsBehind(ctx, l, last, since, tick); err != nil {
		return nil, fmt.Errorf("look for earlier runs: %w", err)
	}
	return claimed, nil
}

// finalsBehind shows the finals of a lane that lie behind one, until show says that it has seen enough. If this machine holds
// the lane it goes on up to the last record, which it knows. The copy that answers may be that of a machine which was away
// and lacks what the one that held the lane before has written; in time it has it, or another one answers.
func (j *Journal) finalsBehind(ctx context.Context, l *lane, last uint64, since time.Time, show func(Final) bool) error {
	n := j.node.Load()
	for tail := l.tail(); last < tail; {
		ask := batch{subject: logSubject(l.n), seq: last + 1, count: scanBatch}
		if last == 0 {
			ask.seq, ask.since = 0, &since
		}
		enough, bad := false, error(nil)
		shown, err := n.fetch(ctx, runs, ask, func(m stored) bool {
			if last = m.seq; m.subject == finalSubject(l.n) && !m.at.Before(since) {
				var f Final
				if f, bad = finalOf(m); bad == nil {
					enough = show(f)
				}
			}
			return bad == nil && !enough
		})
		if err = errors.Join(err, bad); err != nil || enough {
			return err
		}
		if shown > 0 {
			continue
		}
		if last == 0 {
			if m, err := n.at(ctx, runs, tail); err != nil || m != nil && m.Time.Before(since) {
				return err // all there is is older
			}
		}
		if sleep(ctx, takePause); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// tail is the last record of the lane's log, if this machine holds the lane in a cluster, else 0.
func (l *lane) tail() uint64 {
	l.writing.Lock()
	defer l.writing.Unlock()
	if g := l.held(); g != nil {
		return g.tail
	}
	return 0
}
