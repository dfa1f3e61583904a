package actions

import (
	"testing"

	"jirabot/jiraclient/jiratest"
)

// applied is a step applied to PAY-7 in a world of its own.
type applied struct {
	step    string
	spoil   func(*world)
	outcome Outcome
	want    string // what changed
	err     string
	denied  bool
}

func (c applied) run(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op := w.plan(c.step)
	if c.spoil != nil {
		c.spoil(w)
	}
	changes, outcome, err := w.do(op, Try{Mark: "m1"})
	if said(err) != c.err || outcome != c.outcome || changes != c.want || denied(err) != c.denied {
		t.Errorf("%q, denied %v\n got %s\nwant %s\n got %v\nwant %s", outcome, denied(err), changes, c.want, err, c.err)
	}
	if outcome == Already && w.wrote() != nil {
		t.Errorf("wrote %q", w.wrote())
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applied{
		"to somebody":                    {step: `assign: {to: ann}`, outcome: Done, want: "PAY-7 assignee: bob → ann"},
		"to somebody of an expression":   {step: `assign: {to: "${issue.reporter}"}`, outcome: Done, want: "PAY-7 assignee: bob → ann"},
		"to whoever has it":              {step: `assign: {to: Bob}`, outcome: Already},
		"to nobody":                      {step: `assign: {to: nobody}`, outcome: Done, want: "PAY-7 assignee: bob →"},
		"to nobody, as it is":            {step: `assign: {issue: PAY-3, to: nobody}`, outcome: Already},
		"to whom the project says":       {step: `assign: {to: automatic}`, outcome: Done, want: "PAY-7 assignee: bob → ann"},
		"to somebody whom nobody knows":  {step: `assign: {to: dora}`, err: "PUT /rest/api/2/issue/PAY-7/assignee: 400: assignee: User 'dora' does not exist."},
		"to somebody who cannot have it": {step: `assign: {to: ann}`, spoil: func(w *world) { w.Revoke("PAY", "ann", "ASSIGNABLE_USER") }, err: "PUT /rest/api/2/issue/PAY-7/assignee: 400: assignee: User 'ann' cannot be assigned issues."},
		"of another issue":               {step: `assign: {issue: PAY-3, to: ann}`, outcome: Done, want: "PAY-3 assignee:  → ann"},
		"of an issue nobody may see":     {step: `assign: {issue: CHK-1, to: ann}`, spoil: func(w *world) { w.Revoke("CHK", "bot", "BROWSE_PROJECTS") }, err: "GET /rest/api/2/issue/CHK-1: 404: Issue Does Not Exist (missing, or not visible to bot)"},
	} {
		t.Run(name, c.run)
	}
}

// TestUsersFromFields: a user field's value is Jira's whole object, and it serves wherever a user is named.
func TestUsersFromFields(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]string{
		`assign: {to: "${field('Reviewer')}"}`:                "PAY-7 assignee: bob → ann",
		`watch: {add: ["${field('Reviewer')}"]}`:              "PAY-7 watchers:  → ann",
		`watch: {add: "${field('Approvers')}"}`:               "PAY-7 watchers:  → ann, bob",
		`edit: {set: {Assignee: "${field('Reviewer')}"}}`:     "PAY-7 assignee: bob → ann",
		`edit: {remove: {Approvers: "${field('Reviewer')}"}}`: "PAY-7 customfield_10004: ann, bob → bob",
		`create: {type: Bug, summary: x, fields: {Reporter: "${field('Reviewer')}"}}`: "PAY-10 creator:  → bot\nPAY-10 issuetype:  → Bug\n" +
			"PAY-10 priority:  → Medium\nPAY-10 project:  → PAY\nPAY-10 reporter:  → ann\nPAY-10 status:  → To Do\nPAY-10 summary:  → x",
	} {
		w := newWorld(t)
		if err := w.As("ann").Edit("PAY-7", jiratest.Fields{"Reviewer": "ann", "Approvers": []string{"ann", "bob"}}); err != nil {
			t.Fatal(err)
		}
		if changes, outcome, err := w.apply(step, Try{}); err != nil || outcome != Done || changes != want {
			t.Errorf("%s: %q %v\n got %s\nwant %s", step, outcome, err, changes, want)
		}
	}
}

func watched(by ...string) func(*world) {
	return func(w *world) {
		for _, name := range by {
			if err := w.jira.AddWatcher(w.t.Context(), "PAY-7", w.jira.Ref(name)); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applied{
		"one comes":                 {step: `watch: {add: ann}`, outcome: Done, want: "PAY-7 watchers:  → ann"},
		"one who watches comes":     {step: `watch: {add: [Ann]}`, spoil: watched("ann"), outcome: Already},
		"two come, one was there":   {step: `watch: {add: [ann, bob]}`, spoil: watched("ann"), outcome: Done, want: "PAY-7 watchers: ann → ann, bob"},
		"one goes":                  {step: `watch: {remove: BOB}`, spoil: watched("ann", "bob"), outcome: Done, want: "PAY-7 watchers: ann, bob → ann"},
		"one who was not there":     {step: `watch: {remove: bob}`, spoil: watched("ann"), outcome: Already},
		"nobody was there":          {step: `watch: {remove: bob}`, outcome: Already},
		"one comes and one goes":    {step: `watch: {add: ann, remove: bob}`, spoil: watched("bob"), outcome: Done, want: "PAY-7 watchers: bob → ann"},
		"of another issue":          {step: `watch: {issue: CHK-1, add: ann}`, outcome: Done, want: "CHK-1 watchers:  → ann"},
		"one whom nobody knows":     {step: `watch: {add: dora}`, err: "add dora: POST /rest/api/2/issue/PAY-7/watchers: 400: User 'dora' does not exist."},
		"one comes, unseen":         {step: `watch: {add: ann}`, spoil: func(w *world) { w.Revoke("PAY", "bot", "VIEW_VOTERS_AND_WATCHERS") }, outcome: Done, want: "PAY-7 watchers:  → ann"},
		"one may not be sent away":  {step: `watch: {remove: ann}`, spoil: func(w *world) { watched("ann")(w); w.Revoke("PAY", "bot", "MANAGE_WATCHERS") }, denied: true, err: "remove ann: DELETE /rest/api/2/issue/PAY-7/watchers: 401: User 'bot' is not allowed to manage watchers of issue 'PAY-7'."},
		"an issue that is not seen": {step: `watch: {issue: PAY-99, remove: ann}`, err: "GET /rest/api/2/issue/PAY-99/watchers: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		"one goes who cannot be seen": {step: `watch: {remove: ann}`, denied: true, spoil: func(w *world) {
			watched("ann")(w)
			w.Revoke("PAY", "bot", "VIEW_VOTERS_AND_WATCHERS")
		}, err: "see who watches PAY-7: permission missing: VIEW_VOTERS_AND_WATCHERS"},
		"it cannot be told who is seen": {step: `watch: {remove: ann}`, spoil: func(w *world) {
			w.Fault(jiratest.Fault{PathSuffix: "/mypermissions", Status: 500, Body: `{"message":"x"}`})
		}, err: "find out whether the watchers of PAY-7 are hidden: GET /rest/api/2/mypermissions: 500: x"},
	} {
		t.Run(name, c.run)
	}
}
