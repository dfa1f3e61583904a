package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/rules"
)

// Runs of a rule that share a key are done one at a time, across issues and machines. There is no lock for that: the
// delivery is handed on, for this rule alone, into a lane that belongs to the key. Lanes do the rest.

// ending is what has become of a match.
type ending int

const (
	noRun     ending = iota // the condition does not hold: that is no run
	here                    // a run, finished
	elsewhere               // handed on to the lane of the key
)

// toQueue tells whether the run belongs into the lane of the rule's key and is not there yet.
func (r *aRun) toQueue() bool {
	return r.match.Rule.Concurrency.Given() && r.task.Only.Queue == "" && !r.before.begun
}

// chooseQueue finds the queue of the run's key and writes it down: the next attempt does not decide anew.
func (r *aRun) chooseQueue() error {
	key, err := r.match.Rule.Concurrency.Key.Render(r.scope)
	if err != nil {
		if v, after := r.judge(err); v != final {
			return &retry{v, after, err}
		}
		r.end(Failed, fmt.Sprintf("concurrency: key: %v (%s:%d)", err, r.match.Rule.File, r.match.Rule.Line))
		return nil
	}
	return r.noteQueue(note{Queue: queueName(r.match.Rule.Name, key), At: r.r.opts.Now()})
}

func (r *aRun) noteQueue(n note) error {
	n.Run = r.rec.ID
	if err := r.note(n); err != nil {
		return err
	}
	r.before.take(n)
	return nil
}

// handOn hands the delivery on to the lane of the key, once.
func (r *aRun) handOn() error {
	storeID := "queue/" + r.rec.ID + "/" + r.task.Only.Letter
	if done, err := r.handedOn(storeID); done || err != nil {
		return err
	}
	d := r.task.Delivery
	d.Only = event.Only{Rule: r.match.Rule.Name, Queue: r.before.queue, Letter: d.Only.Letter,
		First: r.task.First(), At: r.r.opts.Now()}
	d.Cause = r.task.ID
	if _, err := r.r.opts.Journal.Hand(r.ctx, d, r.task.Work, storeID, "queue:"+d.Only.Queue); err != nil {
		return fmt.Errorf("hand the run on to the queue of its key: %w", err)
	}
	r.log.Debug().Str("rule", r.match.Rule.Name).Str("queue", r.before.queue).Msg("run handed on")
	if r.alone {
		return nil // the delivery is finished at once
	}
	return r.noteQueue(note{Handed: true})
}

// handedOn tells whether an earlier attempt has done so. The journal knows repeats, but not for ever.
func (r *aRun) handedOn(storeID string) (bool, error) {
	if r.before.handed || r.r.opts.Now().Sub(r.before.trying) < lateAfter {
		return r.before.handed, nil
	}
	known, err := r.r.opts.Journal.Known(r.ctx, r.before.trying.Add(-lateAfter))
	if err != nil {
		return false, fmt.Errorf("look whether the run was handed on: %w", err)
	}
	return known(storeID), nil
}

// queueName names the queue of a rule's key. A key of any length will do.
func queueName(rule, key string) string {
	if len(key) > 200 {
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:])
	}
	return rule + "/" + key
}

// keyOf is the key for people.
func (r *aRun) keyOf() string { return r.task.Only.Queue[len(r.match.Rule.Name)+1:] }

// queueClaim is what a run in a queue is finished with, so that one that came while it was under way can see that.
func (h *handling) queueClaim(m rules.Match, rec Record) []string {
	if h.task.Only.Queue == "" || m.Rule.Concurrency.WhenBusy != rules.Drop || rec.Outcome == Skipped && rec.Mode != string(rules.Shadow) {
		return nil
	}
	return []string{"queue/" + h.task.Only.Queue}
}

// busy drops a run that came while another of its queue was under way: one that ended after this one had come.
func (r *aRun) busy() (bool, error) {
	if r.task.Only.Queue == "" || r.match.Rule.Concurrency.WhenBusy != rules.Drop || r.task.Only.Letter != "" || r.before.begun {
		return false, nil
	}
	ended, err := r.r.opts.Journal.Claimed(r.ctx, r.task.LaneKey, r.task.Stored, []string{"queue/" + r.task.Only.Queue})
	if err != nil {
		return false, fmt.Errorf("look whether the rule was busy: %w", err)
	}
	if ended[0] {
		r.end(Skipped, fmt.Sprintf("busy: when this event came, another run with the key %q was under way", r.keyOf()))
	}
	return ended[0], nil
}

// replaced tells whether a newer event waits behind this one in its queue.
func (r *aRun) replaced() (bool, error) {
	if r.task.Only.Queue == "" || r.match.Rule.Concurrency.WhenBusy != rules.Restart {
		return false, nil
	}
	newer, err := r.task.Behind(r.ctx, func(e journal.Entry) bool {
		return e.Only.Queue == r.task.Only.Queue && e.Only.Letter == ""
	})
	if err != nil {
		return false, unstored{fmt.Errorf("look for newer runs: %w", err)}
	}
	if newer {
		r.end(Overtaken, fmt.Sprintf("restarted: a newer event with the key %q has come, whose run takes over", r.keyOf()))
	}
	return newer, nil
}
