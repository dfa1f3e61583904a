package jiratest

import "slices"

func metaRoutes() []route {
	return []route{
		{"GET", "/api/2/field", listFields},
		{"GET", "/api/2/issue/{issue}/editmeta", editMeta},
		{"GET", "/api/2/issue/{issue}/changelog", getChangelog},
		{"GET", "/createmeta", createMetaOld},
		{"GET", "/createmeta/{project}/issuetypes", createMetaTypes},
		{"GET", "/createmeta/{project}/issuetypes/{type}", createMetaFields},
		{"GET", "/api/2/status", listStatuses},
		{"GET", "/api/2/statuscategory", listCategories},
		{"GET", "/api/2/priority", func(c *call) (int, any, error) { return 200, c.j.namedList(c.j.priorities), nil }},
		{"GET", "/api/2/resolution", func(c *call) (int, any, error) { return 200, c.j.namedList(c.j.resolutions), nil }},
		{"GET", "/api/2/role", func(c *call) (int, any, error) { return 200, c.j.namedList(c.j.roles), nil }},
		{"GET", "/api/2/issuetype", listTypes},
	}
}

func listFields(c *call) (int, any, error) {
	out := []any{}
	for _, f := range c.j.fields {
		out = append(out, f.fieldJSON())
	}
	return 200, out, nil
}

func listStatuses(c *call) (int, any, error) {
	out := []any{}
	for _, s := range c.j.statuses {
		out = append(out, c.j.statusJSON(s))
	}
	return 200, out, nil
}

func listCategories(c *call) (int, any, error) {
	out := []any{}
	for _, key := range []string{"new", "indeterminate", "done"} {
		out = append(out, c.j.categoryJSON(key))
	}
	return 200, out, nil
}

func listTypes(c *call) (int, any, error) {
	out := []any{}
	for _, t := range c.j.types {
		out = append(out, c.j.typeJSON(t))
	}
	return 200, out, nil
}

// metaJSON is what metadata says of one field on one screen. Cloud has another name for the ID.
func (j *Jira) metaJSON(p *project, f *field, required bool) obj {
	out := obj{"required": required, "schema": f.schema(), "name": f.name, "operations": f.operations(), "hasDefaultValue": false}
	out[map[bool]string{true: "key", false: "fieldId"}[j.version.cloud]] = f.id
	var allowed []any
	switch f.kind {
	case priority:
		allowed = j.namedList(j.priorities)
	case resolution:
		allowed = j.namedList(j.resolutions)
	case option, cascading:
		allowed = j.namedList(f.options)
	case typeOfIssue:
		for _, t := range p.types {
			allowed = append(allowed, j.typeJSON(t))
		}
	case securityLevel:
		allowed = []any{}
		for _, l := range p.levels {
			allowed = append(allowed, j.namedJSON(&l.named))
		}
	case componentRef:
		allowed = []any{}
		for _, c := range p.components {
			allowed = append(allowed, j.componentJSON(c))
		}
	case versionRef:
		allowed = []any{}
		for _, v := range p.versions {
			allowed = append(allowed, j.versionJSON(v))
		}
	}
	if allowed != nil {
		out["allowedValues"] = allowed
	}
	if f.kind == person {
		out["autoCompleteUrl"] = j.base + "/rest/api/latest/user/search?" + j.version.soughtKey() + "="
	}
	return out
}

// editMeta lists the fields that the caller may edit: none without the permission.
func editMeta(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	fields := obj{}
	e := c.j.edit(c.user, i)
	for _, f := range c.j.fields {
		if !f.noEdit && i.project.shows(EditScreen, f) && e.permitted(f) && c.j.may(c.user, editIssues, i.project, i) {
			fields[f.id] = c.j.metaJSON(i.project, f, f.id == "summary" || f.id == "issuetype" || f.id == "reporter")
		}
	}
	return 200, obj{"fields": fields}, nil
}

func (c *call) createMetaProject() (*project, error) {
	p := c.j.project(c.path("project"))
	if p == nil || !c.j.may(c.user, browse, p, nil) || !c.j.may(c.user, createIssues, p, nil) {
		return nil, refuse(400, "No project could be found with key or id '%s', or you may not create issues in it.", c.path("project"))
	}
	return p, nil
}

func createMetaTypes(c *call) (int, any, error) {
	p, err := c.createMetaProject()
	if err != nil {
		return 0, nil, err
	}
	var out []any
	for _, t := range p.types {
		out = append(out, c.j.typeJSON(t))
	}
	return 200, c.metaPage("issueTypes", out), nil
}

// metaPage is a page of createmeta, whose list has a name of its own on Cloud.
func (c *call) metaPage(name string, all []any) obj {
	page := c.page50(all)
	if c.j.version.cloud {
		page[name] = page["values"]
		delete(page, "values")
		delete(page, "isLast")
	}
	return page
}

func createMetaFields(c *call) (int, any, error) {
	p, err := c.createMetaProject()
	if err != nil {
		return 0, nil, err
	}
	t := p.typeOf(c.path("type"))
	if t == nil {
		return 0, nil, refuse(400, "The issue type with id '%s' does not exist in project '%s'.", c.path("type"), p.key)
	}
	return 200, c.metaPage("fields", c.j.createFields(p, t)), nil
}

// createFields are the fields of the screen for new issues, whose IDs stand in Cloud's paged answers twice.
func (j *Jira) createFields(p *project, t *issueType) []any {
	required := []string{"summary", "issuetype", "project"}
	if t.subtask {
		required = append(required, "parent")
	}
	var out []any
	for _, f := range j.fields {
		must := slices.Contains(required, f.id)
		onScreen := !f.noEdit && f.kind != commentField && p.shows(CreateScreen, f)
		if must || onScreen {
			one := j.metaJSON(p, f, must)
			one["fieldId"] = f.id
			out = append(out, one)
		}
	}
	return out
}

// createMetaOld answers with all types of all projects in one go, and with their fields where those are asked for. A project in
// which the caller may not create is left out.
func createMetaOld(c *call) (int, any, error) {
	projects := []any{}
	keys := c.list("projectKeys")
	for _, p := range c.j.projects {
		if len(keys) > 0 && !slices.Contains(keys, p.key) || !c.j.may(c.user, browse, p, nil) || !c.j.may(c.user, createIssues, p, nil) {
			continue
		}
		types := []any{}
		for _, t := range p.types {
			one := c.j.typeJSON(t).(obj)
			if c.expands("projects.issuetypes.fields") {
				fields := obj{}
				for _, f := range c.j.createFields(p, t) {
					id := member(f, "fieldId")
					fields[id] = f
					if c.j.version.cloud {
						delete(f.(obj), "fieldId")
					}
				}
				one["expand"], one["fields"] = "fields", fields
			}
			types = append(types, one)
		}
		one := c.j.projectJSON(p)
		one["issuetypes"] = types
		projects = append(projects, one)
	}
	return 200, obj{"expand": "projects", "projects": projects}, nil
}

// page50 is the shape of Data Center's newer lists: pages of 50 unless asked otherwise.
func (c *call) page50(all []any) obj {
	start, limit := c.number("startAt", 0), c.number("maxResults", 50)
	values := window(all, start, limit)
	if values == nil {
		values = []any{}
	}
	return obj{
		"startAt": start, "maxResults": limit, "total": len(all), "isLast": start+len(values) >= len(all), "values": values,
	}
}

// getChangelog is Cloud's: Data Center gives the changelog with the issue.
func getChangelog(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	all := c.j.historyJSON(i)
	start, limit := c.number("startAt", 0), c.number("maxResults", 100)
	values := window(all, start, limit)
	return 200, obj{"startAt": start, "maxResults": limit, "total": len(all), "isLast": start+len(values) >= len(all), "values": values}, nil
}
