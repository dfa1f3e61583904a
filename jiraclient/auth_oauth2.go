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
// system has locks: they have Share.
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
	// RenewOnly: where Renew cannot do its work, nobody does.
	RenewOnly bool
	// Share, where there is one, is where several machines keep the token that they all use. Each has a copy of it in its
	// TokenFile, and one at a time renews it. RenewOAuth2 and LoginOAuth2 take no part in that: the bot brings in what they
	// leave in the file.
	Share Sharing
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

	// With other machines:
	owes    bool          // they have not been told what came of a renewal
	missing *interruption // theirs, of which they have not told what came
	looked  time.Time     // when we saw last what they share
}

func newBearer(l link, credential OAuth2Credential) *oauth2Bearer {
	b := &oauth2Bearer{link: l, credential: credential}
	b.life, b.end = context.WithCancel(context.Background())
	return b
}

func (b *oauth2Bearer) renewal() renewal {
	return renewal{link: b.link, credential: b.credential, file: tokenFile(b.credential.TokenFile)}
}

// RoundTrip signs and sends. A token that Jira no longer takes is replaced, and the request sent again: Jira has certainly
// done nothing with the first.
func (b *oauth2Bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := b.current(r.Context(), "")
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	response, err := b.send(r, token)
	for range b.replacements() {
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
		response, err = b.send(again, token)
	}
	return response, err
}

// replacements is how many tokens are tried instead of one that Jira no longer takes: one that it has just given, and
// before that perhaps one that somebody else had, which may have ended as well.
func (b *oauth2Bearer) replacements() int {
	if b.credential.Share != nil || b.credential.RenewOnly {
		return 2
	}
	return 1
}

func (b *oauth2Bearer) send(r *http.Request, token oauth2Token) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token.Access)
	return b.next.RoundTrip(r)
}

func (b *oauth2Bearer) hidden() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.known)
}

// changed: somebody ran bot login. A renewal, ours or another bot's, says nothing about why Jira refused us.
func (b *oauth2Bearer) changed() bool {
	return b.changedHere() || b.credential.Share != nil && b.elsewhere()
}

func (b *oauth2Bearer) changedHere() bool {
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

// worry is that another machine has left a renewal without an end, while the token is still good.
func (b *oauth2Bearer) worry() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", b.missing, b.missing.do())
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
