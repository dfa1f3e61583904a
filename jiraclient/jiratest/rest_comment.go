package jiratest

import (
	"encoding/json"
	"slices"
	"strings"
)

func commentRoutes() []route {
	const one = "/api/2/issue/{issue}/comment/{id}"
	return []route{
		{"GET", "/api/2/issue/{issue}/comment", listComments},
		{"POST", "/api/2/issue/{issue}/comment", postComment},
		{"GET", one, getComment},
		{"PUT", one, putComment},
		{"PUT", one + "/pin", putPin},
		{"DELETE", one, func(c *call) (int, any, error) {
			i, err := c.issue()
			if err != nil {
				return 0, nil, err
			}
			return 204, nil, c.j.deleteComment(c.user, i, c.path("id"))
		}},
	}
}

func (c *call) expands(what string) bool { return slices.Contains(c.list("expand"), what) }

func listComments(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	var seen []*comment
	for _, one := range i.comments {
		if one.seenBy.includes(c.user, i.project) {
			seen = append(seen, one)
		}
	}
	switch order := c.query.Get("orderBy"); {
	case strings.TrimLeft(order, "+-") != "created" && order != "":
		return 0, nil, refuse(400, "The 'orderBy' parameter '%s' is not supported.", order)
	case strings.HasPrefix(order, "-"):
		slices.Reverse(seen)
	}
	start, limit := c.number("startAt", 0), c.number("maxResults", 50)
	out := []any{}
	for _, one := range window(seen, start, limit) {
		out = append(out, c.j.commentJSON(i, one, c.expands("properties")))
	}
	return 200, obj{"startAt": start, "maxResults": limit, "total": len(seen), "comments": out}, nil
}

func postComment(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	said, err := c.j.addComment(c.user, i, body)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.j.commentJSON(i, said, c.expands("properties")), nil
}

func getComment(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	said, err := c.j.comment(c.user, i, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.commentJSON(i, said, c.expands("properties")), nil
}

func putComment(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	said, err := c.j.editComment(c.user, i, c.path("id"), body)
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.commentJSON(i, said, c.expands("properties")), nil
}

// putPin is new in Jira 10. Who may pin is not documented but for the answer to others: a 404.
func putPin(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	said, err := c.j.comment(c.user, i, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	if !c.j.may(c.user, editIssues, i.project, i) {
		return 0, nil, refuse(404, "You do not have the permission to pin comments.")
	}
	next := *said
	if err := json.Unmarshal(c.raw, &next.pinned); err != nil {
		return 0, nil, refuse(400, "Can not deserialize a boolean out of this JSON.")
	}
	i.replaceComment(&next)
	return 204, nil, nil
}
