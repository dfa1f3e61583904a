package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/record"
)

// ErrNotFound is the answer for what is not in the history, or no longer.
var ErrNotFound = errors.New("not in the history")

// ErrNone is the answer where there is no history yet.
var ErrNone = errors.New("there is no history yet: a running bot makes it, and so does bot history rebuild")

// A Reader asks the history. Any number of goroutines may use it, also while a bot writes.
type Reader struct {
	db     *sql.DB
	block  int64         // how many runs make one
	moment time.Duration // after how long no further blocks are looked through for words
}

// A Delivery is what is known about one, besides its body, which is the journal's.
type Delivery struct {
	ID        string       `json:"id"`
	Stored    time.Time    `json:"stored"`
	Received  time.Time    `json:"received"`
	Source    event.Source `json:"source"`
	Name      string       `json:"name,omitempty"` // of the hook
	Kind      string       `json:"kind,omitempty"`
	Issue     string       `json:"issue,omitempty"`
	Actor     string       `json:"actor,omitempty"`
	Identity  string       `json:"identity,omitempty"`
	Lane      int          `json:"lane"`
	Idle      bool         `json:"idle,omitempty"` // no rule wanted it when it arrived
	Recovered bool         `json:"recovered,omitempty"`
	Depth     int          `json:"depth,omitempty"`
	Cause     string       `json:"cause,omitempty"`
	Bytes     int          `json:"bytes"`
	Problem   string       `json:"problem,omitempty"` // why it could not be read
}

// A Handled is a delivery with what became of it.
type Handled struct {
	Delivery
	// Decision says it in a word: see the constants.
	Decision Decision     `json:"decision"`
	Runs     []record.Run `json:"runs,omitempty"`
	// Letters are of the delivery as a whole, where it could not be read, and of its runs.
	Letters []Letter `json:"letters,omitempty"`
}

// A Decision is what became of a delivery.
type Decision string

// The decisions.
const (
	Unwanted Decision = "no rule wanted it" // it was kept off the lanes
	Waiting  Decision = "waiting"           // or under way
	NoRun    Decision = "no rule ran"       // a trigger fired, and no condition held
	GivenUp  Decision = "given up"          // it became a dead letter without a run
	Ran      Decision = "ran"
)

// A Letter is a dead letter that nobody has discarded.
type Letter struct {
	ID       string    `json:"id"`
	Delivery string    `json:"delivery"`
	Kind     string    `json:"kind,omitempty"`
	Issue    string    `json:"issue,omitempty"`
	Rule     string    `json:"rule,omitempty"`
	Run      string    `json:"run,omitempty"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts,omitempty"`
	Buried   time.Time `json:"buried"`
}

// Open opens the history for reading.
func Open(ctx context.Context, file string) (*Reader, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	// Not mode=ro: after a crash the first who comes has to go over SQLite's log, reader or not.
	db, err := openFile("sqlite", file, "mode=rw", "_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	// Pages of the console come one by one; a connection that is not needed costs a megabyte.
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(1)
	db.SetConnMaxIdleTime(30 * time.Second)
	if err := checkVersion(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open history: %w", explain(err)), db.Close())
	}
	return &Reader{db, blockSize, searchTime}, nil
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	version := 0
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "schema/*.sql")
	switch {
	case err != nil:
		return err
	case version == 0:
		return ErrNone
	case version > len(names):
		return ErrNewer
	case version < len(names):
		return errors.New("it was written by an older version of the bot; start this one once, and it is brought up to date")
	}
	return nil
}

// Close lets go of the file.
func (r *Reader) Close() error { return r.db.Close() }

// Run finds a run by its ID. The first characters of it will do where they fit one run only. Of a run that was recorded
// twice, since somebody gave it back, the newest is shown.
func (r *Reader) Run(ctx context.Context, id string) (record.Run, error) {
	word := oneWord(id)
	if len(word) < 4 {
		return record.Run{}, fmt.Errorf("run %q: at least four characters are needed", id)
	}
	found, err := r.runs(ctx, selection{match: `"run=` + word + `" *`, limit: 20})
	if err != nil {
		return record.Run{}, fmt.Errorf("run %q: %w", id, err)
	}
	for _, f := range found {
		if f.ID != found[0].ID {
			return record.Run{}, fmt.Errorf("run %q: there are several, such as %s and %s", id, found[0].ID, f.ID)
		}
	}
	if len(found) == 0 {
		return record.Run{}, fmt.Errorf("run %q: %w", id, ErrNotFound)
	}
	return found[0].Run, nil
}

// Delivery finds a delivery by its ID, with its runs.
func (r *Reader) Delivery(ctx context.Context, id string) (Handled, error) {
	var h Handled
	var seq, floor int64
	number, _, _ := strings.Cut(id, "-")
	var kept []byte
	err := r.db.QueryRowContext(ctx, "SELECT seq, record, coalesce((SELECT floor FROM lanes WHERE lane = record ->> 'lane'), 0) FROM deliveries WHERE seq = CAST(? AS INTEGER)", number).
		Scan(&seq, &kept, &floor)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err == nil {
		if err = json.Unmarshal(kept, &h.Delivery); err == nil && h.ID != id {
			err = ErrNotFound
		}
	}
	if err != nil {
		return Handled{}, fmt.Errorf("delivery %q: %w", id, explain(err))
	}
	page, err := r.Runs(ctx, Query{Delivery: id, Limit: mostRuns})
	if err != nil {
		return Handled{}, err
	}
	h.Runs = page.Runs
	if h.Letters, err = r.letters(ctx, "WHERE record ->> 'delivery' = ? ORDER BY seq DESC", id); err != nil {
		return Handled{}, err
	}
	switch {
	case len(h.Runs) > 0:
		h.Decision = Ran
	case len(h.Letters) > 0:
		h.Decision = GivenUp
	case h.Idle:
		h.Decision = Unwanted
	case seq <= floor:
		h.Decision = NoRun
	default:
		h.Decision = Waiting
	}
	return h, nil
}

// Letters are the dead letters, newest first: at most so many, and only those before the one with the given ID, if any.
func (r *Reader) Letters(ctx context.Context, before string, most int) ([]Letter, error) {
	number, _, _ := strings.Cut(before, "-")
	return r.letters(ctx, "WHERE ?1 = '' OR seq < CAST(?1 AS INTEGER) ORDER BY seq DESC LIMIT ?2", number, most)
}

func (r *Reader) letters(ctx context.Context, which string, args ...any) ([]Letter, error) {
	rows, err := r.db.QueryContext(ctx, "SELECT record FROM letters "+which, args...)
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", explain(err))
	}
	out := []Letter{}
	err = each(rows, func() error {
		var kept []byte
		if err := rows.Scan(&kept); err != nil {
			return err
		}
		var l Letter
		err := json.Unmarshal(kept, &l)
		out = append(out, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", explain(err))
	}
	return out, nil
}

// explain adds to SQLite's word for a damaged file what can be done about it.
func explain(err error) error {
	if damaged(err) {
		return fmt.Errorf("the file is damaged; a running bot makes it anew, and so does bot history rebuild (%w)", err)
	}
	return err
}
