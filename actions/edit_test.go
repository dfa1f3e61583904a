package actions

import (
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// TestEditValues: what people write becomes what Jira wants, and what is so already is left alone.
func TestEditValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit string
		want string // what changed; empty: it was so before
	}{
		"a text":                          {`set: {Summary: "New"}`, "PAY-7 summary: Issue 7 → New"},
		"a text that is there":            {`set: {summary: Issue 7}`, ""},
		"a text out of a number":          {`set: {Hint: 1.10}`, "PAY-7 customfield_10009:  → 1.10"},
		"a text out of a list":            {`set: {Hint: "${issue.labels}"}`, "PAY-7 customfield_10009:  → waiting"},
		"a text emptied":                  {`set: {Summary: x, Description: ""}`, "PAY-7 summary: Issue 7 → x"},
		"a block of lines":                {"set: {Description: \"a\\nb\"}", "PAY-7 description:  → a\nb"},
		"a number":                        {`set: {Story Points: 5}`, "PAY-7 customfield_10000:  → 5"},
		"a broken number":                 {`set: {story points: 0.5}`, "PAY-7 customfield_10000:  → 0.5"},
		"a number as text":                {`set: {customfield_10000: "8"}`, "PAY-7 customfield_10000:  → 8"},
		"a number out of a hole":          {`set: {Story Points: "${2 * 4}"}`, "PAY-7 customfield_10000:  → 8"},
		"a date":                          {`set: {Launch: 2026-04-01}`, "PAY-7 customfield_10008:  → 2026-04-01"},
		"a date out of a hole":            {`set: {Due: "${now()}"}`, "PAY-7 duedate: 2026-03-31 → 2026-03-02"},
		"a date that is there":            {`set: {Due Date: "2026-03-31"}`, ""},
		"a moment":                        {`set: {Deadline: "2026-04-01T12:00:00+02:00"}`, "PAY-7 customfield_10007:  → 2026-04-01T12:00:00.000+0200"},
		"a moment out of a hole":          {`set: {Deadline: "${now()}"}`, "PAY-7 customfield_10007:  → 2026-03-02T09:00:00.000+0000"},
		"a user":                          {`set: {Reviewer: ann}`, "PAY-7 customfield_10003:  → ann"},
		"a user out of a hole":            {`set: {Reviewer: "${issue.reporter}"}`, "PAY-7 customfield_10003:  → ann"},
		"a user who is it already":        {`set: {Assignee: BOB}`, ""},
		"a user as Jira has it":           {`set: {Reviewer: {name: ann}}`, "PAY-7 customfield_10003:  → ann"},
		"users":                           {`set: {Approvers: [ann, "${issue.assignee}"]}`, "PAY-7 customfield_10004:  → ann, bob"},
		"one user where several may be":   {`set: {Approvers: ann}`, "PAY-7 customfield_10004:  → ann"},
		"a priority":                      {`set: {Priority: High}`, "PAY-7 priority: Medium → High"},
		"a priority by ID":                {`set: {Priority: {id: "1"}}`, "PAY-7 priority: Medium → Highest"},
		"the priority that it has":        {`set: {Priority: medium}`, ""},
		"an issue type":                   {`set: {Type: Task}`, "PAY-7 issuetype: Bug → Task"},
		"versions that look like numbers": {`set: {Fix Version: [1.0, 1.10]}`, "PAY-7 fixVersions:  → 1.0, 1.10"},
		"one version that looks so":       {`set: {Affects Version/s: 2.0}`, "PAY-7 versions:  → 2.0"},
		"components in place of others":   {`set: {Component/s: [Payments]}`, "PAY-7 components: Refunds → Payments"},
		"the components that it has":      {`set: {Components: Refunds}`, ""},
		"no components":                   {`set: {Component/s: []}`, "PAY-7 components: Refunds →"},
		"null":                            {`set: {Component/s: null, Due: null}`, "PAY-7 components: Refunds →\nPAY-7 duedate: 2026-03-31 →"},
		"an option":                       {`set: {Severity: High}`, "PAY-7 customfield_10001:  → High"},
		"options":                         {`set: {Teams: [Red, Blue, Red]}`, "PAY-7 customfield_10006:  → Red, Blue"},
		"two options, one in the other":   {`set: {Place: Berlin > Mitte}`, "PAY-7 customfield_10002:  → Berlin > Mitte"},
		"two options as a list":           {`set: {Place: [Berlin, Mitte]}`, "PAY-7 customfield_10002:  → Berlin > Mitte"},
		"an option without its child":     {`set: {Place: Rome}`, "PAY-7 customfield_10002:  → Rome"},
		"labels":                          {`set: {Labels: [b, a]}`, "PAY-7 labels: waiting → a, b"},
		"labels of a custom field":        {`set: {Tags: "${['x', '', 'y']}"}`, "PAY-7 customfield_10005:  → x, y"},
		"a field of a plug-in":            {`set: {Epic Link: PAY-1}`, "PAY-7 customfield_10010:  → PAY-1"},
		"estimates":                       {`set: {Time Tracking: {originalEstimate: 2h}}`, "PAY-7 timeoriginalestimate:  → 7200"},
		"added to what is there":          {`add: {Component/s: [Payments, Refunds]}`, "PAY-7 components: Refunds → Refunds, Payments"},
		"added what is there":             {`add: {Component/s: refunds, Labels: waiting}`, ""},
		"added to nothing":                {`add: {Approvers: "${issue.reporter}", Teams: Red}`, "PAY-7 customfield_10004:  → ann\nPAY-7 customfield_10006:  → Red"},
		"removed":                         {`remove: {Component/s: Refunds}`, "PAY-7 components: Refunds →"},
		"removed what is not there":       {`remove: {Component/s: Payments, Approvers: ann}`, ""},
		"added and removed":               {`{add: {Labels: b}, remove: {Labels: waiting}}`, "PAY-7 labels: waiting → b"},
		"cleared":                         {`clear: [Assignee, Labels, Component/s]`, "PAY-7 assignee: bob →\nPAY-7 components: Refunds →\nPAY-7 labels: waiting →"},
		"cleared what is empty":           {`clear: [Story Points, Severity, Approvers, Fix Version/s, description]`, ""},
		"another issue":                   {`{issue: CHK-1, set: {Priority: Low}}`, "CHK-1 priority: Medium → Low"},
		"some of it is so":                {`set: {Priority: Medium, Summary: x}`, "PAY-7 summary: Issue 7 → x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if !strings.HasPrefix(c.edit, "{") {
				c.edit = "{" + c.edit + "}"
			}
			op := w.plan("edit: " + c.edit)
			want := Done
			if c.want == "" {
				want = Already
			}
			changes, outcome, err := w.do(op, Try{})
			if err != nil || outcome != want || changes != c.want {
				t.Fatalf("%q %v\n got %s\nwant %s", outcome, err, changes, c.want)
			}
			if _, outcome, err := w.do(op, Try{}); outcome != Already || err != nil || w.wrote() != nil {
				t.Errorf("a second time: %q %v %q", outcome, err, w.wrote())
			}
		})
	}
}

// TestEditRefuses: a wrong value is refused before anything is sent, by an error that says what would be right.
func TestEditRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ edit, want string }{
		"a number that is none":        {`set: {Story Points: many}`, `field Story Points (customfield_10000) is a number, not "many"`},
		"a number beyond all numbers":  {`set: {Story Points: "Inf"}`, `field Story Points (customfield_10000) is a number, not "Inf"`},
		"no number at all":             {`set: {Story Points: "NaN"}`, `field Story Points (customfield_10000) is a number, not "NaN"`},
		"several numbers":              {`set: {Story Points: [1, 2]}`, `field Story Points (customfield_10000) is a number, not "1, 2"`},
		"a date that is none":          {`set: {Due: tomorrow}`, `field Due Date is a date such as 2026-01-31, not "tomorrow"`},
		"a date that cannot be":        {`set: {Due Date: "2026-02-30"}`, `field Due Date is a date such as 2026-01-31, not "2026-02-30"`},
		"a moment that is none":        {`set: {Deadline: noon}`, `field Deadline (customfield_10007) is a moment such as 2026-01-31T09:30:00+01:00, not "noon"`},
		"several users":                {`set: {Reviewer: [ann, bob]}`, `field Reviewer (customfield_10003) holds one value, not the list "ann, bob"`},
		"nobody":                       {`set: {Assignee: ""}`, `the value for field Assignee is empty; to empty the field, write null`},
		"several priorities":           {`set: {Priority: [High, Low]}`, `field Priority holds one value, not the list "High, Low"`},
		"an empty option":              {`set: {Severity: " "}`, `the value for field Severity (customfield_10001) is empty; to empty the field, write null`},
		"three options in each other":  {`set: {Place: [a, b, c]}`, `field Place (customfield_10002) wants an option, or two as in Parent > Child, not "a, b, c"`},
		"an empty parent option":       {`set: {Place: " > x"}`, `field Place (customfield_10002) wants an option, or two as in Parent > Child, not " > x"`},
		"estimates as text":            {`set: {Time Tracking: 2h}`, `field Time Tracking wants a mapping such as {originalEstimate: 2h, remainingEstimate: 1h}, not "2h"`},
		"a list within a list":         {`set: {Component/s: [[a, b]]}`, `field Component/s holds one value, not the list "a, b"`},
		"a value that cannot be added": {`add: {Priority: High}`, `field Priority holds one value; use set instead of add`},
		"nor removed":                  {`remove: {Story Points: 5}`, `field Story Points (customfield_10000) holds one value; use set instead of remove`},
		"one field under two names":    {`set: {Component: a, Component/s: b}`, `"Component" and "Component/s" are one field, Component/s; name it once`},
		"a field nobody knows":         {`set: {Storey Points: 5}`, `this Jira has no field "Storey Points"; did you mean "Story Points"?`},
		"a name of two fields":         {`set: {twin: 5}`, `this Jira has 2 fields named "twin"; name the one you mean by its ID: customfield_10011, customfield_10012`},
		"a field nobody can clear":     {`clear: [Bogus Field]`, `this Jira has no field "Bogus Field"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			changes, outcome, err := w.apply("edit: {"+c.edit+"}", Try{})
			if said(err) != c.want || outcome != "" || changes != "" || w.wrote() != nil {
				t.Errorf("%q, changed %q, wrote %q\n got %v\nwant %s", outcome, changes, w.wrote(), err, c.want)
			}
		})
	}
}

// TestEditSends only what is not so yet, several values as additions and removals: Jira has no lock against others.
func TestEditSends(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`edit: {set: {Priority: High, Summary: Issue 7}}`:                      `PUT /issue/PAY-7 {"fields":{"priority":{"name":"High"}}}`,
		`edit: {set: {Story Points: 5, Hint: 1.0}}`:                            `PUT /issue/PAY-7 {"fields":{"customfield_10000":5,"customfield_10009":"1.0"}}`,
		`edit: {add: {Component/s: Payments}, remove: {Component/s: Refunds}}`: `PUT /issue/PAY-7 {"update":{"components":[{"add":{"name":"Payments"}},{"remove":{"name":"Refunds"}}]}}`,
		`edit: {add: {Tags: [x, x]}}`:                                          `PUT /issue/PAY-7 {"update":{"customfield_10005":[{"add":"x"}]}}`,
		`edit: {clear: [labels, due]}`:                                         `PUT /issue/PAY-7 {"fields":{"duedate":null,"labels":[]}}`,
		`labels: {add: [waiting, b], remove: gone}`:                            `PUT /issue/PAY-7 {"update":{"labels":[{"add":"b"}]}}`,
	} {
		w := newWorld(t)
		if _, _, err := w.apply(source, Try{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.wrote(), "\n"); got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestEditWithoutMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const quiet = `edit: {set: {Priority: High}, notify: false}`
	if _, _, err := w.apply(quiet, Try{}); err == nil || !strings.Contains(err.Error(), "project admin permissions are required") {
		t.Error("without the permission:", err)
	}
	w.Grant("PAY", "ADMINISTER_PROJECTS", "bot")
	if changes, _, err := w.apply(quiet, Try{}); err != nil || changes != "PAY-7 priority: Medium → High" {
		t.Error(changes, err)
	}
	if r := w.Writes(); len(r) != 1 || r[0].Query != "notifyUsers=false" {
		t.Errorf("%+v", r)
	}
}

// TestRefused: Jira has one text for several causes, and the bot tells which.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step   string
		spoil  func(*world)
		want   string // the error begins with it
		denied bool
	}{
		"a field that is not on the edit screen": {
			`edit: {set: {Story Points: 5, Summary: x}}`, func(w *world) { w.SetScreen("PAY", jiratest.EditScreen, "Summary") },
			"the edit screen of PAY-7 does not offer the bot user the field Story Points (customfield_10000): it is not on that screen, or hidden by the field configuration: PUT ", false,
		},
		"two of them": {
			`edit: {set: {Story Points: 5, Hint: x}}`, func(w *world) { w.SetScreen("PAY", jiratest.EditScreen, "Summary") },
			"the edit screen of PAY-7 does not offer the bot user the fields Story Points (customfield_10000), Hint (customfield_10009): ", false,
		},
		"a reporter without the permission": {
			`edit: {set: {Reporter: bob}}`, func(w *world) { w.Revoke("PAY", "bot", "MODIFY_REPORTER") },
			"field Reporter takes the permission MODIFY_REPORTER: permission missing: PUT ", true,
		},
		"a due date without the permission": {
			`edit: {clear: [Due]}`, func(w *world) { w.Revoke("PAY", "bot", "SCHEDULE_ISSUES") },
			"field Due Date takes the permission SCHEDULE_ISSUES: permission missing: PUT ", true,
		},
		"a reporter who may be set, but not there": {
			`edit: {set: {Reporter: bob}}`, func(w *world) { w.SetScreen("PAY", jiratest.EditScreen, "Summary") },
			"the edit screen of PAY-7 does not offer the bot user the field Reporter: ", false,
		},
		"a value that is wrong": {
			`edit: {set: {Severity: Enormous}}`, func(*world) {},
			"PUT /rest/api/2/issue/PAY-7: 400: customfield_10001: Option value 'Enormous' is not valid", false,
		},
		"an edit without the permission": {
			`edit: {set: {Hint: x}}`, func(w *world) { w.Revoke("PAY", "bot", "EDIT_ISSUES") },
			"PUT /rest/api/2/issue/PAY-7: 400: You do not have permission to edit issues in this project.", true,
		},
		"a screen that Jira does not tell": {
			`edit: {set: {Hint: x}}`, func(w *world) {
				w.SetScreen("PAY", jiratest.EditScreen, "Summary")
				w.Fault(jiratest.Fault{PathSuffix: "/editmeta", Status: 403})
			},
			"PUT /rest/api/2/issue/PAY-7: 400: customfield_10009: Field 'customfield_10009' cannot be set.", false,
		},
		"permissions that Jira does not tell": {
			`edit: {set: {Reporter: bob}}`, func(w *world) {
				w.Revoke("PAY", "bot", "MODIFY_REPORTER")
				w.Fault(jiratest.Fault{PathSuffix: "/mypermissions", Status: 404})
			},
			"the edit screen of PAY-7 does not offer the bot user the field Reporter: ", false,
		},
		"a field that is not on the create screen": {
			`create: {type: Bug, summary: x, fields: {Hint: y}}`, func(w *world) { w.SetScreen("PAY", jiratest.CreateScreen, "Summary") },
			"the screen on which a Bug is created in PAY does not offer the bot user the field Hint (customfield_10009): ", false,
		},
		"a new issue's reporter without the permission": {
			`create: {type: Bug, summary: x, fields: {Reporter: bob}}`, func(w *world) { w.Revoke("PAY", "bot", "MODIFY_REPORTER") },
			"field Reporter takes the permission MODIFY_REPORTER: permission missing: POST ", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			op := w.plan(c.step)
			c.spoil(w)
			changes, outcome, err := w.do(op, Try{Mark: "m"})
			if !strings.HasPrefix(said(err), c.want) || outcome != "" || changes != "" {
				t.Errorf("%q, changed %q\n got %v\nwant %s…", outcome, changes, err, c.want)
			}
			if denied(err) != c.denied {
				t.Errorf("a missing permission: %v, want %v", denied(err), c.denied)
			}
		})
	}
}
