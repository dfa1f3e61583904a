package actions

import (
	"strings"

	"jirabot/internal/expression"
)

// The names of this Jira's own that a step uses in so many words, so that they can be looked up before it runs.

// FieldNames are the fields that the step writes.
func (st *editStep) FieldNames() []string {
	var out []string
	for _, v := range []fieldValues{st.Set, st.Add, st.Remove} {
		out = append(out, v.names...)
	}
	return append(out, st.Clear...)
}

// FieldNames are the fields that the step fills on the way.
func (st *transitionStep) FieldNames() []string { return st.Fields.names }

// FieldNames are the fields that the new issue gets.
func (st *createStep) FieldNames() []string { return st.Fields.names }

// StatusName is the status to reach; "" if it is decided later.
func (st *transitionStep) StatusName() string { return literal(st.To) }

// LinkTypeName is the kind of link; "" if it is decided later.
func (st *linkStep) LinkTypeName() string { return literal(st.Type) }

// literal is a text without holes; "" for one with.
func literal(t expression.Text) string {
	text, _ := t.Literal()
	return strings.TrimSpace(text)
}
