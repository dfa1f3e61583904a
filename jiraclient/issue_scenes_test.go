package jiraclient_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestIssueScenes(t *testing.T) {
	there := func(i jiratest.Issue) any { return i.Key }
	status := func(i jiratest.Issue) any { return i.Status + " " + i.Resolution }
	ann := jiraclient.UserRef{Name: "ann"}
	tell(t, []scene{
		{name: "an issue is read", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			i, err := c.Issue(ctx, "PAY-1", jiraclient.IssueQuery{Fields: []string{"summary"}})
			return sprint("%s %d %s", i.Key, len(i.Fields), i.Fields["summary"]), err
		}, want: `PAY-1 1 "Card is declined"`,
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "an issue is created", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			made, err := c.CreateIssue(ctx, bugs("PAY")[0])
			return made.Key, err
		}, want: "PAY-3",
			refuse: without(jiraclient.CreateIssues), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue: 400: project: You do not have permission to create issues in this project."},
		{name: "fields are set and updated", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.EditIssue(ctx, "PAY-1", jiraclient.Edit{
				Fields: map[string]any{"summary": "It broke"}, Update: map[string][]map[string]any{"labels": {{"add": "x"}}},
			}))
		}, want: "<nil>", state: func(i jiratest.Issue) any { return sprint("%s %v", i.Summary, i.Labels) }, after: "It broke [x]",
			refuse: without(jiraclient.EditIssues), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1: 400: You do not have permission to edit issues in this project."},
		{name: "a field that is not on the screen is set", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.EditIssue(ctx, "PAY-1", jiraclient.Edit{Fields: map[string]any{"labels": []string{"x"}}}))
		}, want: "<nil>", state: func(i jiratest.Issue) any { return i.Labels }, after: "[x]",
			refuse: func(j *jiratest.Jira) { j.SetScreen("PAY", jiratest.EditScreen, "Summary") }, is: nil,
			no: "PUT /rest/api/2/issue/PAY-1: 400: labels: Field 'labels' cannot be set. It is not on the appropriate screen, or unknown. " +
				"(the screen of this operation lacks the field, or bot may not set it)"},
		{name: "an issue is assigned", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.Assign(ctx, "PAY-1", &ann))
		}, want: "<nil>", state: func(i jiratest.Issue) any { return i.Assignee }, after: "ann",
			refuse: without(jiraclient.AssignIssues), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/assignee: 401: You do not have permission to assign issues."},
		{name: "an issue and its sub-tasks are deleted", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteIssue(ctx, "PAY-1", true))
		}, want: "<nil>", state: there, after: "",
			refuse: without(jiraclient.DeleteIssues), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1: 403: You do not have permission to delete issues in this project."},
		{name: "an issue goes on with fields of the transition's screen", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			for _, to := range []string{"In Progress", "Done"} {
				list, err := c.Transitions(ctx, "PAY-1")
				at := slices.IndexFunc(list, func(t jiraclient.Transition) bool { return t.To.Name == to })
				if err != nil || at < 0 {
					return list, err
				}
				var e jiraclient.Edit
				if list[at].HasScreen {
					e.Fields = map[string]any{"resolution": map[string]string{"name": "Won't Do"}}
					e.Update = map[string][]map[string]any{"comment": {{"add": map[string]string{"body": "bye"}}}}
				}
				if err := c.Transition(ctx, "PAY-1", list[at].ID, e); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}, want: "<nil>", state: status, after: "Done Won't Do",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/transitions: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "an issue goes on", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.Transition(ctx, "PAY-1", "11", jiraclient.Edit{}))
		}, want: "<nil>", state: status, after: "In Progress ",
			refuse: without(jiraclient.TransitionIssues), is: nil, // 400, whatever the reason
			no: "POST /rest/api/2/issue/PAY-1/transitions: 400: It seems that you have tried to perform a workflow operation (Start Progress) that is not valid " +
				"for the current state of this issue (PAY-1). The likely cause is that somebody has changed the issue recently, please look at the issue history for details."},
		{name: "what may be edited is told", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			fields, err := c.EditMeta(ctx, "PAY-1")
			return sprint("%s %t", fields["summary"].Name, fields["summary"].Required), err
		}, want: "Summary true",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/editmeta: 404: Issue Does Not Exist (missing, or not visible to bot)"},
	})

	_, c := shop(t, "")
	err := c.DeleteIssue(t.Context(), "PAY-1", false)
	if err == nil || !strings.Contains(err.Error(), "400: The issue 'PAY-1' has subtasks.") || meaning(err) != nil {
		t.Errorf("a deletion that would orphan a sub-task gives %v", err)
	}
}

func TestPropertyScenes(t *testing.T) {
	properties := func(i jiratest.Issue) any { return sprint("%s", i.Properties) }
	set := func(ctx context.Context, c *jiraclient.Client) error {
		return c.SetIssueProperty(ctx, "PAY-1", "a b", []int{1})
	}
	tell(t, []scene{
		{name: "a property is set", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.SetIssueProperty(ctx, "PAY-1", "x", nil))
		}, want: "<nil>", state: properties, after: "map[x:null]",
			refuse: without(jiraclient.EditIssues), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/properties/x: 403: You do not have permission to edit the entity of the property."},
		{name: "a property is read", given: set, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			v, err := c.GetIssueProperty(ctx, "PAY-1", "a b")
			return string(v), err
		}, want: "[1]",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/properties/a b: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "properties are listed", given: set, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return c.IssueProperties(ctx, "PAY-1")
		}, want: "[a b]",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/properties: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a property goes", given: set, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteIssueProperty(ctx, "PAY-1", "a b"))
		}, want: "<nil>", state: properties, after: "map[]",
			refuse: without(jiraclient.EditIssues), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1/properties/a b: 403: You do not have permission to edit the entity of the property."},
	})
}

func TestAttachmentScenes(t *testing.T) {
	names := func(i jiratest.Issue) any { return i.Attachments }
	attach := func(ctx context.Context, c *jiraclient.Client) (jiraclient.Attachment, error) {
		return c.Attach(ctx, "PAY-1", jiraclient.File{Name: "lög.txt", Content: strings.NewReader("it broke"), Size: 8})
	}
	attached := func(ctx context.Context, c *jiraclient.Client) error { _, err := attach(ctx, c); return err }
	tell(t, []scene{
		{name: "a file is added", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			a, err := attach(ctx, c)
			return sprint("%s %s %d", a.ID, a.Name, a.Size), err
		}, want: "10000 lög.txt 8", state: names, after: "[lög.txt]",
			refuse: without(jiraclient.CreateAttachments), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/PAY-1/attachments: 403: You do not have permission to create attachments for this issue."},
		{name: "what is known of a file is told", given: attached, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			a, err := c.Attachment(ctx, "10000")
			return sprint("%s by %s, %s", a.Name, a.Author.Name, a.MimeType), err
		}, want: "lög.txt by bot, text/plain",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/attachment/10000: 404: The attachment with id '10000' does not exist (missing, or not visible to bot)"},
		{name: "a file is fetched", given: attached, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			var b bytes.Buffer
			err := c.Download(ctx, jiraclient.Attachment{ID: "10000", Name: "lög.txt", Size: 8}, &b)
			return b.String(), err
		}, want: "it broke",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /secure/attachment/10000/lög.txt: 404: Not found (missing, or not visible to bot; the answer is not Jira's own, so the address may be wrong)"},
		{name: "a file goes", given: attached, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteAttachment(ctx, "10000"))
		}, want: "<nil>", state: names, after: "[]",
			refuse: without(jiraclient.DeleteOwnAttachments), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/attachment/10000: 403: You do not have permission to delete attachment with id: 10000"},
	})
}

func TestArchiveScenes(t *testing.T) {
	archived := func(i jiratest.Issue) any { return i.Archived }
	gone := func(ctx context.Context, c *jiraclient.Client) error { return c.ArchiveIssue(ctx, "PAY-1", nil) }
	noLead := func(j *jiratest.Jira) { j.Revoke("PAY", "bot", "ADMINISTER_PROJECTS") }
	tell(t, []scene{
		{name: "an issue is archived", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.ArchiveIssue(ctx, "PAY-1", nil))
		}, want: "<nil>", state: archived, after: "true",
			refuse: noLead, is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/archive: 403: You do not have permission to archive issues in this project."},
		{name: "an issue comes back", given: gone, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.RestoreIssue(ctx, "PAY-1", nil))
		}, want: "<nil>", state: archived, after: "false",
			refuse: noLead, is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/restore: 403: You do not have permission to restore issues in this project."},
		{name: "many are archived", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			a, err := c.ArchiveIssues(ctx, []string{"PAY-1", "PAY-9"}, nil)
			return a.Report, err
		}, want: "PAY-1: archived\nPAY-9: Issue Does Not Exist", state: archived, after: "true",
			refuse: noLead, is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/archive: 403: You do not have permission to archive issues in this project."},
	})
}

// TestManyComeBack: Data Center restores one by one, and one that cannot be restored keeps none of the others away.
func TestManyComeBack(t *testing.T) {
	j, c := shop(t, "")
	if err := c.ArchiveIssue(t.Context(), "PAY-1", nil); err != nil {
		t.Fatal(err)
	}
	a, err := c.RestoreIssues(t.Context(), []string{"CHK-1", "PAY-9", "PAY-1"}, nil)
	const want = `map["CHK-1":"PUT /rest/api/2/issue/CHK-1/restore: 403: Issue CHK-1 is not archived." ` +
		`"PAY-9":"PUT /rest/api/2/issue/PAY-9/restore: 404: Issue Does Not Exist (missing, or not visible to bot)"]`
	if got := sprint("%q", a.Refused); got != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if i, _ := j.Issue("PAY-1"); i.Archived {
		t.Error("PAY-1 did not come back")
	}
	j.Fault(jiratest.Fault{PathSuffix: "/restore", Status: http.StatusServiceUnavailable})
	j.ForgetRequests()
	_, err = c.RestoreIssues(t.Context(), []string{"PAY-1", "CHK-1"}, nil)
	if _, again := jiraclient.Temporary(err); !again || len(j.Requests()) != 1 {
		t.Errorf("with Jira away: %v after %d requests, want to stop at the first", err, len(j.Requests()))
	}
}
