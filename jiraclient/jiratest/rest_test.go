package jiratest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// A step is one request of a story and what its answer must say.
type step struct {
	method, path, body string
	status             int
	want               map[string]any // by path
}

func play(t *testing.T, j *jiratest.Jira, token string, steps ...step) {
	t.Helper()
	for _, s := range steps {
		var body any
		if s.body != "" {
			body = s.body
		}
		a := ask(t, j, token, s.method, s.path, body)
		if a.status != s.status {
			t.Fatalf("%s %s: got %d %s, want %d", s.method, s.path, a.status, a.text, s.status)
		}
		for _, path := range keys(s.want) {
			if got := at(t, a.text, path); got != s.want[path] {
				t.Errorf("%s %s: %s is %v, want %v", s.method, s.path, path, got, s.want[path])
			}
		}
	}
}

func keys(m map[string]any) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestIssueStory(t *testing.T) {
	j := shop(t, jiratest.Options{})
	play(t, j, "bot-token",
		step{"POST", "/api/2/issue", `{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Story"},"summary":"S","labels":["b","a","b"],
			"customfield_10000":3.5,"customfield_10001":{"value":"Major"},"customfield_10002":{"value":"Europe","child":{"value":"Paris"}},
			"customfield_10003":[{"name":"ann"},{"name":"bob"}],"timetracking":{"originalEstimate":"1d"}},
			"properties":[{"key":"mark","value":{"x":1}}]}`, 201, map[string]any{"key": "PAY-2", "id": "10003"}},
		step{"GET", "/api/2/issue/PAY-2?properties=mark&expand=names", "", 200, map[string]any{
			"fields.labels.0": "a", "fields.labels.1": "b", "fields.customfield_10000": 3.5, "fields.customfield_10001.value": "Major",
			"fields.customfield_10002.child.value": "Paris", "fields.customfield_10003.1.name": "bob", "fields.reporter.name": "bot",
			"fields.status.name": "To Do", "fields.timetracking.remainingEstimate": "1d", "properties.mark.x": 1.0,
			"names.customfield_10000": "Story Points", "fields.assignee": nil,
		}},
		step{"PUT", "/api/2/issue/PAY-2", `{"fields":{"customfield_10003":null},"update":{"labels":[{"add":"c"},{"remove":"a"}],
			"fixVersions":[{"add":{"name":"1.0"}},{"add":{"name":"2.0"}},{"remove":{"name":"1.0"}}],"comment":[{"add":{"body":"Hi"}}]}}`, 204, nil},
		step{"GET", "/api/2/issue/PAY-2?fields=labels,fixVersions,customfield_10003,comment&expand=changelog", "", 200, map[string]any{
			"fields.labels.0": "b", "fields.labels.1": "c", "fields.fixVersions.0.name": "2.0", "fields.customfield_10003": nil,
			"fields.comment.comments.0.body": "Hi", "changelog.total": 1.0, "changelog.histories.0.author.name": "bot",
		}},
		step{"PUT", "/api/2/issue/PAY-2/assignee", `{"name":"-1"}`, 204, nil},
		step{"GET", "/api/2/issue/PAY-2?fields=assignee", "", 200, map[string]any{"fields.assignee.name": "ann"}},
		step{"PUT", "/api/2/issue/PAY-2/assignee", `{"name":null}`, 204, nil},
		step{"GET", "/api/2/issue/PAY-2/editmeta", "", 200, map[string]any{
			"fields.summary.required": true, "fields.labels.operations.0": "add", "fields.customfield_10001.allowedValues.1.value": "Major",
			"fields.fixVersions.schema.items": "version",
		}},
		step{"POST", "/api/2/issue/bulk", `{"issueUpdates":[{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Bug"},"summary":"one"}},{"fields":{}}]}`, 201, map[string]any{
			"issues.0.key": "PAY-3", "errors.0.failedElementNumber": 1.0, "errors.0.elementErrors.errors.project": "project is required",
		}},
		step{"DELETE", "/api/2/issue/PAY-2", "", 204, nil},
		step{"GET", "/api/2/issue/PAY-2", "", 404, nil},
		step{"DELETE", "/api/2/issue/CHK-1?deleteSubtasks=true", "", 204, nil},
	)
	if got := strings.Join(j.Keys(), " "); got != "PAY-1 PAY-3" {
		t.Error(got)
	}
}

func TestCommentStory(t *testing.T) {
	j := shop(t, jiratest.Options{})
	j.As("bob").Comment("PAY-1", "first")
	play(t, j, "bot-token",
		step{"POST", "/api/2/issue/PAY-1/comment", `{"body":"second","visibility":{"type":"role","value":"Developers"},"properties":[{"key":"jirabot.mark","value":"m1"}]}`, 201, map[string]any{
			"id": "10001", "author.name": "bot", "visibility.value": "Developers", "self": "http://jira.example.com/jira/rest/api/2/issue/10000/comment/10001",
		}},
		step{"GET", "/api/2/issue/PAY-1/comment?orderBy=-created&maxResults=1&expand=properties", "", 200, map[string]any{
			"total": 2.0, "comments.0.body": "second", "comments.0.properties.0.key": "jirabot.mark", "comments.0.properties.0.value": "m1",
		}},
		step{"GET", "/api/2/issue/PAY-1/comment?startAt=1", "", 200, map[string]any{"startAt": 1.0, "comments.0.id": "10001"}},
		step{"PUT", "/api/2/issue/PAY-1/comment/10001", `{"body":"changed"}`, 200, map[string]any{"body": "changed", "visibility.value": "Developers"}},
		step{"GET", "/api/2/comment/10001/properties/jirabot.mark", "", 200, map[string]any{"value": "m1"}},
		step{"PUT", "/api/2/comment/10001/properties/other", `{"a":1}`, 201, nil},
		step{"PUT", "/api/2/comment/10001/properties/other", `{"a":2}`, 200, nil},
		step{"DELETE", "/api/2/comment/10001/properties/jirabot.mark", "", 204, nil},
		step{"GET", "/api/2/comment/10001/properties", "", 200, map[string]any{"keys.0.key": "other"}},
		step{"PUT", "/api/2/issue/PAY-1", `{"update":{"comment":[{"add":{"body":"third"}},{"edit":{"id":"10001","body":"changed again"}}]}}`, 204, nil},
		step{"PUT", "/api/2/issue/PAY-1", `{"update":{"comment":[{"remove":{"id":"10002"}}]}}`, 204, nil},
		step{"GET", "/api/2/issue/PAY-1/comment/10001", "", 200, map[string]any{"body": "changed again"}},
		step{"PUT", "/api/2/issue/PAY-1/comment/10000", `{"body":"not mine"}`, 400, nil},
		step{"DELETE", "/api/2/issue/PAY-1/comment/10000", "", 400, nil},
	)
	play(t, j, "bob-token", // who is no developer
		step{"GET", "/api/2/issue/PAY-1/comment", "", 200, map[string]any{"total": 1.0}},
		step{"GET", "/api/2/issue/PAY-1/comment/10001", "", 404, nil},
		step{"DELETE", "/api/2/issue/PAY-1/comment/10000", "", 204, nil},
	)
	i, _ := j.Issue("PAY-1")
	if len(i.Comments) != 1 || i.Comments[0].Audience != "role:Developers" || string(i.Comments[0].Properties["other"]) != `{"a":2}` {
		t.Errorf("%+v", i.Comments)
	}
}

func TestWorklogsMoveTheEstimate(t *testing.T) {
	j := shop(t, jiratest.Options{})
	ok(t, j.As("ann").Edit("PAY-1", jiratest.Fields{"timetracking": "4h"}))
	remaining := func(want string) step {
		return step{"GET", "/api/2/issue/PAY-1?fields=timetracking", "", 200, map[string]any{"fields.timetracking.remainingEstimate": want}}
	}
	const list = "/api/2/issue/PAY-1/worklog"
	play(t, j, "bot-token",
		step{"POST", list, `{"timeSpent":"1h 30m","comment":"a","started":"2026-03-01T08:00:00.000+0000"}`, 201, map[string]any{"timeSpentSeconds": 5400.0, "started": "2026-03-01T08:00:00.000+0000", "issueId": "10000"}},
		remaining("2h 30m"),
		step{"POST", list + "?adjustEstimate=leave", `{"timeSpentSeconds":600}`, 201, map[string]any{"timeSpent": "10m"}},
		remaining("2h 30m"),
		step{"POST", list + "?adjustEstimate=new&newEstimate=2d", `{"timeSpent":"1h"}`, 201, nil},
		remaining("2d"),
		step{"POST", list + "?adjustEstimate=manual&reduceBy=1d", `{"timeSpent":"1h"}`, 201, nil},
		remaining("1d"),
		step{"POST", list + "?adjustEstimate=manual", `{"timeSpent":"1h"}`, 400, nil},
		step{"PUT", list + "/10000", `{"timeSpent":"30m"}`, 200, map[string]any{"timeSpent": "30m", "comment": "a"}},
		remaining("1d 1h"),
		step{"DELETE", list + "/10000?adjustEstimate=manual&increaseBy=1h", "", 204, nil},
		remaining("1d 2h"),
		step{"GET", list, "", 200, map[string]any{"total": 3.0}},
	)
	if i, _ := j.Issue("PAY-1"); i.Spent != 600+3600+3600 || i.Remaining != 10*3600 {
		t.Error(i.Spent, i.Remaining)
	}
}

func TestLinkStory(t *testing.T) {
	j := shop(t, jiratest.Options{})
	play(t, j, "bot-token",
		step{"POST", "/api/2/issueLink", `{"type":{"name":"Blocks"},"inwardIssue":{"key":"PAY-1"},"outwardIssue":{"key":"CHK-1"},"comment":{"body":"see"}}`, 201, nil},
		step{"GET", "/api/2/issue/PAY-1?fields=issuelinks", "", 200, map[string]any{"fields.issuelinks.0.outwardIssue.key": "CHK-1", "fields.issuelinks.0.type.outward": "blocks"}},
		step{"GET", "/api/2/issue/CHK-1?fields=issuelinks", "", 200, map[string]any{"fields.issuelinks.0.inwardIssue.key": "PAY-1"}},
		step{"GET", "/api/2/issueLink/10001", "", 200, map[string]any{"type.name": "Blocks"}},
		step{"DELETE", "/api/2/issueLink/10001", "", 204, nil},
		step{"GET", "/api/2/issueLink/10001", "", 404, nil},
		step{"GET", "/api/2/issueLinkType", "", 200, map[string]any{"issueLinkTypes.0.inward": "is blocked by"}},
		step{"POST", "/api/2/issue/PAY-1/remotelink", `{"globalId":"g","object":{"url":"http://x.example.com","title":"X"}}`, 201, map[string]any{"id": 10000.0}},
		step{"POST", "/api/2/issue/PAY-1/remotelink", `{"globalId":"g","object":{"url":"http://x.example.com","title":"Y"}}`, 200, map[string]any{"id": 10000.0}},
		step{"GET", "/api/2/issue/PAY-1/remotelink?globalId=g", "", 200, map[string]any{"object.title": "Y"}},
		step{"DELETE", "/api/2/issue/PAY-1/remotelink?globalId=g", "", 204, nil},
		step{"GET", "/api/2/issue/PAY-1/remotelink?globalId=g", "", 404, nil},
	)
}

func TestPeopleStory(t *testing.T) {
	j := shop(t, jiratest.Options{})
	const watchers, votes = "/api/2/issue/PAY-1/watchers", "/api/2/issue/PAY-1/votes"
	play(t, j, "bot-token",
		step{"POST", watchers, `"bob"`, 204, nil},
		step{"POST", watchers, "", 204, nil},
		step{"GET", watchers, "", 200, map[string]any{"watchCount": 2.0, "isWatching": true, "watchers.0.name": "bob"}},
		step{"DELETE", watchers + "?username=bob", "", 204, nil},
		step{"POST", votes, "", 204, nil},
		step{"GET", votes, "", 200, map[string]any{"votes": 1.0, "hasVoted": true}},
		step{"DELETE", votes, "", 204, nil},
		step{"DELETE", votes, "", 404, nil},
		step{"GET", "/api/2/user?username=ann", "", 200, map[string]any{"key": "JIRAUSER10000"}},
		step{"GET", "/api/2/user?key=JIRAUSER10000", "", 200, map[string]any{"name": "ann"}},
		step{"GET", "/api/2/user?username=zed", "", 404, nil},
		step{"GET", "/api/2/user/search?username=arch", "", 200, map[string]any{"0.name": "ann"}},
		step{"GET", "/api/2/user/assignable/search?issueKey=PAY-1&username=b", "", 200, map[string]any{"0.name": "bob", "1.name": "bot"}},
		step{"GET", "/api/2/user?username=ann&expand=groups", "", 200, map[string]any{"groups.size": 1.0, "groups.items.0.name": "devs"}},
		step{"GET", "/api/2/group/member?groupname=devs", "", 403, nil},
		step{"POST", "/api/2/issue/PAY-1/notify", `{"subject":"Look","to":{"users":[{"name":"bob"}]}}`, 204, nil},
	)
	play(t, j, "carl-token", step{"GET", "/api/2/group/member?groupname=devs", "", 200, map[string]any{"values.0.name": "ann", "isLast": true}})
	if n := j.Notices(); len(n) != 1 || n[0].Issue != "PAY-1" || n[0].Subject != "Look" || n[0].Sender != "bot" {
		t.Error(n)
	}
}

func TestProjectStory(t *testing.T) {
	j := shop(t, jiratest.Options{})
	play(t, j, "ann-token",
		step{"GET", "/api/2/project/PAY", "", 200, map[string]any{"id": "10000", "lead.name": "ann", "versions.1.name": "2.0", "components.0.name": "api"}},
		step{"GET", "/api/2/project", "", 200, map[string]any{"1.key": "CHK"}},
		step{"GET", "/api/2/project/NOPE", "", 404, map[string]any{"errorMessages.0": "No project could be found with key 'NOPE'."}},
		step{"GET", "/api/2/project/PAY/statuses", "", 200, map[string]any{"0.statuses.0.name": "To Do"}},
		step{"GET", "/api/2/issue/createmeta/PAY/issuetypes", "", 200, map[string]any{"total": 5.0, "values.4.name": "Bug", "isLast": true}},
		step{"GET", "/api/2/issue/createmeta/PAY/issuetypes/10004?maxResults=1", "", 200, map[string]any{"values.0.fieldId": "summary", "values.0.required": true, "isLast": false}},
		step{"GET", "/api/2/issue/createmeta/NOPE/issuetypes", "", 400, nil},
		step{"POST", "/api/2/version", `{"name":"3.0","project":"PAY","releaseDate":"2026-01-01"}`, 201, map[string]any{"id": "10002", "overdue": true, "projectId": 10000.0}},
		step{"PUT", "/api/2/version/10002", `{"released":true}`, 200, map[string]any{"released": true, "overdue": false, "name": "3.0"}},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"fixVersions":[{"id":"10002"}]}}`, 204, nil},
		step{"POST", "/api/2/version/10002/removeAndSwap", `{"moveFixIssuesTo":10001}`, 204, nil},
		step{"GET", "/api/2/issue/PAY-1?fields=fixVersions", "", 200, map[string]any{"fields.fixVersions.0.name": "2.0"}},
		step{"POST", "/api/2/component", `{"name":"ui","project":"PAY","leadUserName":"bob"}`, 201, map[string]any{"id": "10001", "lead.name": "bob"}},
		step{"PUT", "/api/2/component/10001", `{"name":"web"}`, 200, map[string]any{"name": "web"}},
		step{"PUT", "/api/2/issue/PAY-1", `{"update":{"components":[{"add":{"name":"web"}}]}}`, 204, nil},
		step{"DELETE", "/api/2/component/10001?moveIssuesTo=10000", "", 204, nil},
		step{"GET", "/api/2/issue/PAY-1?fields=components", "", 200, map[string]any{"fields.components.0.name": "api"}},
		step{"GET", "/api/2/field", "", 200, map[string]any{"0.id": "summary", "0.schema.system": "summary"}},
		step{"GET", "/api/2/priority", "", 200, map[string]any{"1.name": "High", "1.id": "2"}},
		step{"GET", "/api/2/status", "", 200, map[string]any{"4.statusCategory.key": "done"}},
		step{"GET", "/api/2/serverInfo", "", 200, map[string]any{"version": "10.3.24", "deploymentType": "Server", "baseUrl": "http://jira.example.com/jira"}},
	)
}

func TestAMovedIssueIsFoundByBothKeys(t *testing.T) {
	j := shop(t, jiratest.Options{})
	if key := must[string](t)(j.As("ann").Move("PAY-1", "CHK")); key != "CHK-3" {
		t.Error(key)
	}
	play(t, j, "bot-token", step{"GET", "/api/2/issue/PAY-1", "", 200, map[string]any{"key": "CHK-3", "id": "10000"}})
}

// TestManyAtOnce is for the race detector, and proves that no comment is lost.
func TestManyAtOnce(t *testing.T) {
	j := shop(t, jiratest.Options{})
	r := newReceiver(t, nil)
	must[string](t)(j.Webhook(jiratest.Registration{Name: "bot", URL: r.URL, JQL: "project = PAY", Events: []string{"comment_created"}}))
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for m := range 10 {
				ask(t, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", fmt.Sprintf(`{"body":"%d %d"}`, n, m))
				ask(t, j, "bot-token", "GET", "/api/2/search?jql=text~x", nil)
				j.Issue("PAY-1")
				j.OverlappingWrites()
			}
		})
	}
	group.Wait()
	delivered(t, j)
	if i, _ := j.Issue("PAY-1"); len(i.Comments) != 80 || len(r.events()) != 80 {
		t.Error(len(i.Comments), len(r.events()))
	}
}

func BenchmarkComment(b *testing.B) {
	j := shop(b, jiratest.Options{DiscardBodies: true, Keep: 1000})
	b.ReportAllocs()
	for b.Loop() {
		if a := ask(b, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"x"}`); a.status != 201 {
			b.Fatal(a)
		}
	}
}

func BenchmarkEdit(b *testing.B) {
	j := shop(b, jiratest.Options{DiscardBodies: true, Keep: 1000})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if a := ask(b, j, "bot-token", "PUT", "/api/2/issue/PAY-1", fmt.Sprintf(`{"fields":{"summary":"s%d"}}`, n)); a.status != 204 {
			b.Fatal(a)
		}
	}
}
