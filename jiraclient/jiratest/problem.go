package jiratest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// obj is a JSON object written by hand.
type obj = map[string]any

// A problem is an answer of Jira that says no.
type problem struct {
	status   int
	messages []string
	fields   map[string]string
}

// Error reads as Jira's own text does: these words are what the tests compare.
func (p *problem) Error() string {
	parts := append([]string{}, p.messages...)
	for _, name := range sortedKeys(p.fields) {
		parts = append(parts, name+": "+p.fields[name])
	}
	return fmt.Sprintf("%d: %s", p.status, strings.Join(parts, "; "))
}

func (p *problem) body() obj {
	messages := p.messages
	if messages == nil {
		messages = []string{}
	}
	fields := p.fields
	if fields == nil {
		fields = map[string]string{}
	}
	return obj{"errorMessages": messages, "errors": fields}
}

// refuse is a problem with a message.
func refuse(status int, format string, args ...any) error {
	return &problem{status: status, messages: []string{fmt.Sprintf(format, args...)}}
}

// refuseField is a problem with one field: a 400.
func refuseField(field, format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, fields: map[string]string{field: fmt.Sprintf(format, args...)}}
}

// asProblem is the problem that an error is, or nil.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}

func notOnScreen(name string) string {
	return fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
}

// missingIssue is what Jira says of issues that do not exist and of those that the user may not see.
func missingIssue() error { return refuse(http.StatusNotFound, "Issue Does Not Exist") }
