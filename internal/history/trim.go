package history

import (
	"context"
	"fmt"
	"math"
	"time"
)

// trimmed is how many runs, and how many deliveries, go in one transaction.
const trimmed = 500

// trim removes some of what is too old, or of the oldest while the file is too large, and tells whether there may be
// more of it. Too large is beyond MaxBytes, and then until a tenth of it is free again.
func (s *store) trim(ctx context.Context, keep Retention, now time.Time) (more bool, err error) {
	runs, err := s.oldest(ctx, "runs", "id", now.Add(-keep.Runs).UnixNano())
	if err != nil {
		return false, err
	}
	deliveries, err := s.oldest(ctx, "deliveries", "seq", now.Add(-keep.Deliveries).UnixNano())
	if err != nil {
		return false, err
	}
	if runs == 0 && deliveries == 0 {
		used, err := s.used(ctx)
		if err != nil {
			return false, err
		}
		if s.shrink = used > keep.MaxBytes || s.shrink && used > keep.MaxBytes/10*9; !s.shrink {
			return false, nil
		}
		if runs, deliveries, err = s.oldestOfAll(ctx); err != nil {
			return false, err
		}
	}
	return runs+deliveries > 0, s.delete(ctx, runs, deliveries)
}

// oldest finds the last one, by its number, of the oldest that were stored by a time; 0 if there is none.
func (s *store) oldest(ctx context.Context, table, number string, by int64) (last int64, err error) {
	query := fmt.Sprintf("SELECT coalesce(max(n), 0) FROM (SELECT %s AS n, at FROM %s ORDER BY %s LIMIT %d) WHERE at <= ?", number, table, number, trimmed)
	if err := s.db.QueryRowContext(ctx, query, by).Scan(&last); err != nil {
		return 0, fmt.Errorf("trim history: %w", err)
	}
	return last, nil
}

// oldestOfAll finds the oldest runs, and the deliveries that are no younger; without runs, the oldest deliveries.
func (s *store) oldestOfAll(ctx context.Context) (runs, deliveries int64, err error) {
	at := int64(math.MaxInt64)
	if runs, err = s.oldest(ctx, "runs", "id", at); err != nil {
		return 0, 0, err
	}
	if runs > 0 {
		if err := s.db.QueryRowContext(ctx, "SELECT at FROM runs WHERE id = ?", runs).Scan(&at); err != nil {
			return 0, 0, fmt.Errorf("trim history: %w", err)
		}
	}
	deliveries, err = s.oldest(ctx, "deliveries", "seq", at)
	return runs, deliveries, err
}

func (s *store) delete(ctx context.Context, runs, deliveries int64) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("trim history: %w", err)
	}
	for _, d := range []struct {
		statement string
		last      int64
	}{
		{"DELETE FROM words WHERE rowid IN (SELECT id FROM runs WHERE id <= ?)", runs},
		{"DELETE FROM runs WHERE id <= ?", runs},
		{"DELETE FROM deliveries WHERE seq <= ?", deliveries},
	} {
		if d.last == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, d.statement, d.last); err != nil {
			_ = tx.Rollback() // the first error says it
			return fmt.Errorf("trim history: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("trim history: %w", err)
	}
	return nil
}

// used is how many bytes of the file hold something. SQLite fills the others before the file grows.
func (s *store) used(ctx context.Context) (bytes int64, err error) {
	const query = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
	if err := s.db.QueryRowContext(ctx, query).Scan(&bytes); err != nil {
		return 0, fmt.Errorf("measure history: %w", err)
	}
	return bytes, nil
}
