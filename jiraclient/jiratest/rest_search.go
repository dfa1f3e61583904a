package jiratest

import (
	"slices"
	"strings"
)

func searchRoutes() []route {
	return []route{
		{"GET", "/api/2/search", onDataCenter(getSearch)},
		{"POST", "/api/2/search", onDataCenter(postSearch)},
		{"GET", "/api/2/search/jql", getSearchJQL},
		{"POST", "/api/2/search/jql", postSearchJQL},
		{"POST", "/api/2/search/approximate-count", approximateCount},
	}
}

// onDataCenter: Cloud still knows the address, and says that nothing is there any more.
func onDataCenter(f endpoint) endpoint {
	return func(c *call) (int, any, error) {
		if c.j.version.cloud {
			return searchGone(c)
		}
		return f(c)
	}
}

// maxSearch is how many issues a page of a search has at most, whatever was asked for.
const maxSearch = 1000

type searching struct {
	jql      string
	start    int
	limit    int
	validate string
	view     view
}

func getSearch(c *call) (int, any, error) {
	return c.search(searching{
		jql: c.query.Get("jql"), start: c.number("startAt", 0), limit: c.number("maxResults", 50),
		validate: c.query.Get("validateQuery"),
		view:     view{fields: c.list("fields"), expand: c.list("expand"), properties: c.list("properties")},
	})
}

func postSearch(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	s := searching{jql: member(body, "jql"), limit: 50}
	if n, ok := body["startAt"].(float64); ok {
		s.start = max(0, int(n))
	}
	if n, ok := body["maxResults"].(float64); ok && n >= 0 {
		s.limit = int(n)
	}
	switch v := body["validateQuery"].(type) {
	case bool:
		if !v {
			s.validate = "none"
		}
	case string:
		s.validate = v
	}
	words := func(name string) (out []string) {
		list, _ := body[name].([]any)
		for _, one := range list {
			out = append(out, strings.Split(idText(one), ",")...)
		}
		return out
	}
	s.view = view{fields: words("fields"), expand: words("expand"), properties: words("properties")}
	return c.search(s)
}

func (c *call) search(s searching) (int, any, error) {
	s.limit = min(s.limit, maxSearch)
	out := obj{"expand": "names,schema", "startAt": s.start, "maxResults": s.limit, "total": 0, "issues": []any{}}
	q, err := c.j.compile(s.jql, c.user)
	if p := asProblem(err); p != nil && (s.validate == "warn" || s.validate == "none" || s.validate == "false") &&
		!strings.HasPrefix(p.messages[0], "Error in the JQL Query") {
		out["warningMessages"] = p.messages
		return 200, out, nil
	}
	if err != nil {
		return 0, nil, err
	}
	var found []*issue
	for _, i := range c.j.searchable() {
		if !i.archived && c.j.may(c.user, browse, i.project, i) && q.match(i) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, q.compare)
	s.view.viewer, s.view.search = c.user, true
	expand := s.view.expand
	s.view.expand = slices.DeleteFunc(slices.Clone(expand), func(e string) bool { return e == "names" || e == "schema" })
	issues := []any{}
	for _, picture := range window(found, s.start, s.limit) {
		if i := c.j.issues[picture.id]; i != nil { // the index finds; the database is shown
			issues = append(issues, c.j.issueJSON(i, s.view))
		}
	}
	out["total"], out["issues"] = len(found), issues
	if c.j.version.maxResultWindow {
		out["maxResultWindow"] = 10_000
	}
	if slices.Contains(expand, "names") {
		names := obj{}
		for _, f := range c.j.fields {
			if s.view.wants(f.id) {
				names[f.id] = f.name
			}
		}
		out["names"] = names
	}
	return 200, out, nil
}
