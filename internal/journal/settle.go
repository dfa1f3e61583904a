package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"jirabot/internal/event"
)

// A Settlement says what became of a dead letter. It is kept as long as run records are. Its JSON is on disks.
type Settlement struct {
	Letter   string    `json:"letter"`
	Delivery string    `json:"delivery"`
	Rule     string    `json:"rule,omitempty"`
	Run      string    `json:"run,omitempty"`
	Reason   string    `json:"reason"` // why it had been buried
	Buried   time.Time `json:"buried"`

	Verdict string    `json:"verdict"`       // Redriven or Discarded
	Why     string    `json:"why,omitempty"` // of a discarded one
	By      string    `json:"by"`            // who did it
	At      time.Time `json:"at"`            // when
}

// The verdicts on a dead letter.
const (
	Redriven  = "redriven"
	Discarded = "discarded"
)

// lettersSubjects hold what became of dead letters.
const lettersSubjects = "run.letters.*"

func letterSubject(id string) string { return "run.letters." + id }

// Redrive has the delivery of a dead letter worked on again, in its lane, for the rule whose run was given up, and with
// what was done before; then the letter is gone. Whoever comes second, at once or after a crash, gets ErrNotFound or a
// Receipt that says Repeat.
func (j *Journal) Redrive(ctx context.Context, id, by string) (Receipt, error) {
	l, err := j.Letter(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	storeID := "redrive/" + l.ID
	done, err := j.redriven(ctx, l.ID, storeID)
	if err != nil {
		return Receipt{}, fmt.Errorf("redrive dead letter %q: %w", id, err)
	}
	if done {
		return Receipt{Repeat: true}, j.Discard(ctx, id)
	}
	if err := j.record(ctx, settlement(l, Redriven, by)); err != nil {
		return Receipt{}, fmt.Errorf("redrive dead letter %q: %w", id, err)
	}
	d := l.Delivery
	d.Only = event.Only{Rule: l.Rule, Queue: d.Only.Queue, Letter: l.ID, First: l.First(), At: j.opts.Now()}
	r, err := j.Hand(ctx, d, l.Work, storeID, l.LaneKey)
	if err != nil {
		return Receipt{}, fmt.Errorf("redrive dead letter %q: %w", id, err)
	}
	if err := j.Discard(ctx, id); err != nil && !errors.Is(err, ErrNotFound) {
		return Receipt{}, err
	}
	return r, nil
}

// redriven tells whether a crash, longer ago than the server knows a repeat, has come between storing the delivery and
// taking the letter away.
func (j *Journal) redriven(ctx context.Context, id, storeID string) (bool, error) {
	m, err := j.node.Load().last(ctx, runs, letterSubject(id))
	if err != nil || m == nil || j.opts.Now().Sub(m.Time) < window/2 {
		return false, err
	}
	known, err := j.Known(ctx, m.Time)
	if err != nil {
		return false, err
	}
	return known(storeID), nil
}

// Dismiss discards a dead letter and keeps who did it, and why.
func (j *Journal) Dismiss(ctx context.Context, id, by, why string) error {
	l, err := j.Letter(ctx, id)
	if err != nil {
		return err
	}
	s := settlement(l, Discarded, by)
	s.Why = why
	if err := j.record(ctx, s); err != nil {
		return fmt.Errorf("discard dead letter %q: %w", id, err)
	}
	return j.Discard(ctx, id)
}

func settlement(l Letter, verdict, by string) Settlement {
	return Settlement{Letter: l.ID, Delivery: l.Entry.ID, Rule: l.Rule, Run: l.Run, Reason: l.Reason, Buried: l.Buried, Verdict: verdict, By: by}
}

// record writes down what becomes of a letter, before it is so: the other way round a crash would leave no trace.
func (j *Journal) record(ctx context.Context, s Settlement) error {
	s.At = j.opts.Now()
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	msg, err := message(letterSubject(s.Letter), data)
	if err != nil {
		return err
	}
	_, err = j.write(ctx, &write{stream: runs, msg: msg, id: shortHash(s.Verdict + "/" + s.Letter), spare: true})
	return err
}

// Settlements list what became of dead letters, oldest first.
func (j *Journal) Settlements(ctx context.Context, f Filter) iter.Seq2[Settlement, error] {
	return func(yield func(Settlement, error) bool) {
		for m, err := range j.scan(ctx, runs, lettersSubjects, f) {
			var s Settlement
			if err == nil {
				err = json.Unmarshal(m.data, &s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// DeadMark changes whenever a dead letter comes or goes.
func (j *Journal) DeadMark(ctx context.Context) (string, error) {
	info, err := j.node.Load().streams[dead].Info(ctx)
	if err != nil {
		return "", fmt.Errorf("count %s: %w", dead, err)
	}
	return fmt.Sprint(info.State.Msgs, " ", info.State.LastSeq), nil
}
