package actions

import (
	"context"
	"fmt"

	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

var assign = Kind{
	Name:    "assign",
	Doc:     "Assigns the issue to a user, to nobody, or as the project's default says.",
	Example: `assign: {to: "${issue.reporter.name}"}`,
	Needs:   []jiraclient.Permission{jiraclient.AssignIssues},
	Asks:    "who the assignee is",
	New:     func() Step { return new(assignStep) },
}

// nobody and automatic are the words for the two assignees that are no users.
const (
	nobody    = "nobody"
	automatic = "automatic"
)

type assignStep struct {
	on
	To expression.Value `yaml:"to,required" doc:"A user's name (Cloud: account ID), nobody, or automatic for the project's default assignee."`
}

func (st *assignStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	to, err := st.To.Eval(s)
	if err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if several(to) {
		return nil, fmt.Errorf("to: an issue has one assignee, not the list %q", expression.Print(to))
	}
	user := userID(to)
	if user == "" {
		return nil, fmt.Errorf("to: no user is named; to unassign, write %q", nobody)
	}
	return assignTo{key, user}, nil
}

type assignTo struct{ issue, user string }

func (o assignTo) String() string {
	switch o.user {
	case nobody:
		return "unassign " + o.issue
	case automatic:
		return fmt.Sprintf("assign %s to the project's default assignee", o.issue)
	}
	return fmt.Sprintf("assign %s to %s", o.issue, o.user)
}

func (o assignTo) Target() string { return o.issue }

func (o assignTo) Apply(ctx context.Context, jira *Jira, _ Try) (Outcome, error) {
	if o.user == automatic { // only Jira knows who that is
		who := jira.Automatic()
		return done(jira.Assign(ctx, o.issue, &who))
	}
	now, err := readIssue(ctx, jira, o.issue, "assignee")
	if err != nil {
		return "", err
	}
	has := now.Assignee
	switch {
	case o.user == nobody && has.ID() == "", knownAs(o.user, has.AccountID, has.Name, has.Key):
		return Already, nil
	case o.user == nobody:
		return done(jira.Assign(ctx, o.issue, nil))
	}
	who := jira.Ref(o.user)
	return done(jira.Assign(ctx, o.issue, &who))
}
