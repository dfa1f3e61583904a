package actions_test

import (
	"context"
	"fmt"
	"time"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A step of a rule is planned, which asks nobody, and applied, which does what is not so yet.
func Example() {
	jira := jiratest.New(jiratest.Options{})
	jira.AddUser(jiratest.User{Name: "bot", Token: "bot-token"})
	jira.AddProject(jiratest.Project{Key: "PAY"})
	key, err := jira.As("ann").CreateIssue("PAY", "Bug", "Rounding")
	if err != nil {
		fmt.Println(err)
		return
	}
	url, err := jira.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer jira.Close()
	client, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("bot-token")})
	if err != nil {
		fmt.Println(err)
		return
	}

	kind, _ := actions.Find("labels")
	step := kind.New()
	source := strictyaml.Parse("rules.yaml", []byte(`{add: ["from-${actor.name}"]}`))
	source.Decode(source.Root, step)
	fmt.Println("mistakes:", source.Count(), "needs:", actions.Needs(kind, step))

	happened := &event.Event{Issue: event.Issue{Key: key}, Actor: event.User{Name: "ann"}}
	env := expression.FromEvent(happened, expression.Rule{}, event.User{Name: "bot"}, expression.Lookups{})
	operation, err := step.Plan(expression.NewScope(env))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(operation)
	for range 2 {
		fmt.Println(operation.Apply(context.Background(), actions.NewJira(client, time.Now), actions.Try{Mark: "run-1/1"}))
	}
	// Output:
	// mistakes: 0 needs: [EDIT_ISSUES]
	// add label from-ann to PAY-1
	// done <nil>
	// already so <nil>
}
