package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// Migrations bring the file from one schema to the next, in the order of their names. One that was released is never
// changed. The number of those that were applied is the file's user_version.
//
//go:embed schema/*.sql
var migrations embed.FS

// ErrNewer is the answer for a file whose schema this bot does not know.
var ErrNewer = errors.New("the history was written by a newer version of the bot; run that one, or remove the file: it is made anew from the journal")

// migrate brings the file to the newest schema, in one transaction.
func migrate(ctx context.Context, db *sql.DB, dir fs.FS) (err error) {
	names, err := fs.Glob(dir, "schema/*.sql")
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	version := 0
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(names) {
		return fmt.Errorf("%w (its schema is %d, and this bot knows up to %d)", ErrNewer, version, len(names))
	}
	for _, name := range names[version:] {
		statements, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(statements)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if version < len(names) {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(names))); err != nil {
			return err
		}
	}
	return tx.Commit()
}
