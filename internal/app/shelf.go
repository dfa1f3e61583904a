package app

import (
	"context"

	"jirabot/internal/journal"
	"jirabot/jiraclient"
)

// A shelf is the place in the journal for the credential that all machines of a cluster use.
type shelf struct {
	journal *journal.Journal
	key     string
}

// shared is where this machine shares a credential with the others; nil on a single machine.
func (a *App) shared(way string) jiraclient.Sharing {
	if a.journal.Member() == "" {
		return nil
	}
	return shelf{a.journal, "login/" + way}
}

// Member is this machine's name.
func (s shelf) Member() string { return s.journal.Member() }

// Update changes what is there. A machine that others have taken to be gone waits, and finds out, before it looks: what it
// sees then is what whoever came after it has left.
func (s shelf) Update(ctx context.Context, change func(old []byte) ([]byte, error)) error {
	if err := journal.Holding(ctx); err != nil {
		return err
	}
	return s.journal.Update(ctx, s.key, change)
}

// Exclusive calls do while no other machine is in it.
func (s shelf) Exclusive(ctx context.Context, do func(context.Context) error) error {
	return s.journal.Exclusive(ctx, s.key, do)
}
