package jiratest

import (
	"net/http"
	"slices"
)

func componentRoutes() []route {
	return []route{
		{"POST", "/api/2/component", postComponent},
		{"GET", "/api/2/component/{id}", getComponent},
		{"PUT", "/api/2/component/{id}", putComponent},
		{"DELETE", "/api/2/component/{id}", deleteComponent},
	}
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
	made := &component{id: c.j.next("component"), project: p}
	if err := c.j.readComponent(made, body); err != nil {
		return 0, nil, err
	}
	p.components = append(p.components, made)
	return 201, c.j.wholeComponentJSON(made), nil
}

func getComponent(c *call) (int, any, error) {
	one, err := c.component(false)
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.wholeComponentJSON(one), nil
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
	if err := c.j.readComponent(one, body); err != nil {
		return 0, nil, err
	}
	return 200, c.j.wholeComponentJSON(one), nil
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
