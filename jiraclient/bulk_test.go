package jiraclient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func bugs(projects ...string) []jiraclient.Create {
	var list []jiraclient.Create
	for _, project := range projects {
		list = append(list, jiraclient.Create{
			Fields:     map[string]any{"project": map[string]string{"key": project}, "issuetype": map[string]string{"name": "Bug"}, "summary": "It broke"},
			Properties: map[string]any{jiraclient.Mark: "m1"},
		})
	}
	return list
}

// TestManyIssuesAreCreated: each gets its key or its own error, in the order of what was asked for.
func TestManyIssuesAreCreated(t *testing.T) {
	const unknown = "POST /rest/api/2/issue/bulk (issueUpdates[%d]): 400: project: project is required"
	const denied = "POST /rest/api/2/issue/bulk (issueUpdates[%d]): 400: project: You do not have permission to create issues in this project."
	for _, tt := range []struct {
		name     string
		projects string
		want     []string
	}{
		{"none", "", nil},
		{"all", "PAY CHK", []string{"PAY-3", "CHK-2"}},
		{"the first fails", "NONE PAY", []string{sprint(unknown, 0), "PAY-3"}},
		{"some between others fail", "PAY NONE CHK NONE PAY", []string{"PAY-3", sprint(unknown, 1), "CHK-2", sprint(unknown, 3), "PAY-4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, c := shop(t, "")
			results, err := c.CreateIssues(t.Context(), bugs(strings.Fields(tt.projects)...))
			if err != nil || len(results) != len(tt.want) {
				t.Fatalf("%v, %v", results, err)
			}
			for n, r := range results {
				got := r.Key
				if r.Err != nil {
					got += r.Err.Error()
				}
				if got != tt.want[n] {
					t.Errorf("number %d\ngot  %s\nwant %s", n, got, tt.want[n])
				}
				if i, ok := j.Issue(r.Key); r.Err == nil && (!ok || i.ID != r.ID || string(i.Properties[jiraclient.Mark]) != `"m1"`) {
					t.Errorf("%s is not as asked for: %+v", r.Key, i)
				}
			}
		})
	}
	t.Run("all fail", func(t *testing.T) {
		j, c := shop(t, "")
		j.Revoke("PAY", "bot", "CREATE_ISSUES")
		results, err := c.CreateIssues(t.Context(), bugs("PAY", "NONE"))
		if err != nil || len(results) != 2 {
			t.Fatalf("%v, %v", results, err)
		}
		if got := results[0].Err.Error(); got != sprint(denied, 0) || !errors.Is(results[0].Err, jiraclient.ErrDenied) {
			t.Errorf("got %s", got)
		}
		if got := results[1].Err.Error(); got != sprint(unknown, 1) || errors.Is(results[1].Err, jiraclient.ErrDenied) {
			t.Errorf("got %s", got)
		}
		if jiraclient.Uncertain(results[0].Err) || c.LoginRefused() != nil {
			t.Error("a clear refusal counts as something else")
		}
	})
	t.Run("all of many fail", func(t *testing.T) {
		_, c := shop(t, "")
		results, err := c.CreateIssues(t.Context(), bugs(strings.Fields(strings.Repeat("NONE ", 50))...))
		if err != nil || len(results) != 50 || results[49].Err == nil || results[49].Err.Error() != sprint(unknown, 49) {
			t.Errorf("%d results, %v", len(results), err)
		}
	})
	t.Run("more than go into one call", func(t *testing.T) {
		j, c := shop(t, "")
		results, err := c.CreateIssues(t.Context(), bugs(strings.Fields(strings.Repeat("PAY ", 51)+"NONE")...))
		if err != nil || len(results) != 52 || results[50].Key != "PAY-53" || results[51].Err == nil || len(j.Writes()) != 2 {
			t.Errorf("%d results by %d calls, %v", len(results), len(j.Writes()), err)
		}
	})
	t.Run("what was made stays known when the next call fails", func(t *testing.T) {
		j, c := shop(t, "")
		calls := 0
		j.Fault(jiratest.Fault{Status: http.StatusBadGateway, Match: func(r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/bulk") {
				calls++
			}
			return calls == 2
		}})
		results, err := c.CreateIssues(t.Context(), bugs(strings.Fields(strings.Repeat("PAY ", 60))...))
		if len(results) != 50 || results[49].Key != "PAY-52" || !jiraclient.Uncertain(err) {
			t.Errorf("%d results, %v", len(results), err)
		}
	})
}

// TestOddAnswersToManyIssues: what cannot be told apart is said, and never guessed.
func TestOddAnswersToManyIssues(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"too few", 201, `{"issues":[{"id":"1","key":"PAY-1"}],"errors":[]}`, "create issues: 2 were asked for, and Jira tells of 1 made and 0 refused: look which there are"},
		{"too many", 201, `{"issues":[{"key":"PAY-1"},{"key":"PAY-2"},{"key":"PAY-3"}]}`, "create issues: 2 were asked for, and Jira tells of 3 made and 0 refused: look which there are"},
		{"a number that is none of ours", 201, `{"issues":[{"key":"PAY-1"}],"errors":[{"status":400,"failedElementNumber":7,"elementErrors":{}}]}`, "create issues: 2 were asked for, and Jira tells of 1 made and 1 refused: look which there are"},
		{"one number twice", 201, `{"issues":[{"key":"PAY-1"}],"errors":[{"failedElementNumber":1},{"failedElementNumber":1},{"failedElementNumber":1}]}`, ""},
		{"the call itself is refused", 400, `{"errorMessages":["Unrecognized field \"x\""],"errors":{}}`, `POST /rest/api/2/issue/bulk: 400: Unrecognized field "x"`},
		{"a word about one only", 400, `{"issues":[],"errors":[{"status":400,"failedElementNumber":0,"elementErrors":{"errorMessages":["no"],"errors":{"summary":"s"}}}]}`, "POST /rest/api/2/issue/bulk: 400: issueUpdates[0]: no; summary: s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client(t, serve(t, reply(tt.status, tt.body))).CreateIssues(t.Context(), bugs("PAY", "PAY"))
			if got := sprint("%v", err); got != tt.want && (tt.want != "" || err != nil) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
