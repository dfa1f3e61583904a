package expression_test

import (
	"fmt"

	"jirabot/internal/event"
	"jirabot/internal/expression"
)

func Example() {
	ev := &event.Event{Actor: event.User{Name: "ann"}, Issue: event.Issue{Key: "PAY-7", Type: "Bug", Priority: "Low"}}
	scope := expression.NewScope(expression.FromEvent(ev, expression.Rule{}, event.User{Name: "bot"}, expression.Lookups{}))

	condition, mistake := expression.NewCondition(`issue.type == "Bug" and issue.priority in ["Highest", "High"]`)
	if mistake != nil {
		fmt.Println(mistake)
	}
	fmt.Println(condition.Holds(scope))
	fmt.Println(condition.Why(scope))

	text, _ := expression.NewText(`${issue.key} belongs to ${issue.assignee.name ?? "nobody"}`)
	fmt.Println(text.Render(scope))

	_, mistake = expression.NewCondition(`issue.tpye == "Bug"`)
	fmt.Println(mistake)
	// Output:
	// false <nil>
	// issue.priority in ["Highest", "High"] does not hold: issue.priority is "Low"
	// PAY-7 belongs to nobody <nil>
	// issue has no "tpye"; did you mean "type"?
}
