package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"jirabot/actions"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// try is what the operation must know of earlier tries; intend tells whether an intent is to be stored before it begins.
func (r *aRun) try(ctx context.Context, st *rules.Step, op actions.Operation, was *earlier) (t actions.Try, intend bool, err error) {
	own, intended := r.before.intents[st.Path]
	if intended && st.Uncertain == actions.Bury {
		return t, false, &lostAnswer{op.String()}
	}
	if intended {
		if err := r.settled(st.Path); err != nil {
			return t, false, err
		}
	}
	switch {
	case intended:
		t = actions.Try{Mark: own.Mark, Saw: own.Saw}
	case was != nil: // before it was buried; now a person wants it to go on
		t = actions.Try{Mark: was.Mark, Saw: was.Saw}
	}
	t.Mark = cmp.Or(t.Mark, mark(r.rec.ID, r.rec.Redriven+st.Path))
	tried := intended || was != nil || r.task.Suspect && st.Action.Creates && st.Uncertain != actions.Bury
	t.Again = tried && st.Uncertain != actions.Retry
	if tried && !t.Again {
		t.Saw = ""
	}
	// Noted at each try, since what it has asked for may settle only after it.
	intend = uncertain(st) || st.Uncertain == actions.Bury
	if looker, ok := op.(actions.Looker); ok && intend && !intended && t.Saw == "" {
		t.Saw, err = looker.Look(ctx, r.r.opts.Jira)
	}
	return t, intend, err
}

// A lostAnswer ends a step of which nobody knows whether it was done.
type lostAnswer struct{ sentence string }

func (e *lostAnswer) Error() string {
	return fmt.Sprintf("uncertain: the answer to %q was lost, so nobody knows whether it was done; look in Jira, then redrive to do it, or discard", e.sentence)
}

// limited is the context in which a step must end.
func (r *aRun) limited(st *rules.Step) (context.Context, time.Duration, context.CancelFunc) {
	limit := cmp.Or(st.Timeout, r.match.Rule.Timeout)
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	return ctx, limit, cancel
}

// A stuck step did not come to its end.
type stuck struct {
	limit time.Duration
	paced bool // it waited for Jira's rate limit, not for an answer
	err   error
}

func (e *stuck) Error() string {
	if e.paced {
		return fmt.Sprintf("it waited for longer than its timeout (%s) for what Jira's rate limit allows: %v", e.limit, e.err)
	}
	return fmt.Sprintf("it was stuck: no end after %s, its timeout: %v", e.limit, e.err)
}

// Unwrap tells that it is worth another try, also where the cause does not say so.
func (e *stuck) Unwrap() []error { return []error{e.err, context.DeadlineExceeded} }

// stuckAfter says so of an error that comes of the step's own limit.
func stuckAfter(ctx, outer context.Context, limit time.Duration, err error) error {
	if err == nil || outer.Err() != nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	_, network := errors.AsType[*jiraclient.NetworkError](err)
	return &stuck{limit: limit, paced: !network, err: err}
}
