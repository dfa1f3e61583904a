package jiraclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A place is a simulated Jira in which bot may work in PAY, and its address.
type place struct {
	*jiratest.Jira
	url string
}

func newPlace(t *testing.T, o jiratest.Options) place {
	t.Helper()
	j := jiratest.New(o)
	j.AddUser(jiratest.User{Name: "ann"})
	j.AddUser(jiratest.User{Name: "bot", Password: "sesame-17", Token: "bot-token"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	for n := range 20 {
		if _, err := j.As("ann").CreateIssue("PAY", "Bug", fmt.Sprintf("Issue %d", n+1)); err != nil {
			t.Fatal(err)
		}
	}
	url, err := j.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return place{j, url}
}

func (p place) client(t *testing.T, auth jiraclient.Auth) *jiraclient.Client {
	t.Helper()
	c, err := jiraclient.New(jiraclient.Options{URL: p.url, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// asked counts the requests to a path.
func (p place) asked(method, path string) int {
	n := 0
	for _, r := range p.Requests() {
		if r.Method == method && r.Path == path {
			n++
		}
	}
	return n
}

func (p place) logins() int { return p.asked("POST", "/rest/auth/1/session") }

func TestCookieLogsInOnceAndOut(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	c := p.client(t, jiraclient.Cookie("bot", "sesame-17"))
	for _, err := range together(c, t.Context(), 16) {
		if err != nil {
			t.Error(err)
		}
	}
	if p.logins() != 1 || p.Sessions() != 1 {
		t.Errorf("%d logins, %d sessions, want one of each", p.logins(), p.Sessions())
	}
	if err := c.Close(t.Context()); err != nil || p.Sessions() != 0 {
		t.Errorf("close: %v, %d sessions left", err, p.Sessions())
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("a second close: %v", err)
	}
}

func TestCookieWhoseSessionEnds(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	c := p.client(t, jiraclient.Cookie("bot", "sesame-17"))
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.EndSessions()
	for _, err := range together(c, t.Context(), 16) {
		if err != nil {
			t.Errorf("a read after the session's end: %v", err)
		}
	}
	if p.logins() != 2 {
		t.Errorf("%d logins, want the first and one more", p.logins())
	}
	p.EndSessions()
	if _, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "once"}); err != nil {
		t.Errorf("a write that Jira refused to nobody: %v", err)
	}
	if i, _ := p.Issue("PAY-1"); len(i.Comments) != 1 || i.Comments[0].Author != "bot" {
		t.Errorf("comments: %+v", i.Comments)
	}
	p.EndSessions()
	file := jiraclient.File{Name: "a.txt", Content: strings.NewReader("a")}
	_, err := c.Attach(t.Context(), "PAY-1", file)
	if _, again := jiraclient.Temporary(err); !again || jiraclient.Uncertain(err) || c.LoginRefused() != nil {
		t.Errorf("a stream cannot be sent again by the client, but by the caller: %v, %v", err, c.LoginRefused())
	}
	file.Content = strings.NewReader("a")
	if _, err := c.Attach(t.Context(), "PAY-1", file); err != nil {
		t.Error(err)
	}
}

// TestCookieOfNobody: where anonymous users may write, an ended session lets nobody's comment through.
func TestCookieOfNobody(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/session"):
			reply(200, "{}", "Set-Cookie", "JSESSIONID=abcdef; Path=/jira", "X-AUSERNAME", "anonymous")(w, r)
		case r.Method == "POST":
			reply(201, `{"id":"1"}`, "X-AUSERNAME", "anonymous", "Set-Cookie", "JSESSIONID=nobody; Path=/jira")(w, r)
		default:
			reply(200, `{"id":"1"}`, "X-AUSERNAME", "bot")(w, r)
		}
	})
	c := client(t, f, func(o *jiraclient.Options) { o.Auth = jiraclient.Cookie("bot", "sesame-17") })
	if _, err := c.Issue(t.Context(), "PAY-1", jiraclient.IssueQuery{}); err != nil {
		t.Fatal(err)
	}
	_, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "x"})
	if !jiraclient.Uncertain(err) {
		t.Errorf("the comment may be there: %v", err)
	}
	if _, err := c.Issue(t.Context(), "PAY-1", jiraclient.IssueQuery{}); err != nil {
		t.Error(err)
	}
	calls := f.seen()
	posts := 0
	for _, call := range calls {
		if strings.Contains(call.uri, "/comment") {
			posts++
		}
	}
	if last := calls[len(calls)-1].header.Get("Cookie"); posts != 1 || last != "JSESSIONID=abcdef" {
		t.Errorf("%d comments sent; the last request had the cookie %q", posts, last)
	}
}

// TestOneAttempt: a wrong password reaches Jira once, whoever asks and however often.
func TestOneAttempt(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options jiratest.Options
		auth    jiraclient.Auth
		before  func(place)
		want    string
	}{
		{"basic", jiratest.Options{}, jiraclient.Basic("bot", "guess-1"), nil, "correct the credential"},
		{"cookie", jiratest.Options{}, jiraclient.Cookie("bot", "guess-1"), nil, "correct the credential"},
		{"cookie with CAPTCHA", jiratest.Options{}, jiraclient.Cookie("bot", "sesame-17"), captcha, "solve the CAPTCHA"},
		{"cookie on Jira 11", jiratest.Options{Version: "11.2.0"}, jiraclient.Cookie("bot", "sesame-17"), nil, "use a personal access token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlace(t, tt.options)
			if tt.before != nil {
				tt.before(p)
				p.ForgetRequests()
			}
			c := p.client(t, tt.auth)
			var rounds sync.WaitGroup
			for range 3 {
				rounds.Go(func() {
					for _, err := range together(c, t.Context(), 16) {
						if !errors.Is(err, jiraclient.ErrUnauthorized) || jiraclient.Uncertain(err) {
							t.Errorf("got %v", err)
						}
						if _, again := jiraclient.Temporary(err); again {
							t.Errorf("%v counts as worth another try", err)
						}
					}
				})
			}
			rounds.Wait()
			if n := len(p.Requests()); n != 1 {
				t.Errorf("%d requests, want one", n)
			}
			if err := c.LoginRefused(); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "guess-1") {
				t.Errorf("says %v, want %q", err, tt.want)
			}
		})
	}
}

func captcha(p place) {
	for range 3 {
		r, _ := http.NewRequest("GET", p.url+"/rest/api/2/myself", nil)
		r.SetBasicAuth("bot", "wrong")
		if response, err := http.DefaultClient.Do(r); err == nil {
			response.Body.Close()
		}
	}
}

// TestPasswordChangesUnderASession: all who notice that the session has ended wait for one new login, which is refused,
// and none tries again until a person says so.
func TestPasswordChangesUnderASession(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	c := p.client(t, jiraclient.Cookie("bot", "sesame-17"))
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.AddUser(jiratest.User{Name: "bot", Password: "changed-18"})
	p.EndSessions()
	p.ForgetRequests()
	for _, err := range together(c, t.Context(), 16) {
		if !errors.Is(err, jiraclient.ErrUnauthorized) {
			t.Errorf("got %v", err)
		}
	}
	if p.logins() != 1 || p.FailedLogins("bot") != 1 {
		t.Errorf("%d logins, %d of them failed; want one that failed", p.logins(), p.FailedLogins("bot"))
	}
	p.AddUser(jiratest.User{Name: "bot", Password: "sesame-17"})
	c.ResetLogin()
	for _, err := range together(c, t.Context(), 16) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestLoginWhileJiraIsAway(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	p.Fault(jiratest.Fault{PathSuffix: "/session", Times: 1, Status: 503, Header: http.Header{"Retry-After": {"7"}}})
	p.Fault(jiratest.Fault{PathSuffix: "/session", Times: 1, Drop: true})
	c := p.client(t, jiraclient.Cookie("bot", "sesame-17"))
	for _, what := range []string{"503", "a lost connection"} {
		_, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "x"})
		if _, again := jiraclient.Temporary(err); !again || jiraclient.Uncertain(err) || c.LoginRefused() != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "x"}); err != nil {
		t.Error(err)
	}
	if i, _ := p.Issue("PAY-1"); len(i.Comments) != 1 {
		t.Errorf("%d comments", len(i.Comments))
	}
}

// TestLoginThatHangs: a Jira that does not answer a login is away, and no reason to give anything up.
func TestLoginThatHangs(t *testing.T) {
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := client(t, f, func(o *jiraclient.Options) {
		o.Auth, o.Timeout = jiraclient.Cookie("bot", "sesame-17"), 50*time.Millisecond
	})
	_, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "x"})
	if _, again := jiraclient.Temporary(err); !again || jiraclient.Uncertain(err) || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v", err)
	}
}

// TestJiraWithoutMyself: what plays Jira may lack the call. It is worked with where it says that it is a Jira, and the
// credential says who we are.
func TestJiraWithoutMyself(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	if err := p.Lack(jiratest.NotFound, "GET /api/2/myself"); err != nil {
		t.Fatal(err)
	}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/serverInfo" {
			reply(200, `{"version":"9.12.0","deploymentType":"Server"}`, "X-AUSERNAME", "bot")(w, r)
			return
		}
		reply(404, `{}`, "X-AUSERNAME", "bot")(w, r)
	})
	for name, c := range map[string]*jiraclient.Client{
		"with a password": p.client(t, jiraclient.Basic("bot", "sesame-17")), "with a token, by the answer's header": client(t, f),
	} {
		server, user, err := c.Connect(t.Context())
		if err != nil || user.Name != "bot" || c.Self().Name != "bot" || !strings.Contains(server.Note, "it is believed to be bot: GET /rest/api/2/myself: 404") {
			t.Errorf("%s: %v, %q, %v", name, user, server.Note, err)
		}
	}
	if err := p.Lack(jiratest.NotFound, "GET /api/2/serverInfo"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.client(t, jiraclient.Basic("bot", "sesame-17")).Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "is jira.url its address") {
		t.Errorf("an address where nothing is Jira's: %v", err)
	}
}

// TestAdministrator: who may administer is told, unless this Jira grants whatever it is asked for.
func TestAdministrator(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	c := p.client(t, jiraclient.Token("bot-token"))
	if too, err := c.Administrator(t.Context()); err != nil || too != nil {
		t.Errorf("a plain user: %v, %v", too, err)
	}
	p.AddUser(jiratest.User{Name: "bot", Token: "bot-token", Admin: true})
	if too, err := c.Administrator(t.Context()); err != nil || len(too) != 2 {
		t.Errorf("an administrator: %v, %v", too, err)
	}
	generous := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var all []string
		for key := range strings.SplitSeq(r.URL.Query().Get("permissions"), ",") {
			all = append(all, fmt.Sprintf(`"%s":{"key":"%s","havePermission":true}`, key, key))
		}
		reply(200, `{"permissions":{`+strings.Join(all, ",")+`}}`)(w, r)
	})
	if too, err := client(t, generous).Administrator(t.Context()); err != nil || too != nil {
		t.Errorf("whoever is asked by a Jira that grants everything: %v, %v", too, err)
	}
}
