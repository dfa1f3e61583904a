package jiraclient_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A world is a fresh Jira with something of everything in it, and a client for one of its users.
type world struct {
	jira *jiratest.Jira
	*jiraclient.Client

	ann                                      jiraclient.UserRef
	comment, worklog, link, attachment, hook string
	began                                    jiraclient.Time
}

// An exercise calls one operation, or what it takes to see all of its requests.
type exercise struct {
	operation string
	do        func(context.Context, world) error
}

// exercises has at least one line for each operation. They are on the issues PAY-1, where somebody commented, logged work
// and attached a file, and CHK-1, which PAY-1 blocks.
func exercises() []exercise {
	mark := map[string]any{jiraclient.Mark: "m1"}
	return []exercise{
		{"AddComment", func(ctx context.Context, w world) error {
			return only(w.AddComment(ctx, "PAY-1", jiraclient.NewComment{Body: "hi", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}, Properties: mark}))
		}},
		{"AddWatcher", func(ctx context.Context, w world) error { return w.AddWatcher(ctx, "PAY-1", w.ann) }},
		{"AddWorklog", func(ctx context.Context, w world) error {
			return only(w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h", Started: w.began, Comment: "x", AdjustEstimate: "new", NewEstimate: "2h", Properties: mark}))
		}},
		{"AddWorklog", func(ctx context.Context, w world) error {
			return only(w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{Seconds: 60, AdjustEstimate: "manual", ReduceBy: "1m", Visibility: jiraclient.Visibility{Type: "group", Value: "devs"}}))
		}},
		{"Assign", func(ctx context.Context, w world) error { return w.Assign(ctx, "PAY-1", &w.ann) }},
		{"Assign", func(ctx context.Context, w world) error { return w.Assign(ctx, "PAY-1", nil) }},
		{"Attach", func(ctx context.Context, w world) error {
			return only(w.Attach(ctx, "PAY-1", jiraclient.File{Name: "a.txt", Content: strings.NewReader("abc"), Size: 3}))
		}},
		{"Attachment", func(ctx context.Context, w world) error { return only(w.Attachment(ctx, w.attachment)) }},
		{"Comments", func(ctx context.Context, w world) error { return drain(w.Comments(ctx, "PAY-1")) }},
		{"Connect", func(ctx context.Context, w world) error { _, _, err := w.Connect(ctx); return err }},
		{"CreateIssue", func(ctx context.Context, w world) error {
			return only(w.CreateIssue(ctx, jiraclient.Create{Fields: map[string]any{
				"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}, "summary": "x", "assignee": w.ann, "labels": []string{"a"},
			}, Properties: mark}))
		}},
		{"CreateLink", func(ctx context.Context, w world) error {
			return w.CreateLink(ctx, jiraclient.NewLink{Type: "Relates", Inward: "PAY-1", Outward: "CHK-1", Comment: "see"})
		}},
		{"CreateMeta", func(ctx context.Context, w world) error { return only(w.CreateMeta(ctx, "PAY", "Bug")) }},
		{"DeleteAttachment", func(ctx context.Context, w world) error { return w.DeleteAttachment(ctx, w.attachment) }},
		{"DeleteIssueProperty", func(ctx context.Context, w world) error {
			_ = w.SetIssueProperty(ctx, "PAY-1", "a", 1)
			return w.DeleteIssueProperty(ctx, "PAY-1", "a")
		}},
		{"DeleteLink", func(ctx context.Context, w world) error { return w.DeleteLink(ctx, w.link) }},
		{"DeleteWebhook", func(ctx context.Context, w world) error { return w.DeleteWebhook(ctx, w.hook) }},
		{"Download", func(ctx context.Context, w world) error {
			return w.Download(ctx, jiraclient.Attachment{ID: w.attachment, Name: "a.txt"}, io.Discard)
		}},
		{"EditIssue", func(ctx context.Context, w world) error {
			quiet := false
			return w.EditIssue(ctx, "PAY-1", jiraclient.Edit{
				Fields: map[string]any{"summary": "y", "assignee": w.ann, "duedate": nil}, Update: map[string][]map[string]any{"labels": {{"add": "x"}}}, Notify: &quiet,
			})
		}},
		{"EditMeta", func(ctx context.Context, w world) error { return only(w.EditMeta(ctx, "PAY-1")) }},
		{"Fields", func(ctx context.Context, w world) error { return only(w.Fields(ctx)) }},
		{"FindComment", func(ctx context.Context, w world) error {
			_, _, err := w.FindComment(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"FindComment", func(ctx context.Context, w world) error { // where Jira does not expand properties
			w.jira.Fault(jiratest.Fault{PathSuffix: "/comment", Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
				Body: `{"startAt":0,"maxResults":50,"total":1,"comments":[{"id":"` + w.comment + `","body":"x"}]}`})
			_, _, err := w.FindComment(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"FindWorklog", func(ctx context.Context, w world) error {
			_, _, err := w.FindWorklog(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"GetIssueProperty", func(ctx context.Context, w world) error {
			_ = w.SetIssueProperty(ctx, "PAY-1", "a", map[string]any{"n": 1})
			return only(w.GetIssueProperty(ctx, "PAY-1", "a"))
		}},
		{"Issue", func(ctx context.Context, w world) error {
			return only(w.Issue(ctx, "PAY-1", jiraclient.IssueQuery{}))
		}},
		{"Issue", func(ctx context.Context, w world) error {
			return only(w.Issue(ctx, "PAY-1", jiraclient.IssueQuery{Fields: []string{"summary"}, Expand: []string{"changelog", "names", "schema", "transitions"}, Properties: []string{"a"}}))
		}},
		{"IssueTypes", func(ctx context.Context, w world) error { return only(w.IssueTypes(ctx)) }},
		{"LinkTypes", func(ctx context.Context, w world) error { return only(w.LinkTypes(ctx)) }},
		{"MyPermissions", func(ctx context.Context, w world) error {
			return only(w.MyPermissions(ctx, jiraclient.PermissionQuery{Issue: "PAY-1"}, jiraclient.EditIssues))
		}},
		{"MyPermissions", func(ctx context.Context, w world) error {
			return only(w.MyPermissions(ctx, jiraclient.PermissionQuery{Project: "PAY"}))
		}},
		{"Myself", func(ctx context.Context, w world) error { return only(w.Myself(ctx)) }},
		{"Priorities", func(ctx context.Context, w world) error { return only(w.Priorities(ctx)) }},
		{"Project", func(ctx context.Context, w world) error { return only(w.Project(ctx, "PAY")) }},
		{"RemoveWatcher", func(ctx context.Context, w world) error {
			_ = w.AddWatcher(ctx, "PAY-1", w.ann)
			return w.RemoveWatcher(ctx, "PAY-1", w.ann)
		}},
		{"SameWorklog", func(ctx context.Context, w world) error {
			_, _, err := w.SameWorklog(ctx, "PAY-1", jiraclient.NewWorklog{Started: w.began, Comment: "x", TimeSpent: "1h"})
			return err
		}},
		{"SaveWebhook", func(ctx context.Context, w world) error {
			return only(w.SaveWebhook(ctx, jiraclient.Webhook{Name: "bot", URL: "https://bot.example.com/webhooks/jira", Events: []string{"jira:issue_updated"}, JQL: "project = PAY", Secret: "s3cr3t"}))
		}},
		{"SaveWebhook", func(ctx context.Context, w world) error {
			return only(w.SaveWebhook(ctx, jiraclient.Webhook{ID: w.hook, Name: "bot", URL: "https://bot.example.com/webhooks/jira", Events: []string{"jira:issue_updated"}}))
		}},
		{"Search", func(ctx context.Context, w world) error {
			return drain(w.Search(ctx, "project in (PAY, CHK) order by key", jiraclient.SearchQuery{PageSize: 1}))
		}},
		{"Search", func(ctx context.Context, w world) error {
			return drain(w.Search(ctx, "project = PAY", jiraclient.SearchQuery{Fields: []string{"status"}, Expand: []string{"changelog", "names"}, Max: 5}))
		}},
		{"ServerInfo", func(ctx context.Context, w world) error { return only(w.ServerInfo(ctx)) }},
		{"SetIssueProperty", func(ctx context.Context, w world) error { return w.SetIssueProperty(ctx, "PAY-1", "a", "text") }},
		{"SetIssueProperty", func(ctx context.Context, w world) error {
			return w.SetIssueProperty(ctx, "PAY-1", "a", map[string]any{"n": 1})
		}},
		{"Statuses", func(ctx context.Context, w world) error { return only(w.Statuses(ctx)) }},
		{"Transition", func(ctx context.Context, w world) error {
			list, err := w.Transitions(ctx, "PAY-1")
			if err != nil || len(list) == 0 {
				return w.Transition(ctx, "PAY-1", "11", jiraclient.Edit{})
			}
			return w.Transition(ctx, "PAY-1", list[0].ID, jiraclient.Edit{Update: map[string][]map[string]any{"comment": {{"add": map[string]string{"body": "on its way"}}}}})
		}},
		{"Transitions", func(ctx context.Context, w world) error { return only(w.Transitions(ctx, "PAY-1")) }},
		{"Watchers", func(ctx context.Context, w world) error { return only(w.Watchers(ctx, "PAY-1")) }},
		{"Webhooks", func(ctx context.Context, w world) error { return only(w.Webhooks(ctx)) }},
		{"Worklogs", func(ctx context.Context, w world) error { return drain(w.Worklogs(ctx, "PAY-1")) }},
	}
}

func only[T any](_ T, err error) error { return err }

func drain[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// A setting is a kind of Jira, with what describes it.
type setting struct {
	name     string
	document string // empty where there is none
	version  string
	options  func(*jiraclient.Options)
	prepare  func(*jiratest.Jira)
	// stranger: the simulator does not play this Jira, so only the requests count.
	stranger bool
}

func settings() []setting {
	return []setting{
		{name: "8.20", version: "8.20.30", prepare: func(j *jiratest.Jira) {
			// As before 8.4, and on stand-ins: no paged createmeta.
			j.Fault(jiratest.Fault{Match: func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/createmeta/") }, Status: http.StatusNotFound})
		}},
		{name: "10.3", version: "10.3.24", document: "dc-10.3"},
		{name: "11.2", version: "11.2.1", document: "dc-11.2"},
		{name: "Cloud", version: "1001.0.0", document: "cloud-v3", options: cloud, stranger: true},
	}
}

// callers are who calls in each setting: somebody who may do everything, somebody who may only look, and somebody who may
// not even that.
func callers() []jiratest.User {
	return []jiratest.User{
		{Name: "bot", Token: "bot-token", Admin: true},
		{Name: "bob", Token: "bob-token"},
		{Name: "carl", Token: "carl-token"},
	}
}

// newWorld sets up a Jira whose requests by the caller, other than those of the connection, are given to record.
func newWorld(t *testing.T, s setting, caller jiratest.User, record http.RoundTripper) world {
	t.Helper()
	must := func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	w := world{began: jiraclient.Time{Time: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)}}
	w.jira = jiratest.New(jiratest.Options{Version: s.version})
	t.Cleanup(func() { w.jira.Close() })
	w.jira.AddUser(jiratest.User{Name: "ann", Groups: []string{"devs"}})
	for _, u := range callers() {
		w.jira.AddUser(u)
	}
	for _, p := range []string{"PAY", "CHK"} {
		w.jira.AddProject(jiratest.Project{Key: p, Lead: "ann", Roles: map[string][]string{"Developers": {"ann", "bot"}}})
		w.jira.AddComponent(p, "Backend")
		w.jira.AddVersion(p, "1.0")
		var all []string
		for _, permission := range jiraclient.Permissions() {
			if permission != jiraclient.BrowseProjects {
				all = append(all, permission.String())
			}
		}
		w.jira.Revoke(p, "bob", all...)
		w.jira.Revoke(p, "carl", append(all, "BROWSE_PROJECTS")...)
	}
	ann := w.jira.As("ann")
	must(ann.CreateIssue("PAY", "Bug", "Card is declined", jiratest.Fields{"labels": []string{"urgent"}, "priority": "High", "components": []string{"Backend"}, "fixVersions": []string{"1.0"}}))
	must(ann.CreateIssue("CHK", "Task", "Basket is empty"))
	w.comment = must(ann.Comment("PAY-1", "hello", "role:Developers"))
	w.worklog = must(ann.LogWork("PAY-1", "1h", "x"))
	w.link = must(ann.Link("Blocks", "PAY-1", "CHK-1"))
	w.attachment = must(ann.Attach("PAY-1", "a.txt", []byte("abc")))
	w.hook = must(w.jira.Webhook(jiratest.Registration{Name: "old", URL: "https://old.example.com/", RecordOnly: true}))
	base := must(w.jira.Start())

	o := jiraclient.Options{URL: base, Auth: jiraclient.Token(caller.Token), HTTP: new(http.Transport)}
	o.HTTP.RegisterProtocol("http", record)
	if s.options != nil {
		s.options(&o)
	}
	c, err := jiraclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.prepare != nil {
		s.prepare(w.jira)
	}
	w.Client, w.ann = c, c.Ref("ann")
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
