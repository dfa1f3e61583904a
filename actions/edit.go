package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var edit = Kind{
	Name:    "edit",
	Doc:     "Changes fields: set them, add to or remove from those with several values, clear them.",
	Example: `edit: {set: {Priority: High, Story Points: 5}, add: {Component/s: Payments}, clear: [Due Date]}`,
	Needs:   []jiraclient.Permission{jiraclient.EditIssues},
	Asks:    "the values that the fields have",
	New:     func() Step { return new(editStep) },
}

type editStep struct {
	on
	Set    fieldValues `yaml:"set" doc:"Field names or IDs with their new values, as people write them: High, ann, 1.0, 5, 2026-01-31, Parent > Child, null to empty it."`
	Add    fieldValues `yaml:"add" doc:"Values to add to fields that hold several."`
	Remove fieldValues `yaml:"remove" doc:"Values to remove from fields that hold several."`
	Clear  []string    `yaml:"clear" doc:"Fields to empty."`
	Notify *bool       `yaml:"notify" doc:"false: Jira sends no mail about it (needs project administration); true by default."`
}

// DecodeYAML also finds a field that is named twice: Jira refuses to set and change one field in one edit.
func (st *editStep) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain editStep
	before := s.Count()
	s.Decode(node, (*plain)(st))
	if s.Count() > before {
		return
	}
	if len(st.Set.names)+len(st.Add.names)+len(st.Remove.names)+len(st.Clear) == 0 {
		s.Problem(node, "edit changes nothing: give set, add, remove or clear")
	}
	where := map[string]string{}
	for _, part := range []struct {
		key    string
		fields []string
	}{{"set", st.Set.names}, {"clear", st.Clear}, {"add", st.Add.names}, {"remove", st.Remove.names}} {
		for _, f := range part.fields {
			before, twice := where[strings.ToLower(f)]
			if twice && !(before == "add" && part.key == "remove") {
				s.Problem(node, "field %q stands under %s and under %s; one edit can do only one of them", f, before, part.key)
			}
			where[strings.ToLower(f)] = part.key
		}
	}
}

// Needs adds what Jira asks for some fields on top of EDIT_ISSUES.
func (st *editStep) Needs() []jiraclient.Permission {
	out := append(fieldPermissions(st.Set.names...), fieldPermissions(st.Clear...)...)
	if st.Notify != nil && !*st.Notify {
		out = append(out, jiraclient.AdministerProjects)
	}
	return out
}

func (st *editStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	op := editOf{issue: key, notify: st.Notify}
	for _, part := range []struct {
		verb   string
		values fieldValues
	}{{"set", st.Set}, {"add", st.Add}, {"remove", st.Remove}} {
		changes, err := part.values.plan(part.verb, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.verb, err)
		}
		op.changes = append(op.changes, changes...)
	}
	for _, name := range st.Clear {
		op.changes = append(op.changes, fieldChange{"clear", name, nil})
	}
	return op, nil
}

type editOf struct {
	issue   string
	changes []fieldChange
	notify  *bool
}

func (o editOf) String() string {
	parts := make([]string, len(o.changes))
	for i, c := range o.changes {
		parts[i] = c.String()
	}
	return fmt.Sprintf("edit %s: %s", o.issue, strings.Join(parts, ", "))
}

func (o editOf) Target() string { return o.issue }

func (o editOf) Apply(ctx context.Context, jira *Jira, _ Try) (Outcome, error) {
	fields, err := fieldsOf(ctx, jira, o.changes)
	if err != nil {
		return "", err
	}
	ids := make([]string, len(fields))
	for i, f := range fields {
		ids[i] = f.ID
	}
	now, err := jira.Issue(ctx, o.issue, jiraclient.IssueQuery{Fields: ids})
	if err != nil {
		return "", err
	}
	send := jiraclient.Edit{Fields: map[string]any{}, Update: map[string][]map[string]any{}, Notify: o.notify}
	for i, c := range o.changes {
		var there any
		if raw := now.Fields[ids[i]]; len(raw) > 0 {
			if err := json.Unmarshal(raw, &there); err != nil {
				return "", fmt.Errorf("field %s of %s: %w", nameOf(fields[i]), o.issue, err)
			}
		}
		if err := c.into(&send, jira, fields[i], there); err != nil {
			return "", err
		}
	}
	if len(send.Fields)+len(send.Update) == 0 {
		return Already, nil
	}
	if err := jira.EditIssue(ctx, o.issue, send); err != nil {
		return "", refused(ctx, jira, o.screen(jira), fields, err)
	}
	return Done, nil
}

func (o editOf) screen(jira *Jira) screen {
	return screen{
		name: "the edit screen of " + o.issue, where: jiraclient.PermissionQuery{Issue: o.issue},
		fields: func(ctx context.Context) (map[string]jiraclient.FieldMeta, error) { return jira.EditMeta(ctx, o.issue) },
	}
}

// into adds what this change still has to do to the request.
func (c fieldChange) into(send *jiraclient.Edit, jira *Jira, f jiraclient.Field, there any) error {
	if c.verb == "set" || c.verb == "clear" {
		value, err := wire(jira, f, c.value)
		if err == nil && !isSo(value, there) {
			send.Fields[f.ID] = value
		}
		return err
	}
	target := f
	switch f.Schema.Type {
	case "array":
	case "": // a field whose kind Jira does not tell
		target.Schema.Type = "array"
	default:
		return fmt.Errorf("field %s holds one value; use set instead of %s", nameOf(f), c.verb)
	}
	values, err := wire(jira, target, c.value)
	if err != nil {
		return err
	}
	for _, v := range asList(values) {
		if holds(there, v) != (c.verb == "add") {
			send.Update[f.ID] = append(send.Update[f.ID], map[string]any{c.verb: v})
		}
	}
	return nil
}
