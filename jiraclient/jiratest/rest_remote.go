package jiratest

import (
	"net/http"
	"slices"
	"strconv"
)

func remoteRoutes() []route {
	const all, one = "/api/2/issue/{issue}/remotelink", "/api/2/issue/{issue}/remotelink/{id}"
	return []route{
		{"GET", all, listRemotes},
		{"POST", all, postRemote},
		{"DELETE", all, deleteGlobal},
		{"GET", one, getRemote},
		{"PUT", one, putRemote},
		{"DELETE", one, deleteRemote},
	}
}

func listRemotes(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	if c.query.Has("globalId") {
		at, err := i.globalRemote(c.query.Get("globalId"))
		if err != nil {
			return 0, nil, err
		}
		return 200, c.j.remoteJSON(i, i.remotes[at]), nil
	}
	out := []any{}
	for _, r := range i.remotes {
		out = append(out, c.j.remoteJSON(i, r))
	}
	return 200, out, nil
}

func getRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	at, err := c.remote(i)
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.remoteJSON(i, i.remotes[at]), nil
}

// postRemote replaces a link that has the same global ID.
func postRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	before := len(i.remotes)
	r, err := c.j.linkAway(c.user, i, body)
	if err != nil {
		return 0, nil, err
	}
	status := 200
	if len(i.remotes) > before {
		status = 201
	}
	return status, obj{"id": r.id, "self": c.j.base + "/rest/api/2/issue/" + i.key() + "/remotelink/" + text(r.id)}, nil
}

// putRemote takes away what the request leaves out, the global ID too.
func putRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if err := c.j.mayLinkAway(c.user, i, "update"); err != nil {
		return 0, nil, err
	}
	r, err := readRemote(body)
	if err != nil {
		return 0, nil, err
	}
	at, err := c.remote(i)
	if err != nil {
		return 0, nil, err
	}
	r.id = i.remotes[at].id
	i.remotes = slices.Clone(i.remotes)
	i.remotes[at] = r
	return 204, nil, nil
}

func deleteRemote(c *call) (int, any, error) {
	return c.dropRemote(c.remote)
}

func deleteGlobal(c *call) (int, any, error) {
	return c.dropRemote(func(i *issue) (int, error) { return i.globalRemote(c.query.Get("globalId")) })
}

func (c *call) dropRemote(find func(*issue) (int, error)) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	if err := c.j.mayLinkAway(c.user, i, "delete"); err != nil {
		return 0, nil, err
	}
	at, err := find(i)
	if err != nil {
		return 0, nil, err
	}
	i.remotes = slices.Delete(slices.Clone(i.remotes), at, at+1)
	return 204, nil, nil
}

// remote finds the link in the path among the issue's own.
func (c *call) remote(i *issue) (at int, err error) {
	id, err := strconv.Atoi(c.path("id"))
	if err != nil {
		return 0, refuse(http.StatusBadRequest, "'%s' is no valid number of a remote link.", c.path("id"))
	}
	same := func(r *remote) bool { return r.id == id }
	if at := slices.IndexFunc(i.remotes, same); at >= 0 {
		return at, nil
	}
	for _, other := range c.j.issues {
		if slices.ContainsFunc(other.remotes, same) {
			return 0, refuse(http.StatusBadRequest, "The remote link with id '%d' does not belong to issue '%s'.", id, i.key())
		}
	}
	return 0, refuse(http.StatusNotFound, "No remote link with id '%d' exists.", id)
}
