package jiraclient_test

import (
	"context"
	"strings"
	"testing"

	"jirabot/jiraclient"
)

// TestRequests shows what the agile and the project calls send, in the forms of Data Center and of Cloud.
func TestRequests(t *testing.T) {
	ann, annCloud := jiraclient.UserRef{Name: "ann"}, jiraclient.UserRef{AccountID: "5b:10"}
	q := jiraclient.SearchQuery{Fields: []string{"summary", "status"}, Expand: []string{"changelog"}, PageSize: 10}
	empty := ""
	for _, tt := range []struct {
		name  string
		do    trial
		want  string // method, and address below /rest
		body  string
		reply string
		cloud bool
	}{
		{name: "boards", want: "GET agile/1.0/board?maxResults=100&name=pay&projectKeyOrId=PAY&startAt=0&type=scrum", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Boards(ctx, jiraclient.BoardQuery{Name: "pay", Kind: "scrum", Project: "PAY"}), boards)
		}},
		{name: "issues of a board", want: "GET agile/1.0/board/7/issue?expand=changelog&fields=summary%2Cstatus&jql=status+%3D+Done&maxResults=10&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BoardIssues(ctx, "7", "status = Done", q), key)
		}},
		{name: "a backlog", want: "GET agile/1.0/board/7/backlog?maxResults=100&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BacklogIssues(ctx, "7", "", jiraclient.SearchQuery{}), key)
		}},
		{name: "sprints", want: "GET agile/1.0/board/7/sprint?maxResults=100&startAt=0&state=active%2Cfuture", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Sprints(ctx, "7", jiraclient.SprintActive, jiraclient.SprintFuture), title)
		}},
		{name: "a new sprint", want: "POST agile/1.0/sprint", body: `{"name":"Pay 12","originBoardId":7,"goal":"x","startDate":"2026-03-02T09:00:00.000+00:00","endDate":"2026-03-16T09:00:00.000+00:00"}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: "Pay 12", Board: "7", Goal: "x", Start: at(2), End: at(16)})
			return s.ID, err
		}},
		{name: "a sprint changes in part", want: "POST agile/1.0/sprint/12", body: `{"goal":""}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.UpdateSprint(ctx, "12", jiraclient.SprintEdit{Goal: &empty})
			return s.ID, err
		}},
		{name: "a sprint starts", want: "POST agile/1.0/sprint/12", body: `{"state":"active","startDate":"2026-03-02T09:00:00.000+00:00","endDate":"2026-03-16T09:00:00.000+00:00"}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.StartSprint(ctx, "12", at(2), at(16))
			return s.ID, err
		}},
		{name: "a sprint ends", want: "POST agile/1.0/sprint/12", body: `{"state":"closed"}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CloseSprint(ctx, "12")
			return s.ID, err
		}},
		{name: "a sprint goes", want: "DELETE agile/1.0/sprint/12", do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteSprint(ctx, "12") })},
		{name: "issues into a sprint", want: "POST agile/1.0/sprint/12/issue", body: `{"issues":["PAY-1","PAY-2"]}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.MoveToSprint(ctx, "12", "PAY-1", "PAY-2")
			})},
		{name: "issues into the backlog", want: "POST agile/1.0/backlog/issue", body: `{"issues":["PAY-1"]}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToBacklog(ctx, "PAY-1") })},
		{name: "issues into an epic", want: "POST agile/1.0/epic/PAY-9/issue", body: `{"issues":["PAY-1"]}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToEpic(ctx, "PAY-9", "PAY-1") })},
		{name: "issues out of their epics", want: "POST agile/1.0/epic/none/issue", body: `{"issues":["PAY-1"]}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.RemoveFromEpic(ctx, "PAY-1") })},
		{name: "issues before another", want: "PUT agile/1.0/issue/rank", body: `{"issues":["PAY-1"],"rankBeforeIssue":"PAY-2"}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.RankIssues(ctx, jiraclient.Rank{Before: "PAY-2"}, "PAY-1")
			})},
		{name: "issues after another by a rank of one's own", want: "PUT agile/1.0/issue/rank", body: `{"issues":["PAY-1"],"rankAfterIssue":"PAY-2","rankCustomFieldId":10521}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.RankIssues(ctx, jiraclient.Rank{After: "PAY-2", Field: "customfield_10521"}, "PAY-1")
			})},
		{name: "issues without an epic", want: "GET agile/1.0/epic/none/issue?jql=project+%3D+PAY&maxResults=100&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.IssuesWithoutEpic(ctx, "project = PAY", jiraclient.SearchQuery{}), key)
		}},
		{name: "an estimation is read", want: "GET agile/1.0/issue/PAY-1/estimation?boardId=7", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			e, err := c.Estimation(ctx, "PAY-1", "7")
			return e.Field, err
		}},
		{name: "an estimation is written", want: "PUT agile/1.0/issue/PAY-1/estimation?boardId=7", body: `{"value":"3h"}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.SetEstimation(ctx, "PAY-1", "7", "3h")
			})},
		{name: "a new version", want: "POST api/2/version", body: `{"project":"PAY","name":"1.0","released":false,"archived":false}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateVersion(ctx, jiraclient.NewVersion{Project: "PAY", Name: "1.0"})
			return "", err
		}},
		{name: "a new version on Cloud, where a project has a number", cloud: true, want: "GET api/2/project/PAY POST api/2/version", reply: `{"id":"10042"}`, body: `{"projectId":10042,"name":"1.0","released":true,"archived":false,"releaseDate":"2026-03-01"}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateVersion(ctx, jiraclient.NewVersion{Project: "PAY", Name: "1.0", Released: true, ReleaseDate: "2026-03-01"})
			return "", err
		}},
		{name: "a version deleted, with all that holds it", want: "POST api/2/version/1/removeAndSwap", body: `{"moveFixIssuesTo":2,"moveAffectedIssuesTo":3,"customFieldReplacementList":[{"customFieldId":10001,"moveTo":4}]}`,
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.DeleteVersion(ctx, "1", jiraclient.VersionSwap{Fix: "2", Affected: "3", Custom: map[string]string{"customfield_10001": "4"}})
			})},
		{name: "a component on Cloud", cloud: true, want: "POST api/2/component", body: `{"project":"PAY","name":"api","leadAccountId":"5b:10"}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateComponent(ctx, "PAY", jiraclient.ComponentEdit{Name: "api", Lead: &annCloud})
			return "", err
		}},
		{name: "a component goes", want: "DELETE api/2/component/1?moveIssuesTo=2",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteComponent(ctx, "1", "2") })},
		{name: "a user on Cloud", cloud: true, want: "GET api/2/user?accountId=5b%3A10", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.User(ctx, annCloud)
			return "", err
		}},
		{name: "somebody's groups", want: "GET api/2/user?expand=groups&username=ann", reply: `{"groups":{"size":0}}`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Groups(ctx, ann)
			return "", err
		}},
		{name: "users are sought on Cloud", cloud: true, want: "GET api/2/user/search?maxResults=100&query=ann&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.SearchUsers(ctx, "ann"), login)
		}},
		{name: "assignable users are sought on Cloud", cloud: true, want: "GET api/2/user/assignable/search?issueKey=PAY-1&maxResults=100&query=ann&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.AssignableUsers(ctx, "PAY-1", "ann"), login)
		}},
		{name: "members of a group", want: "GET api/2/group/member?groupname=jira+users&maxResults=100&startAt=0", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.GroupMembers(ctx, "jira users"), login)
		}},
		{name: "issues indexed anew", want: "POST api/2/reindex/issue?issueId=1&issueId=2",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.ReindexIssue(ctx, "1", "2") })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.reply == "" {
				tt.reply = `{}`
			}
			f := serve(t, reply(200, tt.reply))
			c := client(t, f)
			if tt.cloud {
				c = client(t, f, cloud)
			}
			if _, err := tt.do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			var sent []string
			body := ""
			for _, call := range f.seen() {
				sent = append(sent, call.method+" "+strings.TrimPrefix(call.uri, "/jira/rest/"))
				body = call.body
			}
			if got := strings.Join(sent, " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if !sameJSON(t, body, tt.body) {
				t.Errorf("body\ngot  %s\nwant %s", body, tt.body)
			}
		})
	}
}

// TestAddressesOfVersions: some requests name a version by its whole address, context path and all.
func TestAddressesOfVersions(t *testing.T) {
	f := serve(t, reply(200, `{}`))
	c := client(t, f)
	if err := c.MoveVersionAfter(t.Context(), "1", "2"); err != nil {
		t.Fatal(err)
	}
	if err := c.UpdateVersion(t.Context(), "1", jiraclient.VersionEdit{MoveUnfixedTo: "3"}); err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{`{"after":"` + f.URL + `/jira/rest/api/2/version/2"}`, `{"moveUnfixedIssuesTo":"` + f.URL + `/jira/rest/api/2/version/3"}`} {
		if got := f.seen()[n].body; !sameJSON(t, got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
