package jiratest

import (
	"encoding/json"
	"net/http"
)

func roleRoutes() []route {
	return []route{
		{"GET", "/api/2/project/{project}/role", projectRoles},
		{"GET", "/api/2/project/{project}/role/{id}", projectRole},
	}
}

// administered is the project in the path, if the user administers it: nobody else sees who plays which role.
func (c *call) administered() (*project, error) {
	p, err := c.project()
	if err == nil && !c.user.admin() && !c.j.may(c.user, administer, p, nil) {
		return nil, refuse(http.StatusUnauthorized, "You cannot edit the configuration of this project.")
	}
	return p, err
}

// projectRoles lists roles by name, each with its address.
func projectRoles(c *call) (int, any, error) {
	p, err := c.administered()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.rolesJSON(p), nil
}

func (j *Jira) rolesJSON(p *project) obj {
	out := obj{}
	for _, r := range j.roles {
		out[r.name] = j.base + "/rest/api/2/project/" + text(p.id) + "/role/" + r.id
	}
	return out
}

// projectRole tells who plays a role. A role's ID is a number here, unlike most.
func projectRole(c *call) (int, any, error) {
	p, err := c.administered()
	if err != nil {
		return 0, nil, err
	}
	for _, r := range c.j.roles {
		if r.id != c.path("id") {
			continue
		}
		actors := []any{}
		add := func(kind string, actor obj) {
			actor["id"], actor["type"] = 10100+len(actors), "atlassian-"+kind+"-role-actor"
			actors = append(actors, actor)
		}
		for _, u := range p.roles[r.name] {
			actor := obj{"displayName": u.DisplayName, "name": u.Name}
			if id, ok := c.j.userJSON(u).(obj)["accountId"]; ok { // which is all that people are called where they have one
				actor = obj{"displayName": u.DisplayName, "actorUser": obj{"accountId": id}}
			}
			add("user", actor)
		}
		for _, g := range p.groups[r.name] {
			add("group", obj{"displayName": g, "name": g})
		}
		return 200, obj{
			"self": c.j.base + "/rest/api/2/project/" + text(p.id) + "/role/" + r.id, "name": r.name, "id": json.Number(r.id),
			"description": "", "actors": actors,
		}, nil
	}
	return 0, nil, refuse(http.StatusNotFound, "Can not retrieve project role: no role with id %s.", c.path("id"))
}
