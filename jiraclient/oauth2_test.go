package jiraclient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestOAuth2RenewsShortlyBeforeTheEnd: Jira never gets to see a token that has ended.
func TestOAuth2RenewsShortlyBeforeTheEnd(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	c := p.client(t)
	for _, step := range []struct {
		name    string
		pass    time.Duration
		renewed int
	}{
		{"at once", 0, 0}, {"after most of the two hours", 114 * time.Minute, 0}, {"shortly before their end", 2 * time.Minute, 1},
		{"after most of the next two", 114 * time.Minute, 1}, {"after a night", 12 * time.Hour, 2},
	} {
		p.pass(step.pass)
		for _, err := range together(c, t.Context(), 16) {
			if err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
		}
		p.wantPresented(t, step.renewed, 0)
	}
	for _, r := range p.Requests() {
		if r.Status == http.StatusUnauthorized {
			t.Errorf("%s %s: %d", r.Method, r.Path, r.Status)
		}
	}
}

func TestOAuth2AfterARefusedToken(t *testing.T) {
	t.Run("many callers, one renewal", func(t *testing.T) {
		p := newProvider(t)
		p.login(t)
		c := p.client(t)
		good(t, c)
		for n := range 3 {
			p.ExpireOAuth2()
			for _, err := range together(c, t.Context(), 16) {
				if err != nil {
					t.Error(err)
				}
			}
			p.wantPresented(t, n+1, 0)
		}
	})
	t.Run("a write is sent again, whole", func(t *testing.T) {
		p := newProvider(t)
		p.login(t)
		c := p.client(t)
		p.ExpireOAuth2()
		if _, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "Hello"}); err != nil {
			t.Fatal(err)
		}
		issue, _ := p.Issue("PAY-1")
		if comments := issue.Comments; len(comments) != 1 || comments[0].Body != "Hello" {
			t.Errorf("got %v", comments)
		}
	})
	t.Run("an upload cannot be sent again, and has done nothing", func(t *testing.T) {
		p := newProvider(t)
		p.login(t)
		c := p.client(t)
		p.ExpireOAuth2()
		upload := func() error {
			_, err := c.Attach(t.Context(), "PAY-1", jiraclient.File{Name: "a.txt", Content: strings.NewReader("text")})
			return err
		}
		err := upload()
		if _, again := jiraclient.Temporary(err); !again {
			t.Errorf("%v is not worth another try", err)
		}
		if err := upload(); err != nil {
			t.Error(err)
		}
		p.wantPresented(t, 1, 0)
	})
	t.Run("a missing permission renews nothing", func(t *testing.T) {
		p := newProvider(t)
		p.login(t)
		c := p.client(t)
		p.Fault(jiratest.Fault{PathSuffix: "/myself", Status: 401, Body: `{"message":"You do not have permission."}`, Header: http.Header{"X-Ausername": {"bot"}}})
		if err := bad(t, c, "401"); !errors.Is(err, jiraclient.ErrDenied) {
			t.Error(err)
		}
		p.wantPresented(t, 0, 0)
	})
	t.Run("a Jira that takes no token is asked for one new one only", func(t *testing.T) {
		p := newProvider(t)
		p.login(t)
		c := p.client(t)
		p.Fault(jiratest.Fault{PathSuffix: "/myself", Status: 401, Header: http.Header{"X-Ausername": {"anonymous"}}})
		for range 3 {
			bad(t, c, "401")
		}
		p.wantPresented(t, 1, 0)
	})
}

// TestOAuth2Revoked: the token is presented once, by one of all bots, until somebody logs in again.
func TestOAuth2Revoked(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	first, second := p.client(t), p.client(t)
	good(t, first)
	good(t, second)
	p.RevokeOAuth2()
	for _, c := range []*jiraclient.Client{first, second, first, p.client(t)} {
		err := bad(t, c, "login as bot refused, nothing is sent to Jira until this is settled: run bot login (the token is no longer renewed: ", "invalid_grant")
		if _, again := jiraclient.Temporary(err); again || !errors.Is(err, jiraclient.ErrUnauthorized) {
			t.Errorf("%v", err)
		}
	}
	p.wantPresented(t, 1, 1)
	if first.LoginRefused() == nil {
		t.Error("nobody says that the login is refused")
	}
	p.login(t)
	for _, c := range []*jiraclient.Client{first, second} {
		if err := c.LoginRefused(); err != nil {
			t.Errorf("after the log-in: %v", err)
		}
		good(t, c)
	}
	p.wantPresented(t, 1, 1)
}

// TestOAuth2WhileJiraIsAway: whatever is wrong, no token is lost, and the one that still lasts is used.
func TestOAuth2WhileJiraIsAway(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault jiratest.Fault
		want  string
		after time.Duration
	}{
		{"503", jiratest.Fault{Status: 503}, "POST /rest/oauth2/latest/token: 503: service unavailable", 0},
		{"500", jiratest.Fault{Status: 500}, "POST /rest/oauth2/latest/token: 500: internal server error", 0},
		{"429", jiratest.Fault{Status: 429, Header: http.Header{"Retry-After": {"40"}}}, "POST /rest/oauth2/latest/token: 429: too many requests", 40 * time.Second},
		{"no answer", jiratest.Fault{Drop: true}, "POST /rest/oauth2/latest/token: EOF", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.login(t)
			c := p.client(t)
			good(t, c)
			asked := func() int {
				n := 0
				for _, r := range p.Requests() {
					if strings.HasSuffix(r.Path, "/oauth2/latest/token") {
						n++
					}
				}
				return n - 1 // the log-in's
			}
			tt.fault.PathSuffix = "/oauth2/latest/token"
			p.Fault(tt.fault)
			p.pass(116 * time.Minute)
			good(t, c)
			good(t, c)
			if n := asked(); n != 1 {
				t.Errorf("asked %d times while the old token was still good", n)
			}
			p.pass(time.Minute)
			good(t, c)
			if n := asked(); n != 2 {
				t.Errorf("asked %d times a minute later", n)
			}
			p.pass(time.Hour)
			if after, again := jiraclient.Temporary(bad(t, c, tt.want)); !again || after != tt.after {
				t.Errorf("again %v, after %v", again, after)
			}
			if c.LoginRefused() != nil {
				t.Error(c.LoginRefused())
			}
			p.ClearFaults()
			good(t, c)
			good(t, p.client(t))
			p.wantPresented(t, 1, 0)
		})
	}
}
