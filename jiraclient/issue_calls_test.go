package jiraclient_test

import (
	"context"
	"errors"
	"testing"

	"jirabot/jiraclient"
)

// TestIssueCalls shows what the calls about one issue send, where Data Center's simulator cannot: to Cloud, and to the
// letter.
func TestIssueCalls(t *testing.T) {
	off := false
	ann := jiraclient.UserRef{AccountID: "5b:10"}
	keys := []string{"PAY-7", "CHK-1"}
	type doing = func(context.Context, *jiraclient.Client) error
	for _, tt := range []struct {
		name  string
		cloud bool
		want  string // method and path below the context path
		kind  string // Content-Type
		body  string
		reply string
		do    doing
	}{
		{"an issue is deleted", false, "DELETE /issue/PAY-7", "", "", "",
			func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteIssue(ctx, "PAY-7", false) }},
		{"an issue is deleted with its sub-tasks", false, "DELETE /issue/PAY-7?deleteSubtasks=true", "", "", "",
			func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteIssue(ctx, "PAY-7", true) }},
		{"an issue is archived without mail", false, "PUT /issue/PAY-7/archive?notifyUsers=false", "", "", "",
			func(ctx context.Context, c *jiraclient.Client) error { return c.ArchiveIssue(ctx, "PAY-7", &off) }},
		{"an issue is archived on Cloud", true, "PUT /issue/archive", "application/json", `{"issueIdsOrKeys":["PAY-7"]}`, `{"numberOfIssuesUpdated":1}`,
			func(ctx context.Context, c *jiraclient.Client) error { return c.ArchiveIssue(ctx, "PAY-7", nil) }},
		{"an issue is restored on Cloud", true, "PUT /issue/unarchive", "application/json", `{"issueIdsOrKeys":["PAY-7"]}`, `{}`,
			func(ctx context.Context, c *jiraclient.Client) error { return c.RestoreIssue(ctx, "PAY-7", nil) }},
		{"many are archived", false, "POST /issue/archive?notifyUsers=false", "text/plain; charset=utf-8", "PAY-7\nCHK-1", "fine",
			func(ctx context.Context, c *jiraclient.Client) error {
				a, err := c.ArchiveIssues(ctx, keys, &off)
				return errors.Join(err, want(a.Report, "fine"))
			}},
		{"many are archived on Cloud", true, "PUT /issue/archive", "application/json", `{"issueIdsOrKeys":["PAY-7","CHK-1"]}`,
			`{"errors":{"issuesNotFound":{"count":1,"issueIdsOrKeys":["CHK-1"],"message":"It is not there."}},"numberOfIssuesUpdated":1}`,
			func(ctx context.Context, c *jiraclient.Client) error {
				a, err := c.ArchiveIssues(ctx, keys, nil)
				return errors.Join(err, want(sprint("%q", a.Refused), `map["CHK-1":"It is not there."]`))
			}},
		{"many are restored on Cloud", true, "PUT /issue/unarchive", "application/json", `{"issueIdsOrKeys":["PAY-7","CHK-1"]}`, `{}`,
			func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.RestoreIssues(ctx, keys, nil)
				return err
			}},
		{"mail to everybody", false, "POST /issue/PAY-7/notify", "application/json", `{"subject":"s","textBody":"t","htmlBody":"<b>t</b>",
			"to":{"reporter":true,"assignee":true,"watchers":true,"voters":true,"users":[{"name":"bob"}],"groups":[{"name":"devs"}]},
			"restrict":{"groups":[{"name":"staff"}],"permissions":[{"key":"EDIT_ISSUES"}]}}`, "",
			func(ctx context.Context, c *jiraclient.Client) error {
				return c.Notify(ctx, "PAY-7", jiraclient.Notification{
					Subject: "s", TextBody: "t", HTMLBody: "<b>t</b>", Reporter: true, Assignee: true, Watchers: true, Voters: true,
					Users: []jiraclient.UserRef{{Name: "bob"}}, Groups: []string{"devs"}, OnlyGroups: []string{"staff"}, OnlyWith: []jiraclient.Permission{jiraclient.EditIssues},
				})
			}},
		{"mail on Cloud", true, "POST /issue/PAY-7/notify", "application/json", `{"to":{"users":[{"accountId":"5b:10"}]}}`, "",
			func(ctx context.Context, c *jiraclient.Client) error {
				return c.Notify(ctx, "PAY-7", jiraclient.Notification{Users: []jiraclient.UserRef{ann}})
			}},
		{"a watcher more on Cloud", true, "POST /issue/PAY-7/watchers", "application/json", `"5b:10"`, "",
			func(ctx context.Context, c *jiraclient.Client) error { return c.AddWatcher(ctx, "PAY-7", ann) }},
		{"a comment for everybody", false, "PUT /issue/PAY-7/comment/9", "application/json", `{"body":"x"}`, `{"id":9}`,
			func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.EditComment(ctx, "PAY-7", "9", jiraclient.NewComment{Body: "x"})
				return err
			}},
		{"a comment is pinned", false, "PUT /issue/PAY-7/comment/9/pin", "application/json", `true`, "",
			func(ctx context.Context, c *jiraclient.Client) error { return c.PinComment(ctx, "PAY-7", "9", true) }},
		{"a worklog's estimate grows by hand", false, "DELETE /issue/PAY-7/worklog/9?adjustEstimate=manual&increaseBy=1h", "", "", "",
			func(ctx context.Context, c *jiraclient.Client) error {
				return c.DeleteWorklog(ctx, "PAY-7", "9", jiraclient.Estimate{Adjust: "manual", By: "1h"})
			}},
		{"a worklog's comment is emptied", false, "PUT /issue/PAY-7/worklog/9?adjustEstimate=new&newEstimate=2d", "application/json", `{"comment":""}`, `{}`,
			func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.EditWorklog(ctx, "PAY-7", "9", jiraclient.WorklogEdit{Comment: new(string), Estimate: jiraclient.Estimate{Adjust: "new", New: "2d"}})
				return err
			}},
		{"a remote link has no more than it was given", false, "POST /issue/PAY-7/remotelink", "application/json", `{"object":{"url":"https://x.example.com","title":"X"}}`, `{"id":1}`,
			func(ctx context.Context, c *jiraclient.Client) error {
				_, err := c.SaveRemoteLink(ctx, "PAY-7", jiraclient.RemoteLink{Object: jiraclient.RemoteObject{URL: "https://x.example.com", Title: "X"}})
				return err
			}},
		{"a global ID keeps to itself", false, "DELETE /issue/PAY-7/remotelink?globalId=system%3Dhttps%3A%2F%2Fx.example.com%2F%26id%3D1", "", "", "",
			func(ctx context.Context, c *jiraclient.Client) error {
				return c.DeleteRemoteLinkByGlobalID(ctx, "PAY-7", "system=https://x.example.com/&id=1")
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, reply(200, tt.reply, "Content-Type", "application/json"))
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
			if got := calls[0].method + " " + calls[0].uri[len("/jira/rest/api/2"):]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := calls[0].header.Get("Content-Type"); got != tt.kind {
				t.Errorf("the body came as %q, want %q", got, tt.kind)
			}
			if calls[0].body != tt.body && (tt.kind != "application/json" || !sameJSON(t, calls[0].body, tt.body)) {
				t.Errorf("body\ngot  %s\nwant %s", calls[0].body, tt.body)
			}
		})
	}
}

// want is an error unless both are the same.
func want(got, want string) error {
	if got == want {
		return nil
	}
	return errors.New("got " + got + ", want " + want)
}

// TestIssueCallsRefusedBeforeSending: what cannot be right does not leave.
func TestIssueCallsRefusedBeforeSending(t *testing.T) {
	f := serve(t, reply(200, `{}`))
	c, ctx := client(t, f), t.Context()
	one := func(_ any, err error) error { return err }
	estimate := func(adjust string) jiraclient.Estimate { return jiraclient.Estimate{Adjust: adjust} }
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"mail to nobody", c.Notify(ctx, "PAY-7", jiraclient.Notification{Subject: "x"}), "notify about PAY-7: nobody is named: want reporter, assignee, watchers, voters, users or groups"},
		{"mail to a user without a name", c.Notify(ctx, "PAY-7", jiraclient.Notification{Users: []jiraclient.UserRef{{}}}), "notify about PAY-7: a user has neither name nor account ID"},
		{"nothing to archive", one(c.ArchiveIssues(ctx, nil, nil)), "archive issues: no keys given"},
		{"two keys in one", one(c.ArchiveIssues(ctx, []string{"PAY-7\nCHK-1"}, nil)), `archive issues: "PAY-7\nCHK-1" is no key`},
		{"nothing to restore", one(c.RestoreIssues(ctx, []string{""}, nil)), `restore issues: "" is no key`},
		{"a remote link without its ID", c.ReplaceRemoteLink(ctx, "PAY-7", jiraclient.RemoteLink{}), `PUT /rest/api/2/issue/{key}/remotelink/{link}: "" is no link`},
		{"reading no global ID", one(c.RemoteLinkByGlobalID(ctx, "PAY-7", "")), "find a remote link of PAY-7: no global id given"},
		{"removing no global ID", c.DeleteRemoteLinkByGlobalID(ctx, "PAY-7", ""), "remove a remote link of PAY-7: no global id given"},
		{"a worklog edit of nothing", one(c.EditWorklog(ctx, "PAY-7", "9", jiraclient.WorklogEdit{})), "edit worklog 9 of PAY-7: nothing to change: give a time, a start, a comment or a visibility"},
		{"a worklog edit by hand", one(c.EditWorklog(ctx, "PAY-7", "9", jiraclient.WorklogEdit{Seconds: 1, Estimate: estimate("manual")})), `edit worklog 9 of PAY-7: adjust the estimate: unknown way "manual": want auto, leave or new`},
		{"a new estimate of nothing", c.DeleteWorklog(ctx, "PAY-7", "9", estimate("new")), "delete worklog 9 of PAY-7: adjust the estimate: new takes a time: want something like 2d 4h"},
		{"a way that there is not", c.DeleteWorklog(ctx, "PAY-7", "9", estimate("double")), `delete worklog 9 of PAY-7: adjust the estimate: unknown way "double": want auto, leave, new or manual`},
		{"work by hand without a number", one(c.AddWorklog(ctx, "PAY-7", jiraclient.NewWorklog{Seconds: 1, AdjustEstimate: "manual"})), "log work on PAY-7: adjust the estimate: manual takes a time: want something like 2d 4h"},
		{"a field both set and updated", one(c.CreateIssues(ctx, []jiraclient.Create{{}, {Fields: map[string]any{"labels": nil}, Update: map[string][]map[string]any{"labels": nil}}})), "create issue 2 of 2: field labels is both set and updated: choose one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", tt.err, tt.want)
			}
		})
	}
	if n := len(f.seen()); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

// TestCloudArchivesOrSaysWhy: an issue that Cloud lists as not archived was refused, whatever the status.
func TestCloudArchivesOrSaysWhy(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		status     int
		body       string
	}{
		{"a sub-task", "archive PAY-7: It is a sub-task.", 200, `{"errors":{"issueIsSubtask":{"count":1,"issueIdsOrKeys":["PAY-7"],"message":"It is a sub-task."}},"numberOfIssuesUpdated":0}`},
		{"none at all", "PUT /rest/api/2/issue/archive: 400: There is nothing to archive.", 400, `{"errorMessages":["There is nothing to archive."],"errors":{}}`},
		{"no administrator", "PUT /rest/api/2/issue/archive: 403: That takes an administrator.", 403, `{"errorMessages":["That takes an administrator."],"errors":{}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := client(t, serve(t, reply(tt.status, tt.body)), cloud).ArchiveIssue(t.Context(), "PAY-7", nil)
			if got := sprint("%v", err); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
