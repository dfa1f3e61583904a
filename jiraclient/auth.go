package jiraclient

import (
	"net/http"
	"net/url"
)

// An Auth is a way to say who we are. Each is a transport that signs what passes through it and stands in a file of its
// own; make one with Token or Basic. It prints without its secret.
type Auth struct {
	name string
	user string // whom it is meant to be, where the credential says so
	// secrets are what must not appear in any text that leaves this package.
	secrets []string
	wrap    func(next http.RoundTripper, jira *url.URL) http.RoundTripper
	err     error
}

// String names the way, not the secret.
func (a Auth) String() string {
	if a.user == "" {
		return a.name + " •••"
	}
	return a.name + " " + a.user + ":•••"
}

// GoString is String, so that %#v gives nothing away either.
func (a Auth) GoString() string { return a.String() }

// header is the transport of every way that is one fixed header.
type header struct {
	next  http.RoundTripper
	value string
}

// RoundTrip signs a copy, as a RoundTripper must leave the request alone.
func (h header) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", h.value)
	return h.next.RoundTrip(r)
}
