package app

import (
	"context"
	"errors"

	"jirabot/internal/journal"
)

// memory is the journal's, for whom what was never remembered is no error.
type memory struct{ *journal.Journal }

// Recall gives back what was remembered, or nil.
func (m memory) Recall(ctx context.Context, key string) ([]byte, error) {
	data, err := m.Journal.Recall(ctx, key)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	return data, err
}

// Remember keeps data, unless this is done in turn and it is another machine's turn by now.
func (m memory) Remember(ctx context.Context, key string, data []byte) error {
	if err := journal.Holding(ctx); err != nil {
		return err
	}
	return m.Journal.Remember(ctx, key, data)
}
