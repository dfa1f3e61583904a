package app

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/journal"
)

// memory is the journal's, for whom what was never remembered is no error.
type memory struct {
	*journal.Journal
	log zerolog.Logger
}

// recallEvery is the pause between two tries to recall something while too few machines are there.
const recallEvery = time.Second

// Recall gives back what was remembered, or nil. Where several machines remember together it waits until enough of them are
// there: that is no reason for this one to end.
func (m memory) Recall(ctx context.Context, key string) ([]byte, error) {
	for {
		data, err := m.Journal.Recall(ctx, key)
		switch {
		case err == nil:
			return data, nil
		case errors.Is(err, journal.ErrNotFound):
			return nil, nil
		case m.Journal.Members() == nil || ctx.Err() != nil:
			return nil, err
		}
		m.log.Warn().Err(err).Str("key", key).Msg("cannot recall yet")
		select {
		case <-time.After(recallEvery):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Remember keeps data, unless this is done in turn and it is another machine's turn by now.
func (m memory) Remember(ctx context.Context, key string, data []byte) error {
	if err := journal.Holding(ctx); err != nil {
		return err
	}
	return m.Journal.Remember(ctx, key, data)
}
