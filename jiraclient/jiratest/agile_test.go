package jiratest_test

import (
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// agile is the shop with a board for PAY and CHK, a future sprint in it, and a webhook that remembers.
func agile(t *testing.T) *jiratest.Jira {
	t.Helper()
	j := shop(t, jiratest.Options{})
	j.AddBoard(jiratest.Board{Name: "Shop", Projects: []string{"PAY", "CHK"}, Estimation: "Story Points"})
	play(t, j, "bot-token",
		step{"POST", "/agile/1.0/sprint", `{"name":"Shop 1","originBoardId":1,"startDate":"2026-03-02T09:00:00.000+01:00","endDate":"2026-03-16T09:00:00.000+01:00"}`, 201,
			map[string]any{"id": 1.0, "state": "future", "originBoardId": 1.0, "startDate": "2026-03-02T09:00:00.000+01:00"}},
	)
	must[string](t)(j.Webhook(jiratest.Registration{Name: "w", RecordOnly: true}))
	return j
}

func TestASprintIsAFieldToo(t *testing.T) {
	j := agile(t)
	const field, epic = "customfield_10005", "customfield_10004"
	play(t, j, "bot-token",
		step{"GET", "/api/2/field", "", 200, nil},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"` + field + `":"1"}}`, 400, map[string]any{"errors." + field: "Number value expected as the Sprint id."}},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"` + field + `":7}}`, 400, map[string]any{"errors." + field: "Issue can be assigned only active or future sprints."}},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"` + field + `":1}}`, 204, nil},
		step{"GET", "/agile/1.0/sprint/1/issue?fields=sprint", "", 200, map[string]any{"total": 1.0, "issues.0.key": "PAY-1", "issues.0.fields.sprint.name": "Shop 1"}},
		step{"GET", "/agile/1.0/board/1/backlog", "", 200, map[string]any{"total": 2.0, "issues.0.key": "CHK-1"}},
		step{"GET", "/api/2/search?jql=sprint+in+futureSprints()", "", 200, map[string]any{"total": 1.0}},
		step{"GET", "/api/2/search?jql=sprint+in+openSprints()", "", 200, map[string]any{"total": 0.0}},
		step{"GET", "/api/2/search?jql=sprint+in+lostSprints()", "", 400, nil},
		step{"GET", `/api/2/search?jql=sprint+%3D+"Shop+1"`, "", 200, map[string]any{"total": 1.0}},
		step{"GET", "/api/2/search?jql=project+in+(PAY,CHK)+order+by+rank+desc", "", 200, map[string]any{"issues.2.key": "PAY-1"}},
		step{"PUT", "/agile/1.0/issue/rank", `{"issues":["PAY-1"],"rankAfterIssue":"CHK-1"}`, 204, nil},
		step{"GET", "/api/2/search?jql=project+in+(PAY,CHK)+order+by+rank", "", 200, map[string]any{"issues.0.key": "CHK-1", "issues.1.key": "PAY-1"}},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"` + field + `":null}}`, 204, nil},
		step{"PUT", "/api/2/issue/PAY-1", `{"fields":{"customfield_10006":"x"}}`, 400, nil},
		step{"GET", "/agile/1.0/board/1/backlog?fields=sprint," + epic, "", 200, map[string]any{"total": 3.0, "issues.1.key": "PAY-1", "issues.1.fields.sprint": nil}},
	)
	i, _ := j.Issue("PAY-1")
	var said []string
	for _, c := range i.History {
		said = append(said, c.Field+": "+c.From+" > "+c.To)
	}
	if got := strings.Join(said, ", "); got != "Sprint:  > Shop 1, Rank:  > Ranked lower, Sprint: Shop 1 > " {
		t.Error(got)
	}
	for n, want := range []string{`"from":"","fromString":"","to":"1","toString":"Shop 1"`, `"field":"Rank"`, `"from":"1","fromString":"Shop 1","to":"","toString":""`} {
		if got := string(j.Deliveries()[n].Body); !strings.Contains(got, want) {
			t.Errorf("webhook %d: %s lacks %s", n, got, want)
		}
	}
}

func TestASprintInAnIssueIsText(t *testing.T) {
	j := agile(t)
	play(t, j, "bot-token",
		step{"POST", "/agile/1.0/sprint/1/issue", `{"issues":["PAY-1"]}`, 204, nil},
		step{"POST", "/agile/1.0/sprint/1", `{"state":"active"}`, 200, map[string]any{"state": "active", "activatedDate": "2026-03-02T09:00:00.000Z"}},
		step{"GET", "/api/2/issue/PAY-1?fields=customfield_10005", "", 200, map[string]any{"fields.customfield_10005.0": "com.atlassian.greenhopper.service.sprint.Sprint@1" +
			"[id=1,rapidViewId=1,state=ACTIVE,name=Shop 1,startDate=2026-03-02T09:00:00.000+01:00,endDate=2026-03-16T09:00:00.000+01:00," +
			"completeDate=<null>,activatedDate=2026-03-02T09:00:00.000Z,sequence=1,goal=,synced=false,autoStartStop=false]"}},
		step{"POST", "/agile/1.0/sprint/1", `{"name":"Shop One"}`, 200, nil},
	)
	all := j.Deliveries()
	last := string(all[len(all)-1].Body)
	for path, want := range map[string]any{"webhookEvent": "sprint_updated", "sprint.name": "Shop One", "oldValue.name": "Shop 1", "sprint.id": 1.0} {
		if got := at(t, last, path); got != want {
			t.Errorf("%s is %v in %s", path, got, last)
		}
	}
}

func TestAgileRefusals(t *testing.T) {
	fifty := strings.Repeat(`"PAY-1",`, 50) + `"PAY-1"`
	for name, c := range map[string]struct {
		prepare            func(*jiratest.Jira)
		token              string // bot-token by default, "-" for anonymous
		method, path, body string
		status             int
		want               string
	}{
		"boards for nobody":                 {token: "-", method: "GET", path: "board", status: 401, want: "You are not authenticated."},
		"a sprint for nobody":               {token: "-", method: "GET", path: "sprint/1", status: 401, want: "You are not authenticated."},
		"a backlog for nobody":              {token: "-", method: "POST", path: "backlog/issue", body: `{"issues":["PAY-1"]}`, status: 401, want: "You are not authenticated."},
		"a sprint without a name":           {method: "POST", path: "sprint", body: `{"originBoardId":1,"name":" "}`, status: 400, want: "The sprint name is required."},
		"a sprint of a long name":           {method: "POST", path: "sprint", body: `{"originBoardId":1,"name":"` + strings.Repeat("x", 31) + `"}`, status: 400, want: "The sprint name must be shorter than 30 characters."},
		"a sprint of no board":              {method: "POST", path: "sprint", body: `{"name":"x"}`, status: 400, want: "The board id is required."},
		"a sprint of an unknown board":      {method: "POST", path: "sprint", body: `{"name":"x","originBoardId":9}`, status: 404, want: "Board does not exist"},
		"a sprint that ends first":          {method: "POST", path: "sprint/1", body: `{"endDate":"2026-03-01T09:00:00.000+01:00"}`, status: 400, want: "must be after the start date"},
		"a date as only the old API has it": {method: "POST", path: "sprint/1", body: `{"endDate":"2026-03-20T09:00:00.000+0100"}`, status: 400, want: "cannot be read"},
		"a sprint that skips a state":       {method: "POST", path: "sprint/1", body: `{"state":"closed"}`, status: 400, want: "A sprint cannot go from future to closed."},
		"a sprint of no state there is":     {method: "POST", path: "sprint/1", body: `{"state":"paused"}`, status: 400, want: "A sprint cannot go from future to paused."},
		"more than fifty":                   {method: "POST", path: "backlog/issue", body: `{"issues":[` + fifty + `]}`, status: 400, want: "limited to 50"},
		"none":                              {method: "POST", path: "sprint/1/issue", body: `{"issues":[]}`, status: 400, want: "No issues were given."},
		"one hidden among others":           {method: "POST", path: "sprint/1/issue", body: `{"issues":["PAY-1","PAY-9"]}`, status: 404, want: "Issue PAY-9 does not exist"},
		"an epic within an epic":            {prepare: epics, method: "POST", path: "epic/PAY-2/issue", body: `{"issues":["PAY-3"]}`, status: 400, want: "Issue PAY-3 is an epic"},
		"a rank both before and after":      {method: "PUT", path: "issue/rank", body: `{"issues":["PAY-1"],"rankBeforeIssue":"CHK-1","rankAfterIssue":"CHK-2"}`, status: 400, want: "Exactly one of"},
		"a rank at an unknown issue":        {method: "PUT", path: "issue/rank", body: `{"issues":["PAY-1"],"rankBeforeIssue":"CHK-9"}`, status: 400, want: "Issue CHK-9 does not exist"},
		"an estimation without a board":     {method: "GET", path: "issue/PAY-1/estimation", status: 400, want: "The board id is required."},
		"no permission in one project":      {prepare: revoke("CHK", "MANAGE_SPRINTS_PERMISSION"), method: "POST", path: "sprint/1", body: `{"name":"x"}`, status: 403, want: "all projects of the board: CHK"},
	} {
		t.Run(name, func(t *testing.T) {
			j := agile(t)
			if c.prepare != nil {
				c.prepare(j)
			}
			token := map[string]string{"": "bot-token", "-": ""}[c.token]
			var body any
			if c.body != "" {
				body = c.body
			}
			if a := ask(t, j, token, c.method, "/agile/1.0/"+c.path, body); a.status != c.status || !strings.Contains(a.text, c.want) {
				t.Errorf("got %d %s, want %d %s", a.status, a.text, c.status, c.want)
			}
			if a := ask(t, j, "bot-token", "GET", "/agile/1.0/board/1/backlog", nil); c.prepare == nil && at(t, a.text, "total") != 3.0 {
				t.Error("something was moved all the same:", a.text)
			}
		})
	}
}

// epics makes PAY-2 and PAY-3.
func epics(j *jiratest.Jira) {
	for range 2 {
		_, _ = j.As("ann").CreateIssue("PAY", "Epic", "Large")
	}
}
