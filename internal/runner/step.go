package runner

import (
	"cmp"
	"errors"
	"fmt"

	"jirabot/actions"
	"jirabot/internal/contract"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// step carries one planned operation out. It is called by the walk over the rule's steps.
func (r *aRun) step(st *rules.Step, op actions.Operation, planErr error) error {
	if done, ok := r.before.steps[st.Path]; ok {
		r.rec.Steps = append(r.rec.Steps, done)
		return r.after(done)
	}
	rec := StepRecord{Path: st.Path, Line: st.Line, Failures: r.before.failures[st.Path]}
	if st.Action != nil {
		rec.Action = st.Action.Name
	}
	if planErr == nil {
		rec.Sentence = op.String()
	}
	was := r.handling.before.find(r.match.Rule.Revision, rec.Path, rec.Action, rec.Sentence)
	if was != nil && was.Done != nil {
		done := *was.Done
		done.Path, done.Line = st.Path, st.Line
		r.rec.Steps = append(r.rec.Steps, done)
		return r.after(done)
	}
	if planErr != nil {
		if v, after := r.judge(planErr); v != final {
			return &retry{v, after, planErr}
		}
		rec.Outcome, rec.Error = Failed, planErr.Error()
		return r.finished(st, rec)
	}
	if replaced, err := r.replaced(); replaced || err != nil {
		return cmp.Or(err, errHalt)
	}
	if r.match.Rule.Mode == rules.Shadow {
		rec.Outcome = Skipped
		return r.finished(st, rec)
	}
	if r.stop.Err() != nil {
		return &retry{release, 0, r.stop.Err()}
	}
	outcome, err := r.apply(st, op, was)
	if err == nil {
		rec.Outcome = Outcome(outcome)
		return r.finished(st, rec)
	}
	if errors.As(err, new(unstored)) || errors.As(err, new(*retry)) {
		return err
	}
	if err := r.worthAnother(st, err); err != nil {
		return err
	}
	rec.Outcome, rec.Error = r.failed(st, op, err)
	r.rec.Class = classOf(err)
	return r.finished(st, rec)
}

// apply writes down what another attempt must know, and does the operation. Before a step that creates something, or must
// not be done twice, that is the intent; before the first of several steps it is what the run saw, since this step may
// change what the rule's condition looks at.
func (r *aRun) apply(st *rules.Step, op actions.Operation, was *earlier) (actions.Outcome, error) {
	// The one place through which every write of a rule goes.
	if err := r.r.opts.Bounds.Allows(r.ctx, r.r.opts.Jira, st.Action, op); err != nil {
		return "", err
	}
	ctx, limit, cancel := r.limited(st)
	defer cancel()
	try, intend, err := r.try(ctx, st, op, was)
	if err != nil {
		return "", stuckAfter(ctx, r.ctx, limit, err)
	}
	if intend || !r.noted && r.steps > 1 || len(r.choices) > 0 {
		n := note{}
		if intend {
			n.Intent = st.Path
			n.Intended = &intent{Action: st.Action.Name, Sentence: op.String(), Mark: try.Mark, Saw: try.Saw}
			r.stamp(n.Intended)
		}
		write := r.task.Note
		if intend && r.forgettable(st, op) {
			write = r.task.NoteSoon
		}
		if err := r.writeBy(write, n); err != nil {
			return "", err
		}
		if intend {
			ctx = leavingLate(ctx, r.r.opts.Backoff.Settle, func() error {
				r.stamp(n.Intended)
				return r.write(note{Intent: n.Intent, Intended: n.Intended})
			})
		}
	}
	outcome, err := op.Apply(ctx, r.r.opts.Jira, try)
	if outcome == actions.Done || err != nil {
		// Whatever was read before is old now, and events that come back from Jira follow from this run.
		r.handling.fresh, r.handling.answers = nil, nil
		r.r.chains.wrote(op.Target(), r.rec.Depth)
		if op.Target() == r.scope.Issue.Key {
			r.r.chains.wrote(r.scope.Issue.ID, r.rec.Depth) // events of links have only the ID
		}
	}
	return outcome, stuckAfter(ctx, r.ctx, limit, err)
}

// forgettable tells whether the intent to do the step need not be on the disk before: when the machine goes down and it is
// forgotten, the delivery is suspect, and that says all there is to know. It must be the only step, since what a run saw before
// its first of several cannot be seen again.
func (r *aRun) forgettable(st *rules.Step, op actions.Operation) bool {
	_, looks := op.(actions.Looker)
	return st.Action.Creates && !looks && st.Uncertain != actions.Bury && r.steps == 1 && r.task.Only.Letter == ""
}

// uncertain tells whether a try of the step that was not answered leaves the question whether it has done anything.
func uncertain(st *rules.Step) bool { return st.Action.Creates || st.Action.Once }

// stamp says that the intent is noted now.
func (r *aRun) stamp(i *intent) { i.At, i.Up = r.r.opts.Now(), r.r.opts.Uptime() }

// errUnsettled is why a step is not tried at once after a crash.
var errUnsettled = errors.New("jira may still be at work on an earlier try")

// settled gives the delivery back for a while after an earlier try that may have done something. Jira does not notice that
// whoever asked is gone: what a dead process has asked for may still be done, and asked for its mark too early, Jira would
// know nothing of it.
func (r *aRun) settled(path string) error {
	own := r.before.intents[path]
	now := r.r.opts.Now()
	if passed, told := r.r.opts.Uptime().Since(own.Up); told { // a clock that was set forward would make it short
		own.At = now.Add(-passed)
	} else if own.At.After(now) { // the clock was set back meanwhile
		r.stamp(&own)
		if err := r.write(note{Intent: path, Intended: &own}); err != nil {
			return err
		}
	}
	if left := own.At.Add(r.r.opts.Backoff.Settle).Sub(now); left > 0 {
		return &retry{wait, left, errUnsettled}
	}
	return nil
}

// worthAnother returns the error that gives the delivery back, or nil if the step has failed for good.
func (r *aRun) worthAnother(st *rules.Step, err error) error {
	v, after := r.judge(err)
	if v == final {
		return nil
	}
	if uncertain(st) {
		after = max(after, r.r.opts.Backoff.Settle)
	}
	n := note{}
	if v == again {
		n.Failure = &failure{Path: st.Path, Error: err.Error()}
	}
	if st.Uncertain == actions.Bury && !jiraclient.Uncertain(err) {
		n.Unsent = st.Path // another try is no second one
	}
	if n.Failure != nil || n.Unsent != "" {
		if err := r.write(n); err != nil {
			return err
		}
	}
	return &retry{v, after, fmt.Errorf("step %s: %w", st.Path, err)}
}

// finished adds a step to the record, and writes it down if anything comes after it.
func (r *aRun) finished(st *rules.Step, rec StepRecord) error {
	r.rec.Steps = append(r.rec.Steps, rec)
	log := r.log.Info()
	if rec.Error != "" {
		log = r.log.Error().Str("error", rec.Error)
	}
	log.Str("rule", r.match.Rule.Name).Str("step", rec.Path).Str("outcome", string(rec.Outcome)).Msg(rec.Sentence)
	if rec.Outcome != Skipped && !(st == r.last && r.alone) {
		if err := r.write(note{Step: &rec}); err != nil {
			return err
		}
	}
	return r.after(rec)
}

// after says whether the walk goes on after a step.
func (r *aRun) after(rec StepRecord) error {
	bad := rec.Outcome == Failed || rec.Outcome == Denied
	if bad && r.match.Rule.OnError != rules.Continue {
		return errHalt
	}
	return nil
}

// failed says why a step failed, and names the permission if one is missing.
func (r *aRun) failed(st *rules.Step, op actions.Operation, err error) (Outcome, string) {
	if errors.As(err, new(*actions.OutOfBounds)) {
		return Denied, err.Error()
	}
	needs := actions.Needs(st.Action, st.Do)
	var none *actions.NoTransition
	maybe := errors.Is(err, jiraclient.ErrDenied) || errors.Is(err, jiraclient.ErrNotFound) ||
		(errors.As(err, &none) && len(none.There) == 0)
	if !maybe || len(needs) == 0 {
		return Failed, err.Error()
	}
	missing, askErr := r.missing(op, needs)
	switch {
	case askErr != nil:
		return Denied, fmt.Sprintf("%v; Jira does not tell which permission is missing (%v), %s needs %s", err, askErr, st.Action.Name, contract.Names(needs))
	case len(missing) > 0:
		return Denied, fmt.Sprintf("%s: %v", contract.Lacks(r.r.Bot().ID(), actions.ProjectOf(op), missing...), err)
	case errors.Is(err, jiraclient.ErrDenied):
		return Denied, fmt.Sprintf("%v; the bot user has %s%s, so a workflow condition, a security level or a field's own permission stands in the way", err, contract.Names(needs), contract.In(actions.ProjectOf(op)))
	}
	return Failed, err.Error()
}

// missing asks Jira which of the permissions the bot user lacks where the operation writes.
func (r *aRun) missing(op actions.Operation, needs []jiraclient.Permission) ([]jiraclient.Permission, error) {
	query := jiraclient.PermissionQuery{Issue: op.Target()}
	if _, ok := op.(actions.Placer); ok {
		query = jiraclient.PermissionQuery{Project: actions.ProjectOf(op)}
	}
	needs = append([]jiraclient.Permission{jiraclient.BrowseProjects}, needs...)
	have, err := r.r.opts.Jira.MyPermissions(r.ctx, query, needs...)
	if errors.Is(err, jiraclient.ErrNotFound) {
		return []jiraclient.Permission{jiraclient.BrowseProjects}, nil // Jira hides what we may not see
	}
	if err != nil {
		return nil, err
	}
	var missing []jiraclient.Permission
	for _, p := range needs {
		if granted, known := have[p]; known && !granted {
			missing = append(missing, p)
		}
	}
	return missing, nil
}
