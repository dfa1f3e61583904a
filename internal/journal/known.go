package journal

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Known tells which deliveries the inbox has stored since a moment and still holds, by the storeID that Append was given.
// Append itself knows repeats for two hours only; whoever brings older events asks here first. The answer is a picture:
// what is stored later is not in it.
func (j *Journal) Known(ctx context.Context, since time.Time) (func(storeID string) bool, error) {
	known := map[uint64]struct{}{} // 64 bits of the hash: a million of them are 40 MB less than the texts
	for m, err := range j.scan(ctx, in, "in.>", Filter{Since: since}) {
		if err != nil {
			return nil, fmt.Errorf("look which deliveries are known: %w", err)
		}
		known[brief(m.header.Get(jetstream.MsgIDHeader))] = struct{}{}
	}
	return func(storeID string) bool {
		_, is := known[brief(shortHash(storeID))]
		return is
	}, nil
}

func brief(hash string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(hash))
	return h.Sum64()
}

// Waiting is how many deliveries are stored and not handled yet.
func (j *Journal) Waiting() int { return int(j.waiting.Load()) }

// Given is how many deliveries this process was given to store since it opened the journal.
func (j *Journal) Given() uint64 { return j.given.Load() }
