package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"jirabot/internal/event"
	"jirabot/rules"
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
		idle = len(a.wanting(&ev)) == 0
	}
	stored, err := a.journal.Append(ctx, d, id, lane, idle)
	if err != nil {
		return Receipt{}, err
	}
	a.metrics.delivery(d, ev.Kind, stored.Repeat, idle)
	return Receipt{Delivery: stored.ID, Repeat: stored.Repeat}, nil
}

// wanting are the rules that may want an event. Conditions may ask who the bot is: before Jira has said so they are left to the
// runner, since what is kept off the lanes is never looked at again.
func (a *App) wanting(ev *event.Event) []rules.Match {
	bot := a.runner.Bot()
	if bot.ID() == "" {
		return a.rules.current().Match(ev, bot)
	}
	return a.rules.current().Decide(ev, bot)
}
