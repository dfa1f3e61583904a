package event

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The recordings are bodies that real Jiras have sent. They belong to others and lie outside of this repository.
const recordings = "../../../shared/jira/payloads"

func TestRecordedBodies(t *testing.T) {
	if _, err := os.Stat(recordings); err != nil {
		t.Skipf("no recordings: %v", err)
	}
	// What each must decode to: its kinds; where in the body the issue and the actor are; the fields that changed. The
	// values themselves are not ours to show: they are read from the body by encoding/json and compared.
	tests := []struct{ file, kinds, issue, actor, changes string }{
		{"defectdojo/jira_issue_comment_template_json.json", "comment_created commented", "comment.self", "comment.author", ""},
		{"defectdojo/jira_issue_comment_template_json_with_email.json", "comment_created commented", "comment.self", "comment.author", ""},
		{"defectdojo/jira_issue_update_template_string.json", "issue_updated commented", "issue", "user", ""},

		{"jira-slack-webhook/createdIssue.json", "issue_created", "issue", "user", ""},
		{"jira-slack-webhook/updatedIssue1.json", "issue_updated transitioned field_changed", "issue", "user", "Story Points, status"},
		{"jira-slack-webhook/updatedIssue2.json", "issue_updated transitioned field_changed", "issue", "user", "status"},
		{"jira-slack-webhook/updatedIssue3.json", "issue_updated field_changed sprint_changed", "issue", "user", "Sprint"},

		{"jira-to-matrix/comment__created.json", "comment_created commented", "comment.self", "comment.author", ""},
		{"jira-to-matrix/comment__deleted.json", "comment_deleted comment_removed", "issue", "", ""},
		{"jira-to-matrix/comment__updated.json", "comment_updated comment_edited", "issue", "comment.updateAuthor", ""},
		{"jira-to-matrix/epic__created.json", "issue_created", "issue", "user", "description, priority, reporter, Статус, summary"},
		{"jira-to-matrix/issue__created.json", "issue_created", "issue", "user", "Epic Link"},
		{"jira-to-matrix/issue__updated__commented-changed.json", "issue_updated field_changed", "issue", "user", "Start date, End date"},
		{"jira-to-matrix/issue__updated__commented.json", "issue_updated commented", "issue", "user", ""},
		{"jira-to-matrix/issue__updated__description-update.json", "issue_updated field_changed", "issue", "user", "description"},
		{"jira-to-matrix/issue__updated__generic.json", "issue_updated transitioned moved field_changed", "issue", "user", "status, description, Key"},
		{"jira-to-matrix/issue__updated__issue-assigned.json", "issue_updated assigned field_changed", "issue", "user", "assignee"},
		{"jira-to-matrix/issue__updated__move-issue.json", "issue_updated transitioned moved field_changed", "issue", "user", "issuetype, project, status, Workflow, Key"},
		{"jira-to-matrix/issue__updated__rank-changed.json", "issue_updated field_changed ranked", "issue", "user", "Rank"},
		{"jira-to-matrix/issue__updated__status-changed.json", "issue_updated transitioned field_changed", "issue", "user", "status"},
		{"jira-to-matrix/issuelink__created.json", "issuelink_created linked", "issueLink.sourceIssueId", "", ""},
		{"jira-to-matrix/issuelink__created_relates.json", "issuelink_created linked", "issueLink.sourceIssueId", "", ""},
		{"jira-to-matrix/issuelink__deleted.json", "issuelink_deleted unlinked", "issueLink.sourceIssueId", "", ""},
		{"jira-to-matrix/project__created.json", "project_created", "", "", ""},

		{"laravel-jira-webhook/jira_issue_created.json", "issue_created", "issue", "user", ""},
		{"laravel-jira-webhook/jira_issue_deleted.json", "issue_deleted", "issue", "user", ""},
		{"laravel-jira-webhook/jira_issue_updated.json", "issue_updated transitioned field_changed", "issue", "user", "status"},
		{"laravel-jira-webhook/jira_worklog_updated.json", "worklog_updated work_logged field_changed", "issue", "user", "timeestimate, timespent, WorklogId"},
		{"laravel-jira-webhook/worklog_created.json", "worklog_created work_logged", "worklog.issueId", "worklog.author", ""},
		{"laravel-jira-webhook/worklog_deleted.json", "worklog_deleted", "worklog.issueId", "", ""},
		{"laravel-jira-webhook/worklog_updated.json", "worklog_updated", "worklog.issueId", "worklog.updateAuthor", ""},

		{"zulip/attachment_created.json", "attachment_created attached", "issue", "attachment.author", ""},
		{"zulip/worklog_created.json", "worklog_created work_logged", "worklog.issueId", "worklog.author", ""},
		{"zulip/worklog_deleted.json", "worklog_deleted", "worklog.issueId", "", ""},
		{"zulip/worklog_updated.json", "worklog_updated", "worklog.issueId", "worklog.updateAuthor", ""},
	}
	tested := map[string]bool{}
	for _, test := range tests {
		tested[test.file] = true
		t.Run(test.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(recordings, test.file))
			if err != nil {
				t.Fatal(err)
			}
			e := decodeBody(t, string(body))
			check(t, "kinds", strings.Join(e.Kinds(), " "), test.kinds)
			var raw map[string]any
			if err := json.Unmarshal(body, &raw); err != nil {
				t.Fatal(err)
			}
			check(t, "issue", strings.TrimSpace(e.Issue.ID+" "+e.Issue.Key), recordedIssue(raw, test.issue))
			check(t, "actor", e.Actor.ID(), recordedUser(raw, test.actor))
			fields, changes := recordedChanges(raw)
			check(t, "fields", fields, test.changes)
			check(t, "changes", plainChanges(e.Changes), changes)
			if !e.Timed {
				t.Error("the time was not understood")
			}
			if strings.Contains(e.Identity, "sha256") {
				t.Errorf("identity %s is not made from the content", e.Identity)
			}
		})
	}
	files, _ := filepath.Glob(filepath.Join(recordings, "*", "*.json"))
	for _, file := range files {
		if name, _ := filepath.Rel(recordings, file); !tested[name] {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// recorded is what stands at a path of a body, as text.
func recorded(raw any, path string) any {
	for _, name := range strings.Split(path, ".") {
		object, _ := raw.(map[string]any)
		raw = object[name]
	}
	return raw
}

func asText(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text, _ := value.(string)
	return text
}

// recordedIssue is the ID, and the key where the body has it.
func recordedIssue(raw any, path string) string {
	switch path {
	case "":
		return ""
	case "issue":
		return strings.TrimSpace(asText(recorded(raw, "issue.id")) + " " + asText(recorded(raw, "issue.key")))
	case "comment.self":
		_, after, _ := strings.Cut(asText(recorded(raw, path)), "/issue/")
		id, _, _ := strings.Cut(after, "/")
		return id
	}
	return asText(recorded(raw, path))
}

// recordedUser is by what people are told apart: the account ID, the name, or what the address of their page says.
func recordedUser(raw any, path string) string {
	if path == "" {
		return ""
	}
	for _, name := range []string{".accountId", ".name"} {
		if text := asText(recorded(raw, path+name)); text != "" {
			return text
		}
	}
	_, query, _ := strings.Cut(asText(recorded(raw, path+".self")), "=")
	return query
}

// recordedChanges are the changed fields, and each with what it was and became.
func recordedChanges(raw any) (fields, changes string) {
	items, _ := recorded(raw, "changelog.items").([]any)
	var names, texts []string
	for _, item := range items {
		name := asText(recorded(item, "field"))
		names = append(names, name)
		texts = append(texts, name+": "+asText(recorded(item, "fromString"))+" -> "+asText(recorded(item, "toString")))
	}
	return strings.Join(names, ", "), strings.Join(texts, "; ")
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func plainChanges(changes []Change) string {
	plain := make([]Change, len(changes))
	for i, c := range changes {
		plain[i] = Change{Field: c.Field, From: c.From, To: c.To}
	}
	return changesText(plain)
}

func changesText(changes []Change) string {
	var parts []string
	for _, c := range changes {
		s := c.Field + ": " + c.From + " -> " + c.To
		for _, a := range c.Added {
			s += " +" + a
		}
		for _, r := range c.Removed {
			s += " -" + r
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}
