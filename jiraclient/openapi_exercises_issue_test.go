package jiraclient_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func issueExercises() []exercise {
	mark := map[string]any{jiraclient.Mark: "m1"}
	away := jiraclient.RemoteLink{
		GlobalID: "system=deploys&id=1", Application: jiraclient.Application{Type: "com.example.deploys", Name: "Deploys"}, Relationship: "deployed by",
		Object: jiraclient.RemoteObject{
			URL: "https://deploys.example.com/1", Title: "Deploy 1", Summary: "s", Icon: jiraclient.RemoteIcon{URL: "https://deploys.example.com/icon.png", Title: "Deploys"},
			Status: jiraclient.RemoteStatus{Resolved: true, Icon: jiraclient.RemoteIcon{Title: "Done", Link: "https://deploys.example.com/done"}},
		},
	}
	return []exercise{
		{"AddComment", func(ctx context.Context, w world) error {
			return only(w.AddComment(ctx, "PAY-1", jiraclient.NewComment{Body: "hi", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}, Properties: mark}))
		}},
		{"AddVote", func(ctx context.Context, w world) error { return w.AddVote(ctx, "CHK-1") }},
		{"AddWatcher", func(ctx context.Context, w world) error { return w.AddWatcher(ctx, "PAY-1", w.ann) }},
		{"AddWorklog", func(ctx context.Context, w world) error {
			return only(w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h", Started: w.began, Comment: "x", AdjustEstimate: "new", NewEstimate: "2h", Properties: mark}))
		}},
		{"AddWorklog", func(ctx context.Context, w world) error {
			return only(w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{Seconds: 60, AdjustEstimate: "manual", ReduceBy: "1m", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}}))
		}},
		{"ArchiveIssue", func(ctx context.Context, w world) error {
			quiet := false
			return w.ArchiveIssue(ctx, "PAY-1", &quiet)
		}},
		{"ArchiveIssues", func(ctx context.Context, w world) error {
			return only(w.ArchiveIssues(ctx, []string{"PAY-1", "CHK-1"}, nil))
		}},
		{"Assign", func(ctx context.Context, w world) error { return w.Assign(ctx, "PAY-1", &w.ann) }},
		{"Assign", func(ctx context.Context, w world) error { return w.Assign(ctx, "PAY-1", nil) }},
		{"Assign", func(ctx context.Context, w world) error {
			projects := w.Automatic()
			return w.Assign(ctx, "PAY-1", &projects)
		}},
		{"Attach", func(ctx context.Context, w world) error {
			return only(w.Attach(ctx, "PAY-1", jiraclient.File{Name: "a.txt", Content: strings.NewReader("abc"), Size: 3}))
		}},
		{"Attachment", func(ctx context.Context, w world) error { return only(w.Attachment(ctx, w.attachment)) }},
		{"Comment", func(ctx context.Context, w world) error { return only(w.Comment(ctx, "PAY-1", w.comment)) }},
		{"CommentProperties", func(ctx context.Context, w world) error { return only(w.CommentProperties(ctx, w.comment)) }},
		{"Changelog", func(ctx context.Context, w world) error { return drain(w.Changelog(ctx, "PAY-1")) }},
		{"Remarks", func(ctx context.Context, w world) error {
			return errors.Join(drain(w.Remarks(ctx, "PAY-1", "comment")), drain(w.Remarks(ctx, "PAY-1", "worklog")))
		}},
		{"Comments", func(ctx context.Context, w world) error { return drain(w.Comments(ctx, "PAY-1")) }},
		{"CreateIssue", func(ctx context.Context, w world) error {
			return only(w.CreateIssue(ctx, jiraclient.Create{Fields: map[string]any{
				"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}, "summary": "x", "assignee": w.ann, "labels": []string{"a"},
			}, Properties: mark}))
		}},
		{"CreateIssue", func(ctx context.Context, w world) error {
			return only(w.CreateIssue(ctx, jiraclient.Create{
				Fields: map[string]any{"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}, "summary": "x"},
				Update: map[string][]map[string]any{"labels": {{"set": []string{"a"}}}},
			}))
		}},
		{"CreateIssues", func(ctx context.Context, w world) error {
			return only(w.CreateIssues(ctx, []jiraclient.Create{
				{Fields: map[string]any{"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}, "summary": "x"}, Properties: mark},
				{Fields: map[string]any{"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}}},
			}))
		}},
		{"CreateLink", func(ctx context.Context, w world) error {
			return w.CreateLink(ctx, jiraclient.NewLink{Type: "Relates", Inward: "PAY-1", Outward: "CHK-1", Comment: "see"})
		}},
		{"CreateMeta", func(ctx context.Context, w world) error { return only(w.CreateMeta(ctx, "PAY", "Bug")) }},
		{"DeleteAttachment", func(ctx context.Context, w world) error { return w.DeleteAttachment(ctx, w.attachment) }},
		{"DeleteComment", func(ctx context.Context, w world) error { return w.DeleteComment(ctx, "PAY-1", w.comment) }},
		{"DeleteCommentProperty", func(ctx context.Context, w world) error {
			_ = w.SetCommentProperty(ctx, w.comment, "a", 1)
			return w.DeleteCommentProperty(ctx, w.comment, "a")
		}},
		{"DeleteIssue", func(ctx context.Context, w world) error { return w.DeleteIssue(ctx, "PAY-1", true) }},
		{"DeleteIssueProperty", func(ctx context.Context, w world) error {
			_ = w.SetIssueProperty(ctx, "PAY-1", "a", 1)
			return w.DeleteIssueProperty(ctx, "PAY-1", "a")
		}},
		{"DeleteLink", func(ctx context.Context, w world) error { return w.DeleteLink(ctx, w.link) }},
		{"DeleteRemoteLink", func(ctx context.Context, w world) error { return w.DeleteRemoteLink(ctx, "PAY-1", w.remote) }},
		{"DeleteRemoteLinkByGlobalID", func(ctx context.Context, w world) error {
			_, _ = w.SaveRemoteLink(ctx, "PAY-1", away)
			return w.DeleteRemoteLinkByGlobalID(ctx, "PAY-1", away.GlobalID)
		}},
		{"DeleteWorklog", func(ctx context.Context, w world) error {
			return w.DeleteWorklog(ctx, "PAY-1", w.worklog, jiraclient.Estimate{Adjust: "manual", By: "1h"})
		}},
		{"Download", func(ctx context.Context, w world) error {
			return w.Download(ctx, jiraclient.Attachment{ID: w.attachment, Name: "a.txt"}, io.Discard)
		}},
		{"EditComment", func(ctx context.Context, w world) error {
			return only(w.EditComment(ctx, "PAY-1", w.comment, jiraclient.NewComment{Body: "better", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}}))
		}},
		{"EditIssue", func(ctx context.Context, w world) error {
			quiet := false
			return w.EditIssue(ctx, "PAY-1", jiraclient.Edit{
				Fields: map[string]any{"summary": "y", "assignee": w.ann, "duedate": nil}, Update: map[string][]map[string]any{"labels": {{"add": "x"}}}, Notify: &quiet,
			})
		}},
		{"EditMeta", func(ctx context.Context, w world) error { return only(w.EditMeta(ctx, "PAY-1")) }},
		{"EditWorklog", func(ctx context.Context, w world) error {
			return only(w.EditWorklog(ctx, "PAY-1", w.worklog, jiraclient.WorklogEdit{Seconds: 7200, Started: w.began, Estimate: jiraclient.Estimate{Adjust: "new", New: "1d"}}))
		}},
		{"EditWorklog", func(ctx context.Context, w world) error {
			return only(w.EditWorklog(ctx, "PAY-1", w.worklog, jiraclient.WorklogEdit{TimeSpent: "2h", Comment: new("y"), Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}}))
		}},
		{"FindComment", func(ctx context.Context, w world) error {
			_, _, err := w.FindComment(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"FindComment", func(ctx context.Context, w world) error { // where Jira does not expand properties
			w.jira.Fault(jiratest.Fault{PathSuffix: "/comment", Status: http.StatusOK, Header: otherwise(),
				Body: `{"startAt":0,"maxResults":50,"total":1,"comments":[{"id":"` + w.comment + `","body":"x","author":{"name":"` + w.Self().Name + `"}}]}`})
			_, _, err := w.FindComment(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"FindWorklog", func(ctx context.Context, w world) error {
			_, _ = w.AddWorklog(ctx, "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h"})
			_, _, err := w.FindWorklog(ctx, "PAY-1", jiraclient.Mark, "m1")
			return err
		}},
		{"GetCommentProperty", func(ctx context.Context, w world) error {
			_ = w.SetCommentProperty(ctx, w.comment, "a", 1)
			return only(w.GetCommentProperty(ctx, w.comment, "a"))
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
		{"IssueProperties", func(ctx context.Context, w world) error {
			_ = w.SetIssueProperty(ctx, "PAY-1", "a", 1)
			return only(w.IssueProperties(ctx, "PAY-1"))
		}},
		{"Link", func(ctx context.Context, w world) error { return only(w.Link(ctx, w.link)) }},
		{"Notify", func(ctx context.Context, w world) error {
			return w.Notify(ctx, "PAY-1", jiraclient.Notification{
				Subject: "s", TextBody: "t", HTMLBody: "<b>t</b>", Reporter: true, Users: []jiraclient.UserRef{w.ann}, Groups: []string{"devs"},
				OnlyGroups: []string{"devs"}, OnlyWith: []jiraclient.Permission{jiraclient.BrowseProjects},
			})
		}},
		{"PinComment", func(ctx context.Context, w world) error { return w.PinComment(ctx, "PAY-1", w.comment, true) }},
		{"RemoteLink", func(ctx context.Context, w world) error { return only(w.RemoteLink(ctx, "PAY-1", w.remote)) }},
		{"RemoteLinkByGlobalID", func(ctx context.Context, w world) error {
			_, _ = w.SaveRemoteLink(ctx, "PAY-1", away)
			return only(w.RemoteLinkByGlobalID(ctx, "PAY-1", away.GlobalID))
		}},
		{"RemoteLinks", func(ctx context.Context, w world) error { return only(w.RemoteLinks(ctx, "PAY-1")) }},
		{"RemoveVote", func(ctx context.Context, w world) error {
			_ = w.AddVote(ctx, "CHK-1")
			return w.RemoveVote(ctx, "CHK-1")
		}},
		{"RemoveWatcher", func(ctx context.Context, w world) error {
			_ = w.AddWatcher(ctx, "PAY-1", w.ann)
			return w.RemoveWatcher(ctx, "PAY-1", w.ann)
		}},
		{"ReplaceRemoteLink", func(ctx context.Context, w world) error {
			changed := away
			changed.ID = w.remote
			return w.ReplaceRemoteLink(ctx, "PAY-1", changed)
		}},
		{"RestoreIssue", func(ctx context.Context, w world) error {
			_ = w.ArchiveIssue(ctx, "PAY-1", nil)
			return w.RestoreIssue(ctx, "PAY-1", nil)
		}},
		{"RestoreIssues", func(ctx context.Context, w world) error {
			_ = w.ArchiveIssue(ctx, "PAY-1", nil)
			return only(w.RestoreIssues(ctx, []string{"PAY-1"}, nil))
		}},
		{"SameWorklog", func(ctx context.Context, w world) error {
			_, _, err := w.SameWorklog(ctx, "PAY-1", jiraclient.NewWorklog{Started: w.began, Comment: "x", TimeSpent: "1h"})
			return err
		}},
		{"SaveRemoteLink", func(ctx context.Context, w world) error {
			_, _ = w.SaveRemoteLink(ctx, "PAY-1", away)
			return only(w.SaveRemoteLink(ctx, "PAY-1", away))
		}},
		{"SetCommentProperty", func(ctx context.Context, w world) error {
			return w.SetCommentProperty(ctx, w.comment, "a", map[string]any{"n": 1})
		}},
		{"SetIssueProperty", func(ctx context.Context, w world) error { return w.SetIssueProperty(ctx, "PAY-1", "a", "text") }},
		{"SetIssueProperty", func(ctx context.Context, w world) error {
			return w.SetIssueProperty(ctx, "PAY-1", "a", map[string]any{"n": 1})
		}},
		{"Transition", func(ctx context.Context, w world) error {
			list, err := w.Transitions(ctx, "PAY-1")
			if err != nil || len(list) == 0 {
				return w.Transition(ctx, "PAY-1", "11", jiraclient.Edit{})
			}
			return w.Transition(ctx, "PAY-1", list[0].ID, jiraclient.Edit{Update: map[string][]map[string]any{"comment": {{"add": map[string]string{"body": "on its way"}}}}})
		}},
		{"Transition", func(ctx context.Context, w world) error { // to nowhere
			return refused(w.Transition(ctx, "PAY-1", "99", jiraclient.Edit{Fields: map[string]any{"resolution": map[string]any{"name": "Done"}}}))
		}},
		{"Transitions", func(ctx context.Context, w world) error { return only(w.Transitions(ctx, "PAY-1")) }},
		{"Votes", func(ctx context.Context, w world) error { return only(w.Votes(ctx, "PAY-1")) }},
		{"Watchers", func(ctx context.Context, w world) error { return only(w.Watchers(ctx, "PAY-1")) }},
		{"Worklog", func(ctx context.Context, w world) error { return only(w.Worklog(ctx, "PAY-1", w.worklog)) }},
		{"Worklogs", func(ctx context.Context, w world) error { return drain(w.Worklogs(ctx, "PAY-1")) }},
	}
}
