package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/internal/record"
)

// write indexes a batch and where it ends, all or nothing. What cannot be read in it is passed over, and told.
func (s *store) write(ctx context.Context, b journal.Batch) (unreadable []error, err error) {
	if b.Places == s.places && b.Discarded == nil && b.Floors == nil {
		return nil, nil
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("write history: %w", err)
	}
	w := &writing{ctx: ctx, tx: tx, store: s, prepared: map[string]*sql.Stmt{}}
	w.batch(b)
	if w.err == nil {
		w.err = tx.Commit()
	}
	if w.err != nil {
		// After a failed commit there is nothing to roll back, and that error says no more.
		_ = tx.Rollback()
		return nil, fmt.Errorf("write history: %w", w.err)
	}
	s.places = b.Places
	s.runs += w.runs
	return w.unreadable, nil
}

// writing is one transaction. After an error it does nothing more.
type writing struct {
	ctx        context.Context
	tx         *sql.Tx
	store      *store
	prepared   map[string]*sql.Stmt
	err        error
	runs       int
	unreadable []error
}

func (w *writing) exec(statement string, args ...any) {
	if w.err != nil {
		return
	}
	if w.store.rest != nil {
		w.store.rest()
	}
	st := w.prepared[statement]
	if st == nil {
		if st, w.err = w.tx.PrepareContext(w.ctx, statement); w.err != nil {
			return
		}
		w.prepared[statement] = st // closed with the transaction
	}
	_, w.err = st.ExecContext(w.ctx, args...)
}

func (w *writing) batch(b journal.Batch) {
	for _, e := range b.Deliveries {
		w.exec("INSERT INTO deliveries (seq, at, record) VALUES (?, ?, ?)", int64(e.Seq), e.Stored.UnixNano(), asJSON(deliveryOf(e)))
	}
	w.finals(b.Finals)
	for lane, floor := range b.Floors {
		w.floor(lane, floor)
	}
	for _, l := range b.Letters {
		w.exec("INSERT INTO letters (seq, record) VALUES (?, ?)", int64(l.Number()), asJSON(letterOf(l)))
	}
	if d := b.Discarded; d != nil {
		w.exec("DELETE FROM letters WHERE seq < ?", int64(d.Before))
		for _, seq := range d.Among {
			w.exec("DELETE FROM letters WHERE seq = ?", int64(seq))
		}
	}
	w.exec("INSERT OR REPLACE INTO places (one, places) VALUES (1, ?)", asJSON(b.Places))
}

func (w *writing) finals(finals []journal.Final) {
	if len(finals) == 0 || w.err != nil {
		return
	}
	id := int64(0)
	w.err = w.tx.QueryRowContext(w.ctx, "SELECT coalesce(max(id), 0) FROM runs").Scan(&id)
	for _, final := range finals {
		w.floor(final.Lane, final.DeliverySeq)
		kept, err := record.ReadRaw(final.Data)
		if err != nil {
			w.unreadable = append(w.unreadable, fmt.Errorf("delivery %s: %w", final.Delivery, err))
			continue
		}
		for _, raw := range kept {
			var run record.Run
			if err := json.Unmarshal(raw, &run); err != nil {
				w.unreadable = append(w.unreadable, fmt.Errorf("delivery %s: run record: %w", final.Delivery, err))
				continue
			}
			id++
			w.runs++
			w.exec("INSERT INTO runs (id, at, record) VALUES (?, ?, ?)", id, final.Stored.UnixNano(), string(raw))
			w.exec("INSERT INTO words (rowid, text) VALUES (?, ?)", id, w.store.words.of(&run, id/w.store.block))
		}
	}
}

func (w *writing) floor(lane int, floor uint64) {
	if floor > 0 {
		w.exec("INSERT INTO lanes (lane, floor) VALUES (?, ?) ON CONFLICT (lane) DO UPDATE SET floor = max(floor, excluded.floor)", lane, int64(floor))
	}
}

// deliveryOf reads what a delivery means, for people who look for it.
func deliveryOf(e journal.Entry) Delivery {
	d := Delivery{ID: e.ID, Stored: e.Stored, Received: e.Received, Source: e.Source, Name: e.Name, Lane: e.Lane, Idle: e.Idle,
		Recovered: e.Recovered, Depth: e.Depth, Cause: e.Cause, Bytes: len(e.Body)}
	ev, err := event.Decode(e.Delivery)
	if err != nil {
		d.Problem = err.Error()
	}
	d.Kind, d.Issue, d.Actor, d.Identity = ev.Kind, ev.Issue.Key, ev.Actor.ID(), ev.Identity
	return d
}

func letterOf(l journal.Letter) Letter {
	d := deliveryOf(l.Entry)
	return Letter{ID: l.ID, Delivery: d.ID, Kind: d.Kind, Issue: d.Issue, Rule: l.Rule, Run: l.Run, Reason: l.Reason,
		Attempts: l.Attempts, Buried: l.Buried}
}

// asJSON is for values that have no way to fail: texts, numbers and times within their range.
func asJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		data, _ = json.Marshal(map[string]string{"problem": err.Error()})
	}
	return string(data)
}
