package actions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jirabot/jiraclient"
)

// Bounds are what the operator allows rules to do. They can only narrow what the bot user may do in Jira; nothing in them
// can widen it. The zero value narrows nothing.
type Bounds struct {
	Projects     []string // the only projects that are written to; none means all
	AllowActions []string // the only actions there are; none means all
	DenyActions  []string
	DenyFields   []string // by name or ID
}

// An OutOfBounds error says which bound an operation would cross.
type OutOfBounds struct{ text string }

func (e *OutOfBounds) Error() string {
	return e.text + "; the operator's configuration does not allow it (bounds)"
}

func beyond(format string, args ...any) error { return &OutOfBounds{fmt.Sprintf(format, args...)} }

// A fielder is an operation that writes fields.
type fielder interface{ Fields() []string }

// A Placer is an operation that writes to a project and not to an issue that is there.
type Placer interface{ Project() string }

// Allows tells whether an operation stays within the bounds. The runner asks before every operation that it applies.
func (b Bounds) Allows(ctx context.Context, jira *Jira, k *Kind, op Operation) error {
	if err := b.AllowsAction(k.Name); err != nil {
		return err
	}
	if err := b.allowsPlaces(ctx, jira, op); err != nil {
		return err
	}
	f, writes := op.(fielder)
	if !writes || len(b.DenyFields) == 0 {
		return nil
	}
	for _, name := range f.Fields() {
		if err := b.allowsField(ctx, jira, name); err != nil {
			return err
		}
	}
	return nil
}

// allowsPlaces asks Jira where the issues are that an operation writes to: an ID names no project, and a moved issue's old
// key names the wrong one.
func (b Bounds) allowsPlaces(ctx context.Context, jira *Jira, op Operation) error {
	if len(b.Projects) == 0 {
		return nil
	}
	if p, ok := op.(Placer); ok {
		return b.AllowsProject(p.Project())
	}
	issues := []string{op.Target()}
	if l, ok := op.(linkOf); ok {
		issues = append(issues, l.other) // a link is written to both of its ends
	}
	for _, issue := range issues {
		if issue == "" {
			continue
		}
		there, err := jira.Issue(ctx, issue, jiraclient.IssueQuery{Fields: []string{"project"}})
		if err != nil {
			return err
		}
		if err := b.AllowsProject(projectOfKey(there.Key)); err != nil {
			return err
		}
	}
	return nil
}

// AllowsAction tells whether an action may be used at all.
func (b Bounds) AllowsAction(name string) error {
	switch {
	case slices.Contains(b.DenyActions, name):
		return beyond("action %s is denied", name)
	case len(b.AllowActions) > 0 && !slices.Contains(b.AllowActions, name):
		return beyond("action %s is not among those allowed: %s", name, strings.Join(b.AllowActions, ", "))
	}
	return nil
}

// AllowsProject tells whether a project may be written to.
func (b Bounds) AllowsProject(key string) error {
	if len(b.Projects) == 0 || slices.Contains(b.Projects, key) {
		return nil
	}
	return beyond("project %s is not among those that may be written to: %s", key, strings.Join(b.Projects, ", "))
}

// allowsField compares IDs, since a field has several names; of several fields with a denied name all are denied. A denied
// name that this Jira does not have denies nothing that could be written.
func (b Bounds) allowsField(ctx context.Context, jira *Jira, name string) error {
	written, err := jira.FieldNamed(ctx, name)
	if err != nil {
		return err
	}
	fields, err := jira.KnownFields(ctx)
	if err != nil {
		return err // what cannot be looked up is not allowed
	}
	for _, denied := range b.DenyFields {
		if strings.EqualFold(denied, name) || denied == written.ID {
			return beyond("field %s is denied", name)
		}
		same := func(f jiraclient.Field) bool { return f.ID == written.ID && strings.EqualFold(f.Name, denied) }
		own := func(f system) bool { return f.id == written.ID && f.called(denied) }
		if slices.ContainsFunc(fields, same) || slices.ContainsFunc(systemFields, own) {
			return beyond("field %s is denied, as %s", name, denied)
		}
	}
	return nil
}

// ProjectOf is the project that an operation writes to, "" if it writes nothing.
func ProjectOf(op Operation) string {
	if p, ok := op.(Placer); ok {
		return p.Project()
	}
	return projectOfKey(op.Target())
}

func projectOfKey(key string) string {
	if i := strings.LastIndexByte(key, '-'); i > 0 {
		return key[:i]
	}
	return ""
}

// Fields are what the operations write beside what their names say.
func (o editOf) Fields() []string       { return fieldNames(o.changes) }
func (o transitionOf) Fields() []string { return fieldNames(o.fields) }
func (o createOf) Fields() []string {
	return append(fieldNames(o.fields), slices.Sorted(maps.Keys(o.own()))...)
}
func (o labelsOf) Fields() []string { return []string{"labels"} }
func (o assignTo) Fields() []string { return []string{"assignee"} }

func fieldNames(changes []fieldChange) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.field
	}
	return out
}
