package runner

import (
	"errors"
	"fmt"

	"jirabot/internal/contract"
	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// errHalt stops the walk over a rule's steps after a failure.
var errHalt = errors.New("halt")

// aRun is one rule on one event, under way.
type aRun struct {
	*handling
	match  rules.Match
	rec    Record
	before *progress // what earlier attempts did; never nil
	scope  *expression.Scope
	fresh  *freshIssue // what the run saw
	last   *rules.Step // the last step of the rule in the order of the file
	alone  bool        // no other run of this delivery follows
	noted  bool        // the first note of the run is written
	steps  int         // how many steps the rule has at the most

	choices map[string]bool // decided and not yet noted
}

// run runs one rule. ran is false if its condition does not hold: that is no run. An error means that the run cannot be
// finished now.
func (h *handling) run(m rules.Match, lastOne bool) (rec Record, ran bool, err error) {
	r := &aRun{handling: h, match: m, rec: h.record(m), alone: lastOne, before: h.runs[runID(m.Claims[0])]}
	if r.before == nil {
		r.before = &progress{}
	}
	if r.before.end != nil {
		return *r.before.end, true, nil
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
	ran, err = r.perform()
	if err != nil || !ran {
		return r.rec, false, err
	}
	r.rec.Finished = h.r.opts.Now()
	if r.rec.Outcome == Failed || r.rec.Outcome == Denied {
		if err := h.buryRun(r.rec); err != nil {
			return r.rec, false, err
		}
	}
	if !lastOne {
		if err := r.write(note{End: &r.rec}); err != nil {
			return r.rec, false, err
		}
	}
	return r.rec, true, nil
}

// perform decides and acts.
func (r *aRun) perform() (ran bool, err error) {
	if r.before.begun && r.before.revision != r.match.Rule.Revision {
		r.keepFinished()
		r.end(Failed, "the rule was changed while this run was under way; the steps listed are done, the others were not begun")
		return true, nil
	}
	wants, err := r.wants()
	if err != nil || !wants {
		return r.rec.Outcome != "", err
	}
	r.rec.Why = r.match.Rule.Because(r.match, r.ev, r.scope)
	if r.rec.Depth > MaxDepth {
		r.end(Failed, fmt.Sprintf("%d runs of rules followed from one another: this looks like a loop, so it ends here", r.rec.Depth))
		return true, nil
	}
	err = r.match.Rule.Do.Walk(r.scope, r.choose, r.step)
	if err != nil && !errors.Is(err, errHalt) {
		return false, err
	}
	r.conclude()
	return true, nil
}

// wants decides the rule's condition, first on what the event says, then on the issue as it is now. If the run is over
// with that, its outcome is set.
func (r *aRun) wants() (bool, error) {
	if r.before.begun {
		return true, r.resume()
	}
	ev, rule := r.ev, r.match.Rule
	env := expression.FromEvent(ev, rule.About(), r.r.Bot(), r.lookups())
	known := !ev.Issue.Short && !r.match.ScopeUnknown
	if known || !r.readable() {
		holds, err := r.holds(env)
		if err != nil || !holds || !rule.Recheck || !r.readable() {
			return holds, err
		}
	}
	fresh, err := r.read()
	if err != nil {
		return false, r.unreadable(err, known)
	}
	r.fresh, r.rec.Issue = fresh, fresh.issue.Key
	if !known {
		seen := *ev
		seen.Issue = fresh.issue
		if in, _ := rule.InScope(&seen); !in {
			return false, nil
		}
	}
	holds, err := r.holds(env.WithIssue(fresh.issue, r.lookups()))
	if err == nil && !holds && known {
		r.end(Overtaken, "the condition held for the event and does not hold for the issue as it is now: "+rule.If.Why(r.scope).String())
	}
	return holds, err
}

// readable tells whether there is an issue that can be read: a deleted one cannot.
func (r *aRun) readable() bool {
	return (r.ev.Issue.ID != "" || r.ev.Issue.Key != "") && r.ev.Kind != "issue_deleted"
}

func (r *aRun) holds(env expression.Env) (bool, error) {
	r.scope = expression.NewScope(env)
	holds, err := r.match.Rule.If.Holds(r.scope)
	if err == nil {
		return holds, nil
	}
	if v, after := r.judge(err); v != final {
		return false, &retry{v, after, err}
	}
	r.end(Failed, fmt.Sprintf("if: %v (%s:%d)", err, r.match.Rule.File, r.match.Rule.Line))
	return false, nil
}

// unreadable decides about an issue that could not be read.
func (r *aRun) unreadable(err error, held bool) error {
	if v, after := r.judge(err); v != final {
		return &retry{v, after, err}
	}
	if errors.Is(err, jiraclient.ErrNotFound) && !held {
		// The webhook tells of every issue; rules see those that the bot user sees.
		r.log.Debug().Err(err).Str("rule", r.match.Rule.Name).Msg("the issue is not visible to the bot user")
		return nil
	}
	outcome, reason := Failed, fmt.Sprintf("read the issue: %v", err)
	if errors.Is(err, jiraclient.ErrNotFound) || errors.Is(err, jiraclient.ErrDenied) {
		outcome = Denied
		reason += "; to see it the bot user needs " + contract.Name(jiraclient.BrowseProjects) + r.inProject() + " and, with issue security, the issue's security level"
	}
	r.end(outcome, reason)
	return nil
}

// resume goes on with what an earlier attempt saw.
func (r *aRun) resume() error {
	env := expression.FromEvent(r.ev, r.match.Rule.About(), r.r.Bot(), r.lookups())
	if len(r.before.issue) > 0 {
		issue, err := event.DecodeIssue(r.before.issue)
		if err != nil {
			return fmt.Errorf("read what the run saw: %w", err)
		}
		r.fresh, r.rec.Issue = &freshIssue{r.before.issue, issue}, issue.Key
		env = env.WithIssue(issue, r.lookups())
	}
	r.scope = expression.NewScope(env)
	return nil
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
func (r *aRun) write(n note) error {
	n.Run = r.rec.ID
	if !r.noted {
		started := r.rec.Started
		n.Started, n.Rule, n.Revision = &started, r.match.Rule.Name, r.match.Rule.Revision
		if r.fresh != nil {
			n.Issue = r.fresh.raw
		}
	}
	n.Choices = r.choices
	if err := r.note(n); err != nil {
		return err
	}
	r.noted, r.choices = true, nil
	return nil
}

// choose decides a choice, as an earlier attempt did if there was one.
func (r *aRun) choose(st *rules.Step) (bool, error) {
	if holds, decided := r.before.choices[st.Path]; decided {
		return holds, nil
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
