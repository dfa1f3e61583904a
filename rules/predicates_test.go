package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"jirabot/internal/event"
	"jirabot/internal/expression"
)

// TestDecideFindsWhatEachRuleSaysOfItself: among many rules, those are found that run if they are asked one by one.
func TestDecideFindsWhatEachRuleSaysOfItself(t *testing.T) {
	triggers := []string{
		"issue_updated", "transitioned", "transitioned: {to: Done}", "transitioned: {to: [open, DONE]}", "transitioned: {from: Open, to: Done}",
		`transitioned: {to: "6"}`, `assigned: {to: ""}`, "assigned: {to: klaus}", "issue_updated: {changed: labels, added: red}", "issue_updated: {changed: [labels, status]}",
		"issue_updated: {changed: status, from: Done}", "moved: {to: PAY}", "transitioned: {to: Done}, commented", "commented",
	}
	conditions := []string{
		"", `issue.type == "Bug"`, `issue.type != "Bug"`, `issue.type in ["Bug", "Task"]`, `issue.type in ["Task", "Epic"]`, `"red" in issue.labels`,
		`"red" in issue.labels and "blue" in issue.labels`, `issue.type == "Bug" and issue.priority != "Low"`, `issue.type == "bug"`, `issue.priority == ""`,
		`issue.type == "Bug" and issue.priority == "High" and "red" in issue.labels and issue.status == "Done"`,
		`issue.type == "Bug" and issue.priority == "High" and "red" in issue.labels and issue.status == "Open"`,
		`rule.name == "r-40" and issue.type == "Bug"`, `issue.type == "Bug" and rule.name != "r-40"`, `issue.type == "Bug" or issue.priority == "High"`,
		`not (issue.type == "Bug")`, `len(issue.labels) > 1 and issue.type == "Bug"`, `issue.type == issue.priority`, `actor.name == "ann" and event.kind == "issue_updated"`,
	}
	var text strings.Builder
	n := 0
	for _, on := range triggers {
		for _, condition := range conditions {
			for _, project := range []string{"", "PAY", "CHK"} {
				if on == "moved: {to: PAY}" && project == "CHK" {
					continue // a mistake: the rule would not see where the issue went
				}
				var rest []string
				if condition != "" {
					rest = append(rest, "if: '"+condition+"'")
				}
				if project != "" {
					rest = append(rest, "projects: ["+project+"]")
				}
				text.WriteString(rule(fmt.Sprintf("r-%d", n), on, rest...))
				n++
			}
		}
	}
	for i := range 200 {
		text.WriteString(rule(fmt.Sprintf("s-%d", i), "issue_updated", fmt.Sprintf(`if: 'issue.status == "S%d" and "l%d" in issue.labels'`, i, i%7)))
	}
	set := compile(t, text.String())

	kelvin := event.Change{Field: "assignee", To: "\u212alaus"} // a K by another name
	for i, changes := range [][]event.Change{
		nil,
		{{Field: "status", From: "Open", FromID: "1", To: "Done", ToID: "6"}},
		{{Field: "status", From: "Done", FromID: "6", To: "OPEN", ToID: "1"}},
		{{Field: "status", From: "Open", To: "Closed"}, {Field: "labels", Added: []string{"red"}}},
		{{Field: "assignee", From: "bob"}}, {kelvin}, {{Field: "assignee", To: "KLAUS", ToID: "k"}},
		{{Field: "project", From: "CHK", To: "PAY"}, {Field: "Key", From: "CHK-1", To: "PAY-1"}},
	} {
		for j, issue := range []event.Issue{
			{Type: "Bug", Priority: "High", Labels: []string{"red"}, Status: "Done"},
			{Type: "Bug", Priority: "Low", Labels: []string{"blue", "red", "red"}, Status: "Open"},
			{Type: "Task", Priority: "Task"}, {}, {Status: "S77", Labels: []string{"l0"}}, {Status: "S164", Labels: []string{"l3", "l2"}},
		} {
			for _, key := range []string{"PAY-1", "OPS-1"} {
				ev := issueEvent("issue_updated", key, changes...)
				issue.Key, issue.Project = ev.Issue.Key, ev.Issue.Project
				ev.Issue = issue
				var want []string
				for _, r := range set.Rules {
					if r.Explain(ev, bot, expression.Lookups{}).Runs {
						want = append(want, r.Name)
					}
				}
				if got := namesOf(set.Decide(ev, bot)); got != strings.Join(want, " ") || len(want) == 0 {
					t.Errorf("changes %d, issue %d in %s:\ngot  %s\nwant %s", i, j, key, got, strings.Join(want, " "))
				}
			}
		}
	}
}

// TestOneTextIsNotTwo: whatever stands in texts, predicates of different texts are not taken for the same.
func TestOneTextIsNotTwo(t *testing.T) {
	set := compile(t, rule("two", "issue_updated", `if: 'issue.type in ["a", "b"]'`)+rule("one", "issue_updated", `if: 'issue.type in ["a\x00b"]'`)+
		rule("spaced", "issue_updated", `if: 'issue.type in ["a b"]'`)+rule("quoted", "issue_updated", `if: 'issue.type in ["a\" \"b"]'`))
	for text, want := range map[string]string{"a": "two", "b": "two", "a\x00b": "one", "a b": "spaced", `a" "b`: "quoted"} {
		ev := issueEvent("issue_updated", "PAY-1")
		ev.Issue.Type = text
		if got := namesOf(set.Decide(ev, bot)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestAnEventOfAnUnknownProjectIsNobodysToRefuse: until the project is known, conditions of rules for some projects do not count.
func TestAnEventOfAnUnknownProjectIsNobodysToRefuse(t *testing.T) {
	set := compile(t, rule("pay-task", "issue_updated", "projects: [PAY]", `if: 'issue.type == "Task"'`)+rule("all-bugs", "issue_updated", `if: 'issue.type == "Bug"'`)+
		rule("to-done", "transitioned: {to: Done}", "projects: [PAY]"))
	ev := issueEvent("issue_updated", "")
	if got := namesOf(set.Decide(ev, bot)); got != "pay-task? all-bugs" {
		t.Error(got)
	}
}
