package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// An OAuth2Credential is what OAuth 2.0 of Data Center needs: what stands in Jira's incoming application link, and a file
// of ours, which LoginOAuth2 makes. Processes of one machine may share the file; machines may not, unless their file
// system has locks.
type OAuth2Credential struct {
	ClientID     string
	ClientSecret string
	RedirectURI  string // as in the application link; Jira compares it at each renewal too
	Scope        string // READ, WRITE, ADMIN or SYSTEM_ADMIN; WRITE by default
	TokenFile    string
	// Renew, where there is one, has another process call RenewOAuth2 with this fingerprint, and waits for its end. Jira
	// takes a refresh token once: if the process that has asked is killed before it has kept the answer, a person must
	// log in again. A process that does nothing else is killed less often than the bot; see RenewalProcess. Where it
	// cannot do its work, the bot does it.
	Renew func(ctx context.Context, fingerprint string) error
}

// OAuth2 signs with an access token and renews it: shortly before its end, and when Jira no longer takes it. Whose name
// it acts in was decided when LoginOAuth2 fetched the first one.
// https://confluence.atlassian.com/adminjiraserver0917/jira-oauth-2-0-provider-api-1431245808.html
func OAuth2(credential OAuth2Credential) Auth {
	a := Auth{name: "oauth2", secrets: []string{credential.ClientSecret}}
	if credential.Scope == "" {
		credential.Scope = "WRITE"
	}
	back, err := url.Parse(credential.RedirectURI)
	switch {
	case credential.ClientID == "" || credential.ClientSecret == "" || credential.TokenFile == "":
		a.err = errors.New("OAuth 2.0 needs a client ID, a client secret and a file for the token")
	case err != nil || !back.IsAbs() || back.Host == "":
		a.err = errors.New("OAuth 2.0 needs the redirect URI that stands in Jira's application link, such as https://bot.example.com/callback")
	case !slices.Contains([]string{"READ", "WRITE", "ADMIN", "SYSTEM_ADMIN"}, credential.Scope):
		a.err = fmt.Errorf("unknown scope %q: want READ, WRITE, ADMIN or SYSTEM_ADMIN", credential.Scope)
	}
	a.wrap = func(l link) http.RoundTripper { return newBearer(l, credential) }
	return a
}

// An oauth2Bearer signs with the token that there is, and has it renewed by one goroutine, for which all others wait.
type oauth2Bearer struct {
	link
	credential OAuth2Credential
	life       context.Context // until close
	end        context.CancelFunc

	mu      sync.Mutex
	token   oauth2Token // empty until the file was read
	patient time.Time   // until then a renewal that is merely due does not try again
	refused error
	from    stamp  // of the token file as it was read
	login   string // which log-in it was from then
	known   []string
	under   *flight // the renewal under way
}

// A flight is one renewal and what came of it.
type flight struct {
	done  chan struct{}
	token oauth2Token
	err   error
}

func newBearer(l link, credential OAuth2Credential) *oauth2Bearer {
	b := &oauth2Bearer{link: l, credential: credential}
	b.life, b.end = context.WithCancel(context.Background())
	return b
}

func (b *oauth2Bearer) renewal() renewal {
	return renewal{link: b.link, credential: b.credential, file: tokenFile(b.credential.TokenFile)}
}

// RoundTrip signs and sends. A token that Jira no longer takes is replaced once, and the request sent again: Jira has
// certainly done nothing with the first.
func (b *oauth2Bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := b.current(r.Context(), "")
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	response, err := b.send(r, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized || !nobody(response) {
		return response, err
	}
	response.Body.Close()
	again, replayable := replay(r)
	if token, err = b.current(r.Context(), token.fingerprint()); err != nil {
		return nil, err
	}
	if !replayable {
		return nil, &NetworkError{
			Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, b.jira.Path), write: r.Method != http.MethodGet,
			Err: errors.New("the token had ended while this was sent, and it cannot be sent again from its beginning; the token is renewed now"),
		}
	}
	return b.send(again, token)
}

func (b *oauth2Bearer) send(r *http.Request, token oauth2Token) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token.Access)
	return b.next.RoundTrip(r)
}

// current is the token to sign with; not the one whose fingerprint is given, which has proved worthless.
func (b *oauth2Bearer) current(ctx context.Context, worthless string) (oauth2Token, error) {
	for {
		token, f, mine, err := b.board(worthless)
		if f == nil {
			return token, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return oauth2Token{}, ctx.Err() // whose end it was, the caller knows
		}
		// One that was under way before may have found just the token that is worthless now.
		if mine || f.err != nil || f.token.fingerprint() != worthless {
			return f.token, f.err
		}
	}
}

// board is the token where there is a good one, and otherwise the renewal to wait for.
func (b *oauth2Bearer) board(worthless string) (token oauth2Token, f *flight, mine bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.refused != nil:
		return token, nil, false, b.refused
	case b.life.Err() != nil:
		return token, nil, false, later(errors.New("the client is closed"))
	case b.token.Access != "" && b.token.fingerprint() != worthless && !b.due(b.token):
		return b.token, nil, false, nil
	case b.under != nil:
		return token, b.under, false, nil
	}
	f = &flight{done: make(chan struct{})}
	b.under = f
	// Not the caller's: whoever gives up waiting must not take the answer from the others.
	go func() {
		defer close(f.done)
		f.token, f.err = b.renew(worthless)
		b.land(f)
	}()
	return token, f, true, nil
}

// due: it is time for a new one. Call it with mu held.
func (b *oauth2Bearer) due(t oauth2Token) bool {
	now := b.now()
	switch {
	case t.Due.IsZero() || now.Before(t.Due):
		return false
	case now.Before(t.Expires):
		return !now.Before(b.patient)
	}
	return true
}

// land takes over what came of a renewal.
func (b *oauth2Bearer) land(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.under = nil
	if refused, ok := errors.AsType[*LoginError](f.err); ok {
		b.refused = refused
	}
	if f.err != nil {
		return
	}
	b.token = f.token
	for _, secret := range []string{f.token.Access, f.token.Refresh} {
		if !slices.Contains(b.known, secret) {
			b.known = append(b.known, secret)
		}
	}
	// Requests with the token before may still be under way.
	b.known = b.known[max(0, len(b.known)-6):]
}

// renew reads the file, as somebody may have been faster, and has the token replaced if it must be.
func (b *oauth2Bearer) renew(worthless string) (oauth2Token, error) {
	token, err := b.load()
	if err != nil {
		return token, err
	}
	b.mu.Lock()
	due := b.due(token)
	b.mu.Unlock()
	bad := token.fingerprint() == worthless
	if !bad && !due {
		return token, nil
	}
	next, err := b.replace(token.fingerprint())
	switch _, refused := errors.AsType[*LoginError](err); {
	case refused:
		// Somebody may have logged in in the meantime.
		if now, failed := b.load(); failed == nil && now.fingerprint() != token.fingerprint() {
			return now, nil
		}
	case err != nil && !bad && b.now().Before(token.Expires):
		// Jira still takes it, as far as we know; and what it does not like now it may like in a moment.
		wait, _ := Temporary(err)
		b.mu.Lock()
		b.patient = b.now().Add(max(wait, 15*time.Second))
		b.mu.Unlock()
		return token, nil
	}
	return next, err
}

// load reads the token file.
func (b *oauth2Bearer) load() (oauth2Token, error) {
	from := stampOf(b.credential.TokenFile)
	token, err := b.credential.load()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from, b.login = from, token.Login
	return token, err
}

// replace has the token with this fingerprint renewed, by another process if there is to be one. The files tell what
// came of that, as they do when it outlives us.
func (b *oauth2Bearer) replace(fingerprint string) (oauth2Token, error) {
	r := b.renewal()
	if b.credential.Renew == nil {
		return r.run(b.life, fingerprint)
	}
	before := stampOf(r.file.renewing())
	failed := b.credential.Renew(b.life, fingerprint)
	token, err := b.load()
	if err != nil || token.fingerprint() != fingerprint {
		return token, err
	}
	if a, noted := r.file.outcome(fingerprint); noted && !before.same(stampOf(r.file.renewing())) {
		if a.Do != "" {
			return oauth2Token{}, token.refusal(errors.New(a.Failed), a.Do)
		}
		return oauth2Token{}, later(errors.New(a.Failed))
	}
	// It did not get as far as asking Jira, or was killed while it did.
	token, err = r.run(b.life, fingerprint)
	if e, ok := err.(*NetworkError); ok && failed != nil {
		e.Err = fmt.Errorf("%w (and: %w)", e.Err, failed)
	}
	return token, err
}

func (b *oauth2Bearer) hidden() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.known)
}

// changed: somebody ran bot login. A renewal, ours or another bot's, says nothing about why Jira refused us.
func (b *oauth2Bearer) changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := stampOf(b.credential.TokenFile)
	if b.from.same(now) {
		return false
	}
	token, err := tokenFile(b.credential.TokenFile).read()
	if err != nil {
		return false
	}
	b.from = now
	return token.Login != b.login
}

func (b *oauth2Bearer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused, b.token, b.patient = nil, oauth2Token{}, time.Time{}
}

// close waits for the renewal under way, whose answer must be kept. Nothing begins after it.
func (b *oauth2Bearer) close(ctx context.Context) error {
	b.end()
	b.mu.Lock()
	f := b.under
	b.mu.Unlock()
	if f == nil {
		return nil
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait until the new token is kept: %w", gaveUp(ctx))
	}
}
