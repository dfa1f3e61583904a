package rules_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/rules"
)

const choices = `
- name: choices
  on: [issue_created]
  do:
    - log: {message: first}
    - if: issue.type == "Bug"
      then:
        - log: {message: a bug}
        - if: issue.priority == "High"
          then: [log: {message: high}]
        - log: {message: "${issue.resolution}"}
      else:
        - log: {message: no bug}
    - if: issue.labels[0] == "red"
      then: [log: {message: red}]
    - log: {message: last}
`

func walk(t *testing.T, issue event.Issue, stopAt string) (string, error) {
	t.Helper()
	steps := compile(t, choices).Rules[0].Do
	scope := expression.NewScope(expression.FromEvent(&event.Event{Issue: issue}, expression.Rule{}, event.User{}, expression.Lookups{}))
	var got []string
	err := steps.Walk(scope, func(st *rules.Step) (bool, error) { return st.If.Holds(scope) }, func(st *rules.Step, op actions.Operation, err error) error {
		switch {
		case err != nil && op != nil:
			t.Errorf("step %s has an operation and an error", st.Path)
		case err != nil:
			got = append(got, st.Path+" error")
		default:
			got = append(got, st.Path+" "+op.String())
		}
		if st.Path == stopAt {
			return errors.New("stopped")
		}
		return nil
	})
	return strings.Join(got, "; "), err
}

func TestWalkGoesThroughTheStepsInOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		issue  event.Issue
		stopAt string
		want   string
	}{
		"then, and what cannot be planned or decided is handed over": {event.Issue{Type: "Bug"}, "", "1 log: first; 2.then.1 log: a bug; 2.then.3 error; 3 error; 4 log: last"},
		"a choice in a choice": {event.Issue{Type: "Bug", Priority: "High", Resolution: "Done", Labels: []string{"red"}}, "",
			"1 log: first; 2.then.1 log: a bug; 2.then.2.then.1 log: high; 2.then.3 log: Done; 3.then.1 log: red; 4 log: last"},
		"else":                    {event.Issue{Labels: []string{"blue"}}, "", "1 log: first; 2.else.1 log: no bug; 4 log: last"},
		"an error stops":          {event.Issue{Type: "Bug"}, "2.then.3", "1 log: first; 2.then.1 log: a bug; 2.then.3 error"},
		"so does one of a choice": {event.Issue{}, "3", "1 log: first; 2.else.1 log: no bug; 3 error"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(t, tt.issue, tt.stopAt)
			if got != tt.want || (err != nil) != (tt.stopAt != "") {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestAllVisitsEveryStepWithItsPathAndLine(t *testing.T) {
	var got []string
	compile(t, choices).Rules[0].Do.All(func(st *rules.Step) { got = append(got, fmt.Sprintf("%s:%d", st.Path, st.Line)) })
	want := "1:6 2:7 2.then.1:9 2.then.2:10 2.then.2.then.1:11 2.then.3:12 2.else.1:14 3:15 3.then.1:16 4:17"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}
