package jiraclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
)

// TestErrors: what an answer becomes, in words and in meaning. The call is a comment, by a client that has proven itself.
func TestErrors(t *testing.T) {
	const page = "Content-Type\x00text/html;charset=UTF-8"
	var (
		denied   = jiraclient.ErrDenied
		notFound = jiraclient.ErrNotFound
		login    = jiraclient.ErrUnauthorized
		limited  = jiraclient.ErrRateLimited
	)
	for _, tt := range []struct {
		name    string
		status  int
		headers string // name, NUL, value, NUL …
		body    string
		want    string // after "POST /rest/api/2/issue/PAY-7/comment: "
		is      error
		again   bool
		after   time.Duration
		unsure  bool
	}{
		{"a missing permission by 403", 403, "", `{"errorMessages":["You do not have the permission to comment on this issue."],"errors":{}}`,
			"403: You do not have the permission to comment on this issue.", denied, false, 0, false},
		{"a missing permission by 400", 400, "", `{"errorMessages":[],"errors":{"comment":"bot, you do not have the permission to comment on this issue."}}`,
			"400: comment: bot, you do not have the permission to comment on this issue.", denied, false, 0, false},
		{"a missing permission by 401, as Jira knew us", 401, "X-AUSERNAME\x00bot", `{"errorMessages":["Sie d\u00fcrfen das nicht."]}`,
			"401: Sie dürfen das nicht.", denied, false, 0, false},
		{"a missing permission by 401, as the text says", 401, "", `{"errorMessages":["You do not have permission to assign issues."]}`,
			"401: You do not have permission to assign issues.", denied, false, 0, false},
		{"missing rights by 401, as the text says", 401, "", `{"errorMessages":["You must have global or project administrator rights."]}`,
			"401: You must have global or project administrator rights.", denied, false, 0, false},
		{"a missing permission in German", 400, "", `{"errorMessages":["Sie haben keine Berechtigung."]}`,
			"400: Sie haben keine Berechtigung.", denied, false, 0, false},
		{"a token that ended", 401, "", ``,
			"401: unauthorized (wrong or expired credential)", login, false, 0, false},
		{"a wrong password", 401, "X-Seraph-LoginReason\x00AUTHENTICATED_FAILED\x00" + page, `<html><head><title>Unauthorized (401)</title></head></html>`,
			"401: Unauthorized (401) (wrong user or password)", login, false, 0, false},
		{"a CAPTCHA", 403, "X-Seraph-LoginReason\x00AUTHENTICATION_DENIED\x00X-Authentication-Denied-Reason\x00CAPTCHA_CHALLENGE; login-url=https://jira.example.com/jira/login.jsp\x00" + page, `<html><title>Forbidden (403)</title></html>`,
			"403: Forbidden (403) (Jira demands a CAPTCHA after several failed logins, and until then not even the right password helps: log in once in the browser as the bot user at https://jira.example.com/jira/login.jsp)", login, false, 0, false},
		{"a refused login beside a valid cookie", 200, "X-Seraph-LoginReason\x00AUTHENTICATION_DENIED", `{"id":"1"}`,
			"200: ok (Jira demands a CAPTCHA after several failed logins, and until then not even the right password helps: log in once in the browser as the bot user at Jira's login page)", login, false, 0, true},
		{"basic authentication switched off", 403, "", `Basic Authentication has been disabled on this instance.`,
			"403: Basic Authentication has been disabled on this instance. (basic authentication is switched off in Jira; use a personal access token)", login, false, 0, false},
		{"XSRF", 403, "Content-Type\x00text/plain", `XSRF check failed`,
			"403: XSRF check failed (Jira took the call for a browser's: something on the way drops X-Atlassian-Token or changes the User-Agent)", nil, false, 0, false},
		{"a feature that is off", 403, "", `{"errorMessages":["Outgoing mail is disabled."]}`,
			"403: Outgoing mail is disabled.", nil, false, 0, false},
		{"an issue out of sight", 404, "", `{"errorMessages":["Issue Does Not Exist"],"errors":{}}`,
			"404: Issue Does Not Exist (missing, or not visible to bot)", notFound, false, 0, false},
		{"not Jira's 404", 404, page, `<html><body><h1>No such page</h1><script>x()</script></body></html>`,
			"404: No such page (missing, or not visible to bot; the answer is not Jira's own, so the address may be wrong)", notFound, false, 0, false},
		{"a field not on the screen", 400, "", `{"errorMessages":[],"errors":{"customfield_10001":"Field 'customfield_10001' cannot be set. It is not on the appropriate screen, or unknown."}}`,
			"400: customfield_10001: Field 'customfield_10001' cannot be set. It is not on the appropriate screen, or unknown. (the screen of this operation lacks the field, or bot may not set it)", nil, false, 0, false},
		{"a mistake in JQL", 400, "", `{"errorMessages":["Field 'nope' does not exist or you do not have permission to view it."]}`,
			"400: Field 'nope' does not exist or you do not have permission to view it.", nil, false, 0, false},
		{"several fields, in a steady order", 400, "", `{"errors":{"b":"B.","a":"A."},"errorMessages":["All."]}`,
			"400: All.; a: A.; b: B.", nil, false, 0, false},
		{"errors as an empty list", 400, "", `{"errorMessages":["Bad."],"errors":[]}`,
			"400: Bad.", nil, false, 0, false},
		{"a plugin's message", 400, "", `{"message":"No\n\tboard."}`,
			"400: No board.", nil, false, 0, false},
		{"an object of neither", 400, "", `{"x":1}`,
			"400: bad request", nil, false, 0, false},
		{"an unknown transition", 500, "", `{"errorMessages":["Internal server error"]}`,
			"500: Internal server error", nil, false, 0, false},
		{"too many requests", 429, "Retry-After\x007", ``,
			"429: too many requests", limited, true, 7 * time.Second, false},
		{"too many requests, until a date", 429, "Retry-After\x00Sun, 01 Mar 2026 09:00:42 GMT", ``,
			"429: too many requests", limited, true, 42 * time.Second, false},
		{"too many requests, until Cloud's moment", 429, "X-RateLimit-Reset\x002026-03-01T09:00:10Z", ``,
			"429: too many requests", limited, true, 10 * time.Second, false},
		{"a wait that is absurd", 503, "Retry-After\x00999999999", ``,
			"503: service unavailable", nil, true, time.Hour, true},
		{"a proxy without a Jira", 502, page, `<html><head><title>502 Bad Gateway</title></head></html>`,
			"502: 502 Bad Gateway", nil, true, 0, true},
		{"a proxy that waited for Jira", 504, page, ``,
			"504: gateway timeout", nil, true, 0, true},
		{"Jira is starting and takes us for nobody", 503, "X-AUSERNAME\x00anonymous", ``,
			"503: service unavailable", nil, true, 0, true},
		{"a page instead of JSON", 200, page, `<!doctype html><title>Maintenance</title>`,
			"200: Maintenance (a web page came instead of JSON: is jira.url the address of Jira itself, and not of a login page or a proxy?)", nil, false, 0, true},
		{"broken JSON", 201, "", `{"id":`,
			`201: {"id": (the answer cannot be read: unexpected end of JSON input)`, nil, false, 0, true},
		{"a login page elsewhere", 302, "Location\x00https://sso.example.com/login?token=hush", ``,
			"302: found (redirected to the login page https://sso.example.com/login: the credential was not accepted, or a single sign-on stands before Jira's REST API)", login, false, 0, false},
		{"another address", 301, "Location\x00https://jira.example.com/rest/api/2/issue/PAY-7/comment", ``,
			"301: moved permanently (redirected to https://jira.example.com/rest/api/2/issue/PAY-7/comment, which is not followed: put the address that Jira really has into jira.url)", nil, false, 0, false},
		{"another user", 201, "X-AUSERNAME\x00carl", `{"id":"1"}`,
			"Jira answered as carl instead of bot", login, false, 0, true},
		{"nobody", 404, "X-AUSERNAME\x00anonymous", `{"errorMessages":["Issue Does Not Exist"]}`,
			"Jira answered as anonymous instead of bot: the credential was ignored or has ended", login, false, 0, false},
		{"our name in other letters, escaped", 400, "X-AUSERNAME\x00B%6ft", `{"errorMessages":["Bad."]}`,
			"400: Bad.", nil, false, 0, false},
		{"a secret that is echoed", 400, "", `{"errorMessages":["no ` + secret + `"],"errors":{"x":"` + secret + `"}}`,
			"400: no •••; x: •••", nil, false, 0, false},
		{"a text without end", 400, "Content-Type\x00text/plain", strings.Repeat("x", 1<<20),
			"400: " + strings.Repeat("x", 600) + "…", nil, false, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/myself" {
					reply(200, `{"name":"bot","displayName":"Bot"}`)(w, r)
				} else if r.URL.Path == "/serverInfo" {
					reply(200, `{"version":"9.12.0","deploymentType":"Server"}`)(w, r)
				} else {
					reply(tt.status, tt.body, strings.Split(strings.Trim(tt.headers, "\x00"), "\x00")[:2*((strings.Count(tt.headers, "\x00")+1)/2)]...)(w, r)
				}
			})
			c := client(t, f, func(o *jiraclient.Options) {
				o.Now = func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }
			})
			if _, _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := c.AddComment(t.Context(), "PAY-7", jiraclient.NewComment{Body: "hi"})
			if want := "POST /rest/api/2/issue/PAY-7/comment: " + tt.want; err == nil || err.Error() != want {
				t.Fatalf("got  %v\nwant %s", err, want)
			}
			for _, kind := range []error{denied, notFound, login, limited, jiraclient.ErrUnavailable} {
				if errors.Is(err, kind) != (kind == tt.is) {
					t.Errorf("means %v: %t", kind, errors.Is(err, kind))
				}
			}
			if after, again := jiraclient.Temporary(err); again != tt.again || after != tt.after {
				t.Errorf("temporary: %t after %v, want %t after %v", again, after, tt.again, tt.after)
			}
			if jiraclient.Uncertain(err) != tt.unsure {
				t.Errorf("uncertain: %t", !tt.unsure)
			}
			if refused := c.LoginRefused() != nil; refused != (tt.is == login) {
				t.Errorf("the circuit is open: %t", refused)
			}
			if e, ok := errors.AsType[*jiraclient.Error](err); ok && (len(e.Raw) > 2048+len("…") || strings.Contains(e.Raw, secret)) {
				t.Errorf("raw text of %d bytes: %.80s", len(e.Raw), e.Raw)
			}
		})
	}
}

// TestNetworkErrors: no answer, or half of one.
func TestNetworkErrors(t *testing.T) {
	hang, arrived := make(chan struct{}), make(chan struct{})
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/issue/HANG-1/comment", "/issue/HANG-1":
			select {
			case arrived <- struct{}{}:
			default:
			}
			<-hang
		case "/issue/HALF-1/comment":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id"`)
		default:
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.Close()
			}
		}
	})
	defer close(hang)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	_ = listener.Close()
	quick := func(o *jiraclient.Options) { o.Timeout = 50 * time.Millisecond }
	away := func(o *jiraclient.Options) { o.URL = nobody }
	same := func(*jiraclient.Options) {}
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("shutting down"))

	for _, tt := range []struct {
		name   string
		ctx    context.Context
		change func(*jiraclient.Options)
		key    string
		read   bool
		want   string // a part
		again  bool
		unsure bool
	}{
		{"nobody listens", t.Context(), away, "PAY-7", false, "connection refused", true, false},
		{"the connection ends without an answer", t.Context(), same, "PAY-7", false, "EOF", true, true},
		{"a read without an answer changed nothing", t.Context(), same, "PAY-7", true, "EOF", true, false},
		{"half an answer", t.Context(), same, "HALF-1", false, "the answer broke off: unexpected EOF", true, true},
		{"no answer in time", t.Context(), quick, "HANG-1", false, "no answer within 50ms", true, true},
		{"the caller gave up before", gone, same, "PAY-7", false, "context canceled: shutting down", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, f, tt.change)
			var err error
			if tt.read {
				_, err = c.Issue(tt.ctx, tt.key, jiraclient.IssueQuery{})
			} else {
				_, err = c.AddComment(tt.ctx, tt.key, jiraclient.NewComment{Body: "hi"})
			}
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) || !strings.Contains(err.Error(), " /rest/api/2/issue/"+tt.key) {
				t.Fatalf("got  %v\nwant …%s", err, tt.want)
			}
			if _, again := jiraclient.Temporary(err); again != tt.again {
				t.Errorf("temporary: %t", again)
			}
			if jiraclient.Uncertain(err) != tt.unsure {
				t.Errorf("uncertain: %t", !tt.unsure)
			}
		})
	}

	t.Run("the caller gives up meanwhile", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := client(t, f)
		failed := make(chan error)
		go func() {
			_, err := c.AddComment(ctx, "HANG-1", jiraclient.NewComment{Body: "hi"})
			failed <- err
		}()
		<-arrived
		cancel()
		err := <-failed
		if _, again := jiraclient.Temporary(err); again || !errors.Is(err, context.Canceled) || !jiraclient.Uncertain(err) {
			t.Errorf("got %v", err)
		}
	})
}

// TestNoSecretInText: nothing that a client says of itself or of an error holds the credential.
func TestNoSecretInText(t *testing.T) {
	for _, a := range []jiraclient.Auth{jiraclient.Token(secret), jiraclient.Basic("bot", secret)} {
		for _, text := range []string{sprint("%v", a), sprint("%+v", a), sprint("%#v", a), sprint("%s", &a)} {
			if strings.Contains(text, secret) || !strings.Contains(text, "•••") {
				t.Errorf("prints %s", text)
			}
		}
	}
}
