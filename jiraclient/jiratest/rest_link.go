package jiratest

import (
	"encoding/json"
	"net/http"
	"slices"
)

func linkRoutes() []route {
	const remotes = "/api/2/issue/{issue}/remotelink"
	return []route{
		{"POST", "/api/2/issueLink", postLink},
		{"GET", "/api/2/issueLink/{id}", getLink},
		{"DELETE", "/api/2/issueLink/{id}", deleteLink},
		{"GET", "/api/2/issueLinkType", listLinkTypes},
		{"GET", remotes, listRemotes},
		{"POST", remotes, postRemote},
		{"DELETE", remotes, deleteRemote},
		{"GET", remotes + "/{id}", getRemote},
		{"DELETE", remotes + "/{id}", deleteRemote},
	}
}

func postLink(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	end := func(name string) string {
		if key := member(body[name], "key"); key != "" {
			return key
		}
		return member(body[name], "id")
	}
	for _, name := range []string{"inwardIssue", "outwardIssue"} {
		if i := c.j.lookup(end(name)); i != nil {
			c.issues = append(c.issues, i)
		}
	}
	kind := member(body["type"], "name")
	if kind == "" {
		kind = member(body["type"], "id")
	}
	l, err := c.j.linkIssues(c.user, kind, end("inwardIssue"), end("outwardIssue"))
	if err != nil {
		return 0, nil, err
	}
	if body["comment"] != nil {
		if _, err := c.j.addComment(c.user, l.source, body["comment"]); err != nil {
			return 0, nil, err
		}
	}
	c.header.Set("Location", c.j.base+"/rest/api/2/issueLink/"+text(l.id))
	return 201, nil, nil
}

func getLink(c *call) (int, any, error) {
	l, err := c.j.findLink(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	return 200, obj{
		"id": text(l.id), "self": c.j.base + "/rest/api/2/issueLink/" + text(l.id), "type": c.j.linkTypeJSON(l.kind),
		"inwardIssue": c.j.shortJSON(l.source), "outwardIssue": c.j.shortJSON(l.destination),
	}, nil
}

func deleteLink(c *call) (int, any, error) {
	l, err := c.j.findLink(c.user, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	c.issues = append(c.issues, l.source, l.destination)
	if !c.j.may(c.user, linkIssues, l.source.project, l.source) {
		return 0, nil, refuse(http.StatusUnauthorized, "No Link Issue Permission for issue '%s'", l.source.key())
	}
	c.j.unlink(c.user, l)
	return 204, nil, nil
}

func listLinkTypes(c *call) (int, any, error) {
	out := []any{}
	for _, t := range c.j.linkTypes {
		if !t.subtask {
			out = append(out, c.j.linkTypeJSON(t))
		}
	}
	return 200, obj{"issueLinkTypes": out}, nil
}

func listRemotes(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	wanted := c.query.Get("globalId")
	out := []any{}
	for _, r := range i.remotes {
		switch {
		case wanted == "":
			out = append(out, c.j.remoteJSON(i, r))
		case wanted == r.globalID:
			return 200, c.j.remoteJSON(i, r), nil
		}
	}
	if wanted != "" {
		return 0, nil, refuse(http.StatusNotFound, "The remote link with global id '%s' does not exist.", wanted)
	}
	return 200, out, nil
}

func getRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	for _, r := range i.remotes {
		if text(r.id) == c.path("id") {
			return 200, c.j.remoteJSON(i, r), nil
		}
	}
	return 0, nil, refuse(http.StatusNotFound, "No remote link with id '%s' exists.", c.path("id"))
}

// postRemote replaces a link that has the same global ID.
func postRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	switch {
	case err != nil:
		return 0, nil, err
	case !c.j.may(c.user, linkIssues, i.project, i):
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to create links for this issue.")
	case member(body["object"], "title") == "":
		return 0, nil, refuseField("title", "'title' is required.")
	case member(body["object"], "url") == "":
		return 0, nil, refuseField("url", "'url' is required.")
	}
	made := &remote{globalID: member(body, "globalId"), body: map[string]json.RawMessage{}}
	for _, name := range []string{"globalId", "application", "relationship", "object"} {
		if body[name] == nil {
			continue
		}
		if made.body[name], err = json.Marshal(body[name]); err != nil {
			return 0, nil, err
		}
	}
	status := 201
	at := slices.IndexFunc(i.remotes, func(r *remote) bool { return made.globalID != "" && r.globalID == made.globalID })
	if at >= 0 {
		status, made.id = 200, i.remotes[at].id
		i.remotes = slices.Clone(i.remotes)
		i.remotes[at] = made
	} else {
		made.id = c.j.next("remotelink")
		i.remotes = append(slices.Clone(i.remotes), made)
		c.j.note(c.user, i, plainItem("RemoteIssueLink", "", "", text(made.id), member(body["object"], "title")))
	}
	return status, obj{"id": made.id, "self": c.j.base + "/rest/api/2/issue/" + i.key() + "/remotelink/" + text(made.id)}, nil
}

// deleteRemote deletes by ID in the path or by global ID.
func deleteRemote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	if !c.j.may(c.user, linkIssues, i.project, i) {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to delete links for this issue.")
	}
	global := c.query.Get("globalId")
	at := slices.IndexFunc(i.remotes, func(r *remote) bool {
		return text(r.id) == c.path("id") || global != "" && r.globalID == global
	})
	if at < 0 {
		return 0, nil, refuse(http.StatusNotFound, "The remote link does not exist.")
	}
	i.remotes = slices.Delete(slices.Clone(i.remotes), at, at+1)
	return 204, nil, nil
}
