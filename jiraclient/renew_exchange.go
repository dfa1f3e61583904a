package jiraclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// errGrantRefused: Jira does not take the refresh token, or the code, and never will.
var errGrantRefused = fmt.Errorf("grant refused: %w", ErrUnauthorized)

const tokenPath = "/rest/oauth2/latest/token"

// config is the library's, for one Jira.
func (c OAuth2Credential) config(l link) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: c.RedirectURI, Scopes: []string{c.Scope},
		Endpoint: oauth2.Endpoint{
			AuthURL: l.url("/rest/oauth2/latest/authorize"), TokenURL: l.url(tokenPath), AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// exchange lets the library ask Jira for tokens. When they end is counted from before the question, by our clock.
func (l link) exchange(ctx context.Context, c OAuth2Credential, ask func(context.Context, *oauth2.Config) (*oauth2.Token, error)) (oauth2Token, error) {
	client := &http.Client{Transport: tokenEndpoint{l, c.RedirectURI}}
	asked := l.now()
	given, err := ask(context.WithValue(ctx, oauth2.HTTPClient, client), c.config(l))
	if err != nil {
		return oauth2Token{}, loginCause(err)
	}
	token := oauth2Token{ClientID: c.ClientID, RedirectURI: c.RedirectURI, Access: given.AccessToken, Refresh: given.RefreshToken}
	if lifetime := time.Duration(given.ExpiresIn) * time.Second; lifetime > 0 {
		token.Expires = asked.Add(lifetime)
		token.Due = token.Expires.Add(-min(lifetime/10, 5*time.Minute))
	}
	return token, nil
}

// A tokenEndpoint is the transport below the library. It adds what Jira wants beyond the standard, and turns a refusal
// into an error of ours before the library puts the whole answer into one of its own. Of the answer nothing but the
// standard's error code gets into an error: the rest may hold tokens, or repeat the form.
// https://confluence.atlassian.com/adminjiraserver0917/jira-oauth-2-0-provider-api-1431245808.html
type tokenEndpoint struct {
	link
	redirectURI string
}

// RoundTrip sends a form to the token endpoint.
func (e tokenEndpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := e.form(r)
	if err != nil {
		return nil, err
	}
	leg := post(tokenPath)
	leg.asks = true
	sent := false
	trace := &httptrace.ClientTrace{WroteHeaders: func() { sent = true }}
	broken := func(err error) error {
		if r.Context().Err() != nil {
			err = gaveUp(r.Context())
		}
		return &NetworkError{Method: leg.method, Path: leg.path, Sent: sent, Err: err}
	}
	response, err := e.next.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		return nil, broken(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRefuse))
	if err != nil {
		return nil, broken(fmt.Errorf("the answer broke off: %w", err))
	}
	var said struct {
		Error       string `json:"error"`
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(body, &said) != nil {
		said.AccessToken = ""
	}
	a := answer{
		status: response.StatusCode, header: response.Header.Clone(), want: "the bot user", now: e.now(), hide: hiding(),
		json: said.AccessToken != "", reason: "no token is in it",
	}
	// It was asked by nobody, as whom Jira may well name it.
	a.header.Del("X-AUSERNAME")
	if err := check(leg, a); err != nil {
		return nil, tokenRefusal(err, oauth2Code(said.Error))
	}
	// The library would take a body of text/plain for a form.
	response.Header.Set("Content-Type", "application/json")
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// form is the request with redirect_uri in it: the library leaves it out of renewals, and Jira then answers
// invalid_grant.
func (e tokenEndpoint) form(r *http.Request) (*http.Request, error) {
	defer r.Body.Close()
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	values, err := url.ParseQuery(string(content))
	if err != nil {
		return nil, errors.New("the form for the token cannot be read")
	}
	values.Set("redirect_uri", e.redirectURI)
	text := values.Encode()
	r = r.Clone(r.Context())
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", e.agent)
	r.Header.Set("X-Atlassian-Token", "no-check")
	return r, nil
}

// tokenRefusal says what an answer without a token means. Only what another try may cure is not ErrUnauthorized.
func tokenRefusal(err error, code string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	switch {
	case e.Status >= 500:
		if !away(e.Status) {
			// Jira's own 500 may pass as well, and nothing was lost by it.
			return &NetworkError{Method: e.Method, Path: e.Path, Sent: true, Err: errors.New(strings.TrimPrefix(e.Error(), e.Method+" "+e.Path+": "))}
		}
		return e
	case e.Status == http.StatusTooManyRequests:
		return e
	case code != "":
		e.Messages, e.Hint = []string{code}, oauth2Hint(code)
	case e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed:
		e.Hint = "this Jira has no OAuth 2.0 provider, which Data Center has from 8.22 on, or jira.url is not its address"
	}
	e.kind = ErrUnauthorized
	if code == "invalid_grant" {
		e.kind = errGrantRefused
	}
	return e
}

// oauth2Code is the standard's error code, if it is one.
func oauth2Code(text string) string {
	if len(text) > 40 || strings.ContainsFunc(text, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return ""
	}
	return text
}

// oauth2Hint says what to do about it.
// https://datatracker.ietf.org/doc/html/rfc6749#section-5.2
func oauth2Hint(code string) string {
	switch code {
	case "invalid_client":
		return "client_id or client_secret is not what stands in Jira's application link"
	case "invalid_grant":
		return "the grant was revoked, has ended or was used before, or redirect_uri is not what stands in Jira's application link"
	case "invalid_scope":
		return "Jira's application link does not allow the scope"
	case "unauthorized_client", "unsupported_grant_type":
		return "Jira's application link does not allow this; it must be an incoming one for OAuth 2.0"
	}
	return ""
}
