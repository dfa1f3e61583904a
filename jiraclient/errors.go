package jiraclient

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What an error of this package means; ask with errors.Is.
var (
	// ErrNotFound: it does not exist, or our user may not see it; Jira does not tell the two apart.
	ErrNotFound = errors.New("missing or not visible")
	// ErrDenied: our user lacks a permission.
	ErrDenied = errors.New("permission missing")
	// ErrUnauthorized: Jira did not accept who we are. From then on nothing is sent until ResetLogin.
	ErrUnauthorized = errors.New("login refused")
	// ErrRateLimited: too many requests. All calls wait for as long as Jira asked.
	ErrRateLimited = errors.New("rate limit reached")
	// ErrUnavailable: this Jira does not have the call.
	ErrUnavailable = errors.New("not offered by this Jira")
)

// An Error is an answer by which Jira, or what stands before it, said no.
type Error struct {
	Status      int
	Method      string
	Path        string            // without host, context path and query
	Messages    []string          // what Jira said
	Fields      map[string]string // what Jira said of single fields
	Raw         string            // the body's first 2 kB
	LoginReason string            // X-Seraph-LoginReason
	RetryAfter  time.Duration
	Header      http.Header // those that help to find the request in Jira's logs, and the limits
	Hint        string      // what a person should know or do

	kind  error
	write bool
	json  bool // so it was probably Jira itself who answered
}

// Error is one line: the call, the status, and Jira's words.
func (e *Error) Error() string {
	said := slices.Clone(e.Messages)
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		said = append(said, field+": "+e.Fields[field])
	}
	text := clip(strings.Join(said, "; "), 600)
	if text == "" {
		text = strings.ToLower(http.StatusText(e.Status))
	}
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return fmt.Sprintf("%s %s: %d: %s", e.Method, e.Path, e.Status, text)
}

// Unwrap is what the error means: ErrNotFound, ErrDenied, ErrUnauthorized, ErrRateLimited, ErrUnavailable or nil.
func (e *Error) Unwrap() error { return e.kind }

// Is finds ErrUnavailable also in answers that no call gives which is there.
func (e *Error) Is(target error) bool { return target == ErrUnavailable && e.unoffered() }

// unoffered: the method is not allowed, the call is gone or was never made, or a proxy has a web page in its place. A 404 may mean
// anything, and what a page says of a write is not certain.
func (e *Error) unoffered() bool {
	switch e.Status {
	case http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return e.Status < 300 && !e.write && e.kind == nil && strings.HasPrefix(strings.TrimSpace(e.Raw), "<")
}

// A NetworkError means that no answer came, or only a part of one.
type NetworkError struct {
	Method string
	Path   string
	// Sent: there was a connection, so the request may have reached Jira.
	Sent bool
	Err  error

	write bool
}

// Error is one line: the call and what went wrong.
func (e *NetworkError) Error() string { return e.Method + " " + e.Path + ": " + e.Err.Error() }

// Unwrap is the cause; a context's error where the caller gave up.
func (e *NetworkError) Unwrap() error { return e.Err }

// An IdentityError means that Jira answered as somebody else: with a session that ended it goes on as anonymous, and what
// it answers then looks like missing issues.
type IdentityError struct {
	Status int
	Method string
	Path   string
	Want   string // empty where any named user would have done
	Got    string

	write bool
}

// Error says whom Jira took us for.
func (e *IdentityError) Error() string {
	want := e.Want
	if want == "" {
		want = "the bot user"
	}
	text := fmt.Sprintf("%s %s: Jira answered as %s instead of %s", e.Method, e.Path, e.Got, want)
	if e.Got == anonymous {
		text += ": the credential was ignored or has ended"
	}
	return text
}

// Unwrap is ErrUnauthorized.
func (e *IdentityError) Unwrap() error { return ErrUnauthorized }

// A LoginError is why nothing is sent any more.
type LoginError struct {
	User  string
	Cause error // the answer that opened the circuit
	Do    string
}

// Error says what happened and what a person must do.
func (e *LoginError) Error() string {
	return fmt.Sprintf("login as %s refused, nothing is sent to Jira until this is settled: %s (%v)", e.User, e.Do, e.Cause)
}

// Unwrap is ErrUnauthorized. It is not the cause: that belongs to the request which met it, not to those held back.
func (e *LoginError) Unwrap() error { return ErrUnauthorized }
