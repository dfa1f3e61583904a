package actions

import (
	"errors"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestTransition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step    string
		spoil   func(*world)
		outcome Outcome
		want    string // what changed
		err     string
	}{
		"to a status": {step: `{to: in review}`, outcome: Done, want: "PAY-7 status: In Progress → In Review"},
		"by name":     {step: `{name: send to review}`, outcome: Done, want: "PAY-7 status: In Progress → In Review"},
		"to a status by name": {step: `{to: Done, name: Close}`, outcome: Done,
			want: "PAY-7 resolution:  → Done\nPAY-7 status: In Progress → Done"},
		"with fields by whatever names": {step: `{to: In Review, fields: {Fix Version: 1.10, Assignee: "${issue.reporter}", resolution: Won't Do}}`, outcome: Done,
			want: "PAY-7 assignee: bob → ann\nPAY-7 fixVersions:  → 1.10\nPAY-7 resolution:  → Won't Do\nPAY-7 status: In Progress → In Review"},
		"with a field emptied": {step: `{to: In Review, fields: {Assignee: null}}`, outcome: Done,
			want: "PAY-7 assignee: bob →\nPAY-7 status: In Progress → In Review"},
		"of several, the one that asks for nothing": {step: `{to: Done}`, outcome: Done,
			want: "PAY-7 resolution:  → Done\nPAY-7 status: In Progress → Done"},
		"of several, the one that has the fields": {step: `{to: Done, fields: {Resolution: Duplicate, severity: Low}}`, outcome: Done,
			want: "PAY-7 customfield_10001:  → Low\nPAY-7 resolution:  → Duplicate\nPAY-7 status: In Progress → Done"},
		"another issue":                  {step: `{issue: PAY-3, to: In Progress}`, outcome: Done, want: "PAY-3 status: To Do → In Progress"},
		"there already":                  {step: `{to: IN PROGRESS}`, outcome: Already},
		"there already, with fields":     {step: `{to: In Progress, fields: {Reviewer: ann}}`, outcome: Already},
		"by name to where it is already": {step: `{name: Note, fields: {Reviewer: ann}}`, outcome: Done, want: "PAY-7 customfield_10003:  → ann"},
		"one required field is missing": {step: `{to: Waiting}`,
			err: `transition "Escalate" of PAY-7 asks for Severity; give it under fields`},
		"several required fields are missing": {step: `{to: Done, name: Close as Told}`,
			err: `transition "Close as Told" of PAY-7 asks for Severity and Resolution; give it under fields`},
		"a field that is not on the screen": {step: `{to: In Review, fields: {Story Points: 5}}`,
			err: `transition "Send to Review" of PAY-7 cannot set Story Points (customfield_10000): it offers the bot user Assignee, Fix Version/s and Resolution`},
		"a field where there is no screen": {step: `{to: Done, name: Close, fields: {Hint: x}}`,
			err: `transition "Close" of PAY-7 cannot set Hint (customfield_10009): it has no screen`},
		"a field nobody knows": {step: `{to: In Review, fields: {Resolutoin: Done}}`,
			err: `this Jira has no field "Resolutoin"; did you mean "Resolution"?`},
		"one field under two names": {step: `{to: In Review, fields: {Fix Version: 1.0, fixVersions: 1.0}}`,
			err: `"Fix Version" and "fixVersions" are one field, Fix Version/s; name it once`},
		"a value that cannot be": {step: `{to: In Review, fields: {Assignee: [ann, bob]}}`,
			err: `field Assignee holds one value, not the list "ann, bob"`},
		"a value that Jira refuses": {step: `{to: In Review, fields: {Resolution: Maybe}}`,
			err: `transition "Send to Review": POST /rest/api/2/issue/PAY-7/transitions: 400: resolution: Resolution name 'Maybe' is not valid`},
		"a status that cannot be reached": {step: `{to: Reopened}`,
			err: `PAY-7 cannot go from In Progress to Reopened: from there Jira offers the bot user "Send to Review" (to In Review), "Close as Told" (to Done), "Close" (to Done), "Escalate" (to Waiting) and "Note" (to In Progress)`},
		"a name that leads elsewhere": {step: `{to: Waiting, name: Close}`,
			err: `PAY-7 cannot go from In Progress to Waiting by "Close": from there Jira offers the bot user "Send to Review" (to In Review), "Close as Told" (to Done), "Close" (to Done), "Escalate" (to Waiting) and "Note" (to In Progress)`},
		"no way out": {step: `{name: Close}`, spoil: func(w *world) { w.Revoke("PAY", "bot", "TRANSITION_ISSUES") },
			err: `PAY-7 cannot go from In Progress by "Close": Jira offers the bot user no transition at all from there`},
		"an issue that is not there": {step: `{issue: PAY-99, to: Done}`,
			err: `GET /rest/api/2/issue/PAY-99: 404: Issue Does Not Exist (missing, or not visible to bot)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			op := w.plan("transition: " + c.step)
			if c.spoil != nil {
				c.spoil(w)
			}
			changes, outcome, err := w.do(op, Try{})
			if said(err) != c.err || outcome != c.outcome || changes != c.want {
				t.Errorf("%q\n got %s\nwant %s\n got %v\nwant %s", outcome, changes, c.want, err, c.err)
			}
			if outcome == Already && w.wrote() != nil {
				t.Errorf("wrote %q", w.wrote())
			}
		})
	}
}

// TestNoTransition: callers tell a workflow without a way from one that hides its ways.
func TestNoTransition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, err := w.apply(`transition: {to: Reopened}`, Try{})
	none, ok := errors.AsType[*NoTransition](err)
	if !ok || none.Issue != "PAY-7" || none.Status != "In Progress" || none.Wanted != "to Reopened" || len(none.There) != 5 {
		t.Errorf("%+v", none)
	}
}

// TestTransitionMeetsOthers: the second Apply after an answer that got lost finds the issue where it shall be.
func TestTransitionMeetsOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.plan(`transition: {to: Done}`)
	w.Fault(jiratest.Fault{Method: "POST", PathSuffix: "/transitions", Status: 504, AfterEffect: true, Times: 1})
	if _, _, err := w.do(op, Try{}); err == nil {
		t.Fatal("no error")
	}
	if _, outcome, err := w.do(op, Try{}); outcome != Already || err != nil {
		t.Error(outcome, err)
	}
}

// TestSuits: a field that has a default need not be given.
func TestSuits(t *testing.T) {
	t.Parallel()
	move := transitionOf{issue: "PAY-7", to: "Done"}
	for name, c := range map[string]struct {
		field jiraclient.FieldMeta
		given []jiraclient.Field
		want  string
	}{
		"required":                   {jiraclient.FieldMeta{Name: "Size", Required: true}, nil, `transition "Close" of PAY-7 asks for Size; give it under fields`},
		"required and given":         {jiraclient.FieldMeta{Name: "Size", Required: true}, []jiraclient.Field{{ID: "size"}}, ""},
		"required, with its default": {jiraclient.FieldMeta{Name: "Size", Required: true, HasDefault: true}, nil, ""},
		"not required":               {jiraclient.FieldMeta{Name: "Size"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			screen := map[string]jiraclient.FieldMeta{"size": c.field}
			if err := move.suits(jiraclient.Transition{Name: "Close", Fields: screen}, c.given); said(err) != c.want {
				t.Error(err)
			}
		})
	}
}
