package jiraclient

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const anonymous = "anonymous" // what X-AUSERNAME says of nobody

// answer is what classify looks at: one response, its body read as far as we read bodies.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   bool // a body that was to be JSON could be read, or none was expected
	reason string
	proven bool // the credential worked before
	want   string
	now    time.Time
	hide   func(string) string
}

// check turns an answer into nil or the one error that says what it means. This is the only place that decides.
func check(r request, a answer) error {
	login := a.header.Get("X-Seraph-LoginReason")
	refused := strings.Contains(login, "AUTHENTICATED_FAILED") || strings.Contains(login, "AUTHENTICATION_DENIED")
	as, named := identity(a.header)
	known := named && as != anonymous

	if a.status < 300 && !refused && a.json {
		return wrongIdentity(r, a)
	}
	s := parseError(a.body).clean(a.hide)
	e := &Error{
		Status: a.status, Method: r.method, Path: r.path, Messages: s.messages, Fields: s.fields,
		Raw:         a.hide(clip(strings.ToValidUTF8(string(a.body), "\ufffd"), 2048)),
		LoginReason: login, RetryAfter: retryAfter(a.header, a.now), Header: telling(a.header), write: r.write(), json: s.json,
	}
	text := s.text()
	switch {
	case refused:
		e.kind, e.Hint = ErrUnauthorized, loginHint(a.header)
	case a.status < 300:
		e.Hint = "a web page came instead of JSON: is jira.url the address of Jira itself, and not of a login page or a proxy?"
		if !s.html {
			e.Hint = "the answer cannot be read: " + a.reason
		}
		if r.aside {
			e.kind = ErrUnavailable
		}
	case a.status < 400:
		if e.Hint, e.kind = redirected(a.header.Get("Location")); e.kind != nil && known {
			// Jira's pages send whoever may not see something to the login page, logged in or not.
			e.Hint, e.kind = "not visible to "+a.want, ErrDenied
		}
	case a.status == http.StatusUnauthorized && oauthProblem(a) != "":
		e.kind, e.Hint = ErrUnauthorized, oauthHint(oauthProblem(a))
	case a.status == http.StatusUnauthorized && (known || a.proven && permissionWords.MatchString(text)):
		// Jira 10 answers 401 to whoever may not assign, watch or link, Cloud to whoever may not see roles or merge versions.
		// It knew us, so this is no login.
		e.kind = ErrDenied
	case a.status == http.StatusUnauthorized && r.aside && a.proven && !named:
		e.kind, e.Hint = ErrUnavailable, "the login works, and this Jira does not let the bot user ask this"
	case a.status == http.StatusUnauthorized:
		e.kind, e.Hint = ErrUnauthorized, "wrong or expired credential"
	case (a.status == http.StatusForbidden || a.status == http.StatusNotFound) && strings.Contains(strings.ToLower(text), "xsrf check failed"):
		e.Hint = "Jira took the call for a browser's: something on the way drops X-Atlassian-Token or changes the User-Agent"
	case a.status == http.StatusForbidden && basicDisabled.MatchString(text):
		e.kind, e.Hint = ErrUnauthorized, "basic authentication is switched off in Jira; use a personal access token"
	case a.status == http.StatusForbidden && strings.Contains(text, "CAPTCHA"):
		e.kind, e.Hint = ErrUnauthorized, loginHint(a.header)
	case a.status == http.StatusForbidden && switchedOff.MatchString(text) && !permissionWords.MatchString(text):
		// A feature or a licence is missing, and no permission would help.
	case a.status == http.StatusForbidden && r.aside && !named:
		e.kind, e.Hint = ErrUnavailable, "not Jira's own answer, or it tells this to others only"
	case a.status == http.StatusForbidden:
		e.kind = ErrDenied
	case a.status == http.StatusNotFound:
		e.kind, e.Hint = ErrNotFound, "missing, or not visible to "+a.want
		if !s.json {
			e.Hint += "; the answer is not Jira's own, so the address may be wrong"
		}
	case a.status == http.StatusTooManyRequests:
		e.kind = ErrRateLimited
	case a.status == http.StatusBadRequest && strings.Contains(text, "not on the appropriate screen"):
		e.Hint = "the screen of this operation lacks the field, or " + a.want + " may not set it"
	case a.status == http.StatusBadRequest && permissionWords.MatchString(text) && !eitherWay.MatchString(text):
		e.kind = ErrDenied
	}
	if e.kind == nil || e.kind == ErrNotFound || e.kind == ErrUnavailable {
		// An answer to nobody looks like a missing issue; while Jira starts or stops, everybody is nobody.
		if err := wrongIdentity(r, a); err != nil && a.status < 500 {
			return err
		}
	}
	return e
}

// permissionWords finds the word in the languages Jira is often set to; it answers in the bot user's language.
var permissionWords = regexp.MustCompile(`(?i)permission|administrator rights|cannot edit the configuration|not allowed to|not authori[sz]ed to|berechtigung|permiso|permess|permissã|toestemming|uprawnie|разрешени|прав доступа|権限|权限`)

var (
	basicDisabled = regexp.MustCompile(`(?i)basic auth\w* .*disabled`)
	eitherWay     = regexp.MustCompile(`(?i)does not exist,? or`) // of a field in JQL: more likely a mistake
	switchedOff   = regexp.MustCompile(`(?i)disabled|not enabled|licen[cs]e|read-only mode`)
)

// wrongIdentity compares X-AUSERNAME, which every answer of Data Center carries, with whom we mean to be.
func wrongIdentity(r request, a answer) error {
	got, ok := identity(a.header)
	if !ok || a.status == http.StatusTooManyRequests {
		return nil
	}
	if got != anonymous && (r.as == "" || strings.EqualFold(got, r.as)) {
		return nil
	}
	return &IdentityError{Status: a.status, Method: r.method, Path: r.path, Want: r.as, Got: oneLine(clip(got, 100)), write: r.write()}
}

// identity is whom Jira took us for. Jira escapes the name as in a URL.
func identity(h http.Header) (string, bool) {
	name := h.Get("X-AUSERNAME")
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return name, name != ""
}

// loginHint says what to do about a refused login.
func loginHint(h http.Header) string {
	denied := h.Get("X-Authentication-Denied-Reason")
	if !strings.Contains(denied, "CAPTCHA") && h.Get("X-Seraph-LoginReason") != "AUTHENTICATION_DENIED" {
		return "wrong user or password"
	}
	where := "Jira's login page"
	if _, address, ok := strings.Cut(denied, "login-url="); ok {
		where = oneLine(clip(strings.TrimSpace(address), 200))
	}
	return "Jira demands a CAPTCHA after several failed logins, and until then not even the right password helps: " +
		"log in once in the browser as the bot user at " + where
}

// redirected explains an answer that sends us elsewhere, which no REST call of Jira does.
func redirected(location string) (hint string, kind error) {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "redirected, and nobody said where to", nil
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil // may hold tokens of a single sign-on
	target := oneLine(clip(u.String(), 200))
	if loginPage.MatchString(location) {
		return "redirected to the login page " + target + ": the credential was not accepted, or a single sign-on stands before " +
			"Jira's REST API", ErrUnauthorized
	}
	return "redirected to " + target + ", which is not followed: put the address that Jira really has into jira.url", nil
}

var loginPage = regexp.MustCompile(`(?i)login|logon|signin|sign-in|/sso|saml|oauth2?/auth|permissionviolation`)

// telling keeps the headers that help to find a request in Jira's logs or to understand a limit, and no cookies.
func telling(h http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{
		"Content-Type", "Retry-After", "X-Arequestid", "X-Anodeid", "X-Ausername", "X-Seraph-Loginreason", "X-Authentication-Denied-Reason",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Interval-Seconds", "X-Ratelimit-Fillrate", "X-Ratelimit-Reset",
		"Ratelimit-Reason", "Atl-Traceid",
	} {
		if v := h.Values(name); len(v) > 0 {
			kept[name] = v
		}
	}
	return kept
}
