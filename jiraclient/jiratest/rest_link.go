package jiratest

import "net/http"

func linkRoutes() []route {
	return []route{
		{"POST", "/api/2/issueLink", postLink},
		{"GET", "/api/2/issueLink/{id}", getLink},
		{"DELETE", "/api/2/issueLink/{id}", deleteLink},
		{"GET", "/api/2/issueLinkType", listLinkTypes},
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
	for _, end := range []*issue{l.source, l.destination} {
		if !c.j.may(c.user, linkIssues, end.project, end) {
			return 0, nil, refuse(http.StatusUnauthorized, "No Link Issue Permission for issue '%s'", end.key())
		}
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
