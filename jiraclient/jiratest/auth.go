package jiratest

import (
	"net/http"
	"net/url"
	"strings"
)

// captchaAfter wrong passwords, Jira looks at no further one until a person has logged in through the browser.
const captchaAfter = 3

// authenticate finds out who asks. It answers itself, and returns false, where Jira's log-in layer would.
func (c *call) authenticate() bool {
	c.j.mu.Lock()
	defer c.j.mu.Unlock()
	ok := true
	scheme, credential, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	switch name, password, basic := c.r.BasicAuth(); {
	case strings.HasPrefix(c.r.URL.Path, c.j.prefix()+oauthServlets):
		// These look at the signature themselves: most of them come before there is a user.
	case basic && !c.j.passwordsAllowed():
		c.page(http.StatusForbidden, "Basic Authentication has been disabled on this instance.")
		ok = false
	case basic && c.j.version.cloud:
		ok = c.presentAPIToken(name, password)
	case basic:
		ok = c.logIn(name, password)
	case strings.EqualFold(scheme, "Bearer"):
		ok = c.present(credential)
	case strings.EqualFold(scheme, "OAuth"):
		ok = c.signed()
	default:
		// A session that has ended is no error: the request goes on as nobody's.
		c.user = c.sessionUser()
	}
	if c.j.version.cloud {
		return ok // which does not say whom it takes one for
	}
	c.header.Set("X-AUSERNAME", "anonymous")
	if c.user != nil {
		c.header.Set("X-AUSERNAME", url.QueryEscape(c.user.Name))
	}
	return ok
}

// passwordsAllowed tells whether basic authentication, and the session resource with it, is switched on.
func (j *Jira) passwordsAllowed() bool {
	if j.logins.passwords != nil {
		return *j.logins.passwords
	}
	return j.version.passwords
}

// AllowPasswords is the administrator's switch "allow basic authentication on API calls": on before Jira 11, off from
// there.
func (j *Jira) AllowPasswords(allow bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.logins.passwords = &allow
}

// logIn checks a password, counts wrong ones, and from the third on does not even look.
func (c *call) logIn(name, password string) bool {
	u := c.j.user(name)
	if u != nil {
		u.attempts++
	}
	switch {
	case u != nil && u.failures >= captchaAfter:
		c.header.Set("X-Seraph-LoginReason", "AUTHENTICATION_DENIED")
		c.header.Set("X-Authentication-Denied-Reason", "CAPTCHA_CHALLENGE; login-url="+c.j.base+"/login.jsp")
		c.header.Set("WWW-Authenticate", `OAuth realm="`+url.QueryEscape(c.j.base)+`"`)
		c.page(http.StatusForbidden, "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED")
		return false
	case u == nil || u.Inactive || u.Password == "" || u.Password != password:
		if u != nil {
			u.failures++
		}
		c.header.Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
		c.header.Set("WWW-Authenticate", `OAuth realm="`+url.QueryEscape(c.j.base)+`"`)
		c.page(http.StatusUnauthorized, "Unauthorized (401)")
		return false
	}
	u.failures = 0
	c.user = u
	c.header.Set("X-Seraph-LoginReason", "OK")
	return true
}

// presentAPIToken is Cloud's use of basic authentication. A wrong token locks nobody out.
func (c *call) presentAPIToken(email, token string) bool {
	for _, u := range c.j.users {
		if strings.EqualFold(u.Email, email) && u.Token == token && token != "" && !u.Inactive {
			u.attempts++
			c.user = u
			return true
		}
	}
	c.header.Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
	c.page(http.StatusUnauthorized, "Unauthorized (401)")
	return false
}

// present checks a bearer's token: a personal access token or one of OAuth 2.0. Tokens know no CAPTCHA.
func (c *call) present(token string) bool {
	for _, u := range c.j.users {
		expired := !u.TokenExpires.IsZero() && !c.j.now().Before(u.TokenExpires)
		if u.Token != "" && u.Token == token && !u.Inactive && !expired && !c.j.version.cloud {
			u.attempts++
			u.tokenUsed = c.j.now()
			c.user = u
			c.header.Set("X-Seraph-LoginReason", "OK")
			return true
		}
	}
	if c.granted(token) {
		return true
	}
	if c.status == http.StatusForbidden {
		return false
	}
	c.answer(http.StatusUnauthorized, obj{
		"message": "Client must be authenticated to access this resource.", "status-code": http.StatusUnauthorized,
	})
	return false
}

// notForged is Jira's protection against forged requests: uploads need a header, and writes must not look like a
// browser's.
func (c *call) notForged() bool {
	h := c.r.Header
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return true
	}
	told := h.Get("X-Atlassian-Token") == "no-check" || h.Get("X-Atlassian-Token") == "nocheck"
	upload := strings.HasPrefix(h.Get("Content-Type"), "multipart/form-data")
	browser := strings.HasPrefix(h.Get("User-Agent"), "Mozilla/")
	if upload && !told || browser {
		c.status = http.StatusForbidden
		c.header.Set("Content-Type", "text/html;charset=UTF-8")
		c.out.WriteString("XSRF check failed")
		return false
	}
	return true
}
