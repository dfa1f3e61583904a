package actions

import (
	"context"
	"fmt"
	"strings"

	"jirabot/jiraclient"
)

// A fieldChange is what happens to one field, by the name that the rule gives it: set, add, remove or clear.
type fieldChange struct {
	verb, field string
	value       any
}

func (c fieldChange) String() string {
	value := show(c.value)
	switch {
	case c.verb == "add":
		return fmt.Sprintf("add %s to %s", value, c.field)
	case c.verb == "remove":
		return fmt.Sprintf("remove %s from %s", value, c.field)
	case c.verb == "clear", value == "":
		return "clear " + c.field
	}
	return fmt.Sprintf("set %s to %s", c.field, value)
}

// fieldsOf finds the fields that are changed. Adding to a field and removing from it go together; anything else that
// names a field twice, by whichever of its names, would undo one half in silence.
func fieldsOf(ctx context.Context, jira *Jira, changes []fieldChange) ([]jiraclient.Field, error) {
	fields := make([]jiraclient.Field, len(changes))
	earlier := map[string]fieldChange{}
	for i, c := range changes {
		f, err := jira.FieldNamed(ctx, c.field)
		if err != nil {
			return nil, err
		}
		if before, twice := earlier[f.ID]; twice && (before.verb != "add" || c.verb != "remove") {
			return nil, fmt.Errorf("%q and %q are one field, %s; name it once", before.field, c.field, nameOf(f))
		}
		fields[i], earlier[f.ID] = f, c
	}
	return fields, nil
}

// settings are the values of changes that only set fields, as Jira wants them, by field ID.
func settings(ctx context.Context, jira *Jira, changes []fieldChange) (map[string]any, []jiraclient.Field, error) {
	fields, err := fieldsOf(ctx, jira, changes)
	if err != nil {
		return nil, nil, err
	}
	values := make(map[string]any, len(changes))
	for i, c := range changes {
		if values[fields[i].ID], err = wire(jira, fields[i], c.value); err != nil {
			return nil, nil, err
		}
	}
	return values, fields, nil
}

// fieldPermission is what Jira asks for a field on top of the permission to edit, create or transition; "" is nothing.
func fieldPermission(field string) jiraclient.Permission {
	switch strings.ToLower(field) {
	case "reporter":
		return jiraclient.ModifyReporter
	case "assignee":
		return jiraclient.AssignIssues
	case "duedate", "due date", "due":
		return jiraclient.ScheduleIssues
	case "security", "security level":
		return jiraclient.SetIssueSecurity
	}
	return ""
}

func fieldPermissions(fields ...string) []jiraclient.Permission {
	var out []jiraclient.Permission
	for _, f := range fields {
		if p := fieldPermission(f); p != "" {
			out = append(out, p)
		}
	}
	return out
}
