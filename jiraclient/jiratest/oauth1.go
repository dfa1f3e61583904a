package jiratest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"time"
)

const (
	oauthServlets   = "/plugins/servlet/oauth/"
	requestLifetime = 10 * time.Minute
	accessLifetime  = 5 * 365 * 24 * time.Hour
)

// A Consumer is an application link for OAuth 1.0a, as an administrator enters it.
type Consumer struct {
	Key       string
	Name      string
	PublicKey string // PEM
}

type consumer struct {
	Consumer
	key *rsa.PublicKey
}

type requestToken struct {
	consumer *consumer
	callback string
	verifier string // once somebody has allowed it
	user     *user
	begun    time.Time
}

type accessToken struct {
	consumer *consumer
	user     *user
	expires  time.Time
}

// AddConsumer adds or replaces an application link.
func (j *Jira) AddConsumer(given Consumer) error {
	block, _ := pem.Decode([]byte(given.PublicKey))
	if block == nil {
		return errors.New("add a consumer: the public key is no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("add a consumer: read the public key: %w", err)
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("add a consumer: the key is %T, want RSA", parsed)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if old := j.consumer(given.Key); old != nil {
		*old = consumer{given, key}
		return nil
	}
	j.logins.consumers = append(j.logins.consumers, &consumer{given, key})
	return nil
}

func (j *Jira) consumer(key string) *consumer {
	for _, c := range j.logins.consumers {
		if c.Key == key {
			return c
		}
	}
	return nil
}

// ExpireOAuth1 lets all access tokens of OAuth 1.0a run out.
func (j *Jira) ExpireOAuth1() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, t := range j.logins.accesses {
		t.expires = j.now()
	}
}

// RevokeOAuth1 is what a user does on the page of authorized applications.
func (j *Jira) RevokeOAuth1() {
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(j.logins.accesses)
}

// signed checks a request signed with OAuth 1.0a and finds its user.
func (c *call) signed() bool {
	s := signatureOf(c.r)
	consumer, token := c.j.consumer(s["oauth_consumer_key"]), c.j.logins.accesses[s["oauth_token"]]
	problem := ""
	switch {
	case consumer == nil:
		problem = "consumer_key_unknown"
	case token == nil || token.consumer != consumer || token.user.Inactive:
		problem = "token_rejected"
	case !c.j.now().Before(token.expires):
		problem = "token_expired"
	default:
		problem = c.verify(s, consumer.key)
	}
	if problem != "" {
		c.oauthProblem(problem)
		return false
	}
	c.user = token.user
	c.header.Set("X-Seraph-LoginReason", "OK")
	return true
}

// oauthProblem is how Jira's OAuth says no.
func (c *call) oauthProblem(problem string) {
	c.header.Set("WWW-Authenticate", `OAuth realm="`+url.QueryEscape(c.j.base)+`", oauth_problem="`+problem+`"`)
	c.form(http.StatusUnauthorized, url.Values{"oauth_problem": {problem}})
}

func (c *call) form(status int, values url.Values) {
	c.status = status
	c.header.Set("Content-Type", "text/plain;charset=UTF-8")
	c.out.Reset()
	c.out.WriteString(values.Encode())
}

func requestTokenServlet(c *call) {
	s := signatureOf(c.r)
	consumer := c.j.consumer(s["oauth_consumer_key"])
	if consumer == nil {
		c.oauthProblem("consumer_key_unknown")
		return
	}
	if problem := c.verify(s, consumer.key); problem != "" {
		c.oauthProblem(problem)
		return
	}
	if s["oauth_callback"] == "" {
		c.oauthProblem("parameter_absent")
		return
	}
	token := fresh()
	keep(&c.j.logins.requests, token, &requestToken{consumer: consumer, callback: s["oauth_callback"], begun: c.j.now()})
	c.form(200, url.Values{"oauth_token": {token}, "oauth_token_secret": {fresh()}, "oauth_callback_confirmed": {"true"}})
}

// authorizeServlet is the page that asks the user.
func authorizeServlet(c *call) {
	t := c.j.logins.requests[c.query.Get("oauth_token")]
	b := c.j.logins.browser
	switch {
	case t == nil || c.j.now().Sub(t.begun) > requestLifetime:
		c.page(http.StatusUnauthorized, "token_rejected")
		return
	case b == nil:
		c.page(200, "Log in")
		return
	}
	back := url.Values{"oauth_token": {c.query.Get("oauth_token")}, "oauth_verifier": {"denied"}}
	if b.allow {
		t.user, t.verifier = b.user, fresh()[:6]
		back.Set("oauth_verifier", t.verifier)
	}
	if t.callback == "oob" {
		c.page(200, "Access approved: your verification code is '"+html.EscapeString(back.Get("oauth_verifier"))+"'")
		return
	}
	c.sendBack(t.callback, back)
}

// sendBack redirects the browser to an application, with what it is to learn.
func (c *call) sendBack(address string, values url.Values) {
	target, err := url.Parse(address)
	if err != nil {
		c.page(http.StatusBadRequest, "the callback is no address")
		return
	}
	query := target.Query()
	for name, list := range values {
		query[name] = list
	}
	target.RawQuery = query.Encode()
	c.redirect(target.String())
}

func accessTokenServlet(c *call) {
	s := signatureOf(c.r)
	consumer, t := c.j.consumer(s["oauth_consumer_key"]), c.j.logins.requests[s["oauth_token"]]
	problem := ""
	switch {
	case consumer == nil:
		problem = "consumer_key_unknown"
	case t == nil || t.consumer != consumer || c.j.now().Sub(t.begun) > requestLifetime:
		problem = "token_rejected"
	default:
		problem = c.verify(s, consumer.key)
	}
	switch {
	case problem != "":
	case t.user == nil:
		problem = "permission_unknown"
	case t.verifier != s["oauth_verifier"]:
		problem = "verifier_invalid"
	}
	if problem != "" {
		c.oauthProblem(problem)
		return
	}
	delete(c.j.logins.requests, s["oauth_token"])
	token := fresh()
	keep(&c.j.logins.accesses, token, &accessToken{consumer, t.user, c.j.now().Add(accessLifetime)})
	c.form(200, url.Values{
		"oauth_token": {token}, "oauth_token_secret": {fresh()}, "oauth_expires_in": {text(int(accessLifetime.Seconds()))},
		"oauth_session_handle": {fresh()},
	})
}
