package actions

import (
	"slices"
	"strings"

	"jirabot/jiraclient"
)

// A system field is one that every Jira has.
type system struct {
	id, kind, items string
	names           []string // as English screens and people write it; the first is its proper one
}

// systemFields can be named by ID without asking, and by their English names on a Jira that speaks another language. Only
// those that can be set are here.
var systemFields = []system{
	{"summary", "string", "", []string{"Summary"}},
	{"description", "string", "", []string{"Description"}},
	{"environment", "string", "", []string{"Environment"}},
	{"priority", "priority", "", []string{"Priority"}},
	{"resolution", "resolution", "", []string{"Resolution"}},
	{"issuetype", "issuetype", "", []string{"Issue Type", "Type"}},
	{"assignee", "user", "", []string{"Assignee"}},
	{"reporter", "user", "", []string{"Reporter"}},
	{"labels", "array", "string", []string{"Labels"}},
	{"components", "array", "component", []string{"Component/s", "Component"}},
	{"fixVersions", "array", "version", []string{"Fix Version/s", "Fix Version", "Fix Versions"}},
	{"versions", "array", "version", []string{"Affects Version/s", "Affects Version", "Affects Versions", "affectsVersions"}},
	{"duedate", "date", "", []string{"Due Date", "Due"}},
	{"security", "securitylevel", "", []string{"Security Level"}},
	{"project", "project", "", []string{"Project"}},
	{"parent", "issuelink", "", []string{"Parent"}},
	{"timetracking", "timetracking", "", []string{"Time Tracking"}},
}

// called tells whether the field goes by a name.
func (f system) called(name string) bool {
	same := func(own string) bool { return strings.EqualFold(own, name) }
	return same(f.id) || slices.ContainsFunc(f.names, same)
}

func systemField(is func(system) bool) (jiraclient.Field, bool) {
	at := slices.IndexFunc(systemFields, is)
	if at < 0 {
		return jiraclient.Field{}, false
	}
	f := systemFields[at]
	return jiraclient.Field{ID: f.id, Name: f.names[0], Schema: jiraclient.Schema{Type: f.kind, Items: f.items}}, true
}
