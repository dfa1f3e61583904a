package event

import (
	"strings"
	"testing"
	"time"
)

func decodeFixture(t *testing.T, name string) Event {
	t.Helper()
	return decodeBody(t, string(fixtures(t)[name]))
}

func TestACommentAndItsIssueUpdateAreOneEventStoredTwice(t *testing.T) {
	tests := []struct{ alone, update, kind, identity string }{
		{"dc_comment_created", "dc_issue_commented", "commented", "comment/20031/created"},
		{"dc_comment_updated", "dc_issue_comment_edited", "comment_edited", "comment/20031/updated/1709633400150"},
		{"dc_comment_deleted", "dc_issue_comment_deleted", "comment_removed", "comment/20031/deleted"},
	}
	for _, test := range tests {
		t.Run(test.kind, func(t *testing.T) {
			alone, update := decodeFixture(t, test.alone), decodeFixture(t, test.update)
			for _, e := range []Event{alone, update} {
				check(t, "identity", e.Identity, test.identity)
				check(t, "comment identity", e.CommentIdentity, test.identity)
				check(t, "identity as "+test.kind, e.IdentityAs(test.kind), test.identity)
				check(t, "lane", e.Lane, "10042")
				if !e.Is(test.kind) {
					t.Errorf("%s is not %s", e.Kind, test.kind)
				}
			}
			check(t, "store ID", alone.StoreID(), test.identity)
			check(t, "store ID of the update", update.StoreID(), "issue_updated/10042/"+test.identity)
		})
	}
}

func TestATransitionWithACommentHasBothIdentities(t *testing.T) {
	e := decodeFixture(t, "dc_issue_resolved_with_comment")
	check(t, "identity", e.Identity, "issue_updated/10042/changelog/99820")
	check(t, "store ID", e.StoreID(), "issue_updated/10042/changelog/99820")
	check(t, "as commented", e.IdentityAs("commented"), "comment/20040/created")
	check(t, "as transitioned", e.IdentityAs("transitioned"), "issue_updated/10042/changelog/99820")
}

func TestWorkAndFilesToldTwiceAreOneEvent(t *testing.T) {
	tests := []struct{ kind, alone, update string }{
		{"work_logged", "dc_worklog_created", "dc_issue_work_logged"},
		{"work_logged", "dc_worklog_created", "dc_worklog_updated_old_shape"},
	}
	for _, test := range tests {
		alone, update := decodeFixture(t, test.alone), decodeFixture(t, test.update)
		check(t, test.update, update.IdentityAs(test.kind), alone.IdentityAs(test.kind))
	}
	file := decodeBody(t, `{"webhookEvent":"attachment_created","attachment":{"id":"40001"}}`)
	lists := decodeFixture(t, "dc_issue_lists")
	check(t, "attached", lists.IdentityAs("attached"), file.IdentityAs("attached"))
}

func TestIdentity(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"an update by its changelog", `{"webhookEvent":"jira:issue_updated","timestamp":5,"issue":{"id":"1"},"changelog":{"id":"9"}}`, "issue_updated/1/changelog/9"},
		{"the same update, sent later, with numbers for texts", `{"webhookEvent":"jira:issue_updated","timestamp":6,"issue":{"id":1},"changelog":{"id":9}}`, "issue_updated/1/changelog/9"},
		{"an issue that has only a key", `{"webhookEvent":"jira:issue_updated","issue":{"key":"PAY-1"},"changelog":{"id":9}}`, "issue_updated/PAY-1/changelog/9"},
		{"a creation whatever the changelog", `{"webhookEvent":"jira:issue_created","issue":{"id":"1"},"changelog":{"id":"9"}}`, "issue_created/1"},
		{"a deletion", `{"webhookEvent":"jira:issue_deleted","timestamp":5,"issue":{"id":"1"}}`, "issue_deleted/1"},
		{"an update without changelog by its time", `{"webhookEvent":"jira:issue_updated","timestamp":1709630130250,"issue":{"id":"1"}}`, "issue_updated/1/at/1709630130250"},
		{"an edited comment in Berlin's time", `{"webhookEvent":"comment_updated","comment":{"id":"2","updated":"2024-03-05T11:10:00.150+0100"}}`, "comment/2/updated/1709633400150"},
		{"the same comment in New York's time", `{"webhookEvent":"comment_updated","comment":{"id":"2","updated":"2024-03-05T05:10:00.150-0500"}}`, "comment/2/updated/1709633400150"},
		{"an edited comment without its time", `{"webhookEvent":"comment_updated","timestamp":1709633400199,"comment":{"id":"2"}}`, "comment/2/updated/1709633400199"},
		{"a released version, which may happen again", `{"webhookEvent":"jira:version_released","timestamp":1709633400199,"version":{"id":3}}`, "version/3/released/1709633400199"},
		{"a version created once", `{"webhookEvent":"jira:version_created","timestamp":1709633400199,"version":{"id":3}}`, "version/3/created"},
		{"an ID that would not fit a header", "{\"webhookEvent\":\"jira:issue_deleted\",\"issue\":{\"id\":\"a b/c\\n\"}}", "issue_deleted/sha256-12a98d85191b6ae51e96a776138b0f86"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := decodeBody(t, test.body)
			check(t, "identity", e.Identity, test.want)
			check(t, "store ID", e.StoreID(), test.want)
		})
	}
}

func TestABodyThatNamesNothingIsIdentifiedByItsBytes(t *testing.T) {
	one := decodeBody(t, `{"webhookEvent":"comment_updated"}`)
	same := decodeBody(t, `{"webhookEvent":"comment_updated"}`)
	other := decodeBody(t, `{"webhookEvent":"comment_updated","comment":{}}`)
	if one.Identity != same.Identity || one.Identity == other.Identity {
		t.Errorf("%s, %s, %s", one.Identity, same.Identity, other.Identity)
	}
	if !strings.HasPrefix(one.Identity, "comment_updated/sha256-") {
		t.Errorf("identity is %s", one.Identity)
	}
}

func TestTheWayOfAnEventDoesNotChangeItsIdentity(t *testing.T) {
	body := fixtures(t)["dc_comment_created"]
	came, err := Decode(Delivery{Source: Webhook, Body: body, Received: received, UserKey: "JIRAUSER10101"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := Decode(Delivery{Source: Webhook, Body: body, Received: received.Add(time.Hour), Recovered: true, Depth: 2})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "identity", found.Identity, came.Identity)
	if !found.Recovered || found.Depth != 2 {
		t.Error("recovered and depth are lost")
	}
}

func TestLane(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"an issue", `{"webhookEvent":"jira:issue_updated","issue":{"id":"1","key":"PAY-1"}}`, "1"},
		{"an issue without ID", `{"webhookEvent":"jira:issue_updated","issue":{"key":"PAY-1"}}`, "PAY-1"},
		{"a comment's address", `{"webhookEvent":"comment_created","comment":{"self":"https://jira.example.com/jira/rest/api/2/issue/1/comment/2"}}`, "1"},
		{"a comment without address", `{"webhookEvent":"comment_created","comment":{"id":"2"}}`, "comment:2"},
		{"a worklog's issue", `{"webhookEvent":"worklog_created","worklog":{"issueId":1}}`, "1"},
		{"a worklog's address", `{"webhookEvent":"worklog_created","worklog":{"self":"https://jira.example.com/rest/api/2/issue/1/worklog/2"}}`, "1"},
		{"a link's source", `{"webhookEvent":"issuelink_created","issueLink":{"sourceIssueId":1,"destinationIssueId":2}}`, "1"},
		{"a version's project", `{"webhookEvent":"jira:version_released","version":{"id":"2","projectId":1}}`, "project:1"},
		{"a version without project", `{"webhookEvent":"jira:version_released","version":{"id":"2"}}`, "version:2"},
		{"a project", `{"webhookEvent":"project_updated","project":{"id":1}}`, "project:1"},
		{"a sprint", `{"webhookEvent":"sprint_started","sprint":{"id":1,"originBoardId":2}}`, "sprint:1"},
		{"a board", `{"webhookEvent":"board_updated","board":{"id":1}}`, "board:1"},
		{"a user", `{"webhookEvent":"user_updated","user":{"name":"ann"}}`, "user:ann"},
		{"an attachment that names no issue", `{"webhookEvent":"attachment_created","attachment":{"id":"4"}}`, "attachment:4"},
		{"an option", `{"webhookEvent":"option_voting_changed"}`, "option_voting_changed"},
		{"nothing at all", `{}`, "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check(t, "lane", decodeBody(t, test.body).Lane, test.want)
		})
	}
}
