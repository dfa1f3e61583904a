package runner

import (
	"errors"
	"fmt"

	"jirabot/internal/contract"
	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

// wants decides the rule's condition, first on what the event says, then on the issue as it is now. If the run is over
// with that, its outcome is set.
func (r *aRun) wants() (bool, error) {
	if r.before.begun || r.handling.before.begun() {
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
	if err != nil && ev.Source == event.Failed {
		if v, _ := r.judge(err); v == final {
			return r.holds(env) // that the issue cannot be read may be just what has failed
		}
	}
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
	holds, err := r.holds(env.WithIssue(&fresh.issue, r.lookups()))
	if err == nil && !holds && known {
		r.end(Overtaken, "the condition held for the event and does not hold for the issue as it is now: "+rule.If.Why(r.scope).String())
	}
	return holds, err
}

// readable tells whether there is an issue that can be read: a deleted one cannot.
func (r *aRun) readable() bool {
	return (r.ev.Issue.ID != "" || r.ev.Issue.Key != "") && r.ev.Kind != "issue_deleted"
}

func (r *aRun) holds(env *expression.Env) (bool, error) {
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

// resume goes on with what an earlier attempt saw, or the run that was given up.
func (r *aRun) resume() error {
	saw := r.before.issue
	if !r.before.begun {
		saw = r.handling.before.Issue
	}
	env := expression.FromEvent(r.ev, r.match.Rule.About(), r.r.Bot(), r.lookups())
	if len(saw) > 0 {
		issue, err := event.DecodeIssue(saw)
		if err != nil {
			return fmt.Errorf("read what the run saw: %w", err)
		}
		r.fresh, r.rec.Issue = &freshIssue{saw, issue}, issue.Key
		env.WithIssue(&r.fresh.issue, r.lookups())
	}
	r.scope = expression.NewScope(env)
	return nil
}
