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

// TestOAuth2WaitsForAnother: who waits until another bot has the new token uses that one, or stops when it is closed.
func TestOAuth2WaitsForAnother(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	asks, waits, closes := p.client(t), p.client(t), p.client(t)
	for _, c := range []*jiraclient.Client{asks, waits, closes} {
		good(t, c)
	}
	p.ExpireOAuth2()
	asked, release := make(chan struct{}), make(chan struct{})
	p.guard(func(answer bool) {
		if answer {
			close(asked)
			<-release
		}
	})
	var all, closed sync.WaitGroup
	all.Go(func() { good(t, asks) })
	<-asked
	all.Go(func() { good(t, waits) })
	refused := make(chan struct{})
	p.Fault(jiratest.Fault{Times: 1, PathSuffix: "/myself", Match: func(*http.Request) bool {
		select {
		case <-refused:
		default:
			close(refused)
		}
		return false
	}})
	closed.Go(func() {
		if _, err := closes.Myself(t.Context()); err == nil || !strings.Contains(err.Error(), "context canceled") && !strings.Contains(err.Error(), "the client is closed") {
			t.Errorf("closed while it waited: %v", err)
		}
	})
	<-refused
	if err := closes.Close(t.Context()); err != nil {
		t.Error(err)
	}
	closed.Wait()
	close(release)
	all.Wait()
	p.wantPresented(t, 1, 0)
}

// TestOAuth2WithoutAnAnswer: that we have waited long enough is no decision of the caller's, and so worth another try.
func TestOAuth2WithoutAnAnswer(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	o := p.options()
	o.Auth, o.Timeout = jiraclient.OAuth2(p.credential()), 20*time.Millisecond
	c, err := jiraclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.ExpireOAuth2()
	release := make(chan struct{})
	defer close(release)
	p.guard(func(bool) { <-release })
	for {
		_, err := c.Myself(t.Context())
		if _, again := jiraclient.Temporary(err); !again {
			t.Fatalf("%v is not worth another try", err)
		}
		if err.Error() == "POST /rest/oauth2/latest/token: no answer within 80ms" {
			break
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
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
			p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: status, Body: strings.ReplaceAll(body, "r3fresh", kept.Refresh), Header: http.Header{"Content-Type": {"application/json"}}})
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
