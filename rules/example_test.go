package rules_test

import (
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/rules"
)

func Example() {
	set, err := rules.Compile([]rules.File{{Name: "rules.yaml", Data: []byte(`
rules:
  - name: reopened-bug
    on:
      - issue_updated: {changed: status, from: Done}
    if: issue.type == "Bug"
    do:
      - labels: {add: reopened}
    tests:
      - name: a bug
        given: {issue_updated: {actor: ann, issue: {key: PAY-7, type: Bug}, changes: [{field: status, from: Done, to: Open}]}}
        want: [add label reopened to PAY-7]
`)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	bot := event.User{Name: "bot"}
	ev := &event.Event{Kind: "issue_updated", Actor: event.User{Name: "ann"}, Issue: event.Issue{Key: "PAY-7", Type: "Task"},
		Changes: []event.Change{{Field: "status", From: "Done", To: "Open"}}}
	fmt.Println(len(set.Match(ev, bot)), len(set.Decide(ev, bot)))
	fmt.Println(set.Rules[0].Explain(ev, bot, expression.Lookups{}))
	fmt.Println(set.Rules[0].RunTests()[0].Passed)
	// Output:
	// 1 0
	// reopened-bug does not run on issue_updated: status Done → Open
	//   if: issue.type == "Bug" does not hold: issue.type is "Task"
	// true
}
