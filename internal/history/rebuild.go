package history

import (
	"context"
	"errors"
	"fmt"
	"os"

	"jirabot/internal/journal"
)

// Progress is how far a rebuild has come.
type Progress struct {
	Runs       int
	Deliveries int
	Letters    int
	Behind     uint64 // records that are left to be read
}

// Rebuild makes the history anew from the journal, in a file beside the old one, which it replaces in the end. Nothing
// else may have the old one open. Told is called after each batch.
func Rebuild(ctx context.Context, o Options, told func(Progress)) (p Progress, err error) {
	o = o.withDefaults()
	file := o.File
	o.File += ".new"
	if err := remove(o.File); err != nil { // of a rebuild that was interrupted
		return p, fmt.Errorf("rebuild history: %w", err)
	}
	s, err := openStore(ctx, o)
	if err != nil {
		return p, err
	}
	if p, err = s.fill(ctx, o, told); err != nil {
		return p, errors.Join(err, s.close(), remove(o.File))
	}
	if err := s.close(); err != nil { // brings everything into the one file
		return p, fmt.Errorf("rebuild history: %w", err)
	}
	if err := remove(file); err != nil {
		return p, fmt.Errorf("rebuild history: %w", err)
	}
	return p, os.Rename(o.File, file)
}

// fill indexes all that the journal has.
func (s *store) fill(ctx context.Context, o Options, told func(Progress)) (p Progress, err error) {
	f := o.Journal.Follow(journal.Places{})
	defer f.Close()
	for p.Behind = 1; p.Behind > 0; {
		if err := ctx.Err(); err != nil {
			return p, fmt.Errorf("rebuild history: %w", err)
		}
		b, err := f.Next(ctx, 8*o.batch)
		if err != nil {
			return p, err
		}
		unreadable, err := s.write(ctx, b)
		if err != nil {
			return p, err
		}
		for _, err := range append(b.Unreadable, unreadable...) {
			o.Log.Warn().Err(err).Msg("a record of the journal is not indexed")
		}
		p.Runs = s.runs
		p.Deliveries += len(b.Deliveries)
		p.Letters += len(b.Letters)
		p.Behind = b.Behind
		told(p)
	}
	for more := true; more && err == nil; {
		more, err = s.trim(ctx, o.Retention, o.Now())
	}
	return p, err
}
