package actions

import (
	"net/http"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestComment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applied{
		"for everybody":            {step: `comment: {body: x}`, outcome: Done, want: "PAY-7 comments:  → bot: x"},
		"for a role":               {step: `comment: {body: x, visible_to: {role: Developers}}`, outcome: Done, want: "PAY-7 comments:  → bot role:Developers: x"},
		"for a group":              {step: `comment: {body: x, visible_to: {group: "${'staff'}"}}`, outcome: Done, want: "PAY-7 comments:  → bot group:staff: x"},
		"on another issue":         {step: `comment: {issue: CHK-1, body: "See ${issue.key}"}`, outcome: Done, want: "CHK-1 comments:  → bot: See PAY-7"},
		"for a role that is none":  {step: `comment: {body: x, visible_to: {role: Kings}}`, err: "POST /rest/api/2/issue/PAY-7/comment: 400: commentLevel: Role: Kings does not exist."},
		"for a group of others":    {step: `comment: {body: x, visible_to: {group: others}}`, err: "POST /rest/api/2/issue/PAY-7/comment: 400: commentLevel: You are currently not a member of the group: others."},
		"on an issue that is none": {step: `comment: {issue: PAY-99, body: x}`, err: "POST /rest/api/2/issue/PAY-99/comment: 404: Issue Does Not Exist (missing, or not visible to bot)"},
	} {
		t.Run(name, c.run)
	}
}

// TestAgainAfterALostAnswer: Jira did what was asked and nobody heard of it.
func TestAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for step, path := range map[string]string{
		`comment: {body: x}`: "/comment",
		`comment: {body: x, visible_to: {role: Developers}}`: "/comment",
		`worklog: {spent: 30m}`:                              "/worklog",
		`worklog: {spent: 1d, comment: "two\nlines\n"}`:      "/worklog",
	} {
		w := newWorld(t)
		op := w.plan(step)
		w.Fault(jiratest.Fault{Method: http.MethodPost, PathSuffix: path, Drop: true, AfterEffect: true, Times: 1})
		if changes, outcome, err := w.do(op, Try{Mark: "m1"}); err == nil || outcome != "" || changes == "" {
			t.Errorf("%s: %q %v %s", step, outcome, err, changes)
		}
		if changes, outcome, err := w.do(op, Try{Mark: "m1", Again: true}); outcome != Already || err != nil || changes != "" {
			t.Errorf("%s again: %q %v %s", step, outcome, err, changes)
		}
		w.Fault(jiratest.Fault{Method: http.MethodGet, PathSuffix: path, Status: 503})
		changes, outcome, err := w.do(op, Try{Mark: "m1", Again: true})
		if _, temporary := jiraclient.Temporary(err); !temporary || outcome != "" || changes != "" || !strings.Contains(said(err), "look for a marked ") {
			t.Errorf("%s in the fog: %q %v %s", step, outcome, err, changes)
		}
	}
}
