package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite" // SQLite without C: the bot stays one static file

	"jirabot/internal/journal"
)

// A store is the file as its one writer has it.
type store struct {
	file   string
	db     *sql.DB
	opened os.FileInfo
	places journal.Places // up to where the journal is indexed
	runs   int            // written since it was opened
	shrink bool           // it was too large, and is not small enough yet
	words  *words         // for one run after the other
	block  int64          // how many runs make one
	rest   func()         // called all the while; nil where nobody else is in a hurry
	pages  int            // of the write-ahead log, after which there is a checkpoint
}

// errGone tells that somebody has removed the file.
var errGone = errors.New("the history was removed")

// openStore opens the file for writing, or makes it.
func openStore(ctx context.Context, o Options) (_ *store, err error) {
	if _, err := os.Lstat(o.File); errors.Is(err, fs.ErrNotExist) {
		// What is left beside a removed file belongs to no other.
		if err := remove(o.File); err != nil {
			return nil, fmt.Errorf("open history: %w", err)
		}
	}
	f, err := os.OpenFile(o.File, os.O_CREATE|os.O_RDWR, 0o600) // SQLite's own would be readable for all
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	s := &store{file: o.File, words: newWords(), block: o.block}
	if s.opened, err = f.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("open history: %w", err), f.Close())
	}
	f.Close()
	s.db, err = openFile(o.driver, o.File, "_txlock=immediate", "_pragma=journal_mode(wal)", "_pragma=synchronous(normal)",
		"_pragma=journal_size_limit(16777216)")
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	s.db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open history %s: %w", o.File, err), s.db.Close())
		}
	}()
	if err := s.checkpointAfter(ctx, pagesAtRest); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.db, migrations); err != nil {
		return nil, err
	}
	var places []byte
	err = s.db.QueryRowContext(ctx, "SELECT places FROM places").Scan(&places)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(places, &s.places)
}

// After so many pages of 4 kB in the write-ahead log a commit makes a checkpoint. For that SQLite waits for the disk, and a delivery
// that is to be on the disk waits with it, some milliseconds. A larger log makes fewer of them, and brings in once what was written
// several times.
const (
	pagesAtRest    = 2_000
	pagesInTraffic = 16_000 // while deliveries come or wait
)

func (s *store) checkpointAfter(ctx context.Context, pages int) error {
	if pages == s.pages {
		return nil
	}
	if _, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", pages)); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	s.pages = pages
	return nil
}

// openFile names a file to SQLite with what a connection is to be like.
func openFile(driver, file string, how ...string) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	query := "?_pragma=busy_timeout(5000)&_pragma=cache_size(-1024)"
	for _, h := range how {
		query += "&" + h
	}
	return sql.Open(driver, name.String()+query)
}

func (s *store) close() error { return s.db.Close() }

// gone tells whether the file is no longer the one that was opened.
func (s *store) gone() bool {
	now, err := os.Stat(s.file)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, s.opened)
}

// damaged tells whether an error says that the file is no longer what SQLite has written.
func damaged(err error) bool {
	const corrupt, notADatabase = 11, 26 // https://www.sqlite.org/rescode.html
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == corrupt || code == notADatabase
}

// remove removes the file, and then what belongs to it: SQLite would take it for a part of the next one.
func remove(file string) error {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// aside is where a damaged file goes. There is one such place, so that a failing disk is not filled on top.
func aside(file string) string { return file + ".damaged" }

func putAside(file string) error {
	if err := os.Rename(file, aside(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return remove(file)
}
