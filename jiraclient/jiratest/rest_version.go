package jiratest

import (
	"net/http"
	"slices"
)

func versionRoutes() []route {
	return []route{
		{"POST", "/api/2/version", postVersion},
		{"GET", "/api/2/version/{id}", getVersion},
		{"PUT", "/api/2/version/{id}", putVersion},
		{"PUT", "/api/2/version/{id}/mergeto/{other}", mergeVersion},
		{"POST", "/api/2/version/{id}/removeAndSwap", swapVersion},
		{"POST", "/api/2/component", postComponent},
		{"GET", "/api/2/component/{id}", getComponent},
		{"PUT", "/api/2/component/{id}", putComponent},
		{"DELETE", "/api/2/component/{id}", deleteComponent},
	}
}

// named in the body are projects by key, or by ID as projectId.
func (c *call) bodyProject(body map[string]any) (*project, error) {
	ref := member(body, "project")
	if ref == "" {
		ref = member(body, "projectId")
	}
	if ref == "" {
		return nil, refuseField("project", "project is required")
	}
	return c.j.visibleProject(c.user, ref)
}

func postVersion(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	p, err := c.bodyProject(body)
	if err != nil {
		return 0, nil, err
	}
	v, err := c.j.createVersion(c.user, p, body)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.j.versionJSON(v), nil
}

func getVersion(c *call) (int, any, error) {
	for _, p := range c.j.projects {
		if v := p.version(c.path("id")); v != nil && c.j.may(c.user, browse, p, nil) {
			return 200, c.j.versionJSON(v), nil
		}
	}
	return 0, nil, refuse(http.StatusNotFound, "Could not find version for id '%s'", c.path("id"))
}

func putVersion(c *call) (int, any, error) {
	v, err := c.j.managed(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if err := c.j.updateVersion(c.user, v, body); err != nil {
		return 0, nil, err
	}
	return 200, c.j.versionJSON(v), nil
}

func mergeVersion(c *call) (int, any, error) {
	v, err := c.j.managed(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	into := v.project.version(c.path("other"))
	if into == nil || into == v {
		return 0, nil, refuse(http.StatusNotFound, "Could not find version for id '%s'", c.path("other"))
	}
	c.j.removeVersion(c.user, v, into, into, true)
	return 204, nil, nil
}

func swapVersion(c *call) (int, any, error) {
	v, err := c.j.managed(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	into := map[string]*version{}
	for _, name := range []string{"moveFixIssuesTo", "moveAffectedIssuesTo"} {
		if ref := member(body, name); ref != "" {
			if into[name] = v.project.version(ref); into[name] == nil {
				return 0, nil, refuseField(name, "Could not find version for id '%s'", ref)
			}
		}
	}
	c.j.removeVersion(c.user, v, into["moveFixIssuesTo"], into["moveAffectedIssuesTo"], false)
	return 204, nil, nil
}

// component is the component in the path and its project, if the user may change it.
func (c *call) component(change bool) (*component, error) {
	for _, p := range c.j.projects {
		for _, one := range p.components {
			if text(one.id) != c.path("id") || !c.j.may(c.user, browse, p, nil) {
				continue
			}
			if change && c.j.mayManage(c.user, p) != nil {
				return nil, refuse(http.StatusForbidden, "The user does not have permission to edit components of project %s.", p.key)
			}
			return one, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "The component with id %s does not exist.", c.path("id"))
}

func postComponent(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	p, err := c.bodyProject(body)
	if err != nil {
		return 0, nil, err
	}
	name := member(body, "name")
	switch {
	case c.j.mayManage(c.user, p) != nil:
		return 0, nil, refuse(http.StatusForbidden, "The user does not have permission to edit components of project %s.", p.key)
	case name == "":
		return 0, nil, refuseField("name", "The component name specified is invalid - cannot be an empty string.")
	case p.component(name) != nil:
		return 0, nil, refuseField("name", "A component with the name %s already exists in this project.", name)
	}
	made := &component{
		id: c.j.next("component"), project: p, name: name, description: member(body, "description"), lead: c.j.user(member(body, "leadUserName")),
	}
	p.components = append(p.components, made)
	return 201, c.j.componentJSON(made), nil
}

func getComponent(c *call) (int, any, error) {
	one, err := c.component(false)
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.componentJSON(one), nil
}

func putComponent(c *call) (int, any, error) {
	one, err := c.component(true)
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if name := member(body, "name"); name != "" {
		one.name = name
	}
	if description, ok := body["description"].(string); ok {
		one.description = description
	}
	if lead := member(body, "leadUserName"); lead != "" {
		one.lead = c.j.user(lead)
	}
	return 200, c.j.componentJSON(one), nil
}

// deleteComponent takes the component out of every issue, or puts another one in its place.
func deleteComponent(c *call) (int, any, error) {
	one, err := c.component(true)
	if err != nil {
		return 0, nil, err
	}
	var to *component
	if ref := c.query.Get("moveIssuesTo"); ref != "" {
		if to = one.project.component(ref); to == nil {
			return 0, nil, refuse(http.StatusNotFound, "The component with id %s does not exist.", ref)
		}
	}
	c.j.swap(c.user, "components", one, asValue(to), func(*issue) bool { return true })
	one.project.components = slices.DeleteFunc(one.project.components, func(other *component) bool { return other == one })
	return 204, nil, nil
}

// asValue keeps a nil pointer from looking like a value.
func asValue[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}
