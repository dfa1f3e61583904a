package journal

import (
	"context"
	"fmt"
)

// Note keeps data with the delivery until it is closed: an intent before a step, what became of it after. An answer
// without error means that it is on disk.
func (t *Task) Note(ctx context.Context, data []byte) error {
	if err := t.record(ctx, data, false); err != nil {
		return fmt.Errorf("note on delivery %s: %w", t.ID, err)
	}
	return nil
}

// NoteSoon is Note that does not wait for the disk. What it has answered survives the death of the process, but not of the
// machine within the next moments: then the delivery comes again as Suspect. That is the first of its lane alone: behind one
// that no record tells to be handled, and that would come again first, NoteSoon is Note; so it is on several machines.
func (t *Task) NoteSoon(ctx context.Context, data []byte) error {
	if t.lane.isSilent() {
		return t.Note(ctx, data)
	}
	err := t.journal.writeLog(ctx, t.lane, noteSubject(t.Lane), data, recordMeta{Delivery: t.ID}, write{soon: true},
		func(seq uint64) { t.lane.record(seq, t.ID, data, false) })
	if err != nil {
		return fmt.Errorf("note on delivery %s: %w", t.ID, err)
	}
	return nil
}

func (t *Task) record(ctx context.Context, data []byte, try bool) error {
	return t.journal.writeLog(ctx, t.lane, noteSubject(t.Lane), data, recordMeta{Delivery: t.ID, Try: try}, write{},
		func(seq uint64) { t.lane.record(seq, t.ID, data, try) })
}

// final closes the delivery. Nobody waits for it but the lane: where that has nothing more to do, a moment does not matter, and
// where it has, others write as well.
func (t *Task) final(ctx context.Context, v Verdict) error {
	return t.journal.writeLog(ctx, t.lane, finalSubject(t.Lane), v.data, recordMeta{Delivery: t.ID, Claims: v.claims},
		write{easy: true, moot: func() bool { return t.lane.isHandled(t.Seq) }}, func(uint64) { t.lane.handled(t.Seq) })
}

// writeLog writes a record to the log of a lane; how says in what hurry, and when there is no need.
func (j *Journal) writeLog(ctx context.Context, l *lane, subject string, data []byte, meta recordMeta, how write, stored func(seq uint64)) error {
	msg, err := message(subject, data, recordHeader, meta)
	if err != nil {
		return err
	}
	how.stream, how.msg, how.lane, how.spare, how.stored = runs, msg, l, true, func(a answer) { stored(a.seq) }
	_, err = j.write(ctx, &how)
	return err
}
