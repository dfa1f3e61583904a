package jiratest_test

import (
	"fmt"
	"io"
	"net/http"

	"jirabot/jiraclient/jiratest"
)

// A test starts a Jira, lets people work in it, sends requests of its own, and looks at what became of the issues.
func Example() {
	jira := jiratest.New(jiratest.Options{})
	defer jira.Close()
	jira.AddUser(jiratest.User{Name: "bot", Token: "bot-token"})
	jira.AddUser(jiratest.User{Name: "bob"})
	jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})

	ann := jira.As("ann")
	key, err := ann.CreateIssue("PAY", "Bug", "Card is declined", jiratest.Fields{"assignee": "bob", "priority": "High"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ann.Transition(key, "In Progress"); err != nil {
		fmt.Println(err)
		return
	}

	url, err := jira.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := http.NewRequest("GET", url+"/rest/api/2/issue/"+key+"?fields=status", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Authorization", "Bearer bot-token")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		fmt.Println(err)
		return
	}

	issue, _ := jira.Issue(key)
	fmt.Println(answer.Status, issue.Key, issue.Status, issue.Assignee)
	for _, r := range jira.Requests() {
		fmt.Println(r.User, r.Method, r.Path)
	}
	// Output:
	// 200 OK PAY-1 In Progress bob
	// bot GET /rest/api/2/issue/PAY-1
}
