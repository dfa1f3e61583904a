package jiratest

import "strings"

// A Field is a custom field to be added.
type Field struct {
	Name    string
	Type    string   // text, number, date, datetime, select, multiselect, cascading, user, multiuser, labels, epiclink, sprint
	Options []string // of select, multiselect; of cascading as "Parent" and "Parent/Child"
}

type field struct {
	id, name string
	logName  string // what the changelog calls it
	kind     kind
	list     bool
	custom   bool
	number   int // of a custom field
	options  []*named
	children map[string][]*named // by the parent option's ID
	noEdit   bool                // stands on no screen for creating or editing
	derived  bool                // written by Jira alone
}

// A fieldTable is all fields of a Jira in the order in which they were made.
type fieldTable []*field

// systemFields are those which a fresh Jira has.
func systemFields() fieldTable {
	var table fieldTable
	add := func(id, name string, k kind, change ...func(*field)) {
		f := &field{id: id, name: name, logName: id, kind: k}
		for _, c := range change {
			c(f)
		}
		table = append(table, f)
	}
	list := func(f *field) { f.list = true }
	noEdit := func(f *field) { f.noEdit = true }
	derived := func(f *field) { f.derived, f.noEdit = true, true }
	log := func(name string) func(*field) { return func(f *field) { f.logName = name } }
	add("summary", "Summary", line)
	add("issuetype", "Issue Type", typeOfIssue)
	add("project", "Project", projectRef, noEdit)
	add("parent", "Parent", issueRef, noEdit, log("Parent"))
	add("description", "Description", paragraph)
	add("environment", "Environment", paragraph)
	add("priority", "Priority", priority)
	add("labels", "Labels", label, list)
	add("components", "Component/s", componentRef, list, log("Component"))
	add("fixVersions", "Fix Version/s", versionRef, list, log("Fix Version"))
	add("versions", "Affects Version/s", versionRef, list, log("Version"))
	add("duedate", "Due Date", date)
	add("assignee", "Assignee", person)
	add("reporter", "Reporter", person)
	add("security", "Security Level", securityLevel)
	add("timetracking", "Time Tracking", timeTracking)
	add("comment", "Comment", commentField)
	add("issuelinks", "Linked Issues", linkField)
	add("worklog", "Log Work", worklogField)
	add("attachment", "Attachment", other, derived)
	add("resolution", "Resolution", resolution, noEdit)
	for _, f := range []struct {
		id, name string
		kind     kind
	}{
		{"status", "Status", statusRef}, {"creator", "Creator", person}, {"created", "Created", moment},
		{"updated", "Updated", moment}, {"resolutiondate", "Resolved", moment}, {"lastViewed", "Last Viewed", moment},
		{"subtasks", "Sub-Tasks", issueRef}, {"watches", "Watchers", watches}, {"votes", "Votes", votes},
		{"timeestimate", "Remaining Estimate", number}, {"timeoriginalestimate", "Original Estimate", number},
		{"timespent", "Time Spent", number}, {"aggregatetimeestimate", "Σ Remaining Estimate", number},
		{"aggregatetimeoriginalestimate", "Σ Original Estimate", number}, {"aggregatetimespent", "Σ Time Spent", number},
		{"progress", "Progress", progress}, {"aggregateprogress", "Σ Progress", progress}, {"workratio", "Work Ratio", number},
	} {
		add(f.id, f.name, f.kind, derived)
	}
	return table
}

// AddField adds a custom field and returns its ID, such as customfield_10000.
func (j *Jira) AddField(f Field) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.addField(f)
}

func (j *Jira) addField(f Field) string {
	number := j.next("customfield")
	added := &field{
		id: "customfield_" + text(number), name: f.Name, logName: f.Name, custom: true, number: number,
		children: map[string][]*named{},
	}
	added.kind, added.list = customKind(f.Type)
	added.noEdit = added.kind == rankOrder
	added.derived = added.noEdit
	option := func(name string) *named {
		return &named{id: text(j.next("option")), name: name, path: "customFieldOption"}
	}
	for _, name := range f.Options {
		parent, child, nested := strings.Cut(name, "/")
		p := pick(added.options, parent)
		if p == nil {
			p = option(parent)
			added.options = append(added.options, p)
		}
		if nested {
			added.children[p.id] = append(added.children[p.id], option(child))
		}
	}
	j.fields = append(j.fields, added)
	return added.id
}

// find finds a field by ID, or by name where no ID matches.
func (t fieldTable) find(ref string) *field {
	for _, f := range t {
		if f.id == ref {
			return f
		}
	}
	for _, f := range t {
		if strings.EqualFold(f.name, ref) {
			return f
		}
	}
	return nil
}

func (t fieldTable) byID(id string) *field {
	for _, f := range t {
		if f.id == id {
			return f
		}
	}
	return nil
}

// schema is what metadata says of a field's values.
func (f *field) schema() obj {
	out := obj{"type": f.kind.name()}
	if f.list {
		out["type"], out["items"] = "array", f.kind.name()
	}
	if f.custom {
		out["custom"], out["customId"] = f.customType(), f.number
	} else {
		out["system"] = f.id
	}
	return out
}

func (f *field) customType() string {
	const system = "com.atlassian.jira.plugin.system.customfieldtypes:"
	switch f.kind {
	case number:
		return system + "float"
	case date:
		return system + "datepicker"
	case moment:
		return system + "datetime"
	case label:
		return system + "labels"
	case cascading:
		return system + "cascadingselect"
	case epicLink:
		return "com.pyxis.greenhopper.jira:gh-epic-link"
	case sprintRef:
		return "com.pyxis.greenhopper.jira:gh-sprint"
	case rankOrder:
		return "com.pyxis.greenhopper.jira:gh-lexo-rank"
	case option:
		if f.list {
			return system + "multiselect"
		}
		return system + "select"
	case person:
		if f.list {
			return system + "multiuserpicker"
		}
		return system + "userpicker"
	case paragraph:
		return system + "textarea"
	}
	return system + "textfield"
}

// operations are the verbs that an update may use on a field.
func (f *field) operations() []string {
	switch {
	case f.kind == commentField:
		return []string{"add", "edit", "remove"}
	case f.kind == linkField, f.kind == worklogField:
		return []string{"add"}
	case f.kind == timeTracking:
		return []string{"set", "edit"}
	case f.kind == sprintRef:
		return []string{"set"}
	case f.list:
		return []string{"add", "set", "remove"}
	}
	return []string{"set"}
}

// fieldJSON is a field in the list of all fields.
func (f *field) fieldJSON() obj {
	clauses := []string{f.id}
	if f.custom {
		clauses = []string{"cf[" + text(f.number) + "]", f.name}
	}
	return obj{
		"id": f.id, "name": f.name, "custom": f.custom, "orderable": !f.derived, "navigable": f.kind != commentField,
		"searchable": true, "clauseNames": clauses, "schema": f.schema(),
	}
}
