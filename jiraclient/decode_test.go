package jiraclient_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"jirabot/jiraclient"
)

// TestIssue: the answer is kept whole and read in part.
func TestIssue(t *testing.T) {
	const body = `{"expand":"x","id":"10007","key":"PAY-7","fields":{"summary":"It broke","customfield_10001":null},"properties":{"jirabot.mark":"m1"},"changelog":{"total":0}}`
	issue, err := client(t, serve(t, reply(200, body))).Issue(t.Context(), "PAY-7", jiraclient.IssueQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if issue.ID != "10007" || issue.Key != "PAY-7" || string(issue.Raw) != body || string(issue.Fields["summary"]) != `"It broke"` ||
		string(issue.Fields["customfield_10001"]) != "null" || string(issue.Properties[jiraclient.Mark]) != `"m1"` {
		t.Errorf("got %+v", issue)
	}
}

func TestTransitions(t *testing.T) {
	list, err := client(t, serve(t, reply(200, `{"transitions":[
		{"id":"11","name":"Start","to":{"id":"3","name":"In Progress","statusCategory":{"id":4,"key":"indeterminate"}},"fields":{}},
		{"id":"21","name":"Finish","to":{"id":"5","name":"Done","statusCategory":{"id":3,"key":"done"}},
		 "fields":{"resolution":{"required":true,"name":"Resolution","operations":["set"],"schema":{"type":"resolution","system":"resolution"},"allowedValues":[{"id":"1","name":"Fixed"},"odd"]}}},
		{"id":"31","name":"Never","isAvailable":false,"to":{}}]}`))).Transitions(t.Context(), "PAY-7")
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	resolution := list[1].Fields["resolution"]
	if list[0].To != (jiraclient.Status{ID: "3", Name: "In Progress", Category: "indeterminate"}) || list[0].HasScreen || !list[1].HasScreen ||
		resolution.ID != "resolution" || !resolution.Required || len(resolution.AllowedValues) != 2 || resolution.Schema.Type != "resolution" {
		t.Errorf("got %+v", list)
	}
}

// TestCreateMeta: the paged form, Cloud's names for it, and the form of old versions.
func TestCreateMeta(t *testing.T) {
	paged := func(w http.ResponseWriter, r *http.Request) {
		reply(200, map[string]string{
			"/issue/createmeta/PAY/issuetypes?maxResults=100&startAt=0":           `{"startAt":0,"total":2,"isLast":false,"values":[{"id":"1","name":"Bug"}]}`,
			"/issue/createmeta/PAY/issuetypes?maxResults=100&startAt=1":           `{"startAt":1,"total":2,"isLast":true,"values":[{"id":"2","name":"Task"}]}`,
			"/issue/createmeta/PAY/issuetypes/2?maxResults=100&startAt=0":         `{"total":2,"values":[{"fieldId":"summary","name":"Summary","required":true}]}`,
			"/issue/createmeta/PAY/issuetypes/2?maxResults=100&startAt=1":         `{"total":2,"values":[{"fieldId":"labels","name":"Labels"}]}`,
			"/issue/createmeta/CLOUD/issuetypes?maxResults=100&startAt=0":         `{"total":1,"issueTypes":[{"id":"2","name":"Task"}]}`,
			"/issue/createmeta/CLOUD/issuetypes/2?maxResults=100&startAt=0":       `{"total":2,"fields":[{"fieldId":"summary","name":"Summary","required":true},{"fieldId":"labels","name":"Labels"}]}`,
			"/issue/createmeta?expand=projects.issuetypes.fields&projectKeys=OLD": `{"projects":[{"issuetypes":[{"id":"1","name":"Bug"},{"id":"2","name":"Task","fields":{"summary":{"name":"Summary","required":true},"labels":{"name":"Labels"}}}]}]}`,
			"/issue/createmeta/NONE/issuetypes?maxResults=100&startAt=0":          `{"total":0,"values":[]}`,
		}[r.URL.RequestURI()])(w, r)
	}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/issue/createmeta/OLD/issuetypes" {
			reply(404, `<html/>`)(w, r)
			return
		}
		paged(w, r)
	})
	c := client(t, f)
	for _, tt := range []struct{ name, project, kind, want string }{
		{"by name", "PAY", "Task", ""},
		{"by ID", "PAY", "2", ""},
		{"in other letters", "PAY", "task", ""},
		{"on Cloud", "CLOUD", "Task", ""},
		{"on old versions", "OLD", "Task", ""},
		{"a type that is not offered", "PAY", "Epic", `project PAY has no issue type "Epic" for the bot user to create, only Bug, Task: missing or not visible`},
		{"not even on old versions", "OLD", "Epic", `project OLD has no issue type "Epic" for the bot user to create, only Bug, Task: missing or not visible`},
		{"nothing to create", "NONE", "Task", "project NONE offers the bot user no issue type to create: missing or not visible"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields, err := c.CreateMeta(t.Context(), tt.project, tt.kind)
			if tt.want != "" {
				if err == nil || err.Error() != tt.want || !errors.Is(err, jiraclient.ErrNotFound) {
					t.Errorf("got  %v\nwant %s", err, tt.want)
				}
				return
			}
			if err != nil || len(fields) != 2 || !fields["summary"].Required || fields["labels"].ID != "labels" || fields["labels"].Required {
				t.Errorf("got %+v, %v", fields, err)
			}
		})
	}
}

func TestTime(t *testing.T) {
	want := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		in   string
		want time.Time
		ok   bool
	}{
		{`"2026-03-01T09:30:00.000+0100"`, want, true},
		{`"2026-03-01T08:30:00.000Z"`, want, true},
		{`"2026-03-01T09:30:00+01:00"`, want, true},
		{`"2026-03-01"`, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), true},
		{`null`, time.Time{}, true},
		{`""`, time.Time{}, true},
		{`"yesterday"`, time.Time{}, false},
		{`17`, time.Time{}, false},
	} {
		var got jiraclient.Time
		if err := got.UnmarshalJSON([]byte(tt.in)); (err == nil) != tt.ok || !got.Equal(tt.want) {
			t.Errorf("%s is %v, %v", tt.in, got, err)
		}
	}
}

// TestObserve: whoever counts calls learns the route without the key in it.
func TestObserve(t *testing.T) {
	var got []jiraclient.Call
	f := serve(t, reply(404, `{"errorMessages":["Issue Does Not Exist"]}`))
	c := client(t, f, func(o *jiraclient.Options) { o.Observe = func(call jiraclient.Call) { got = append(got, call) } })
	_, _ = c.EditMeta(t.Context(), "PAY-7")
	if len(got) != 1 || got[0].Route != "/rest/api/2/issue/{key}/editmeta" || got[0].Method != "GET" || got[0].Status != 404 ||
		!errors.Is(got[0].Err, jiraclient.ErrNotFound) || got[0].Took <= 0 {
		t.Errorf("got %+v", got)
	}
}

func TestIDsComeAsTextsAndAsNumbers(t *testing.T) {
	for _, id := range []string{`"10042"`, `10042`} {
		var issue jiraclient.Issue
		if err := json.Unmarshal([]byte(`{"id":`+id+`,"key":"PAY-1"}`), &issue); err != nil || issue.ID != "10042" {
			t.Errorf("issue with id %s: %q, %v", id, issue.ID, err)
		}
		var comment jiraclient.Comment
		if err := json.Unmarshal([]byte(`{"id":`+id+`}`), &comment); err != nil || comment.ID != "10042" {
			t.Errorf("comment with id %s: %q, %v", id, comment.ID, err)
		}
		var worklog jiraclient.Worklog
		if err := json.Unmarshal([]byte(`{"id":`+id+`,"issueId":`+id+`}`), &worklog); err != nil || worklog.ID != "10042" || worklog.IssueID != "10042" {
			t.Errorf("worklog with id %s: %+v, %v", id, worklog, err)
		}
		var status jiraclient.Status
		if err := json.Unmarshal([]byte(`{"id":`+id+`}`), &status); err != nil || status.ID != "10042" {
			t.Errorf("status with id %s: %+v, %v", id, status, err)
		}
	}
	var issue jiraclient.Issue
	if err := json.Unmarshal([]byte(`{"id":{}}`), &issue); err == nil {
		t.Error("an object was taken for an id")
	}
}
