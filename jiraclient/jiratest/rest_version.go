package jiratest

import (
	"net/http"
	"slices"
	"strings"
)

func versionRoutes() []route {
	return []route{
		{"POST", "/api/2/version", postVersion},
		{"GET", "/api/2/version/{id}", getVersion},
		{"PUT", "/api/2/version/{id}", putVersion},
		{"PUT", "/api/2/version/{id}/mergeto/{other}", mergeVersion},
		{"POST", "/api/2/version/{id}/removeAndSwap", swapVersion},
		{"POST", "/api/2/version/{id}/move", moveVersion},
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

// moveVersion changes the order of a project's versions.
func moveVersion(c *call) (int, any, error) {
	v, err := c.j.managed(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(v.project.versions), func(other *version) bool { return other == v })
	was, where := slices.Index(v.project.versions, v), 0
	switch position := member(body, "position"); {
	case body["after"] != nil:
		address := member(body, "after")
		other := v.project.version(address[strings.LastIndexByte(address, '/')+1:])
		if other == nil || other == v {
			return 0, nil, refuse(http.StatusNotFound, "Could not find version for %s", address)
		}
		where = slices.Index(rest, other) + 1
	case position == "First":
	case position == "Last":
		where = len(rest)
	case position == "Earlier":
		where = max(0, was-1)
	case position == "Later":
		where = min(len(rest), was+1)
	default:
		return 0, nil, refuse(http.StatusBadRequest, "Can not construct a position from '%s': want First, Last, Earlier or Later.", position)
	}
	v.project.versions = slices.Insert(rest, where, v)
	return 200, c.j.versionJSON(v), nil
}

// asValue keeps a nil pointer from looking like a value.
func asValue[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}
