package jiraclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"github.com/dghubble/oauth1"
)

// LoginOAuth1 walks a person through the three legs of OAuth 1.0a and keeps the token. It makes the key pair if there is
// none, and says what an administrator must enter in Jira.
func LoginOAuth1(ctx context.Context, o Options, credential OAuth1Credential, person Person) (User, error) {
	o.Auth = OAuth1(credential)
	client, err := New(o)
	if err != nil {
		return User{}, err
	}
	if err := keepable(credential.TokenFile); err != nil {
		return User{}, err
	}
	signer := client.keeps.(*oauth1Signer)
	key, made, err := keyPair(credential.KeyFile)
	if err != nil {
		return User{}, err
	}
	if err := explainLink(person.Out, credential, key); err != nil {
		return User{}, err
	}
	if made && person.Ask != nil {
		if _, err := person.Ask(ctx, "Press Enter when the application link is there."); err != nil {
			return User{}, err
		}
	}
	config := signing(credential.ConsumerKey, key, nil)
	config.HTTPClient = &http.Client{Transport: servlet{signer.link, ctx}}
	config.Endpoint = oauth1.Endpoint{
		RequestTokenURL: signer.url("/plugins/servlet/oauth/request-token"),
		AuthorizeURL:    signer.url("/plugins/servlet/oauth/authorize"),
		AccessTokenURL:  signer.url("/plugins/servlet/oauth/access-token"),
	}
	token, err := threeLegs(ctx, config, person)
	if err != nil {
		return User{}, fmt.Errorf("log in with OAuth 1.0a: %w", loginCause(err))
	}
	signer.mu.Lock()
	signer.key, signer.token = key, token
	signer.mu.Unlock()
	_, user, err := client.Connect(ctx)
	if err != nil {
		return User{}, fmt.Errorf("log in with OAuth 1.0a: try the new token: %w", err)
	}
	token.User, token.New = user.Name, true
	return user, keepJSON(credential.TokenFile, token)
}

// threeLegs asks for a request token, lets the person allow it, and exchanges it for an access token.
func threeLegs(ctx context.Context, config *oauth1.Config, person Person) (oauth1Token, error) {
	var back *callback
	var expected atomic.Pointer[string]
	config.CallbackURL = "oob"
	if person.Callback != "" {
		var err error
		back, err = await(person.Callback, "/", func(v url.Values) bool {
			request := expected.Load()
			return request != nil && v.Get("oauth_token") == *request
		})
		if err != nil {
			return oauth1Token{}, err
		}
		defer back.close()
		config.CallbackURL = back.address
	}
	request, secret, err := config.RequestToken()
	if err != nil {
		return oauth1Token{}, err
	}
	expected.Store(&request)
	page, err := config.AuthorizationURL(request)
	if err != nil {
		return oauth1Token{}, err
	}
	fmt.Fprintf(person.Out, "\nLog in to Jira in a browser as the bot user, open this page, and allow access:\n\n  %s\n\n", page)
	verifier := ""
	if back != nil {
		values, err := back.values(ctx)
		if err != nil {
			return oauth1Token{}, err
		}
		verifier = values.Get("oauth_verifier")
	} else if verifier, err = person.typed(ctx, "The verification code that Jira shows: "); err != nil {
		return oauth1Token{}, err
	}
	if verifier == "" || verifier == "denied" {
		return oauth1Token{}, errors.New("access was denied in the browser")
	}
	token, tokenSecret, err := config.AccessToken(request, secret, verifier)
	return oauth1Token{ConsumerKey: config.ConsumerKey, Token: token, Secret: tokenSecret}, err
}

// servlet carries the legs: it ends with the context, which the library does not know, and turns a refusal into an error
// of ours before the library puts the whole answer into one of its own.
type servlet struct {
	link
	ctx context.Context
}

// RoundTrip sends one leg.
func (s servlet) RoundTrip(r *http.Request) (*http.Response, error) {
	own, cancel := alone(s.ctx, s.timeout)
	defer cancel()
	r = r.Clone(own)
	r.Header.Set("Accept", "*/*") // it is a form
	r.Header.Set("User-Agent", s.agent)
	r.Header.Set("X-Atlassian-Token", "no-check")
	leg := post("/plugins/servlet/oauth/request-token")
	if strings.HasSuffix(r.URL.Path, "/access-token") {
		leg = post("/plugins/servlet/oauth/access-token")
	}
	leg.asks = true
	response, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, &NetworkError{Method: leg.method, Path: leg.path, Err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRefuse))
	if err != nil {
		return nil, &NetworkError{Method: leg.method, Path: leg.path, Err: err}
	}
	a := answer{
		status: response.StatusCode, header: response.Header.Clone(), body: body, want: "the bot user", now: s.now(),
		json: bytes.Contains(body, []byte("oauth_token=")), reason: "no token is in it", hide: hiding(),
	}
	a.header.Del("X-AUSERNAME")
	if err := check(leg, a); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// loginCause is the error of ours in what the library and Go's client wrapped, which repeats addresses.
func loginCause(err error) error {
	if ours := fromLogin(err); ours != nil {
		return ours
	}
	return err
}

// explainLink says what an administrator has to enter.
func explainLink(out io.Writer, credential OAuth1Credential, key *rsa.PrivateKey) error {
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("write the public key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	_, err = fmt.Fprintf(out, `A Jira administrator needs to do this once, under Administration > Applications > Application links:

  1. Create a link to any address that is no Jira, such as http://jirabot.invalid (of the kind "Direct application link",
     where Jira asks), and tick "Create incoming link".
  2. Enter for the incoming link:
       Consumer key:   %s
       Consumer name:  jirabot
       Public key:     what stands between and in these two lines

%s`, credential.ConsumerKey, text)
	return err
}

// keyPair reads the private key, or makes one where there is none.
func keyPair(path string) (key *rsa.PrivateKey, made bool, err error) {
	key, err = readKey(path)
	if !missing(err) {
		return key, false, err
	}
	key, err = rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, false, fmt.Errorf("make a key pair: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, false, fmt.Errorf("make a key pair: %w", err)
	}
	return key, true, keepFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// readKey reads an RSA key in either of the two usual forms.
func readKey(path string) (*rsa.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the private key: %w", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s holds no private key in PEM form", path)
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s holds no private key that can be read; it must have no passphrase", path)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key that is not RSA, and Jira takes only RSA", path)
	}
	return key, nil
}

// oauthProblem is the reason that OAuth 1.0a gives, in a header or in the body.
// https://wiki.oauth.net/w/page/12238543/ProblemReporting
func oauthProblem(a answer) string {
	for _, text := range []string{strings.Join(a.header.Values("WWW-Authenticate"), " "), string(a.body[:min(len(a.body), 2048)])} {
		if _, after, found := strings.Cut(text, "oauth_problem="); found {
			after = strings.TrimPrefix(after, `"`)
			end := strings.IndexFunc(after, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
			if end < 0 {
				end = len(after)
			}
			return after[:end]
		}
	}
	return ""
}

// oauthHint says what to do about it.
func oauthHint(problem string) string {
	switch problem {
	case "token_expired", "token_rejected", "token_revoked":
		return problem + ": Jira no longer takes the token; run bot login"
	case "consumer_key_unknown", "consumer_key_rejected":
		return problem + ": Jira has no application link with this consumer key; bot login prints what an administrator must enter"
	case "signature_invalid":
		return problem + ": Jira's application link holds another public key, or a proxy changes the address; bot login prints the key to enter"
	case "timestamp_refused":
		return problem + ": the clocks of this machine and of Jira differ; set them right"
	case "verifier_invalid", "permission_unknown", "permission_denied":
		return problem + ": nobody has allowed the access in the browser, or the code was mistyped; run bot login again"
	}
	return problem
}
