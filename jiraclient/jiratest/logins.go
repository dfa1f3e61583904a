package jiratest

import (
	"crypto/rand"
	"net/http"
)

// logins are the ways in that Jira keeps something for, beyond a user's password and token.
type logins struct {
	passwords *bool // nil: as the version has it
	sessions  map[string]*session

	consumers []*consumer
	requests  map[string]*requestToken
	accesses  map[string]*accessToken
	nonces    map[string]bool

	applications []*Application
	codes        map[string]*code
	grants       []*grant
	renewals     []Renewal

	browser *browser
}

// A browser is where somebody sits and is asked whether an application may act in their name.
type browser struct {
	user  *user
	allow bool
}

// Consent seats a user before every browser that is sent to Jira's consent pages, who then clicks "allow" at once, or
// "deny". Without it the pages ask for a log-in and nothing goes on.
func (j *Jira) Consent(user string, allow bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.logins.browser = &browser{j.ensureUser(user), allow}
}

// loginRoutes are those that stand outside of /rest, or answer otherwise than with JSON.
func (j *Jira) loginRoutes(mux *http.ServeMux) {
	for pattern, run := range map[string]func(*call){
		"POST " + j.prefix() + oauthServlets + "request-token": requestTokenServlet,
		"GET " + j.prefix() + oauthServlets + "authorize":      authorizeServlet,
		"POST " + j.prefix() + oauthServlets + "access-token":  accessTokenServlet,
		"GET " + j.prefix() + "/rest/oauth2/latest/authorize":  authorizePage,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, request *http.Request) {
			c := w.(*call)
			c.r = request
			c.j.mu.Lock()
			defer c.j.mu.Unlock()
			run(c)
		})
	}
}

// redirect sends the browser elsewhere.
func (c *call) redirect(address string) {
	c.header.Set("Location", address)
	c.status = http.StatusFound
	c.out.Reset()
}

// keep puts a value into a map that may not be there yet.
func keep[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// fresh is a token that nobody can guess.
func fresh() string { return rand.Text() }
