package event

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestChangedFindsAFieldByAnyOfItsNames(t *testing.T) {
	lists, custom := "dc_issue_lists", "dc_issue_custom_fields"
	tests := []struct{ fixture, field, want string }{
		{lists, "labels", `customer payment -> payment urgent vip +[urgent vip] -[customer]`},
		{lists, "Labels", `customer payment -> payment urgent vip +[urgent vip] -[customer]`},
		{lists, "fixVersions", `1.9 -> 2.0 +[2.0] -[1.9]`},
		{lists, "Fix Version", `1.9 -> 2.0 +[2.0] -[1.9]`},
		{lists, "fix version/s", `1.9 -> 2.0 +[2.0] -[1.9]`},
		{lists, "affectsVersions", ` -> 1.8 +[1.8] -[]`},
		{lists, "versions", ` -> 1.8 +[1.8] -[]`},
		{lists, "Version", ` -> 1.8 +[1.8] -[]`},
		{lists, "components", `Gateway ->  +[] -[Gateway]`},
		{lists, "attachment", ` -> screen.png +[screen.png] -[]`},
		{lists, "issuelinks", `This issue is cloned by CHK-3 -> This issue blocks PAY-8 +[PAY-8] -[CHK-3]`},
		{lists, "status", ``},
		{lists, "", ``},
		{custom, "Story Points", `2 -> 3.5 +[] -[]`},
		{custom, "storyPoints", `2 -> 3.5 +[] -[]`},
		{custom, "story points", `2 -> 3.5 +[] -[]`},
		{custom, "duedate", `2024-03-10 00:00:00.0 -> 2024-03-15 00:00:00.0 +[] -[]`},
		{custom, "Due date", `2024-03-10 00:00:00.0 -> 2024-03-15 00:00:00.0 +[] -[]`},
		{custom, "Epic Link", `PAY-1 -> PAY-2 +[] -[]`},
		{custom, "status", `green -> red +[] -[]`},
		{"cloud_issue_updated_translated", "status", `To Do -> In Progress +[] -[]`},
		{"cloud_issue_updated_translated", "Статус", `To Do -> In Progress +[] -[]`},
		{"cloud_issue_updated_translated", "customfield_10099", `green -> red +[] -[]`},
		{"dc_issue_sprints", "sprint", `Pay 11 -> Pay 11, Pay 12 +[Pay 12] -[]`},
		{"odd_escaped_and_repeated_keys", "labels", ` -> 😀 +[😀] -[]`},
	}
	for _, test := range tests {
		t.Run(test.fixture+" "+test.field, func(t *testing.T) {
			e := decodeFixture(t, test.fixture)
			c, ok := e.Changed(test.field)
			got := ""
			if ok {
				got = fmt.Sprintf("%s -> %s +%v -%v", c.From, c.To, c.Added, c.Removed)
			}
			check(t, "change", got, test.want)
		})
	}
}

func TestTheSystemFieldCountsBeforeACustomOneOfItsName(t *testing.T) {
	e := decodeBody(t, `{"webhookEvent":"jira:issue_updated","changelog":{"items":[
		{"field":"Status","fieldtype":"custom","fromString":"green","toString":"red"},
		{"field":"status","fieldtype":"jira","fromString":"To Do","toString":"Done"}]}}`)
	c, _ := e.Changed("Status")
	check(t, "to", c.To, "Done")
}

func TestAValueChangedTwiceIsOneChange(t *testing.T) {
	e := decodeBody(t, `{"webhookEvent":"jira:issue_updated","changelog":{"items":[
		{"field":"status","from":"1","fromString":"To Do","to":"3","toString":"In Progress"},
		{"field":"status","from":"3","fromString":"In Progress","to":"5","toString":"Done"}]}}`)
	c, _ := e.Changed("status")
	check(t, "change", c.From+c.FromID+" -> "+c.To+c.ToID, "To Do1 -> Done5")
}

func TestPuttingChangesTogetherLeavesTheEventAlone(t *testing.T) {
	e := decodeFixture(t, "dc_issue_lists")
	before := changesText(e.Changes)
	for range 2 {
		if c, ok := e.Changed("fixVersions"); !ok || len(c.Added) != 1 {
			t.Fatalf("added %v", c.Added)
		}
	}
	check(t, "changes", changesText(e.Changes), before)
}

func TestSprintsThatCameAndWent(t *testing.T) {
	tests := []struct{ name, from, fromString, to, toString, want string }{
		{"into the first", "", "", "5", "Pay 5", "+Pay 5"},
		{"a name with a comma", "", "", "5", "Pay, early", "+Pay, early"},
		{"carried over", "5", "Pay 5", "5, 6", "Pay 5, Pay 6", "+Pay 6"},
		{"from one to another", "5", "Pay 5", "6", "Pay 6", "+Pay 6 -Pay 5"},
		{"renamed in between", "5", "Pay 5", "5", "Pay Five", ""},
		{"out of all", "5, 6", "Pay 5, Pay 6", "", "", "-Pay 5 -Pay 6"},
		{"without IDs", "", "Pay 5", "", "Pay 5, Pay 6", "+Pay 6"},
		{"commas in several names", "", "", "5, 6", "Pay, early, Pay 6", "+Pay +early +Pay 6"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := decodeBody(t, fmt.Sprintf(`{"webhookEvent":"jira:issue_updated","changelog":{"items":[
				{"field":"Sprint","fieldtype":"custom","from":%q,"fromString":%q,"to":%q,"toString":%q}]}}`,
				test.from, test.fromString, test.to, test.toString))
			_, text, _ := strings.Cut(changesText(e.Changes), " -> "+test.toString)
			check(t, "came and went", strings.TrimSpace(text), test.want)
		})
	}
}

func TestDerivedKinds(t *testing.T) {
	item := func(field, from, to string) string {
		return fmt.Sprintf(`{"webhookEvent":"jira:issue_updated","changelog":{"items":[{"field":%q,"fieldtype":"jira","fromString":%q,"toString":%q}]}}`, field, from, to)
	}
	tests := []struct{ name, body, want string }{
		{"resolved", item("resolution", "", "Fixed"), "field_changed resolved"},
		{"another resolution is neither", item("resolution", "Fixed", "Duplicate"), "field_changed"},
		{"reopened", item("resolution", "Fixed", ""), "field_changed reopened"},
		{"a move told by the key alone", item("Key", "PAY-1", "CHK-1"), "moved field_changed"},
		{"a removed attachment is not attached", item("Attachment", "a.png", ""), "field_changed"},
		{"work logged", item("timespent", "60", "120"), "work_logged field_changed"},
		{"the first work logged", item("timespent", "", "120"), "work_logged field_changed"},
		{"work taken back", item("timespent", "120", "60"), "field_changed"},
		{"work corrected upwards", strings.Replace(item("timespent", "60", "120"), `{`, `{"issue_event_type_name":"issue_worklog_updated",`, 1), "field_changed"},
		{"the type says closed and nothing changed", `{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_closed"}`, ""},
		{"the type says commented and there is no comment", `{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_commented"}`, ""},
		{"an older comment, edited, and no type", `{"webhookEvent":"jira:issue_updated","comment":{"id":"1","created":"2024-03-05T11:00:00.000+0100","updated":"2024-03-05T11:00:01.000+0100"}}`, "comment_edited"},
		{"a comment on a kind that is new to us", `{"webhookEvent":"jira:issue_archived","comment":{"id":"1"}}`, ""},
		{"a creation with its first values", strings.Replace(item("status", "", "To Do"), "issue_updated", "issue_created", 1), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := decodeBody(t, test.body)
			kinds := e.Kinds()
			check(t, "derived", strings.Join(kinds[1:], " "), test.want)
			for _, kind := range kinds {
				if !e.Is(kind) {
					t.Errorf("Kinds names %s and Is does not", kind)
				}
			}
			if e.Is("sprint_changed") {
				t.Error("it is not about a sprint")
			}
		})
	}
}

func TestEachKindIsListedOnceAndSaysWhatItIs(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range append(JiraKinds[:], DerivedKinds[:]...) {
		if seen[k.Name] || k.Name == "" {
			t.Errorf("%q is listed twice", k.Name)
		}
		seen[k.Name] = true
		if !strings.HasSuffix(k.Doc, ".") || strings.ToUpper(k.Doc[:1]) != k.Doc[:1] {
			t.Errorf("%s: %q is not a sentence", k.Name, k.Doc)
		}
	}
}

func TestTimes(t *testing.T) {
	tests := []struct{ json, want string }{
		{`1709630130250`, "2024-03-05T09:15:30.25Z"},
		{`"1709630130250"`, "2024-03-05T09:15:30.25Z"},
		{`1.70963013025e12`, "2024-03-05T09:15:30.25Z"},
		{`"2024-03-05T10:15:30.250+0100"`, "2024-03-05T09:15:30.25Z"},
		{`"2024-03-05T10:15:30+01:00"`, "2024-03-05T09:15:30Z"},
		{`"2024-03-05T09:15:30.250Z"`, "2024-03-05T09:15:30.25Z"},
		{`"2024-3-5 9:15:30,250"`, "2024-03-05T09:15:30.25Z"},
		{`"3/5/2024, 9:15:30 PM,250"`, "2024-03-05T21:15:30.25Z"},
		{`null`, ""}, {`"soon"`, ""}, {`""`, ""}, {`-5`, ""}, {`1e300`, ""}, {`{"a":1}`, ""}, {`253402300800000`, ""},
	}
	for _, test := range tests {
		t.Run(test.json, func(t *testing.T) {
			e := decodeBody(t, `{"webhookEvent":"option_voting_changed","timestamp":`+test.json+`}`)
			got := ""
			if e.Timed {
				got = e.Time.Format(time.RFC3339Nano)
			} else if !e.Time.Equal(received) {
				t.Errorf("time %v is not the time of arrival", e.Time)
			}
			check(t, "time", got, test.want)
		})
	}
}

func TestABodyCannotClaimAKindOfTheBotsOwn(t *testing.T) {
	for _, name := range []string{"schedule", "hook", "jira:manual"} {
		check(t, name, decodeBody(t, `{"webhookEvent":"`+name+`"}`).Kind, "unknown")
	}
}
