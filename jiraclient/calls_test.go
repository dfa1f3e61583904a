package jiraclient_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"jirabot/jiraclient"
)

// TestCalls shows what each call sends.
func TestCalls(t *testing.T) {
	off := false
	ann := jiraclient.UserRef{Name: "ann"}
	annCloud := jiraclient.UserRef{AccountID: "5b:10"}
	began := jiraclient.Time{Time: time.Date(2026, 3, 1, 9, 30, 0, 0, time.FixedZone("", 3600))}
	for _, tt := range []struct {
		name  string
		do    func(context.Context, *jiraclient.Client) error
		want  string // method and path below the context path
		body  string
		cloud bool
		reply string
	}{
		{name: "an issue is read whole", want: "GET /issue/PAY-7", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.Issue(ctx, "PAY-7", jiraclient.IssueQuery{})
				return err
			}},
		{name: "an issue is read in part", want: "GET /issue/PAY-7?expand=changelog&fields=summary%2Cstatus&properties=a%2Cb", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.Issue(ctx, "PAY-7", jiraclient.IssueQuery{Fields: []string{"summary", "status"}, Expand: []string{"changelog"}, Properties: []string{"a", "b"}})
				return err
			}},
		{name: "fields are set and updated", want: "PUT /issue/PAY-7", body: `{"fields":{"summary":"a < b"},"update":{"labels":[{"add":"x"}]}}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.EditIssue(ctx, "PAY-7", jiraclient.Edit{Fields: map[string]any{"summary": "a < b"}, Update: map[string][]map[string]any{"labels": {{"add": "x"}}}})
			}},
		{name: "an edit without e-mail", want: "PUT /issue/PAY-7?notifyUsers=false", body: `{"fields":{"reporter":{"name":"ann"},"duedate":null}}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.EditIssue(ctx, "PAY-7", jiraclient.Edit{Fields: map[string]any{"reporter": ann, "duedate": nil}, Notify: &off})
			}},
		{name: "an issue is created with its mark", want: "POST /issue", body: `{"fields":{"project":{"key":"PAY"}},"properties":[{"key":"jirabot.mark","value":"m1"}]}`, reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.CreateIssue(ctx, jiraclient.Create{Fields: map[string]any{"project": map[string]any{"key": "PAY"}}, Properties: map[string]any{jiraclient.Mark: "m1"}})
				return err
			}},
		{name: "what may be edited", want: "GET /issue/PAY-7/editmeta", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.EditMeta(ctx, "PAY-7"); return err }},
		{name: "where an issue may go", want: "GET /issue/PAY-7/transitions?expand=transitions.fields", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.Transitions(ctx, "PAY-7")
				return err
			}},
		{name: "an issue goes", want: "POST /issue/PAY-7/transitions", body: `{"transition":{"id":"31"},"fields":{"resolution":{"name":"Done"}}}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.Transition(ctx, "PAY-7", "31", jiraclient.Edit{Fields: map[string]any{"resolution": map[string]string{"name": "Done"}}})
			}},
		{name: "somebody is assigned", want: "PUT /issue/PAY-7/assignee", body: `{"name":"ann"}`,
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.Assign(ctx, "PAY-7", &ann) }},
		{name: "nobody is assigned", want: "PUT /issue/PAY-7/assignee", body: `{"name":null}`,
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.Assign(ctx, "PAY-7", nil) }},
		{name: "the project's default is assigned", want: "PUT /issue/PAY-7/assignee", body: `{"name":"-1"}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				to := c.Automatic()
				return c.Assign(ctx, "PAY-7", &to)
			}},
		{name: "somebody is assigned on Cloud", want: "PUT /issue/PAY-7/assignee", body: `{"accountId":"5b:10"}`, cloud: true,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				to := c.Ref("5b:10")
				return c.Assign(ctx, "PAY-7", &to)
			}},
		{name: "nobody is assigned on Cloud", want: "PUT /issue/PAY-7/assignee", body: `{"accountId":null}`, cloud: true,
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.Assign(ctx, "PAY-7", nil) }},
		{name: "a comment for one role, marked", want: "POST /issue/PAY-7/comment", body: `{"body":"hi","visibility":{"type":"role","value":"Developers"},"properties":[{"key":"jirabot.mark","value":"m1"}]}`, reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.AddComment(ctx, "PAY-7", jiraclient.NewComment{Body: "hi", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}, Properties: map[string]any{jiraclient.Mark: "m1"}})
				return err
			}},
		{name: "comments, the newest first", want: "GET /issue/PAY-7/comment?expand=properties&maxResults=100&orderBy=-created&startAt=0", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				for _, err := range c.Comments(ctx, "PAY-7") {
					return err
				}
				return nil
			}},
		{name: "work is logged", want: "POST /issue/PAY-7/worklog?adjustEstimate=new&newEstimate=2d", body: `{"timeSpent":"3h","started":"2026-03-01T09:30:00.000+0100","comment":"x"}`, reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.AddWorklog(ctx, "PAY-7", jiraclient.NewWorklog{TimeSpent: "3h", Started: began, Comment: "x", AdjustEstimate: "new", NewEstimate: "2d"})
				return err
			}},
		{name: "work is logged on Cloud with its mark", want: "POST /issue/PAY-7/worklog?adjustEstimate=manual&reduceBy=1h", body: `{"timeSpentSeconds":60,"comment":"","properties":[{"key":"jirabot.mark","value":"m1"}]}`, reply: "{}", cloud: true,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.AddWorklog(ctx, "PAY-7", jiraclient.NewWorklog{Seconds: 60, AdjustEstimate: "manual", ReduceBy: "1h", Properties: map[string]any{jiraclient.Mark: "m1"}})
				return err
			}},
		{name: "what was logged", want: "GET /issue/PAY-7/worklog?expand=properties&startAt=0", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				for _, err := range c.Worklogs(ctx, "PAY-7") {
					return err
				}
				return nil
			}},
		{name: "who watches", want: "GET /issue/PAY-7/watchers", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.Watchers(ctx, "PAY-7"); return err }},
		{name: "a watcher more", want: "POST /issue/PAY-7/watchers", body: `"ann"`,
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.AddWatcher(ctx, "PAY-7", ann) }},
		{name: "a watcher less", want: "DELETE /issue/PAY-7/watchers?username=ann",
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.RemoveWatcher(ctx, "PAY-7", ann) }},
		{name: "a watcher less on Cloud", want: "DELETE /issue/PAY-7/watchers?accountId=5b%3A10", cloud: true,
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.RemoveWatcher(ctx, "PAY-7", annCloud) }},
		{name: "the kinds of links", want: "GET /issueLinkType", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.LinkTypes(ctx); return err }},
		{name: "two issues are linked", want: "POST /issueLink", body: `{"type":{"name":"Blocks"},"inwardIssue":{"key":"PAY-7"},"outwardIssue":{"key":"CHK-1"},"comment":{"body":"see"}}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.CreateLink(ctx, jiraclient.NewLink{Type: "Blocks", Inward: "PAY-7", Outward: "CHK-1", Comment: "see"})
			}},
		{name: "a link goes", want: "DELETE /issueLink/10100",
			do: func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteLink(ctx, "10100") }},
		{name: "a property is read", want: "GET /issue/PAY-7/properties/jirabot.mark", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.GetIssueProperty(ctx, "PAY-7", jiraclient.Mark)
				return err
			}},
		{name: "a property may be null", want: "PUT /issue/PAY-7/properties/a%20b", body: `null`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.SetIssueProperty(ctx, "PAY-7", "a b", nil)
			}},
		{name: "a property goes", want: "DELETE /issue/PAY-7/properties/a",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				return c.DeleteIssueProperty(ctx, "PAY-7", "a")
			}},
		{name: "fields", want: "GET /field", reply: "[]",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.Fields(ctx); return err }},
		{name: "statuses", want: "GET /status", reply: "[]",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.Statuses(ctx); return err }},
		{name: "priorities", want: "GET /priority", reply: "[]",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.Priorities(ctx); return err }},
		{name: "issue types", want: "GET /issuetype", reply: "[]",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.IssueTypes(ctx); return err }},
		{name: "a project", want: "GET /project/PAY", reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error { _, err := c.Project(ctx, "PAY"); return err }},
		{name: "permissions for an issue", want: "GET /mypermissions?issueKey=PAY-7&permissions=EDIT_ISSUES%2CADD_COMMENTS", reply: `{"permissions":{"EDIT_ISSUES":{"key":"EDIT_ISSUES","havePermission":true}}}`,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.MyPermissions(ctx, jiraclient.PermissionQuery{Issue: "PAY-7"}, jiraclient.EditIssues, jiraclient.AddComments)
				return err
			}},
		{name: "a search on Data Center", want: "POST /search", body: `{"jql":"project = PAY","startAt":0,"maxResults":5,"fields":["status"],"expand":["changelog"]}`, reply: "{}",
			do: func(ctx context.Context, c *jiraclient.Client) error {
				for _, err := range c.Search(ctx, "project = PAY", jiraclient.SearchQuery{Fields: []string{"status"}, Expand: []string{"changelog"}, PageSize: 50, Max: 5}) {
					return err
				}
				return nil
			}},
		{name: "a search on Cloud", want: "POST /search/jql", body: `{"jql":"project = PAY","maxResults":100,"fields":["*navigable"]}`, reply: "{}", cloud: true,
			do: func(ctx context.Context, c *jiraclient.Client) error {
				for _, err := range c.Search(ctx, "project = PAY", jiraclient.SearchQuery{}) {
					return err
				}
				return nil
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, reply(200, tt.reply))
			c := client(t, f)
			if tt.cloud {
				c = client(t, f, cloud)
			}
			if err := tt.do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			calls := f.seen()
			if len(calls) != 1 {
				t.Fatalf("%d requests, want one", len(calls))
			}
			const base = "/jira/rest/api/2"
			if got := calls[0].method + " " + calls[0].uri[len(base):]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if !sameJSON(t, calls[0].body, tt.body) {
				t.Errorf("body\ngot  %s\nwant %s", calls[0].body, tt.body)
			}
		})
	}
}

// TestRefusedBeforeSending: what cannot be right does not leave.
func TestRefusedBeforeSending(t *testing.T) {
	f := serve(t, reply(200, `{}`))
	c := client(t, f)
	one := func(_ any, err error) error { return err }
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a path in place of a key", one(c.Issue(t.Context(), "../serverInfo", jiraclient.IssueQuery{})), `GET /rest/api/2/issue/{key}: "../serverInfo" is no key`},
		{"no key at all", c.DeleteLink(t.Context(), ""), `DELETE /rest/api/2/issueLink/{link}: "" is no link`},
		{"the parent directory", c.DeleteIssueProperty(t.Context(), "PAY-7", ".."), `DELETE /rest/api/2/issue/{key}/properties/{property}: ".." is no property`},
		{"an edit of nothing", c.EditIssue(t.Context(), "PAY-7", jiraclient.Edit{}), "edit PAY-7: nothing to change: give fields or updates"},
		{"a field both set and updated", c.EditIssue(t.Context(), "PAY-7", jiraclient.Edit{Fields: map[string]any{"labels": nil}, Update: map[string][]map[string]any{"labels": nil}}), "edit PAY-7: field labels is both set and updated: choose one"},
		{"work without time", one(c.AddWorklog(t.Context(), "PAY-7", jiraclient.NewWorklog{})), "log work on PAY-7: no time given: want something like 3h 20m"},
		{"a watcher without a name", c.AddWatcher(t.Context(), "PAY-7", jiraclient.UserRef{}), "add a watcher to PAY-7: the user has neither name nor account ID"},
		{"an assignee without a name", c.Assign(t.Context(), "PAY-7", &jiraclient.UserRef{}), "assign PAY-7: the user has neither name nor account ID; nil takes the assignee away"},
		{"what JSON cannot hold", c.SetIssueProperty(t.Context(), "PAY-7", "a", func() {}), "PUT /rest/api/2/issue/PAY-7/properties/a: write the body as JSON: json: error calling MarshalJSON for type jiraclient.document: json: unsupported type: func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", tt.err, tt.want)
			}
			if _, again := jiraclient.Temporary(tt.err); again || jiraclient.Uncertain(tt.err) {
				t.Error("counts as worth another try")
			}
		})
	}
	if n := len(f.seen()); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

func TestMyPermissions(t *testing.T) {
	f := serve(t, reply(200, `{"permissions":{
		"EDIT_ISSUES":{"id":"12","key":"EDIT_ISSUES","name":"Edit Issues","havePermission":true},
		"EDIT_ISSUE":{"id":"12","key":"EDIT_ISSUE","havePermission":true,"deprecatedKey":true},
		"ADD_COMMENTS":{"key":"ADD_COMMENTS","havePermission":false},
		"ADMINISTER":{"key":"ADMINISTER","havePermission":true}}}`))
	have, err := client(t, f).MyPermissions(t.Context(), jiraclient.PermissionQuery{Project: "PAY"},
		jiraclient.EditIssues, jiraclient.AddComments, jiraclient.LinkIssues)
	if err != nil {
		t.Fatal(err)
	}
	_, known := have[jiraclient.LinkIssues]
	if !have[jiraclient.EditIssues] || have[jiraclient.AddComments] || known || len(have) != 2 {
		t.Errorf("got %v", have)
	}

	missing := serve(t, reply(404, `<html><title>Not found</title></html>`, "Content-Type", "text/html"))
	_, err = client(t, missing).MyPermissions(t.Context(), jiraclient.PermissionQuery{})
	if !errors.Is(err, jiraclient.ErrUnavailable) || errors.Is(err, jiraclient.ErrNotFound) {
		t.Errorf("a Jira without the call gives %v", err)
	}
	told := serve(t, reply(404, `{"errorMessages":["null for uri: /rest/api/2/mypermissions"]}`))
	_, err = client(t, told).MyPermissions(t.Context(), jiraclient.PermissionQuery{Project: "PAY"})
	if !errors.Is(err, jiraclient.ErrUnavailable) || errors.Is(err, jiraclient.ErrNotFound) {
		t.Errorf("a Jira that says in JSON that it has no such call gives %v", err)
	}
	hidden := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("projectKey") == "" {
			reply(200, `{"permissions":{}}`)(w, r)
			return
		}
		reply(404, `{"errorMessages":["No project could be found with key 'OPS'."],"errors":{}}`)(w, r)
	})
	_, err = client(t, hidden).MyPermissions(t.Context(), jiraclient.PermissionQuery{Project: "OPS"})
	if errors.Is(err, jiraclient.ErrUnavailable) || !errors.Is(err, jiraclient.ErrNotFound) {
		t.Errorf("a project out of sight gives %v", err)
	}
}

func TestPermissionNames(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range jiraclient.Permissions() {
		if seen[p.String()] || seen[p.Label()] {
			t.Errorf("%s (%s) stands for two permissions", p, p.Label())
		}
		seen[p.String()], seen[p.Label()] = true, true
	}
	if len(seen) != 2*39 {
		t.Errorf("%d names", len(seen))
	}
	for p, want := range map[jiraclient.Permission]string{
		jiraclient.EditIssues: "Edit Issues", jiraclient.DeleteOwnWorklogs: "Delete Own Worklogs",
		jiraclient.ManageSprints: "Manage Sprints", jiraclient.ViewVotersAndWatchers: "View Voters and Watchers",
	} {
		if p.Label() != want {
			t.Errorf("%s is called %q, want %q", p, p.Label(), want)
		}
	}
}
