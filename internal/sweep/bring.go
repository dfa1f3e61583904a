package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jirabot/internal/event"
)

// bring hands a delivery to the inbox.
func (p *pass) bring(ctx context.Context, key string, h happened) error {
	d, err := h.delivery(p.s.opts.Now())
	if err != nil {
		return err
	}
	ev, err := event.Decode(d)
	if err != nil {
		return fmt.Errorf("a recovered %s of %s: %w", h.name, key, err)
	}
	f := Found{Issue: key, Kind: ev.Kind, Identity: ev.Identity, Time: ev.Time}
	had := p.known(ev.StoreID())
	if !had && !p.dry {
		receipt, err := p.accept(ctx, d)
		if err != nil {
			return fmt.Errorf("store a recovered %s of %s: %w", h.name, key, err)
		}
		had, f.Delivery = receipt.Repeat, receipt.Delivery
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.Events++
	if had {
		return nil
	}
	p.report.recovered(f, p.byHand)
	if !p.dry {
		p.s.opts.Log.Info().Str("delivery", f.Delivery).Str("issue", key).Str("event", f.Kind).Time("at", f.Time).Bool("recovered", true).Msg("recovered")
	}
	return nil
}

// accept waits for an inbox that is full.
func (p *pass) accept(ctx context.Context, d event.Delivery) (Receipt, error) {
	for {
		receipt, err := p.s.opts.Inbox.Accept(ctx, d)
		var full interface{ RetryAfter() time.Duration }
		if err == nil || !errors.As(err, &full) {
			return receipt, err
		}
		if err := pause(ctx, max(full.RetryAfter(), time.Second)); err != nil {
			return receipt, err
		}
	}
}
