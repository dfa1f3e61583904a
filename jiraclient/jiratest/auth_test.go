package jiratest_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

func TestThreeWrongPasswordsAskForACaptcha(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{})
	try := func(password string) answer {
		r := request(t, "", "GET", "/api/2/myself", nil)
		r.SetBasicAuth("bot", password)
		return send(j, r)
	}
	if a := try("secret"); a.status != 200 || a.header.Get("X-AUSERNAME") != "bot" || a.header.Get("X-Seraph-LoginReason") != "OK" {
		t.Fatal(a)
	}
	for range 3 {
		a := try("guess")
		if a.status != 401 || a.header.Get("X-Seraph-LoginReason") != "AUTHENTICATED_FAILED" || !strings.HasPrefix(a.text, "<html>") {
			t.Fatal(a)
		}
	}
	a := try("secret")
	if a.status != 403 || a.header.Get("X-Seraph-LoginReason") != "AUTHENTICATION_DENIED" ||
		a.header.Get("X-Authentication-Denied-Reason") != "CAPTCHA_CHALLENGE; login-url=http://jira.example.com/jira/login.jsp" {
		t.Error("the right password is still looked at:", a)
	}
	if j.LoginAttempts("bot") != 5 || j.FailedLogins("bot") != 3 {
		t.Error(j.LoginAttempts("bot"), j.FailedLogins("bot"))
	}
	if a := ask(t, j, "bot-token", "GET", "/api/2/myself", nil); a.status != 200 {
		t.Error("a token is no password:", a)
	}
	j.SolveCaptcha("bot")
	if a := try("secret"); a.status != 200 {
		t.Error("after the CAPTCHA was solved:", a)
	}
}

func TestWhoAsks(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{})
	j.AddUser(jiratest.User{Name: "gone", Token: "gone-token", Inactive: true})
	for name, c := range map[string]struct {
		token  string
		status int
		user   string
	}{
		"a token":               {"ann-token", 200, "ann"},
		"an unknown token":      {"nonsense", 401, "anonymous"},
		"nobody":                {"", 200, "anonymous"},
		"somebody who has left": {"gone-token", 401, "anonymous"},
	} {
		a := ask(t, j, c.token, "GET", "/api/2/serverInfo", nil)
		if a.status != c.status || a.header.Get("X-AUSERNAME") != c.user {
			t.Errorf("%s: %d as %s", name, a.status, a.header.Get("X-AUSERNAME"))
		}
	}
	a := ask(t, j, "ann-token", "GET", "/api/latest/myself", nil)
	for path, want := range map[string]any{
		"name": "ann", "key": "JIRAUSER10000", "displayName": "Ann Archer", "active": true, "groups.items.0.name": "devs",
		"self": "http://jira.example.com/jira/rest/api/2/user?username=ann",
	} {
		if got := at(t, a.text, path); got != want {
			t.Errorf("%s is %v", path, got)
		}
	}
}

func TestForgedRequestsAreRefused(t *testing.T) {
	j := shop(t, jiratest.Options{})
	browser := request(t, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"x"}`)
	browser.Header.Set("User-Agent", "Mozilla/5.0")
	browser.Header.Set("X-Atlassian-Token", "no-check")
	if a := send(j, browser); a.status != 403 || a.text != "XSRF check failed" {
		t.Error(a)
	}
	reading := request(t, "bot-token", "GET", "/api/2/issue/PAY-1", nil)
	reading.Header.Set("User-Agent", "Mozilla/5.0")
	if a := send(j, reading); a.status != 200 {
		t.Error(a)
	}
	for token, want := range map[string]int{"": 403, "no-check": 200, "nocheck": 200} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part := must[interface{ Write([]byte) (int, error) }](t)(form.CreateFormFile("file", "a b.txt"))
		must[int](t)(part.Write([]byte("some text")))
		ok(t, form.Close())
		r := request(t, "bot-token", "POST", "/api/2/issue/PAY-1/attachments", body.String())
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("X-Atlassian-Token", token)
		a := send(j, r)
		if a.status != want {
			t.Errorf("token %q: %d %s", token, a.status, a.text)
		}
		if want == 200 && (at(t, a.text, "0.filename") != "a b.txt" || at(t, a.text, "0.size") != 9.0) {
			t.Error(a.text)
		}
	}
	if i, _ := j.Issue("PAY-1"); len(i.Attachments) != 2 || len(i.Comments) != 0 {
		t.Errorf("%+v", i)
	}
}

func TestRateLimit(t *testing.T) {
	c := newClock()
	j, _ := newJira(t, jiratest.Options{Now: c.now, RateLimit: jiratest.RateLimit{Limit: 2, FillRate: 1, Interval: 10 * time.Second}})
	get := func(token string) answer { return ask(t, j, token, "GET", "/api/2/myself", nil) }
	for _, want := range []struct {
		status          int
		remaining, wait string
	}{{200, "1", "0"}, {200, "0", "10"}, {429, "0", "10"}} {
		a := get("bot-token")
		h := a.header
		if a.status != want.status || h.Get("X-RateLimit-Remaining") != want.remaining || h.Get("Retry-After") != want.wait {
			t.Errorf("got %d, remaining %s, wait %s, want %+v", a.status, h.Get("X-RateLimit-Remaining"), h.Get("Retry-After"), want)
		}
		if h.Get("X-RateLimit-Limit") != "2" || h.Get("X-RateLimit-FillRate") != "1" || h.Get("X-RateLimit-Interval-Seconds") != "10" {
			t.Error(h)
		}
	}
	if a := get("ann-token"); a.status != 200 {
		t.Error("somebody else is limited too:", a)
	}
	c.move(10 * time.Second)
	if a := get("bot-token"); a.status != 200 {
		t.Error("no token came back:", a)
	}
}
