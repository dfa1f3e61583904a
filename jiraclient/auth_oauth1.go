package jiraclient

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dghubble/oauth1"
)

// An OAuth1Credential is what OAuth 1.0a needs: the consumer key under which Jira's application link knows us, and two
// files of ours, which LoginOAuth1 makes.
type OAuth1Credential struct {
	ConsumerKey string
	KeyFile     string // the private key
	TokenFile   string
	// Share, where there is one, is where several machines keep the token that they all use. All need the same key.
	Share Sharing
}

// oauth1Token is what the token file holds.
type oauth1Token struct {
	ConsumerKey string `json:"consumer_key"`
	Token       string `json:"token"`
	Secret      string `json:"token_secret"`
	User        string `json:"user"`
	New         bool   `json:"new,omitempty"` // it is as bot login left it
}

// OAuth1 signs each request with RSA-SHA1. Whose name it acts in was decided when LoginOAuth1 fetched the token.
// https://developer.atlassian.com/server/jira/platform/oauth/
func OAuth1(credential OAuth1Credential) Auth {
	a := Auth{name: "oauth1", user: ""}
	if credential.ConsumerKey == "" || credential.KeyFile == "" || credential.TokenFile == "" {
		a.err = errors.New("OAuth 1.0a needs a consumer key, a file for the private key and a file for the token")
	}
	a.wrap = func(l link) http.RoundTripper { return &oauth1Signer{link: l, credential: credential} }
	return a
}

type oauth1Signer struct {
	link
	credential OAuth1Credential

	mu    sync.Mutex
	key   *rsa.PrivateKey
	token oauth1Token
	from  stamp // of the token file as it was read

	shared []byte    // what the machines shared then
	looked time.Time // when we saw it last
}

// RoundTrip signs and sends.
func (s *oauth1Signer) RoundTrip(r *http.Request) (*http.Response, error) {
	key, token, err := s.load()
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	form, err := formOf(r)
	if err != nil {
		return nil, err
	}
	own := context.WithValue(r.Context(), oauth1.HTTPClient, &http.Client{Transport: s.next})
	config := signing(s.credential.ConsumerKey, key, append(pairsOf(r.URL.Query()), form...))
	return config.Client(own, oauth1.NewToken(token.Token, token.Secret)).Transport.RoundTrip(r)
}

// signing is the library's configuration for one request with these parameters in its query and form.
func signing(consumer string, key *rsa.PrivateKey, parameters []string) *oauth1.Config {
	return &oauth1.Config{ConsumerKey: consumer, Signer: everyParameter{&oauth1.RSASigner{PrivateKey: key}, parameters}}
}

func (s *oauth1Signer) load() (*rsa.PrivateKey, oauth1Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, s.token, nil
	}
	s.from = stampOf(s.credential.TokenFile)
	key, err := readKey(s.credential.KeyFile)
	var token oauth1Token
	if err == nil {
		err = keptJSON(s.credential.TokenFile, &token)
	}
	if s.credential.Share != nil {
		token, err = s.together(key, token, err)
		s.from = stampOf(s.credential.TokenFile)
	}
	if ours := fromLogin(err); ours != nil {
		return nil, oauth1Token{}, ours
	}
	switch {
	case missing(err):
		err = errors.New("nobody has logged in yet")
	case err == nil && token.ConsumerKey != s.credential.ConsumerKey:
		err = fmt.Errorf("the token in %s belongs to the consumer %q, and the configuration says %q", s.credential.TokenFile, token.ConsumerKey, s.credential.ConsumerKey)
	case err == nil && token.Token == "":
		err = fmt.Errorf("%s holds no token", s.credential.TokenFile)
	}
	if err != nil {
		return nil, oauth1Token{}, &LoginError{User: "the bot user", Cause: err, Do: "run bot login"}
	}
	s.key, s.token = key, token
	return key, token, nil
}

func (s *oauth1Signer) hidden() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []string{s.token.Token, s.token.Secret}
}

func (s *oauth1Signer) changed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.from.same(stampOf(s.credential.TokenFile)) || s.credential.Share != nil && s.elsewhere()
}

func (s *oauth1Signer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = nil
}

func (s *oauth1Signer) worry() error { return nil }

func (s *oauth1Signer) close(context.Context) error { return nil }

// everyParameter signs all parameters of query and form. The library takes the first of several that have one name, and
// none of a form whose Content-Type says more than its type; Jira demands them all.
// https://datatracker.ietf.org/doc/html/rfc5849#section-3.4.1.3
type everyParameter struct {
	*oauth1.RSASigner
	parameters []string // "name=value", each encoded
}

// Sign puts the parameters into the text to be signed, and signs it.
func (e everyParameter) Sign(secret, base string) (string, error) {
	at := strings.LastIndexByte(base, '&')
	normal, err := url.PathUnescape(base[at+1:])
	if err != nil {
		return "", fmt.Errorf("sign the request: %w", err)
	}
	all := slices.Clone(e.parameters)
	for pair := range strings.SplitSeq(normal, "&") {
		if strings.HasPrefix(pair, "oauth_") {
			all = append(all, pair)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		// By name and then by value; the sign between them must not count.
		an, av, _ := strings.Cut(a, "=")
		bn, bv, _ := strings.Cut(b, "=")
		if an != bn {
			return strings.Compare(an, bn)
		}
		return strings.Compare(av, bv)
	})
	return e.RSASigner.Sign(secret, base[:at+1]+oauth1.PercentEncode(strings.Join(all, "&")))
}

func pairsOf(values url.Values) []string {
	var pairs []string
	for name, list := range values {
		for _, value := range list {
			pairs = append(pairs, oauth1.PercentEncode(name)+"="+oauth1.PercentEncode(value))
		}
	}
	return pairs
}

// formOf is the parameters of a form body, which are signed as well.
func formOf(r *http.Request) ([]string, error) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") || r.GetBody == nil {
		return nil, nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, fmt.Errorf("sign the form: %w", err)
	}
	defer body.Close()
	var text strings.Builder
	if _, err := io.Copy(&text, body); err != nil {
		return nil, fmt.Errorf("sign the form: %w", err)
	}
	values, err := url.ParseQuery(text.String())
	if err != nil {
		return nil, fmt.Errorf("sign the form: %w", err)
	}
	return pairsOf(values), nil
}
