package jiraclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"jirabot/jiraclient"
)

func sprint(format string, a ...any) string { return fmt.Sprintf(format, a...) }

// together lets n callers read an issue at once and returns their errors.
func together(c *jiraclient.Client, ctx context.Context, n int) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, errs[i] = c.Issue(ctx, fmt.Sprintf("PAY-%d", i+1), jiraclient.IssueQuery{}) })
	}
	all.Wait()
	return errs
}

func TestWrongPasswordIsSentOnce(t *testing.T) {
	for name, headers := range map[string][]string{
		"with Jira's reason": {"X-Seraph-LoginReason", "AUTHENTICATED_FAILED"},
		"with nothing said":  {},
	} {
		t.Run(name, func(t *testing.T) {
			var right atomic.Bool
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if right.Load() {
					reply(200, `{"id":"1"}`)(w, r)
					return
				}
				reply(401, "<html><title>Unauthorized</title></html>", headers...)(w, r)
			})
			c := client(t, f, func(o *jiraclient.Options) { o.Auth = jiraclient.Basic("bot", secret) })
			for _, err := range together(c, t.Context(), 16) {
				if !errors.Is(err, jiraclient.ErrUnauthorized) {
					t.Errorf("got %v", err)
				}
				if _, again := jiraclient.Temporary(err); again || jiraclient.Uncertain(err) {
					t.Errorf("%v counts as worth another try", err)
				}
			}
			if n := len(f.seen()); n != 1 {
				t.Fatalf("%d requests carried the wrong password, want one", n)
			}
			text := c.LoginRefused().Error()
			if !strings.HasPrefix(text, "login as bot refused, nothing is sent to Jira until this is settled: correct the credential (GET /rest/api/2/issue/PAY-") {
				t.Errorf("says %q", text)
			}

			right.Store(true)
			if _, err := c.Issue(t.Context(), "PAY-1", jiraclient.IssueQuery{}); err == nil || len(f.seen()) != 1 {
				t.Errorf("without a reset: %v after %d requests", err, len(f.seen()))
			}
			c.ResetLogin()
			if c.LoginRefused() != nil {
				t.Error("still refused after the reset")
			}
			for _, err := range together(c, t.Context(), 16) {
				if err != nil {
					t.Errorf("after the reset: %v", err)
				}
			}
		})
	}
}

// TestFirstRequestAlone: until the login is proven, one request at a time; then as many as allowed, and no more.
func TestFirstRequestAlone(t *testing.T) {
	const callers, allowed = 12, 4
	var first sync.Once
	var under, most atomic.Int32
	full := make(chan struct{})
	var once sync.Once
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := under.Add(1)
		defer under.Add(-1)
		alone := false
		first.Do(func() { alone = true })
		if alone && n != 1 {
			t.Errorf("%d requests before the login was proven", n)
		}
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		if n == allowed {
			once.Do(func() { close(full) })
		}
		if !alone {
			<-full // so that the place is taken until all are
		}
		reply(200, `{"id":"1"}`)(w, r)
	})
	c := client(t, f, func(o *jiraclient.Options) { o.MaxConcurrent = allowed })
	for _, err := range together(c, t.Context(), callers) {
		if err != nil {
			t.Error(err)
		}
	}
	if most.Load() != allowed {
		t.Errorf("%d requests at once, want %d", most.Load(), allowed)
	}
}

// TestPermissionDoesNotCloseTheDoor: a 401 by which Data Center means a permission stops nothing.
func TestPermissionDoesNotCloseTheDoor(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			reply(401, `{"errorMessages":["You do not have permission to assign issues."]}`, "X-AUSERNAME", "bot")(w, r)
			return
		}
		reply(200, `{"id":"1"}`, "X-AUSERNAME", "bot")(w, r)
	})
	c := client(t, f)
	if err := c.Assign(t.Context(), "PAY-7", nil); !errors.Is(err, jiraclient.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Issue(t.Context(), "PAY-7", jiraclient.IssueQuery{}); err != nil {
		t.Error(err)
	}
}

func TestConnect(t *testing.T) {
	const me = `{"name":"bot","key":"JIRAUSER10100","displayName":"Bot","active":true,"timeZone":"Europe/Berlin"}`
	const info = `{"baseUrl":"https://jira.example.com/jira","version":"9.12.0","versionNumbers":[9,12,0],"deploymentType":"Server","serverTitle":"Ours","serverTime":"2026-03-01T10:00:00.000+0100"}`
	token, basic := jiraclient.Token(secret), jiraclient.Basic("Bot", secret)
	for _, tt := range []struct {
		name   string
		auth   jiraclient.Auth
		myself http.HandlerFunc
		info   http.HandlerFunc
		want   string // the error, or version, deployment and note
	}{
		{"Data Center", token, reply(200, me, "X-AUSERNAME", "bot"), reply(200, info), "9.12.0 data_center "},
		{"a login in other letters", basic, reply(200, me, "X-AUSERNAME", "bot"), reply(200, info), "9.12.0 data_center "},
		{"Cloud", jiraclient.Basic("bot@example.com", secret), reply(200, `{"accountId":"5b:1","displayName":"Bot"}`), reply(200, `{"version":"1001.0.0","deploymentType":"Cloud"}`), "1001.0.0 cloud "},
		{"serverInfo blocked by a proxy", token, reply(200, me), reply(404, `<html><title>No</title></html>`, "Content-Type", "text/html"),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 404: No (missing, or not visible to bot; the answer is not Jira's own, so the address may be wrong)"},
		{"serverInfo replaced by a page", token, reply(200, me), reply(200, `<html><title>No</title></html>`, "Content-Type", "text/html"),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 200: No (a web page came instead of JSON: is jira.url the address of Jira itself, and not of a login page or a proxy?)"},
		{"serverInfo that a stand-in does not have", token, reply(200, me), reply(405, ""),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 405: method not allowed"},
		{"serverInfo over which a stand-in stumbles", token, reply(200, me), reply(500, `{"errorMessages":["Internal server error"]}`),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 500: Internal server error"},
		{"serverInfo that nobody may ask", token, reply(200, me), reply(401, `{"message":"no"}`),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 401: no (the login works, and this Jira does not let the bot user ask this)"},
		{"a credential that ends after the first call", token, reply(200, me, "X-AUSERNAME", "bot"), reply(401, `{}`, "X-Seraph-LoginReason", "AUTHENTICATED_FAILED"),
			"ask Jira which version it is: GET /rest/api/2/serverInfo: 401: unauthorized (wrong user or password)"},
		{"serverInfo without a word", token, reply(200, me), reply(200, `{}`),
			" data_center serverInfo names no version, so Jira is taken for Data Center"},
		{"serverInfo of another shape", token, reply(200, me), reply(200, `[]`),
			" data_center serverInfo could not be read, so Jira is taken for Data Center: GET /rest/api/2/serverInfo: 200: ok (the answer cannot be read: an unexpected array)"},
		{"an address below which there is no Jira", token, reply(404, `<html><title>No</title></html>`, "Content-Type", "text/html"), reply(404, ""),
			"ask Jira who we are, which every Jira answers: is jira.url its address, context path and all? GET /rest/api/2/myself: 404: No (missing, or not visible to the bot user; the answer is not Jira's own, so the address may be wrong)"},
		{"anonymous", token, reply(200, `{"name":"x"}`, "X-AUSERNAME", "anonymous"), reply(200, info),
			"ask Jira who we are: GET /rest/api/2/myself: Jira answered as anonymous instead of the bot user: the credential was ignored or has ended"},
		{"somebody else by the header", basic, reply(200, `{"name":"carl"}`, "X-AUSERNAME", "carl"), reply(200, info),
			"ask Jira who we are: GET /rest/api/2/myself: Jira answered as carl instead of Bot"},
		{"somebody else by the body", basic, reply(200, `{"name":"carl"}`), reply(200, info),
			"GET /rest/api/2/myself: Jira answered as carl instead of Bot"},
		{"Jira is away", token, reply(200, me), reply(503, ``),
			"ask Jira which version it is: GET /rest/api/2/serverInfo: 503: service unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/myself":
					tt.myself(w, r)
				case "/serverInfo":
					tt.info(w, r)
				default:
					reply(404, "")(w, r)
				}
			})
			c := client(t, f, func(o *jiraclient.Options) { o.Auth = tt.auth })
			s, u, err := c.Connect(t.Context())
			got := sprint("%s %s %s", s.Version, s.Deployment, s.Note)
			if err != nil {
				got = err.Error()
			} else if u != c.Self() || u.DisplayName != "Bot" || s.Known != (s.Note == "") {
				t.Errorf("user %+v, server %+v", u, s)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
