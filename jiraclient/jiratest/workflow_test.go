package jiratest_test

import (
	"slices"
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

func strict() *jiratest.Workflow {
	return &jiratest.Workflow{
		Name:     "Strict",
		Statuses: []jiratest.Status{{Name: "Open", Category: "new"}, {Name: "Doing"}, {Name: "Closed", Category: "done"}},
		Transitions: []jiratest.Transition{
			{ID: "5", Name: "Do", From: []string{"Open"}, To: "Doing", OnlyAssignee: true},
			{ID: "6", Name: "Close", To: "Closed", Permission: "CLOSE_ISSUES", Event: "issue_closed", Fields: []jiratest.ScreenField{
				{Field: "resolution", Required: true}, {Field: "Story Points"},
			}},
			{ID: "7", Name: "Open again", From: []string{"Closed"}, To: "Open", Resolution: "-"},
		},
	}
}

func TestTransitions(t *testing.T) {
	const close = `{"transition":{"id":"6"},"fields":{"resolution":{"name":"Won't Do"}}}`
	for name, c := range map[string]struct {
		prepare    func(*jiratest.Jira)
		body       string
		status     int
		want       string // of the error
		now        string // status afterwards
		resolution string
	}{
		"a required field is missing":           {body: `{"transition":{"id":"6"}}`, status: 400, want: `"resolution":"Resolution is required."`, now: "Open"},
		"a required field is given":             {body: close, status: 204, now: "Closed", resolution: "Won't Do"},
		"a field is not on the screen":          {body: `{"transition":{"id":"6"},"fields":{"resolution":{"name":"Done"},"labels":["a"]}}`, status: 400, want: "Field 'labels' cannot be set.", now: "Open"},
		"a comment may come along":              {body: `{"transition":{"id":"6"},"fields":{"resolution":{"id":"10000"}},"update":{"comment":[{"add":{"body":"bye"}}]}}`, status: 204, now: "Closed", resolution: "Done"},
		"the workflow asks for another right":   {prepare: revoke("OPS", "CLOSE_ISSUES"), body: close, status: 400, want: "is not valid for the current state of this issue (OPS-1)", now: "Open"},
		"without the right to transition":       {prepare: revoke("OPS", "TRANSITION_ISSUES"), body: close, status: 400, want: "workflow operation (Close)", now: "Open"},
		"only the assignee may":                 {body: `{"transition":{"id":"5"}}`, status: 400, want: "workflow operation (Do)", now: "Open"},
		"the assignee does":                     {prepare: func(j *jiratest.Jira) { _ = j.As("ann").Assign("OPS-1", "bot") }, body: `{"transition":{"id":"5"}}`, status: 204, now: "Doing"},
		"it does not begin in this status":      {body: `{"transition":{"id":"7"}}`, status: 400, want: "workflow operation (Open again)", now: "Open"},
		"nobody knows the ID":                   {body: `{"transition":{"id":"99"}}`, status: 500, want: "Internal server error", now: "Open"},
		"no ID is given":                        {body: `{}`, status: 400, want: "Missing 'transition' identifier", now: "Open"},
		"leaving the end clears the resolution": {prepare: closed, body: `{"transition":{"id":"7"}}`, status: 204, now: "Open"},
	} {
		t.Run(name, func(t *testing.T) {
			j, _ := newJira(t, jiratest.Options{})
			j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
			j.AddProject(jiratest.Project{Key: "OPS", Lead: "ann", Workflow: strict()})
			must[string](t)(j.As("ann").CreateIssue("OPS", "Task", "Mop up"))
			if c.prepare != nil {
				c.prepare(j)
			}
			a := ask(t, j, "bot-token", "POST", "/api/2/issue/OPS-1/transitions", c.body)
			if a.status != c.status || !strings.Contains(a.text, c.want) {
				t.Errorf("got %d %s, want %d %s", a.status, a.text, c.status, c.want)
			}
			i, _ := j.Issue("OPS-1")
			if i.Status != c.now || i.Resolution != c.resolution || i.Resolved.IsZero() != (c.resolution == "") {
				t.Errorf("now %q, resolution %q at %v", i.Status, i.Resolution, i.Resolved)
			}
		})
	}
}

func closed(j *jiratest.Jira) {
	_ = j.As("ann").Transition("OPS-1", "Closed", jiratest.Fields{"resolution": "Done"})
}

func TestTransitionsAreListedForWhoAsks(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{})
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	j.AddProject(jiratest.Project{Key: "OPS", Lead: "ann", Workflow: strict()})
	must[string](t)(j.As("ann").CreateIssue("OPS", "Task", "Mop up", jiratest.Fields{"assignee": "bob"}))
	names := func(token string) (out []string) {
		a := ask(t, j, token, "GET", "/api/2/issue/OPS-1/transitions?expand=transitions.fields", nil)
		for _, one := range at(t, a.text, "transitions").([]any) {
			out = append(out, one.(map[string]any)["name"].(string))
		}
		return out
	}
	if got := names("bob-token"); !slices.Equal(got, []string{"Do", "Close"}) {
		t.Error("bob:", got)
	}
	if got := names("bot-token"); !slices.Equal(got, []string{"Close"}) {
		t.Error("bot:", got)
	}
	a := ask(t, j, "bot-token", "GET", "/api/2/issue/OPS-1/transitions?expand=transitions.fields&transitionId=6", nil)
	for path, want := range map[string]any{
		"transitions.0.to.name": "Closed", "transitions.0.to.statusCategory.key": "done",
		"transitions.0.fields.resolution.required": true, "transitions.0.fields.resolution.allowedValues.0.name": "Done",
		"transitions.0.fields.customfield_10000.required": false, "transitions.0.fields.customfield_10000.schema.type": "number",
	} {
		if got := at(t, a.text, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}

func TestTheDefaultWorkflowEndsAndBeginsAgain(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{})
	ann := j.As("ann")
	key := must[string](t)(ann.CreateIssue("PAY", "Bug", "x"))
	if err := ann.Transition(key, "Done"); err == nil {
		t.Error("To Do leads straight to Done")
	}
	for _, to := range []string{"In Progress", "In Review", "Done", "Reopened"} {
		ok(t, ann.Transition(key, to))
	}
	i, _ := j.Issue(key)
	var trail []string
	for _, c := range i.History {
		trail = append(trail, c.Field+":"+c.From+">"+c.To)
	}
	want := "status:To Do>In Progress status:In Progress>In Review resolution:>Done status:In Review>Done resolution:Done> status:Done>Reopened"
	if got := strings.Join(trail, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
