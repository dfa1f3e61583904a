package jiraclient_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"strings"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

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
			return only(w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{Seconds: 60, AdjustEstimate: "manual", ReduceBy: "1m", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}}))
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
				Body: `{"startAt":0,"maxResults":50,"total":1,"comments":[{"id":"` + w.comment + `","body":"x","author":{"name":"` + w.Self().Name + `"}}]}`})
			_, _, err := w.FindComment(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"FindWorklog", func(ctx context.Context, w world) error {
			_, _ = w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h"})
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
