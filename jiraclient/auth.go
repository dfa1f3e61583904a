package jiraclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// An Auth is a way to say who we are. Each is a transport that signs what passes through it and stands in a file of its
// own; make one with Token, Basic, Cookie, OAuth1 or OAuth2. It prints without its secret.
type Auth struct {
	name string
	user string // whom it is meant to be, where the credential says so
	// secrets are what must not appear in any text that leaves this package.
	secrets []string
	wrap    func(link) http.RoundTripper
	err     error
}

// A link is what a way's transport is made of: what comes after it, and what it needs to log in by itself.
type link struct {
	next    http.RoundTripper
	jira    *url.URL // without a slash at its end
	agent   string
	timeout time.Duration // of one exchange
	now     func() time.Time
	log     zerolog.Logger
}

// A keeper is a way's transport that holds more than one fixed header.
type keeper interface {
	http.RoundTripper
	// hidden are secrets that it has learned: cookies, tokens.
	hidden() []string
	// changed tells whether the credential is another one than when Jira refused it.
	changed() bool
	// reset forgets that the credential was refused.
	reset()
	// worry is what a person should know of the credential while it is still good.
	worry() error
	// close ends what is under way and logs out.
	close(ctx context.Context) error
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

// url is an address below Jira's base.
func (l link) url(path string) string { return strings.TrimRight(l.jira.String(), "/") + path }

// ask is an exchange of the login's own. Its errors are this package's, so that the request which waits for the login
// fails as if it had not been sent, which it was not.
func (l link) ask(ctx context.Context, r request, cookies http.CookieJar, hide func(string) string, into any) error {
	if r.err != nil {
		return r.err
	}
	body, err := r.encode()
	if err != nil {
		return err
	}
	own, cancel := alone(ctx, l.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(own, r.method, l.url(r.escaped), nil)
	if err != nil {
		return fmt.Errorf("%s %s: build the request: %w", r.method, r.path, err)
	}
	request.Header.Set("Accept", r.accept)
	request.Header.Set("User-Agent", l.agent)
	request.Header.Set("X-Atlassian-Token", "no-check")
	body.open(request, func() {})
	if cookies != nil {
		for _, cookie := range cookies.Cookies(request.URL) {
			request.AddCookie(cookie)
		}
	}
	broken := func(err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err() // send knows whether the caller gave up, or the time was over
		case own.Err() != nil:
			err = fmt.Errorf("no answer within %v", l.timeout)
		}
		return &NetworkError{Method: r.method, Path: r.path, Err: err}
	}
	response, err := l.next.RoundTrip(request)
	if err != nil {
		return broken(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header.Clone(), json: true, want: "the bot user", now: l.now(), hide: hide}
	// It was asked by nobody, as whom Jira may well name it.
	a.header.Del("X-AUSERNAME")
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, maxRefuse)); err != nil {
		return broken(fmt.Errorf("the answer broke off: %w", err))
	}
	if a.status < 300 && into != nil {
		if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(into); err != nil {
			a.json, a.reason = false, unread(err)
		}
	}
	if err := check(r, a); err != nil {
		return err
	}
	if cookies != nil {
		cookies.SetCookies(request.URL, response.Cookies())
	}
	return nil
}

// alone is a context that ends with ctx, or after a while, and holds nothing else of it: the trace in it must not take
// the login's connection for that of the request which waits.
func alone(ctx context.Context, while time.Duration) (context.Context, func()) {
	own, cancel := context.WithTimeout(context.Background(), while)
	stop := context.AfterFunc(ctx, cancel)
	return own, func() { stop(); cancel() }
}

// hiding takes secrets out of text that somebody else wrote.
func hiding(secrets ...string) func(string) string {
	return func(text string) string {
		for _, secret := range secrets {
			// A very short one would tear holes into ordinary words, and protects nothing anyway.
			if len(secret) >= 4 {
				text = strings.ReplaceAll(text, secret, "•••")
			}
		}
		return text
	}
}
