package actions

import (
	"errors"
	"testing"
)

func TestBoundsNarrowAndSayHow(t *testing.T) {
	w := newWorld(t)
	scope := w.scope()
	for _, x := range []struct {
		name   string
		bounds Bounds
		step   string
		want   string // "" if it is allowed
	}{
		{"no bounds narrow nothing", Bounds{}, `comment: {body: Hi}`, ""},
		{"a project that is listed", Bounds{Projects: []string{"CHK", "PAY"}}, `comment: {body: Hi}`, ""},
		{"a project that is not", Bounds{Projects: []string{"CHK"}}, `comment: {body: Hi}`, "project PAY is not among those that may be written to: CHK"},
		{"another issue's project", Bounds{Projects: []string{"PAY"}}, `comment: {issue: CHK-1, body: Hi}`, "project CHK is not among those that may be written to: PAY"},
		{"the project of a new issue", Bounds{Projects: []string{"PAY"}}, `create: {project: CHK, type: Bug, summary: New}`, "project CHK is not among those that may be written to: PAY"},
		{"an issue named by its ID is where Jira says it is", Bounds{Projects: []string{"PAY"}}, `comment: {issue: "10009", body: Hi}`, "project CHK is not among those that may be written to: PAY"},
		{"a link is written to both ends", Bounds{Projects: []string{"PAY"}}, `link: {type: blocks, to: CHK-1}`, "project CHK is not among those that may be written to: PAY"},
		{"a link inside", Bounds{Projects: []string{"PAY"}}, `link: {type: blocks, to: PAY-1}`, ""},
		{"of two fields with a denied name both are denied", Bounds{DenyFields: []string{"Twin"}}, `edit: {clear: [customfield_10011]}`, "field customfield_10011 is denied, as Twin"},
		{"a log line writes to no project", Bounds{Projects: []string{"CHK"}}, `log: {message: Hi}`, ""},
		{"a denied action", Bounds{DenyActions: []string{"create"}}, `create: {type: Bug, summary: New}`, "action create is denied"},
		{"an action that is not allowed", Bounds{AllowActions: []string{"comment", "log"}}, `labels: {add: x}`, "action labels is not among those allowed: comment, log"},
		{"a denied field by its name", Bounds{DenyFields: []string{"Due Date"}}, `edit: {clear: [Due Date]}`, "field Due Date is denied"},
		{"a denied field under another name", Bounds{DenyFields: []string{"Due Date"}}, `edit: {set: {duedate: "2026-04-01"}}`, "field duedate is denied, as Due Date"},
		{"a denied custom field by its ID", Bounds{DenyFields: []string{"Severity"}}, `edit: {set: {customfield_10001: High}}`, "field customfield_10001 is denied, as Severity"},
		{"a denied field on the way of a transition", Bounds{DenyFields: []string{"resolution"}}, `transition: {to: Done, fields: {Resolution: Done}}`, "field Resolution is denied"},
		{"a denied field of a new issue", Bounds{DenyFields: []string{"Priority"}}, `create: {type: Bug, summary: New, fields: {priority: High}}`, "field priority is denied"},
		{"labels are a field", Bounds{DenyFields: []string{"Labels"}}, `labels: {add: x}`, "field labels is denied"},
		{"so is the assignee", Bounds{DenyFields: []string{"Assignee"}}, `assign: {to: bob}`, "field assignee is denied"},
		{"other fields are free", Bounds{DenyFields: []string{"Assignee", "No Such Field"}}, `edit: {set: {Story Points: 3}}`, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			kind, step, err := decode(x.step)
			if err != nil {
				t.Fatal(err)
			}
			op, err := step.Plan(scope)
			if err != nil {
				t.Fatal(err)
			}
			err = x.bounds.Allows(t.Context(), w.jira, kind, op)
			if x.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || err.Error() != x.want+"; the operator's configuration does not allow it (bounds)" {
				t.Errorf("got %v, want %s", err, x.want)
			}
			if !errors.As(err, new(*OutOfBounds)) {
				t.Errorf("%T is no OutOfBounds", err)
			}
		})
	}
}
