package runner

import (
	"context"
	"errors"
	"fmt"

	"jirabot/internal/expression"
	"jirabot/rules"
)

// errHalt stops the walk over a rule's steps after a failure.
var errHalt = errors.New("halt")

// aRun is one rule on one event, under way.
type aRun struct {
	*handling
	match  rules.Match
	rec    Record
	before *progress // what this and earlier attempts noted; never nil
	scope  *expression.Scope
	fresh  *freshIssue // what the run saw
	last   *rules.Step // the last step of the rule in the order of the file
	alone  bool        // no other run of this delivery follows
	noted  bool        // the first note of the run is written
	steps  int         // how many steps the rule has at the most

	choices map[string]bool // decided and not yet noted
}

// run runs one rule. An error means that the run cannot be finished now.
func (h *handling) run(m rules.Match, lastOne bool) (Record, ending, error) {
	r := &aRun{handling: h, match: m, rec: h.record(m), alone: lastOne, before: h.runs[runID(m.Claims[0])]}
	defer r.release()
	if r.before == nil {
		r.before = newProgress()
	}
	if r.before.begun {
		r.rec.Started, r.noted = r.before.started, true
	}
	m.Rule.Do.All(func(st *rules.Step) {
		if st.Action != nil {
			r.last = st
			r.steps++
		}
	})
	ended := r.before.end != nil
	if ended {
		r.rec = *r.before.end
	} else {
		end, err := r.perform()
		if err != nil || end != here {
			return r.rec, end, err
		}
		r.rec.Finished = h.r.opts.Now()
	}
	if r.rec.Outcome.Bad() && r.rec.Letter == "" {
		// What has failed is not tried again while storing the letter takes several attempts.
		if err := r.writeEnd(!ended); err != nil {
			return r.rec, here, err
		}
		if ended {
			var err error
			if r.rec.Letter, err = h.buriedBefore(r.rec); err != nil {
				return r.rec, here, err
			}
		}
		if err := h.giveUp(&r.rec, workOf(r.rec, r.before, &h.before)); err != nil {
			return r.rec, here, err
		}
		ended = false
	}
	return r.rec, here, r.writeEnd(!ended && !lastOne)
}

// release gives the environment back: the record holds nothing of it.
func (r *aRun) release() {
	if r.scope != nil {
		r.scope.Release()
	}
}

func (r *aRun) writeEnd(needed bool) error {
	if !needed {
		return nil
	}
	rec := r.rec
	return r.write(note{End: &rec})
}

// perform decides and acts.
func (r *aRun) perform() (ending, error) {
	if r.before.begun && r.before.revision != r.match.Rule.Revision {
		r.keepFinished()
		r.rec.Class = Changed
		r.end(Failed, "the rule was changed while this run was under way; the steps listed are done, the others were not begun")
		return here, nil
	}
	if r.before.queue != "" { // decided by an earlier attempt
		return elsewhere, r.handOn()
	}
	if busy, err := r.busy(); busy || err != nil {
		return here, err
	}
	wants, err := r.wants()
	switch {
	case err != nil:
		return here, err
	case !wants && r.rec.Outcome == "":
		return noRun, nil
	case !wants:
		return here, nil
	}
	r.rec.Why = r.match.Rule.Because(r.match, r.ev, r.scope)
	if r.rec.Depth > MaxDepth {
		r.rec.Class = Loop
		r.end(Failed, fmt.Sprintf("%d runs of rules followed from one another: this looks like a loop, so it ends here", r.rec.Depth))
		return here, nil
	}
	if r.toQueue() {
		if err := r.chooseQueue(); err != nil || r.rec.Outcome != "" {
			return here, err
		}
		return elsewhere, r.handOn()
	}
	err = r.match.Rule.Do.Walk(r.scope, r.choose, r.step)
	if err != nil && !errors.Is(err, errHalt) {
		return here, err
	}
	r.conclude()
	return here, nil
}

// keepFinished copies the steps of earlier attempts into the record.
func (r *aRun) keepFinished() {
	r.match.Rule.Do.All(func(st *rules.Step) {
		if done, ok := r.before.steps[st.Path]; ok {
			r.rec.Steps = append(r.rec.Steps, done)
		}
	})
}

// write adds to the notes; the first note also says what the run saw.
func (r *aRun) write(n note) error { return r.writeBy(r.task.Note, n) }

func (r *aRun) writeBy(write func(context.Context, []byte) error, n note) error {
	n.Run = r.rec.ID
	if !r.noted {
		started := r.rec.Started
		n.Started, n.Rule, n.Revision = &started, r.match.Rule.Name, r.match.Rule.Revision
		if r.fresh != nil {
			n.Issue = r.fresh.raw
		}
	}
	n.Choices = r.choices
	if err := r.noteBy(write, n); err != nil {
		return err
	}
	r.noted, r.choices = true, nil
	r.before.take(n)
	return nil
}

// choose decides a choice, as an earlier attempt did if there was one.
func (r *aRun) choose(st *rules.Step) (bool, error) {
	if holds, decided := r.before.choices[st.Path]; decided {
		return holds, nil
	}
	if w := &r.handling.before; w.Record.Revision == r.match.Rule.Revision {
		if holds, decided := w.Choices[st.Path]; decided {
			return holds, nil
		}
	}
	holds, err := st.If.Holds(r.scope)
	if err == nil {
		if r.choices == nil {
			r.choices = map[string]bool{}
		}
		r.choices[st.Path] = holds
	}
	return holds, err
}

// end closes the run without steps, or after them.
func (r *aRun) end(o Outcome, reason string) { r.rec.Outcome, r.rec.Reason = o, reason }

// conclude sums the steps up: the worst decides.
func (r *aRun) conclude() {
	if r.rec.Outcome != "" {
		return
	}
	outcome := AlreadySo
	if r.match.Rule.Mode == rules.Shadow {
		outcome = Skipped
	}
	for _, st := range r.rec.Steps {
		switch st.Outcome {
		case Done:
			if outcome == AlreadySo {
				outcome = Done
			}
		case Failed, Denied:
			outcome = st.Outcome
			if r.rec.Reason == "" {
				r.rec.Reason = fmt.Sprintf("step %s (%s:%d): %s", st.Path, r.match.Rule.File, st.Line, st.Error)
			}
		}
	}
	if len(r.rec.Steps) == 0 {
		outcome, r.rec.Reason = AlreadySo, "no step was chosen"
	}
	r.end(outcome, r.rec.Reason)
}

// inProject is " in PAY", as far as the project is known.
func (r *aRun) inProject() string {
	project := rules.ProjectOf(r.ev)
	if r.fresh != nil && r.fresh.issue.Project.Key != "" {
		project = r.fresh.issue.Project.Key
	}
	if project == "" {
		return ""
	}
	return " in project " + project
}
