package jiratest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

// editIssue is PUT issue: the fields must stand on the project's edit screen.
func (j *Jira) editIssue(u *user, i *issue, fields, update map[string]any) error {
	if !j.may(u, editIssues, i.project, i) {
		return refuse(http.StatusBadRequest, "You do not have permission to edit issues in this project.")
	}
	if len(fields) == 0 && len(update) == 0 {
		return refuse(http.StatusBadRequest, "one of 'fields' or 'update' required")
	}
	e := j.edit(u, i)
	e.allowed = func(f *field) bool { return !f.noEdit && i.project.shows(EditScreen, f) }
	e.read(fields, update)
	if err := e.err(); err != nil {
		return err
	}
	e.apply()
	return nil
}

// assign is PUT assignee by name or account ID: "" is nobody, "-1" whoever Jira picks. Unlike an edit it asks for no screen, and Jira answers a
// missing permission with 401.
func (j *Jira) assign(u *user, i *issue, name string) error {
	if !j.may(u, assignIssues, i.project, i) {
		return refuse(http.StatusUnauthorized, "You do not have permission to assign issues.")
	}
	e := j.edit(u, i)
	var raw any
	if name != "" {
		raw = obj{j.version.personKey(): name}
	}
	e.operate(j.fields.byID("assignee"), "set", raw)
	if err := e.err(); err != nil {
		return err
	}
	e.apply()
	return nil
}

// inOrder are all issues, oldest first.
func (j *Jira) inOrder() []*issue {
	return slices.SortedFunc(maps.Values(j.issues), func(a, b *issue) int { return cmp.Compare(a.id, b.id) })
}
