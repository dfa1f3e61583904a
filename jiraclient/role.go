package jiraclient

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Role is a part that people play in a project. Who plays it, ProjectRole tells.
type Role struct {
	ID     string
	Name   string
	Users  []User   // named directly
	Groups []string // whose members all play it
}

// UnmarshalJSON sorts the actors into people and groups. What an actor is called, and where, differs between versions.
func (r *Role) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID     ident  `json:"id"`
		Name   string `json:"name"`
		Actors []struct {
			Type        string `json:"type"`
			Name        string `json:"name"`
			DisplayName string `json:"displayName"`
			User        User   `json:"actorUser"`
			Group       struct {
				Name string `json:"name"`
			} `json:"actorGroup"`
		} `json:"actors"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*r = Role{ID: string(wire.ID), Name: wire.Name}
	for _, a := range wire.Actors {
		if strings.Contains(a.Type, "group") {
			r.Groups = append(r.Groups, cmp.Or(a.Group.Name, a.Name))
			continue
		}
		u := a.User
		u.Name, u.DisplayName = cmp.Or(u.Name, a.Name), cmp.Or(u.DisplayName, a.DisplayName)
		r.Users = append(r.Users, u)
	}
	return nil
}

// ProjectRoles lists the roles that a project has, without the people in them.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project/{projectIdOrKey}/role-getProjectRoles
func (c *Client) ProjectRoles(ctx context.Context, project string) ([]Role, error) {
	var addresses map[string]string // by name; the ID is the end of the address
	if err := c.do(ctx, get("project/{project}/role", project), &addresses); err != nil {
		return nil, err
	}
	var list []Role
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		address := addresses[name]
		list = append(list, Role{ID: address[strings.LastIndexByte(address, '/')+1:], Name: name})
	}
	return list, nil
}

// ProjectRole tells who plays a role in a project. Some versions tell this to the project's administrators only.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project/{projectIdOrKey}/role-getProjectRole
func (c *Client) ProjectRole(ctx context.Context, project, id string) (Role, error) {
	var r Role
	err := c.do(ctx, get("project/{project}/role/{role}", project, id), &r)
	return r, err
}

// InRole tells whether somebody plays the role of this name in a project, directly or as a member of a group. It takes up
// to three calls.
func (c *Client) InRole(ctx context.Context, user UserRef, project, role string) (bool, error) {
	wrong := func(err error) (bool, error) {
		return false, fmt.Errorf("ask whether %s is in role %q of %s: %w", user.id(), role, project, err)
	}
	roles, err := c.ProjectRoles(ctx, project)
	if err != nil {
		return wrong(err)
	}
	at := slices.IndexFunc(roles, func(r Role) bool { return strings.EqualFold(r.Name, role) })
	if at < 0 {
		var names []string
		for _, r := range roles {
			names = append(names, r.Name)
		}
		return wrong(fmt.Errorf("the project has no such role, only %s: %w", strings.Join(names, ", "), ErrNotFound))
	}
	played, err := c.ProjectRole(ctx, project, roles[at].ID)
	if err != nil {
		return wrong(err)
	}
	if slices.ContainsFunc(played.Users, user.names) {
		return true, nil
	}
	if len(played.Groups) == 0 {
		return false, nil
	}
	in, err := c.inAnyGroup(ctx, user, played.Groups)
	if err != nil {
		return wrong(err)
	}
	return in, nil
}
