package rules_test

import (
	"strings"
	"testing"

	"jirabot/internal/event"
	"jirabot/rules"
)

// triggerOf is the trigger that a rule file writes like this.
func triggerOf(t *testing.T, text string) *rules.Trigger {
	t.Helper()
	return &compile(t, rule("a-rule", text)).Rules[0].On[0]
}

func TestTriggersWantChanges(t *testing.T) {
	status := event.Change{Field: "status", From: "In Progress", FromID: "3", To: "Done", ToID: "10001"}
	labels := event.Change{Field: "labels", From: "red", To: "red urgent", Added: []string{"urgent"}}
	fixed := event.Change{Field: "Fix Version", From: "1.0", FromID: "100", Removed: []string{"1.0"}}
	points := event.Change{Field: "Story Points", FieldID: "customfield_10002", Custom: true, From: "3", To: "5"}
	toBob := event.Change{Field: "assignee", From: "Ann A.", FromID: "ann", To: "Bob B.", ToID: "bob"}
	toNobody := event.Change{Field: "assignee", From: "Ann A.", FromID: "ann"}
	nameless := event.Change{Field: "assignee", FromID: "ann", To: "Bob B."}
	project := event.Change{Field: "project", From: "Payments", FromID: "1", To: "Checkout", ToID: "2"}
	key := event.Change{Field: "Key", From: "PAY-1", To: "CHK-9"}
	for _, tt := range []struct {
		trigger string
		changes []event.Change
		want    string // why not; "" if it does
	}{
		{"issue_updated", nil, ""},
		{"issue_updated: {}", nil, ""},
		{"issue_updated: {changed: status}", []event.Change{status}, ""},
		{"issue_updated: {changed: Status, to: done}", []event.Change{status}, ""},
		{"issue_updated: {changed: status, to: \"10001\"}", []event.Change{status}, ""},
		{"issue_updated: {changed: status, to: 10001}", []event.Change{status}, ""},
		{"issue_updated: {changed: status, from: [Open, in progress], to: [Done, Closed]}", []event.Change{status}, ""},
		{"issue_updated: {changed: status, from: Open}", []event.Change{status}, `status was "In Progress"`},
		{"issue_updated: {changed: status, to: Open}", []event.Change{status}, `status became "Done"`},
		{"issue_updated: {changed: status}", []event.Change{labels}, "status did not change"},
		{"issue_updated: {changed: [status, labels]}", []event.Change{labels}, ""},
		{"issue_updated: {changed: [priority, status], to: Open}", []event.Change{status}, `status became "Done"`},
		{"issue_updated: {changed: [status, priority], to: Open}", []event.Change{status}, `status became "Done"`},
		{"issue_updated: {changed: [priority, resolution]}", []event.Change{status}, "priority or resolution did not change"},
		{"issue_updated: {changed: labels, added: Urgent}", []event.Change{labels}, ""},
		{"issue_updated: {changed: labels, added: [blue, green]}", []event.Change{labels}, "labels did not get blue or green"},
		{"issue_updated: {changed: labels, removed: red}", []event.Change{labels}, "labels did not lose red"},
		{"issue_updated: {changed: Fix Version/s, removed: 1.0}", []event.Change{fixed}, ""},
		{"issue_updated: {changed: fixVersions, removed: [\"2.0\"]}", []event.Change{fixed}, "Fix Version did not lose 2.0"},
		{"field_changed: {changed: story points, from: 3, to: \"5\"}", []event.Change{points}, ""},
		{"field_changed: {changed: customfield_10002}", []event.Change{points}, ""},
		{"field_changed", nil, "it is no field_changed"},
		{"transitioned", []event.Change{status}, ""},
		{"transitioned: {to: Done}", []event.Change{status}, ""},
		{"transitioned: {from: Done}", []event.Change{status}, `status was "In Progress"`},
		{"transitioned", []event.Change{labels}, "it is no transitioned"},
		{"assigned: {to: bob}", []event.Change{toBob}, ""},
		{"assigned: {to: Bob B.}", []event.Change{toBob}, ""},
		{"assigned: {to: carl}", []event.Change{toBob}, `assignee became "Bob B."`},
		{`assigned: {to: ""}`, []event.Change{toNobody}, ""},
		{`assigned: {to: ""}`, []event.Change{toBob}, `assignee became "Bob B."`},
		{`assigned: {to: ""}`, []event.Change{nameless}, `assignee became "Bob B."`},
		{`assigned: {to: ["", bob]}`, []event.Change{toBob}, ""},
		{"assigned: {from: ann}", []event.Change{toNobody}, ""},
		{"moved", []event.Change{project, key}, ""},
		{"moved: {from: PAY, to: CHK}", []event.Change{project, key}, ""},
		{"moved: {from: Payments, to: checkout}", []event.Change{project, key}, ""},
		{"moved: {from: OPS}", []event.Change{project, key}, "it came from PAY"},
		{"moved: {to: OPS}", []event.Change{project, key}, "it went to CHK"},
		{"moved: {to: OPS}", []event.Change{project}, "it went to Checkout"},
		{"moved: {to: CHK}", []event.Change{key}, ""},
		{`"jira:issue_updated"`, nil, ""},
	} {
		wants, why := triggerOf(t, tt.trigger).Wants(issueEvent("issue_updated", "PAY-1", tt.changes...))
		if why != tt.want || wants != (tt.want == "") {
			t.Errorf("%s\n got  %v %q\n want %q", tt.trigger, wants, why, tt.want)
		}
	}
}

func TestEveryTriggerCanBeWrittenAsItsExampleShows(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range rules.TriggerKinds() {
		if seen[k.Name] {
			t.Errorf("%s stands twice in the table", k.Name)
		}
		seen[k.Name] = true
		if k.Doc == "" || !strings.HasPrefix(k.Example, k.Name) {
			t.Errorf("%s: doc %q, example %q", k.Name, k.Doc, k.Example)
		}
		if k.Name == "failed" {
			continue // its example names a rule, which must be there
		}
		if got := triggerOf(t, k.Example).Kind; got != k.Name {
			t.Errorf("%s is read as %s", k.Example, got)
		}
	}
	for _, kinds := range [][]event.KindInfo{event.JiraKinds[:], event.DerivedKinds[:]} {
		for _, k := range kinds {
			if !seen[k.Name] {
				t.Errorf("no trigger for %s", k.Name)
			}
		}
	}
}

func TestTheZeroTriggerWantsNothing(t *testing.T) {
	if wants, _ := new(rules.Trigger).Wants(issueEvent("issue_updated", "PAY-1")); wants {
		t.Error("it does")
	}
}
