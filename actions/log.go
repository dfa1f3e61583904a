package actions

import (
	"context"
	"fmt"

	"jirabot/internal/expression"
)

var logLine = Kind{
	Name:    "log",
	Doc:     "Writes a line into the run's record and the bot's log. It changes nothing in Jira.",
	Example: `log: {message: "${issue.key} has priority ${issue.priority}"}`,
	New:     func() Step { return new(logStep) },
}

type logStep struct {
	Message expression.Text `yaml:"message,required" doc:"The text, with holes."`
}

func (st *logStep) Plan(s *expression.Scope) (Operation, error) {
	message, err := st.Message.Render(s)
	if err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}
	return logged(message), nil
}

// logged is its own record: the runner writes each step's sentence into the run and the log.
type logged string

func (o logged) String() string { return "log: " + string(o) }
func (o logged) Target() string { return "" }

func (o logged) Apply(context.Context, *Jira, Try) (Outcome, error) { return Done, nil }
