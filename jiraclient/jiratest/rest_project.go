package jiratest

func projectRoutes() []route {
	return []route{
		{"GET", "/api/2/project", listProjects},
		{"GET", "/api/2/project/{project}", getProject},
		{"GET", "/api/2/project/{project}/versions", getVersions},
		{"GET", "/api/2/project/{project}/components", getComponents},
		{"GET", "/api/2/project/{project}/statuses", getProjectStatuses},
	}
}

func (c *call) project() (*project, error) { return c.j.visibleProject(c.user, c.path("project")) }

func listProjects(c *call) (int, any, error) {
	out := []any{}
	for _, p := range c.j.projects {
		if c.j.may(c.user, browse, p, nil) {
			out = append(out, c.j.projectJSON(p))
		}
	}
	return 200, out, nil
}

func getProject(c *call) (int, any, error) {
	p, err := c.project()
	if err != nil {
		return 0, nil, err
	}
	out := c.j.projectJSON(p)
	types := []any{}
	for _, t := range p.types {
		types = append(types, c.j.typeJSON(t))
	}
	out["description"], out["lead"], out["issueTypes"], out["roles"] = "", c.j.userJSON(p.lead), types, c.j.rolesJSON(p)
	out["components"], out["versions"], out["assigneeType"] = c.components(p), c.versions(p), "UNASSIGNED"
	return 200, out, nil
}

func (c *call) versions(p *project) []any {
	out := []any{}
	for _, v := range p.versions {
		out = append(out, c.j.versionJSON(v))
	}
	return out
}

func (c *call) components(p *project) []any {
	out := []any{}
	for _, one := range p.components {
		out = append(out, c.j.wholeComponentJSON(one))
	}
	return out
}

func getVersions(c *call) (int, any, error) {
	p, err := c.project()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.versions(p), nil
}

func getComponents(c *call) (int, any, error) {
	p, err := c.project()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.components(p), nil
}

// getProjectStatuses lists the statuses by issue type; here all types share the project's workflow.
func getProjectStatuses(c *call) (int, any, error) {
	p, err := c.project()
	if err != nil {
		return 0, nil, err
	}
	out := []any{}
	for _, t := range p.types {
		statuses := []any{}
		for _, s := range p.workflow.statuses {
			statuses = append(statuses, c.j.statusJSON(s))
		}
		out = append(out, obj{
			"self": c.j.base + "/rest/api/2/issuetype/" + t.id, "id": t.id, "name": t.name, "subtask": t.subtask, "statuses": statuses,
		})
	}
	return 200, out, nil
}
