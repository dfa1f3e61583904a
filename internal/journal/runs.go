package journal

import (
	"context"
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
			var meta recordMeta
			if err := header(m.header, recordHeader, &meta); err != nil {
				yield(Final{}, fmt.Errorf("read run record %d: %w", m.seq, err))
				return
			}
			// Only we write these subjects, so the number is one.
			n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(m.subject, "run."), ".final"))
			f := Final{Seq: m.seq, Delivery: meta.Delivery, DeliverySeq: sequenceOf(meta.Delivery), Lane: n,
				Stored: m.at, Data: m.data, Claims: meta.Claims}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// Claimed tells for each claim whether a delivery of the lane was finished with it at that time or later. It reads the
// lane's finals since then.
func (j *Journal) Claimed(ctx context.Context, lane string, since time.Time, claims []string) ([]bool, error) {
	claimed := make([]bool, len(claims))
	if len(claims) == 0 {
		return claimed, nil
	}
	places := make(map[string][]int, len(claims))
	for i, c := range claims {
		places[c] = append(places[c], i)
	}
	subject := finalSubject(laneOf(lane, len(j.lanes)))
	for f, err := range finalsOf(j.scan(ctx, runs, subject, Filter{Since: since})) {
		if err != nil {
			return nil, fmt.Errorf("look for earlier runs: %w", err)
		}
		for _, c := range f.Claims {
			for _, i := range places[c] {
				claimed[i] = true
			}
			delete(places, c)
		}
		if len(places) == 0 {
			break
		}
	}
	return claimed, nil
}
