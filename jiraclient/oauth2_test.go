package jiraclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
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

// TestOAuth2WithAnotherConfiguration: mistakes of ours do not cost the token.
func TestOAuth2WithAnotherConfiguration(t *testing.T) {
	for _, tt := range []struct {
		name      string
		change    func(*jiraclient.OAuth2Credential)
		presented int
		want      string
	}{
		{"a wrong secret", func(c *jiraclient.OAuth2Credential) { c.ClientSecret = "wrong" }, 0,
			"correct jira.auth.oauth2 or Jira's application link (POST /rest/oauth2/latest/token: 401: invalid_client (client_id or client_secret is not what stands in Jira's application link))"},
		{"another client", func(c *jiraclient.OAuth2Credential) { c.ClientID = "other" }, 0,
			`belongs to the client "app", and the configuration says "other"`},
		{"another redirect URI", func(c *jiraclient.OAuth2Credential) { c.RedirectURI = "https://bot.example.com" }, 0,
			`was given for the redirect_uri "` + elsewhere + `", and the configuration says "https://bot.example.com"`},
		{"another file", func(c *jiraclient.OAuth2Credential) { c.TokenFile += "2" }, 0,
			"login as the bot user refused, nothing is sent to Jira until this is settled: run bot login (nobody has logged in yet)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.login(t)
			p.ExpireOAuth2()
			c := p.client(t, tt.change)
			bad(t, c, tt.want)
			bad(t, c, tt.want)
			p.wantPresented(t, 0, 0)
			good(t, p.client(t))
			p.wantPresented(t, 1, 0)
		})
	}
}

// TestOAuth2KeepsWhatNobodyWaitsFor: a caller gives up, the client is closed, and still the answer is kept.
func TestOAuth2KeepsWhatNobodyWaitsFor(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	o := p.options()
	o.Auth = jiraclient.OAuth2(p.credential())
	c, err := jiraclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	good(t, c)
	p.ExpireOAuth2()
	asked, release := make(chan struct{}), make(chan struct{})
	p.guard(func(answer bool) {
		if answer {
			close(asked)
			<-release
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := c.Myself(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller gave up: %v", err)
		}
	})
	<-asked
	cancel()
	all.Wait()
	before := p.kept(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Close(gone); err == nil || err.Error() != "wait until the new token is kept: context canceled" {
		t.Errorf("close did not wait: %v", err)
	}
	close(release)
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if p.kept(t) == before {
		t.Error("the new token was not kept")
	}
	p.guard(nil)
	bad(t, c, "the client is closed")
	good(t, p.client(t))
	p.wantPresented(t, 1, 0)
}

// TestOAuth2TellsNoTokens: nothing of an answer with tokens, or of one that repeats the question, gets into an error.
func TestOAuth2TellsNoTokens(t *testing.T) {
	for name, body := range map[string]string{
		"a cut answer":       `{"access_token":"acc3ss","refresh_token":"r3fresh","expi`,
		"a page":             `<html><title>acc3ss r3fresh</title></html>`,
		"an error with more": `{"error":"invalid_client","error_description":"acc3ss r3fresh","errorMessages":["acc3ss"]}`,
		"no error code":      `{"error":"acc3ss-r3fresh"}`,
		"a number":           `{"access_token":"acc3ss","refresh_token":"r3fresh","expires_in":"soon"}`,
	} {
		for _, status := range []int{200, 302, 400, 401, 403, 404, 500, 503} {
			p := newProvider(t)
			p.login(t)
			var kept struct {
				Access  string `json:"access_token"`
				Refresh string `json:"refresh_token"`
			}
			if err := json.Unmarshal([]byte(p.kept(t)), &kept); err != nil {
				t.Fatal(err)
			}
			p.ExpireOAuth2()
			p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: status, Body: body + kept.Refresh, Header: http.Header{"Content-Type": {"application/json"}}})
			err := bad(t, p.client(t), "POST /rest/oauth2/latest/token: ")
			note, _ := os.ReadFile(p.file + ".renewing")
			for _, text := range []string{sprint("%v %+v", err, err), string(note)} {
				for _, token := range []string{"acc3ss", "r3fresh", kept.Access, kept.Refresh, "s3cr3t"} {
					if strings.Contains(text, token) {
						t.Errorf("%s with %d: %s", name, status, text)
					}
				}
			}
		}
	}
}

// TestOAuth2WithoutRoom: Jira is not asked for what could not be kept.
func TestOAuth2WithoutRoom(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	c := p.client(t)
	good(t, c)
	if err := os.Mkdir(p.file+".renewing", 0o700); err != nil {
		t.Fatal(err)
	}
	p.pass(116 * time.Minute)
	good(t, c)
	p.pass(time.Hour)
	if _, again := jiraclient.Temporary(bad(t, c, "POST /rest/oauth2/latest/token: ")); !again {
		t.Error("is not worth another try")
	}
	p.wantPresented(t, 0, 0)
	if err := os.Remove(p.file + ".renewing"); err != nil {
		t.Fatal(err)
	}
	good(t, c)
	p.wantPresented(t, 1, 0)
}
