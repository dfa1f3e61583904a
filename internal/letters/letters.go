// Package letters is the desk at which people deal with dead letters: it lists them, shows all that is known of one, has
// them redriven in their old order, and discards them for a reason that is kept.
//
//	desk := letters.New(journal)
//	report, err := desk.Redrive(ctx, letters.Redrive{Choice: letters.Choice{Rule: "welcome"}, By: "ann"})
package letters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/internal/runner"
)

// A Choice says which letters are meant: those that fit all of it.
type Choice struct {
	IDs    []string  `json:"ids,omitempty"`
	Rule   string    `json:"rule,omitempty"`
	Reason string    `json:"reason,omitempty"` // a part of the reason, or its class
	Issue  string    `json:"issue,omitempty"`
	Since  time.Time `json:"since,omitzero"` // buried then or later
	All    bool      `json:"all,omitempty"`
}

// Given tells whether anything is said.
func (c Choice) Given() bool {
	return c.All || len(c.IDs) > 0 || c.Rule != "" || c.Reason != "" || c.Issue != "" || !c.Since.IsZero()
}

// A Letter is a dead letter as people see it.
type Letter struct {
	ID       string    `json:"id"`
	Rule     string    `json:"rule,omitempty"` // empty where the delivery itself could not be read
	Issue    string    `json:"issue,omitempty"`
	Event    string    `json:"event,omitempty"`
	Class    string    `json:"class,omitempty"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	Buried   time.Time `json:"buried"`
	Received time.Time `json:"received"`
	Delivery string    `json:"delivery"`
	Run      string    `json:"run,omitempty"`
	// Redriven is the letter from which the run had been redriven, before it was given up once more.
	Redriven string `json:"redriven,omitempty"`
}

// A Whole is all that is known of a letter.
type Whole struct {
	Letter
	Steps  []runner.StepRecord `json:"steps,omitempty"`
	Why    string              `json:"why,omitempty"` // what fired, and what the condition saw
	Source event.Source        `json:"source"`
	Queue  string              `json:"queue,omitempty"`
	Body   []byte              `json:"body"` // the delivery, byte for byte
}

// A Desk deals with the letters of one journal.
type Desk struct {
	journal *journal.Journal
	mu      sync.Mutex // so that no letter is redriven and discarded at once
}

// New opens a desk.
func New(j *journal.Journal) *Desk { return &Desk{journal: j} }

// List shows the letters that are meant, oldest first; all where nothing is said.
func (d *Desk) List(ctx context.Context, c Choice) ([]Letter, error) {
	found, err := d.choose(ctx, c)
	if err != nil {
		return nil, err
	}
	out := make([]Letter, len(found))
	for i, l := range found {
		out[i] = l.view
	}
	return out, nil
}

// Show shows one.
func (d *Desk) Show(ctx context.Context, id string) (Whole, error) {
	l, err := d.journal.Letter(ctx, id)
	if err != nil {
		return Whole{}, missing(id, err)
	}
	v, rec := view(l)
	return Whole{Letter: v, Steps: rec.Steps, Why: rec.Why, Source: l.Source, Queue: l.Only.Queue, Body: l.Body}, nil
}

// chosen is a letter, seen, and the order in which what it holds arrived.
type chosen struct {
	view Letter
	seq  uint64
}

func (d *Desk) choose(ctx context.Context, c Choice) ([]chosen, error) {
	var out []chosen
	seen := map[string]bool{}
	for l, err := range d.journal.Dead(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list dead letters: %w", err)
		}
		v, _ := view(l)
		if c.means(v) {
			out = append(out, chosen{v, l.Arrived()})
			seen[v.ID] = true
		}
	}
	for _, id := range c.IDs {
		if !seen[id] {
			return nil, missing(id, journal.ErrNotFound)
		}
	}
	return out, nil
}

func missing(id string, err error) error {
	if errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("there is no dead letter %q; bot dead lists them, bot dead --closed what became of others", id)
	}
	return err
}

func (c Choice) means(l Letter) bool {
	return (len(c.IDs) == 0 || slices.Contains(c.IDs, l.ID)) && (c.Rule == "" || c.Rule == l.Rule) &&
		(c.Reason == "" || c.Reason == l.Class || strings.Contains(strings.ToLower(l.Reason), strings.ToLower(c.Reason))) &&
		(c.Issue == "" || strings.EqualFold(c.Issue, l.Issue)) && !l.Buried.Before(c.Since)
}

func view(l journal.Letter) (Letter, runner.Record) {
	w, err := runner.ReadWork(l.Work)
	v := Letter{ID: l.ID, Rule: l.Rule, Class: l.Class, Reason: l.Reason, Attempts: l.Attempts, Buried: l.Buried,
		Received: l.Received, Delivery: l.Entry.ID, Run: l.Run, Redriven: l.Only.Letter, Issue: w.Record.Issue, Event: w.Record.Kind}
	if err != nil {
		v.Reason += "; " + err.Error()
	}
	if v.Issue == "" || v.Event == "" {
		if ev, err := event.Decode(l.Delivery); err == nil {
			v.Issue, v.Event = ev.Issue.Key, ev.Kind
		}
	}
	return v, w.Record
}
