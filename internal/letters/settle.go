package letters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"jirabot/internal/journal"
)

// Redrive is the wish that letters are worked on again.
type Redrive struct {
	Choice
	DryRun bool   `json:"dry_run,omitempty"`
	By     string `json:"by"`
}

// A Redriven tells what became of it.
type Redriven struct {
	Letters []Letter `json:"letters"` // in the order in which they are worked on
	DryRun  bool     `json:"dry_run,omitempty"`
	// Gone are letters that somebody else dealt with in the same moment.
	Gone int `json:"gone,omitempty"`
}

// Redrive has letters worked on again, in the order in which their deliveries had arrived: in an issue's lane they come in
// their old order, behind what waits there already.
func (d *Desk) Redrive(ctx context.Context, r Redrive) (Redriven, error) {
	out := Redriven{DryRun: r.DryRun, Letters: []Letter{}}
	if !r.Given() {
		return out, errors.New("redrive which letters? Name them, or say by rule, reason, issue or time, or all")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	found, err := d.choose(ctx, r.Choice)
	if err != nil {
		return out, err
	}
	// Letters of one delivery stay in the order of their burial, which is that of the rules.
	slices.SortStableFunc(found, func(a, b chosen) int {
		switch {
		case a.seq < b.seq:
			return -1
		case a.seq > b.seq:
			return 1
		}
		return 0
	})
	for _, l := range found {
		if !r.DryRun {
			got, err := d.journal.Redrive(ctx, l.view.ID, r.By)
			if errors.Is(err, journal.ErrNotFound) || err == nil && got.Repeat {
				out.Gone++
				continue
			}
			if err != nil {
				return out, fmt.Errorf("%d letters are redriven, the next is not: %w", len(out.Letters), err)
			}
		}
		out.Letters = append(out.Letters, l.view)
	}
	return out, nil
}

// Discard is the wish that letters are dropped.
type Discard struct {
	IDs    []string `json:"ids"`
	Reason string   `json:"reason"`
	By     string   `json:"by"`
}

// Discard drops letters. Who did it, and why, stays known for as long as run records are kept.
func (d *Desk) Discard(ctx context.Context, r Discard) ([]Letter, error) {
	switch {
	case len(r.IDs) == 0:
		return nil, errors.New("discard which letters? Name them")
	case r.Reason == "":
		return nil, errors.New("discard for which reason? It is kept")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	found, err := d.choose(ctx, Choice{IDs: r.IDs})
	if err != nil {
		return nil, err
	}
	var out []Letter
	for _, l := range found {
		err := d.journal.Dismiss(ctx, l.view.ID, r.By, r.Reason)
		if errors.Is(err, journal.ErrNotFound) {
			continue // by somebody else, in the same moment
		}
		if err != nil {
			return out, fmt.Errorf("%d letters are discarded, the next is not: %w", len(out), err)
		}
		out = append(out, l.view)
	}
	return out, nil
}

// Closed lists what became of letters since a moment, oldest first.
func (d *Desk) Closed(ctx context.Context, since time.Time) ([]journal.Settlement, error) {
	out := []journal.Settlement{}
	for s, err := range d.journal.Settlements(ctx, journal.Filter{Since: since}) {
		if err != nil {
			return nil, fmt.Errorf("list what became of dead letters: %w", err)
		}
		out = append(out, s)
	}
	return out, nil
}
