package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"jirabot/actions"
	"jirabot/internal/contract"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

func TestNamesThatJiraDoesNotHaveAreTold(t *testing.T) {
	j, c := connected(t)
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	j.AddField(jiratest.Field{Name: "Team", Type: "text"})
	j.AddField(jiratest.Field{Name: "Team", Type: "text"})
	jira := actions.NewJira(c, time.Now)
	for _, x := range []struct {
		name, rule string
		want       []string // without file and line
	}{
		{"names that are there, in any case", `
    on: [{issue_updated: {changed: story points}}, {transitioned: {from: to do, to: In Progress}}]
    if: field("Story Points", 0) > 1 and changed("labels")
    do:
      - edit: {set: {Due Date: "2026-01-31"}, add: {Component/s: x}}
      - transition: {to: done}
      - link: {type: is blocked by, to: PAY-1}`, nil},
		{"a field in a trigger", `
    on: [{issue_updated: {changed: Storypoints}}]
    do: [{log: {message: Hi}}]`, []string{`this Jira has no field "Storypoints"; did you mean "Story Points"?`}},
		{"fields in a condition and in a text", `
    on: [issue_updated]
    if: changed("Sprnt Goal") or change("Sprnt Goal").to == "x"
    do: [{comment: {body: "${field('Mood', 'none')} and ${field('Mood', 'none')}"}}]`, []string{`this Jira has no field "Sprnt Goal"`, `this Jira has no field "Mood"`}},
		{"a field of which there are two", `
    on: [issue_updated]
    do: [{edit: {clear: [Team]}}]`, []string{`this Jira has 2 fields named "Team"; name the one you mean by its ID: customfield_10001, customfield_10002`}},
		{"a status to go to, and one to come from", `
    on: [{transitioned: {from: Opne}}]
    do: [{transition: {to: Reveiw}}]`, []string{`this Jira has no status "Opne"`, `this Jira has no status "Reveiw"`}},
		{"a kind of link inside a choice", `
    on: [issue_updated]
    do:
      - if: issue.type == "Bug"
        then: [{link: {type: blockz, to: PAY-1}}]`, []string{`this Jira has no link type "blockz"; did you mean "Blocks"?`}},
		{"what is put together while it runs is not known", `
    on: [issue_updated]
    do: [{transition: {to: "${issue.status}"}}]`, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			set, err := rules.Compile([]rules.File{{Name: "r.yaml", Data: []byte("rules:\n  - name: r\n" + x.rule + "\n")}})
			if err != nil {
				t.Fatal(err)
			}
			bad, notes, err := contract.CheckNames(t.Context(), jira, set)
			if err != nil || notes != nil {
				t.Fatal(err, notes)
			}
			var got []string
			for _, b := range bad {
				_, text, _ := strings.Cut(b.Text, ": rule r: ")
				text, _, _ = strings.Cut(text, "; there are")
				got = append(got, text)
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(x.want, "\n"))
			}
		})
	}
}

func TestListsThatAJiraDoesNotHaveAreSaid(t *testing.T) {
	j, c := connected(t)
	j.Fault(jiratest.Fault{Match: func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/status") || strings.HasSuffix(r.URL.Path, "/field") || strings.HasSuffix(r.URL.Path, "/issueLinkType")
	}, Status: 404})
	set, err := rules.Compile([]rules.File{{Name: "r.yaml", Data: []byte(`rules:
  - name: r
    on: [{transitioned: {to: Nowhere}}]
    do:
      - edit: {clear: [Mood, Team]}
      - link: {type: blockz, to: PAY-1}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	bad, notes, err := contract.CheckNames(t.Context(), actions.NewJira(c, time.Now), set)
	if err != nil || len(bad) != 0 || len(notes) != 3 {
		t.Errorf("%v, %d notes %q, %v", bad, len(notes), notes, err)
	}
}
