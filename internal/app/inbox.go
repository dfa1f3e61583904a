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
		idle = len(a.rules.current().Decide(&ev, a.self())) == 0
	}
	stored, err := a.journal.Append(ctx, d, id, lane, idle)
	if err != nil {
		return Receipt{}, err
	}
	a.metrics.delivery(d, ev.Kind, stored.Repeat, idle)
	return Receipt{Delivery: stored.ID, Repeat: stored.Repeat}, nil
}

// self is the bot's own user, as far as it is known by now; the runner looks again.
func (a *App) self() event.User {
	u := a.jira.Self()
	return event.User{Name: u.Name, Key: u.Key, AccountID: u.AccountID}
}
