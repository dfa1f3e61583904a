package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"jirabot/internal/record"
)

// A Query chooses runs. What is empty does not narrow; what is given must all hold.
type Query struct {
	Rule     string
	Issue    string
	Outcome  record.Outcome
	Delivery string
	// Text are words that must all be in the run: in its issue, sentences, errors, reason, or the why. PAY finds PAY-7.
	Text string
	// Since and Until are about when the run was finished, Until not included.
	Since, Until time.Time
	// Before goes on behind a page: it is that page's Next.
	Before int64
	// Limit is how many; 50 if 0, and at most 1000.
	Limit int
}

const (
	usualRuns = 50
	mostRuns  = 1000
)

// A Page is a part of an answer, newest first. Next is 0 on the last. A page may have fewer runs than asked for, or none, and yet a
// Next: words that are frequent and hardly ever together are looked for a moment only, and the next page goes on from there.
type Page struct {
	Runs []record.Run `json:"runs"`
	Next int64        `json:"next,omitempty"`
}

// Runs finds the newest runs.
func (r *Reader) Runs(ctx context.Context, q Query) (Page, error) {
	limit := q.Limit
	switch {
	case limit == 0:
		limit = usualRuns
	case limit < 0 || limit > mostRuns:
		return Page{}, fmt.Errorf("%d runs at once; 1 to %d can be had, and then the next page", limit, mostRuns)
	}
	match, err := q.match()
	if err != nil {
		return Page{}, err
	}
	// One more than asked for tells whether there is another page.
	s := selection{match: match, limit: limit + 1, before: q.Before}
	if !q.Since.IsZero() {
		if s.from, err = r.firstAt(ctx, q.Since); err != nil {
			return Page{}, err
		}
	}
	if !q.Until.IsZero() {
		until, err := r.firstAt(ctx, q.Until)
		if err != nil {
			return Page{}, err
		}
		if s.before == 0 || until < s.before {
			s.before = until
		}
	}
	found, next, err := r.lookBack(ctx, s)
	if err != nil {
		return Page{}, err
	}
	page := Page{Runs: []record.Run{}, Next: next}
	for i, f := range found {
		if i == limit {
			page.Next = found[limit-1].number
			break
		}
		page.Runs = append(page.Runs, f.Run)
	}
	return page, nil
}

// firstAt is the number of the first run that was finished at a time or later.
func (r *Reader) firstAt(ctx context.Context, at time.Time) (number int64, err error) {
	err = r.db.QueryRowContext(ctx, "SELECT id FROM runs WHERE at >= ? ORDER BY at, id LIMIT 1", at.UnixNano()).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return math.MaxInt64, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for runs: %w", explain(err))
	}
	return number, nil
}

// A selection is a query in the words of the file.
type selection struct {
	match  string // for the index of words; all runs if empty
	from   int64  // the lowest number
	before int64  // the number before which they must be, unless it is 0
	limit  int
}

type numbered struct {
	number int64
	record.Run
}

const (
	// searchTime is after how long a search begins with no further blocks, and stepTime is how long one look at some may take.
	searchTime = 40 * time.Millisecond
	stepTime   = 20 * time.Millisecond
	// mostBlocks are in one look.
	mostBlocks = 64
)

// lookBack reads the newest runs of a selection, some blocks at a time, and tells from where to go on if it has not looked through
// all of them.
func (r *Reader) lookBack(ctx context.Context, s selection) (out []numbered, next int64, err error) {
	if s.match == "" {
		out, err = r.runs(ctx, s)
		return out, 0, err
	}
	var newest sql.NullInt64
	if err := r.db.QueryRowContext(ctx, "SELECT max(id) FROM runs").Scan(&newest); err != nil {
		return nil, 0, fmt.Errorf("look for runs: %w", explain(err))
	}
	top := newest.Int64 + 1
	if s.before != 0 {
		top = min(top, s.before)
	}
	began := time.Now()
	for blocks := int64(1); top > max(s.from, 1); {
		looked := time.Now()
		lowest := max((top-1)/r.block-blocks+1, 0)
		part := selection{match: s.match + " AND (" + blockWords(lowest, (top-1)/r.block) + ")", from: max(s.from, lowest*r.block), before: top, limit: s.limit - len(out)}
		found, err := r.runs(ctx, part)
		if err != nil {
			return nil, 0, err
		}
		if out = append(out, found...); len(out) == s.limit {
			return out, 0, nil
		}
		if top = part.from; time.Since(began) > r.moment && top > max(s.from, 1) {
			return out, top, nil
		}
		blocks = max(1, min(4*blocks, mostBlocks, blocks*int64(stepTime)/int64(time.Since(looked)+1)))
	}
	return out, 0, nil
}

// blockWords is the expression for the runs of some blocks.
func blockWords(lowest, highest int64) string {
	var b strings.Builder
	for n := lowest; n <= highest; n++ {
		if n > lowest {
			b.WriteString(" OR ")
		}
		b.WriteString(`"` + blockWord(n) + `"`)
	}
	return b.String()
}

// runs reads the newest runs of a selection. The index of words gives out its numbers from the highest on, and stops when
// there are enough: how often a word occurs does not matter.
func (r *Reader) runs(ctx context.Context, s selection) (out []numbered, err error) {
	if s.before == 0 {
		s.before = math.MaxInt64
	}
	var rows *sql.Rows
	if s.match == "" {
		rows, err = r.db.QueryContext(ctx, "SELECT id, record FROM runs WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?",
			s.from, s.before, s.limit)
	} else {
		rows, err = r.db.QueryContext(ctx, `SELECT runs.id, runs.record FROM words CROSS JOIN runs ON runs.id = words.rowid
			WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?`,
			s.match, s.from, s.before, s.limit)
	}
	if err != nil {
		return nil, fmt.Errorf("look for runs: %w", explain(err))
	}
	err = each(rows, func() error {
		var n numbered
		var kept []byte
		if err := rows.Scan(&n.number, &kept); err != nil {
			return err
		}
		err := json.Unmarshal(kept, &n.Run)
		out = append(out, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for runs: %w", explain(err))
	}
	return out, nil
}

// each calls do for every row, and closes them.
func each(rows *sql.Rows, do func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := do(); err != nil {
			return err
		}
	}
	return rows.Err()
}
