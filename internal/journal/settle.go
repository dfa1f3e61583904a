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

	Verdict   string    `json:"verdict"`             // Redriven or Discarded
	Why       string    `json:"why,omitempty"`       // of a discarded one
	By        string    `json:"by"`                  // who did it
	At        time.Time `json:"at"`                  // when
	Delivered string    `json:"delivered,omitempty"` // of a redriven one: the delivery that it became
}

// The verdicts on a dead letter.
const (
	Redriven  = "redriven"
	Discarded = "discarded"
)

// lettersSubject holds what became of dead letters.
const lettersSubject = "run.letters"

// Redrive has the delivery of a dead letter worked on again, in its lane, for the rule whose run was given up, and with
// what was done before; then the letter is gone. Whoever comes second, at once or after a crash, gets ErrNotFound or a
// Receipt that says Repeat. After more than two hours between a crash and the next try it is stored twice; the letter's
// claim keeps the second from being worked on: LetterClaim.
func (j *Journal) Redrive(ctx context.Context, id, by string) (Receipt, error) {
	l, err := j.Letter(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	d := l.Delivery
	d.Only = event.Only{Rule: l.Rule, Queue: d.Only.Queue, Letter: l.ID, At: j.opts.Now()}
	r, err := j.Hand(ctx, d, l.Work, "redrive/"+l.ID, l.LaneKey)
	if err != nil {
		return Receipt{}, fmt.Errorf("redrive dead letter %q: %w", id, err)
	}
	s := settlement(l, Redriven, by)
	s.Delivered = r.ID
	if err := j.dispose(ctx, s); err != nil && !errors.Is(err, ErrNotFound) {
		return Receipt{}, fmt.Errorf("redrive dead letter %q: %w", id, err)
	}
	return r, nil
}

// LetterClaim is what a redriven delivery is finished with, so that no letter is redriven twice.
func LetterClaim(letter string) string { return "letter/" + letter }

// Dismiss discards a dead letter and keeps who did it, and why.
func (j *Journal) Dismiss(ctx context.Context, id, by, why string) error {
	l, err := j.Letter(ctx, id)
	if err != nil {
		return err
	}
	s := settlement(l, Discarded, by)
	s.Why = why
	if err := j.dispose(ctx, s); err != nil {
		return fmt.Errorf("discard dead letter %q: %w", id, err)
	}
	return nil
}

func settlement(l Letter, verdict, by string) Settlement {
	return Settlement{Letter: l.ID, Delivery: l.Entry.ID, Rule: l.Rule, Run: l.Run, Reason: l.Reason, Buried: l.Buried, Verdict: verdict, By: by}
}

// dispose writes down what becomes of a letter, and then takes it away: the other way round a crash would leave no trace.
func (j *Journal) dispose(ctx context.Context, s Settlement) error {
	s.At = j.opts.Now()
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	msg, err := message(lettersSubject, data)
	if err != nil {
		return err
	}
	id := shortHash(lettersSubject + "/" + s.Verdict + "/" + s.Letter)
	if _, err := j.write(ctx, &write{stream: runs, msg: msg, id: id, spare: true}); err != nil {
		return err
	}
	return j.Discard(ctx, s.Letter)
}

// Settlements list what became of dead letters, oldest first.
func (j *Journal) Settlements(ctx context.Context, f Filter) iter.Seq2[Settlement, error] {
	return func(yield func(Settlement, error) bool) {
		for m, err := range j.scan(ctx, runs, []string{lettersSubject}, f, true) {
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
