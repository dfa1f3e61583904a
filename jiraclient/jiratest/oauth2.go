package jiratest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An Application is an incoming link for OAuth 2.0, as an administrator enters it.
type Application struct {
	ID, Secret  string
	RedirectURI string
	Scope       string        // the most that may be asked for: READ, WRITE, ADMIN or SYSTEM_ADMIN; WRITE by default
	Lifetime    time.Duration // of an access token; two hours by default
	// Grace is how long a refresh token that was used is taken once more. Jira has none, which is the default.
	Grace time.Duration
}

type code struct {
	application         *Application
	user                *user
	scope, redirect     string
	challenge, verifies string // PKCE's challenge and its method
	begun               time.Time
}

// A grant is what a user allowed once. Each renewal replaces both of its tokens.
type grant struct {
	application     *Application
	user            *user
	scope           string
	access, refresh string
	expires         time.Time
	before          string // the refresh token before the present one
	renewed         time.Time
}

// A Renewal is one refresh token that was presented.
type Renewal struct {
	Token   string
	Problem string // "" where it was taken
}

// AddApplication adds or replaces an application link.
func (j *Jira) AddApplication(a Application) {
	if a.Scope == "" {
		a.Scope = "WRITE"
	}
	if a.Lifetime == 0 {
		a.Lifetime = 2 * time.Hour
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if old := j.application(a.ID); old != nil {
		*old = a
		return
	}
	j.logins.applications = append(j.logins.applications, &a)
}

func (j *Jira) application(id string) *Application {
	for _, a := range j.logins.applications {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// ExpireOAuth2 lets all access tokens run out; refresh tokens stay.
func (j *Jira) ExpireOAuth2() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, g := range j.logins.grants {
		g.expires = j.now()
	}
}

// RevokeOAuth2 is what a user does on the page of authorized applications.
func (j *Jira) RevokeOAuth2() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.logins.grants = nil
}

// Renewals are the refresh tokens that were presented so far, in their order.
func (j *Jira) Renewals() []Renewal {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.logins.renewals)
}

// scopes in their order: each holds those before it.
func scopes() []string { return []string{"READ", "WRITE", "ADMIN", "SYSTEM_ADMIN"} }

// granted checks an access token of OAuth 2.0; where its scope is too narrow it answers itself.
func (c *call) granted(token string) bool {
	for _, g := range c.j.logins.grants {
		if g.access != token || !c.j.now().Before(g.expires) || g.user.Inactive {
			continue
		}
		if g.scope == "READ" && c.r.Method != http.MethodGet {
			c.answer(http.StatusForbidden, obj{"message": "The scope of this token does not allow the request.", "status-code": 403})
			return false
		}
		c.user = g.user
		c.header.Set("X-Seraph-LoginReason", "OK")
		return true
	}
	return false
}

// authorizePage is the page that asks the user.
func authorizePage(c *call) {
	q := c.query
	a, b := c.j.application(q.Get("client_id")), c.j.logins.browser
	wanted := slices.Index(scopes(), q.Get("scope"))
	switch {
	case a == nil || q.Get("redirect_uri") != a.RedirectURI:
		// Nobody may be sent to an address that is not entered.
		c.page(http.StatusBadRequest, "invalid client or redirect address")
		return
	case b == nil:
		c.page(200, "Log in")
		return
	}
	back := url.Values{"state": q["state"]}
	switch method := q.Get("code_challenge_method"); {
	case q.Get("response_type") != "code":
		back.Set("error", "unsupported_response_type")
	case wanted < 0 || wanted > slices.Index(scopes(), a.Scope):
		back.Set("error", "invalid_scope")
	case q.Get("code_challenge") != "" && method != "S256" && method != "plain":
		back.Set("error", "invalid_request")
	case !b.allow:
		back.Set("error", "access_denied")
	default:
		id := fresh()
		keep(&c.j.logins.codes, id, &code{a, b.user, q.Get("scope"), q.Get("redirect_uri"), q.Get("code_challenge"), method, c.j.now()})
		back.Set("code", id)
	}
	c.sendBack(q.Get("redirect_uri"), back)
}

func oauth2Routes() []route { return []route{{"POST", "/oauth2/latest/token", tokenPage}} }

// tokenPage gives tokens for a code or for a refresh token.
func tokenPage(c *call) (int, any, error) {
	form, err := url.ParseQuery(string(c.raw))
	if err != nil || !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return 400, obj{"error": "invalid_request"}, nil
	}
	a := c.j.application(form.Get("client_id"))
	if a == nil || a.Secret != form.Get("client_secret") {
		return 401, obj{"error": "invalid_client", "error_description": "client_id or client_secret is wrong"}, nil
	}
	var g *grant
	problem := "unsupported_grant_type"
	switch form.Get("grant_type") {
	case "authorization_code":
		g, problem = c.j.redeem(a, form)
	case "refresh_token":
		g, problem = c.j.renew(a, form)
		c.j.logins.renewals = append(c.j.logins.renewals, Renewal{form.Get("refresh_token"), problem})
	}
	if problem != "" {
		return 400, obj{"error": problem, "error_description": "The grant is invalid, was used, or does not fit the request."}, nil
	}
	g.access, g.refresh = fresh(), fresh()
	g.expires = c.j.now().Add(a.Lifetime)
	return 200, obj{
		"access_token": g.access, "refresh_token": g.refresh, "token_type": "Bearer",
		"expires_in": int(a.Lifetime.Seconds()), "created_at": c.j.now().Unix(), "scope": g.scope,
	}, nil
}

func (j *Jira) redeem(a *Application, form url.Values) (*grant, string) {
	given := j.logins.codes[form.Get("code")]
	delete(j.logins.codes, form.Get("code")) // whatever comes of it: a code is good for one try
	if given == nil || given.application != a || given.redirect != form.Get("redirect_uri") || j.now().Sub(given.begun) > requestLifetime {
		return nil, "invalid_grant"
	}
	proof := form.Get("code_verifier")
	if given.verifies == "S256" {
		sum := sha256.Sum256([]byte(proof))
		proof = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if given.challenge != "" && proof != given.challenge {
		return nil, "invalid_grant"
	}
	g := &grant{application: a, user: given.user, scope: given.scope}
	j.logins.grants = append(j.logins.grants, g)
	return g, ""
}

// renew takes a refresh token; both old tokens are worth nothing afterwards.
func (j *Jira) renew(a *Application, form url.Values) (*grant, string) {
	token := form.Get("refresh_token")
	for _, g := range j.logins.grants {
		late := g.before == token && a.Grace > 0 && j.now().Sub(g.renewed) <= a.Grace
		if g.application != a || token == "" || g.refresh != token && !late {
			continue
		}
		if form.Get("redirect_uri") != a.RedirectURI {
			return nil, "invalid_grant"
		}
		g.before, g.renewed = token, j.now()
		return g, ""
	}
	return nil, "invalid_grant"
}
