package jiraclient_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A setting is a kind of Jira, with what describes it.
type setting struct {
	name     string
	document string // empty where there is none
	version  string
	callers  []jiratest.User
	prepare  func(*jiratest.Jira)
	// unavailable: operations that this Jira does not have, and that say so as ErrUnavailable.
	unavailable []string
	// without: operations that this Jira does not have, and that say so otherwise.
	without []string
}

func (s setting) cloud() bool { return s.version == "Cloud" }

// auth is how somebody comes in: with an access token, or on Cloud with an e-mail address and an API token.
func (s setting) auth(u jiratest.User) jiraclient.Auth {
	if s.cloud() {
		return jiraclient.Basic(u.Name+"@example.com", u.Token)
	}
	return jiraclient.Token(u.Token)
}

func settings() []setting {
	all := callers()
	return []setting{
		{name: "8.20", version: "8.20.30", callers: all[:1], prepare: withoutPagedCreateMeta, unavailable: []string{"Changelog", "PinComment"}, without: []string{"LoginOAuth2", "tokenEndpoint.RoundTrip"}},
		{name: "10.3", version: "10.3.24", document: "dc-10.3", callers: all, unavailable: []string{"Changelog"}},
		{name: "11.2", version: "11.2.1", document: "dc-11.2", callers: all, unavailable: []string{"Changelog"}},
		{
			name: "Cloud", version: "Cloud", document: "cloud-v3", callers: all,
			unavailable: []string{"PinComment", "ReindexIssue", "SearchPage", "UserByKey"},
			without:     []string{"LoginOAuth2", "TokenExpiry", "servlet.RoundTrip", "sessions.RoundTrip", "tokenEndpoint.RoundTrip"},
		},
	}
}

// otherwise are the headers of answers that a fault gives in Jira's place, and that therefore are not the simulator's.
func otherwise() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "X-Played": {"yes"}}
}

// withoutPagedCreateMeta is Jira before 8.4, and many a stand-in.
func withoutPagedCreateMeta(j *jiratest.Jira) {
	j.Fault(jiratest.Fault{Match: func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/createmeta/") }, Status: http.StatusNotFound, Header: otherwise()})
	j.Fault(jiratest.Fault{
		PathSuffix: "/createmeta", Status: http.StatusOK, Header: otherwise(),
		Body: `{"projects":[{"key":"PAY","issuetypes":[{"id":"10004","name":"Bug","fields":{"summary":{"name":"Summary","required":true}}}]}]}`,
	})
}

// callers are who calls: somebody who may do everything, somebody who may only look, and somebody who may
// not even that.
func callers() []jiratest.User {
	return []jiratest.User{
		{Name: "bot", Token: "bot-token", Password: "sesame-17", Admin: true},
		{Name: "bob", Token: "bob-token"},
		{Name: "carl", Token: "carl-token"},
	}
}

// A world is a fresh Jira with something of everything in it, and a client for one of its users.
type world struct {
	*jiraclient.Client
	jira    *jiratest.Jira
	options jiraclient.Options // of its clients; Auth is missing
	t       *testing.T

	ann                                        jiraclient.UserRef
	annKey                                     string
	comment, worklog, link, remote, attachment string // of PAY-1
	version, later, component, other           string // of PAY
	board, sprint, epic, hook                  string
	began, ends                                jiraclient.Time
}

// dial makes another client of this Jira.
func (w world) dial(auth jiraclient.Auth) *jiraclient.Client {
	w.t.Helper()
	o := w.options
	o.Auth = auth
	c, err := jiraclient.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// newWorld sets up a Jira, which must be closed, and a client for it, whose requests pass through record.
func newWorld(t *testing.T, s setting, caller jiratest.User, record http.RoundTripper) world {
	t.Helper()
	must := func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	began := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	w := world{t: t, began: jiraclient.Time{Time: began}, ends: jiraclient.Time{Time: began.AddDate(0, 0, 14)}}
	w.jira = jiratest.New(jiratest.Options{Version: s.version})
	w.annKey = w.jira.AddUser(jiratest.User{Name: "ann", Token: "ann-token", Groups: []string{"devs"}})
	for _, u := range callers() {
		w.jira.AddUser(u)
	}
	for _, p := range []string{"PAY", "CHK"} {
		w.jira.AddProject(jiratest.Project{Key: p, Lead: "ann", Roles: map[string][]string{"Developers": {"ann", "bot"}}})
		var all []string
		for _, permission := range jiraclient.Permissions() {
			if permission != jiraclient.BrowseProjects {
				all = append(all, permission.String())
			}
		}
		w.jira.Revoke(p, "bob", all...)
		w.jira.Revoke(p, "carl", append(all, "BROWSE_PROJECTS")...)
	}
	w.component, w.other = w.jira.AddComponent("PAY", "Backend"), w.jira.AddComponent("PAY", "Frontend")
	w.version, w.later = w.jira.AddVersion("PAY", "1.0"), w.jira.AddVersion("PAY", "2.0")
	ann := w.jira.As("ann")
	must(ann.CreateIssue("PAY", "Bug", "Card is declined", jiratest.Fields{"labels": []string{"urgent"}, "priority": "High", "components": []string{"Backend"}, "fixVersions": []string{"1.0"}}))
	must(ann.CreateIssue("CHK", "Task", "Basket is empty"))
	w.comment = must(ann.Comment("PAY-1", "hello", "role:Developers"))
	w.worklog = must(ann.LogWork("PAY-1", "1h", "x"))
	w.link = must(ann.Link("Blocks", "PAY-1", "CHK-1"))
	w.remote = must(ann.LinkAway("PAY-1", "https://wiki.example.com/1", "Notes"))
	w.attachment = must(ann.Attach("PAY-1", "a.txt", []byte("abc")))
	points := w.jira.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	w.board = w.jira.AddBoard(jiratest.Board{Name: "Payments", Projects: []string{"PAY", "CHK"}, Estimation: points})
	w.epic = must(ann.CreateIssue("PAY", "Epic", "All cards"))
	w.hook = must(w.jira.Webhook(jiratest.Registration{Name: "old", URL: "https://old.example.com/", RecordOnly: true}))
	base := must(w.jira.Start())

	w.options = jiraclient.Options{URL: base, HTTP: new(http.Transport)}
	w.options.HTTP.RegisterProtocol("http", record)
	sprint, err := w.dial(s.auth(jiratest.User{Name: "ann", Token: "ann-token"})).CreateSprint(t.Context(), jiraclient.NewSprint{Name: "Sprint 1", Board: w.board})
	w.sprint = must(sprint.ID, err)
	w.Client = w.dial(s.auth(caller))
	if _, _, err := w.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.prepare != nil {
		s.prepare(w.jira)
	}
	w.ann = w.Ref(map[bool]string{true: w.annKey, false: "ann"}[s.cloud()])
	return w
}

// A recorder is a RoundTripper that keeps what passes through it.
type recorder struct{ seen []exchange }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	x := exchange{method: request.Method, header: request.Header, query: request.URL.Query()}
	x.path = strings.TrimPrefix(request.URL.EscapedPath(), "/jira")
	var err error
	if request.Body != nil {
		if x.body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body.Close()
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(x.body))
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if x.answer, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(x.answer))
	x.status, x.answered = response.StatusCode, response.Header
	r.seen = append(r.seen, x)
	return response, nil
}
