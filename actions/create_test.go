package actions

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

const newBug = "PAY-10 creator:  → bot\nPAY-10 issuetype:  → Bug\nPAY-10 priority:  → Medium\nPAY-10 project:  → PAY\n" +
	"PAY-10 reporter:  → bot\nPAY-10 status:  → To Do\nPAY-10 summary:  → x"

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applied{
		"in the project of the event": {step: `create: {type: Bug, summary: "x\n"}`, outcome: Done, want: newBug},
		"in another project, with all that it can have": {
			step: `create: {type: Task, project: CHK, summary: x, description: "For ${issue.key}", fields: {Labels: [b, a], Story Points: 3, Severity: Low, Due: 2026-04-01, Priority: Low, Place: Berlin > Mitte, Assignee: ann}}`,
			want: "CHK-2 assignee:  → ann\nCHK-2 creator:  → bot\nCHK-2 customfield_10000:  → 3\nCHK-2 customfield_10001:  → Low\nCHK-2 customfield_10002:  → Berlin > Mitte\n" +
				"CHK-2 description:  → For PAY-7\nCHK-2 duedate:  → 2026-04-01\nCHK-2 issuetype:  → Task\nCHK-2 labels:  → a, b\nCHK-2 priority:  → Low\n" +
				"CHK-2 project:  → CHK\nCHK-2 reporter:  → bot\nCHK-2 status:  → To Do\nCHK-2 summary:  → x",
			outcome: Done,
		},
		"a sub-task where its parent is": {
			step: `create: {type: Sub-task, parent: CHK-1, summary: x}`, outcome: Done,
			want: "CHK-1 sub-tasks:  → CHK-2\nCHK-2 creator:  → bot\nCHK-2 issuetype:  → Sub-task\nCHK-2 parent:  → CHK-1\nCHK-2 priority:  → Medium\n" +
				"CHK-2 project:  → CHK\nCHK-2 reporter:  → bot\nCHK-2 status:  → To Do\nCHK-2 summary:  → x",
		},
		"a type that is none":           {step: `create: {type: Bugg, summary: x}`, err: "POST /rest/api/2/issue: 400: issuetype: The issue type selected is invalid."},
		"a project that is none":        {step: `create: {type: Bug, project: XYZ, summary: x}`, err: "POST /rest/api/2/issue: 400: project: project is required"},
		"a field nobody knows":          {step: `create: {type: Bug, summary: x, fields: {Labls: a}}`, err: `this Jira has no field "Labls"; did you mean "Labels"?`},
		"a wrong value":                 {step: `create: {type: Bug, summary: x, fields: {Story Points: a}}`, err: `field Story Points (customfield_10000) is a number, not "a"`},
		"a field with a key of its own": {step: `create: {type: Bug, summary: x, fields: {Summary: y}}`, err: "fields: summary has a key of its own in create; give it there only"},
		"a field under two names":       {step: `create: {type: Bug, summary: x, fields: {Due: null, duedate: null}}`, err: `"Due" and "duedate" are one field, Due Date; name it once`},
		"without the permission": {
			step: `create: {type: Bug, summary: x}`, spoil: func(w *world) { w.Revoke("PAY", "bot", "CREATE_ISSUES") }, denied: true,
			err: "POST /rest/api/2/issue: 400: project: You do not have permission to create issues in this project.",
		},
	} {
		t.Run(name, c.run)
	}
}

// TestCreateAgain: what an earlier try made is found by its mark, however that try ended.
func TestCreateAgain(t *testing.T) {
	t.Parallel()
	lost := jiratest.Fault{Method: http.MethodPost, PathSuffix: "/issue", Status: http.StatusGatewayTimeout, AfterEffect: true, Times: 1}
	for name, step := range map[string]string{
		"by search":      `create: {type: Bug, summary: x}`,
		"as a sub-task":  `create: {type: Sub-task, parent: PAY-7, summary: x}`,
		"with a quote":   `create: {type: Bug, summary: 'a "b" \c'}`,
		"in another one": `create: {type: Bug, project: CHK, summary: x}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, summary := range []string{"x", "y"} { // work of other runs
				if _, err := w.jira.CreateIssue(t.Context(), jiraclient.Create{
					Fields:     map[string]any{"project": map[string]any{"key": "PAY"}, "issuetype": map[string]any{"name": "Bug"}, "summary": summary},
					Properties: map[string]any{jiraclient.Mark: "other"},
				}); err != nil {
					t.Fatal(err)
				}
			}
			op := w.plan(step)
			w.Fault(lost)
			if changes, outcome, err := w.do(op, Try{Mark: "m1"}); err == nil || outcome != "" || changes == "" {
				t.Fatalf("%q %v %s", outcome, err, changes)
			}
			if changes, outcome, err := w.do(op, Try{Mark: "m1", Again: true}); outcome != Already || err != nil || changes != "" || w.wrote() != nil {
				t.Errorf("%q %v %s %q", outcome, err, changes, w.wrote())
			}
			if _, outcome, err := w.do(op, Try{Mark: "m", Again: true}); outcome != Done || err != nil {
				t.Errorf("a mark that is the beginning of another: %q %v", outcome, err)
			}
		})
	}
}

// TestCreateAgainInTheFog: as long as it cannot be found out whether there is one, none is created.
func TestCreateAgainInTheFog(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/search":                  "look for the issue of an earlier try: ",
		"/properties/jirabot.mark": "look for the mark of an earlier try on PAY-10: ",
	} {
		w := newWorld(t)
		op := w.plan(`create: {type: Bug, summary: x}`)
		if _, _, err := w.do(op, Try{Mark: "m1"}); err != nil {
			t.Fatal(err)
		}
		w.Fault(jiratest.Fault{PathSuffix: path, Status: 503, Body: "<html>away</html>"})
		changes, outcome, err := w.do(op, Try{Mark: "m1", Again: true})
		if _, temporary := jiraclient.Temporary(err); !temporary || !strings.HasPrefix(said(err), want) || outcome != "" || changes != "" {
			t.Errorf("%q %v %s", outcome, err, changes)
		}
	}
}

// TestCreateAgainAsksFewest: the likeliest issue is asked first, the one with the same summary or the newest sub-task.
func TestCreateAgainAsksFewest(t *testing.T) {
	t.Parallel()
	for step, last := range map[string]int{
		`create: {type: Bug, summary: "%d"}`:                     3,
		`create: {type: Sub-task, parent: PAY-7, summary: "%d"}`: 8,
	} {
		w := newWorld(t)
		for n := range 9 {
			if _, _, err := w.apply(fmt.Sprintf(step, n), Try{Mark: fmt.Sprint("m", n)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, outcome, err := w.apply(fmt.Sprintf(step, last), Try{Mark: fmt.Sprint("m", last), Again: true}); outcome != Already || err != nil {
			t.Fatal(outcome, err)
		}
		if n := len(w.Requests()); n != 2 {
			t.Errorf("%s: %d requests: %+v", step, n, w.Requests())
		}
	}
}
