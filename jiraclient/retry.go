package jiraclient

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Temporary tells whether the same call may well succeed later, and how long to wait at least. A call that the caller
// gave up, a refused login and every clear answer are not temporary.
func Temporary(err error) (after time.Duration, ok bool) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return 0, false
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter, away(e.Status) || e.Status == http.StatusTooManyRequests
	}
	_, ok = errors.AsType[*NetworkError](err)
	return 0, ok
}

// Uncertain tells whether the call was a write that may have happened although it failed: it was sent, and no answer, a
// proxy's answer or an unreadable one came back. Look for its mark before trying again.
func Uncertain(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.write && (away(e.Status) || e.Status < 300)
	}
	if e, ok := errors.AsType[*IdentityError](err); ok {
		return e.write && e.Status < 300
	}
	e, ok := errors.AsType[*NetworkError](err)
	return ok && e.write && e.Sent
}

// away: the answer of a proxy without a Jira behind it, or of a Jira that is starting or stopping. 500 is not among
// them: it is Jira's documented answer to an unknown transition.
func away(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
