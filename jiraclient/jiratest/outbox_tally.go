package jiratest

import (
	"errors"
	"net/url"
	"time"
)

// A tally is what became of the webhooks of one registration, which Jira tells from 10 on.
type tally struct {
	successes, failures, errors int
	last                        obj // the last that was no success
}

// tell counts one delivery: a failure was refused, an error did not arrive. The outbox's lock is held.
func (o *outbox) tell(d *Delivery, status int, err error) {
	t := o.tallies[d.hook]
	if t == nil {
		t = &tally{}
		o.tallies[d.hook] = t
	}
	outcome, description := "FAILURE", text(status)
	switch {
	case err == nil && status < 300:
		t.successes++
		return
	case err == nil:
		t.failures++
	default:
		t.errors++
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which may hold a secret
		}
		outcome, description = "ERROR", err.Error()
	}
	t.last = obj{
		"id": text(d.Number), "event": d.Event, "start": d.Time.UnixMilli(), "request": obj{"method": "POST", "url": d.URL},
		"result": obj{"outcome": outcome, "description": description},
	}
}

// statisticsJSON is what Jira tells of a registration's deliveries. A real one looks back over a while, this one over all.
// Of what form the last error is, is told only by another product of the vendor's with the same plugin.
func (j *Jira) statisticsJSON(h *hook) obj {
	j.hooks.mu.Lock()
	defer j.hooks.mu.Unlock()
	t := j.hooks.tallies[h.id]
	if t == nil {
		t = &tally{}
	}
	out := obj{"counts": obj{
		"successes": t.successes, "failures": t.failures, "errors": t.errors,
		"window": obj{"start": h.created.UnixMilli(), "duration": max(j.now().Sub(h.created), time.Millisecond).Milliseconds()},
	}}
	if t.last != nil {
		out["lastError"] = t.last
	}
	return out
}
