package actions

import (
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestFieldNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct{ given, id, kind, items, shown, err string }{
		"a system field by ID":            {given: "fixVersions", id: "fixVersions", kind: "array", items: "version", shown: "Fix Version/s"},
		"by the name that Jira shows":     {given: "Fix Version/s", id: "fixVersions", kind: "array", items: "version", shown: "Fix Version/s"},
		"by another name that people use": {given: "fix version", id: "fixVersions", kind: "array", items: "version", shown: "Fix Version/s"},
		"by its ID in other capitals":     {given: "DUEDATE", id: "duedate", kind: "date", shown: "Due Date"},
		"one that Jira does not list":     {given: "security level", id: "security", kind: "securitylevel", shown: "Security Level"},
		"a custom field by ID":            {given: "customfield_10000", id: "customfield_10000", kind: "number", shown: "Story Points (customfield_10000)"},
		"a custom field by name":          {given: "Story Points", id: "customfield_10000", kind: "number", shown: "Story Points (customfield_10000)"},
		"by name in other capitals":       {given: "STORY points", id: "customfield_10000", kind: "number", shown: "Story Points (customfield_10000)"},
		"one of two with a name, by ID":   {given: "customfield_10012", id: "customfield_10012", kind: "number", shown: "Twin (customfield_10012)"},
		"a name of two fields":            {given: "Twin", err: `this Jira has 2 fields named "Twin"; name the one you mean by its ID: customfield_10011, customfield_10012`},
		"a name that is nearly one":       {given: "Storypoints", err: `this Jira has no field "Storypoints"; did you mean "Story Points"?`},
		"a name that is like none":        {given: "Something else", err: `this Jira has no field "Something else"`},
		"an ID that is none":              {given: "customfield_99999", err: `this Jira has no field "customfield_99999"`},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := w.jira.FieldNamed(t.Context(), c.given)
			if said(err) != c.err {
				t.Fatalf("got %v\nwant %s", err, c.err)
			}
			if f.ID != c.id || f.Schema.Type != c.kind || f.Schema.Items != c.items || err == nil && nameOf(f) != c.shown {
				t.Errorf("%+v is shown as %s", f, nameOf(f))
			}
		})
	}
}

// TestFieldNamedLikeASystemField: a rule that says "Due" means the field of that name, if this Jira has one.
func TestFieldNamedLikeASystemField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.AddField(jiratest.Field{Name: "Due", Type: "text"})
	if f, err := w.jira.FieldNamed(t.Context(), "Due"); err != nil || f.ID != id {
		t.Error(f, err)
	}
	other := w.AddField(jiratest.Field{Name: "Priority", Type: "text"})
	w.wait(time.Hour)
	if f, err := w.jira.FieldNamed(t.Context(), "priority"); err != nil || f.ID != "priority" {
		t.Error("an ID is never doubtful:", f, err)
	}
	_, err := w.jira.FieldNamed(t.Context(), "Priority")
	if want := `this Jira has 2 fields named "Priority"; name the one you mean by its ID: priority, ` + other; said(err) != want {
		t.Error(err)
	}
}

// TestFieldsAreRemembered: the list is asked once in a while, and sooner for a name that is not on it.
func TestFieldsAreRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := func(name string, wait time.Duration) int {
		w.wait(wait)
		w.ForgetRequests()
		_, _ = w.jira.FieldNamed(t.Context(), name) // found or not is another test's business
		return len(w.Requests())
	}
	for _, c := range []struct {
		what string
		name string
		wait time.Duration
		want int
	}{
		{"an ID needs no list", "priority", 0, 0},
		{"the first name does", "Story Points", 0, 1},
		{"the second does not", "Severity", 0, 0},
		{"an unknown name while the list is fresh", "Budget", 30 * time.Second, 0},
		{"an unknown name later", "Budget", time.Minute, 1},
		{"and again at once", "Budget", 0, 0},
		{"a known name after a while", "Severity", 9 * time.Minute, 0},
		{"a known name after a long while", "Severity", 2 * time.Minute, 1},
	} {
		if got := asked(c.name, c.wait); got != c.want {
			t.Errorf("%s: %d requests, want %d", c.what, got, c.want)
		}
	}
	id := w.AddField(jiratest.Field{Name: "Budget", Type: "number"})
	w.wait(2 * time.Minute)
	if f, err := w.jira.FieldNamed(t.Context(), "budget"); err != nil || f.ID != id {
		t.Error("a field that was added just now:", f, err)
	}
	w.wait(time.Hour)
	w.Fault(jiratest.Fault{PathSuffix: "/field", Status: 503})
	_, err := w.jira.KnownFields(t.Context())
	if _, temporary := jiraclient.Temporary(err); !temporary {
		t.Error("the cause is lost:", err)
	}
	if _, err := w.jira.FieldNamed(t.Context(), "budget"); err == nil {
		t.Error("found without a list")
	}
}
