package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"jirabot/internal/event"
)

// Receipt says that a delivery is stored.
type Receipt = struct {
	Delivery string
	Repeat   bool
}

// inbox stores deliveries. It decodes them first, for their identity and lane, and to keep what no rule wants off the
// lanes: kept for a while, so that "why did it not run?" has an answer, but never worked on.
type inbox struct{ app *App }

// unreadable is the lane of what cannot be decoded; the runner makes a dead letter of it.
const unreadable = "unreadable"

// Accept stores a delivery.
func (b *inbox) Accept(ctx context.Context, d event.Delivery) (Receipt, error) {
	a := b.app
	ev, err := event.Decode(d)
	id, lane, idle := ev.StoreID(), ev.Lane, false
	if err != nil {
		sum := sha256.Sum256(d.Body)
		id, lane = unreadable+"/"+hex.EncodeToString(sum[:]), unreadable
	} else {
		insight := a.runner.Understand(ev)
		idle, d.Known = len(insight.Matches) == 0, insight
	}
	stored, err := a.journal.Append(ctx, d, id, lane, idle)
	if err != nil {
		return Receipt{}, err
	}
	a.metrics.delivery(d, ev.Kind, stored.Repeat, idle)
	return Receipt{Delivery: stored.ID, Repeat: stored.Repeat}, nil
}
