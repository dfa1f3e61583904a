package jiratest

import (
	"net/http"
	"strconv"
	"strings"
)

// searchGone is what Cloud says of the search that counted its pages.
func searchGone(*call) (int, any, error) {
	return 0, nil, refuse(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
}

func getSearchJQL(c *call) (int, any, error) {
	return c.searchByToken(searching{
		jql: c.query.Get("jql"), limit: c.number("maxResults", 50),
		view: view{fields: c.list("fields"), expand: c.list("expand"), properties: c.list("properties")},
	}, c.query.Get("nextPageToken"))
}

func postSearchJQL(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	s := searching{jql: member(body, "jql"), limit: 50}
	if n, ok := body["maxResults"].(float64); ok && n >= 0 {
		s.limit = int(n)
	}
	if _, ok := body["expand"].([]any); ok {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	var fields []string
	for _, one := range asList(body["fields"]) {
		fields = append(fields, idText(one))
	}
	s.view = view{fields: fields, expand: strings.FieldsFunc(member(body, "expand"), func(r rune) bool { return r == ',' })}
	return c.searchByToken(s, member(body, "nextPageToken"))
}

// searchByToken is Cloud's search: a token leads to the next page, nobody counts, and without fields there are only IDs.
func (c *call) searchByToken(s searching, token string) (int, any, error) {
	if err := bounded(s.jql); err != nil {
		return 0, nil, err
	}
	if token != "" {
		start, err := strconv.Atoi(strings.TrimPrefix(token, "page-"))
		if err != nil {
			return 0, nil, refuse(http.StatusBadRequest, "The provided next page token is invalid or expired.")
		}
		s.start = start
	}
	bare := len(s.view.fields) == 0
	status, body, err := c.search(s)
	if err != nil {
		return status, nil, err
	}
	found := body.(obj)
	issues, total := found["issues"].([]any), found["total"].(int)
	for n := range issues {
		if bare {
			issues[n] = obj{"id": issues[n].(obj)["id"]}
		}
	}
	out := obj{"issues": issues, "isLast": s.start+len(issues) >= total}
	if next := s.start + len(issues); next < total {
		out["nextPageToken"] = "page-" + text(next)
	}
	return 200, out, nil
}

// bounded refuses what would find everything.
func bounded(jql string) error {
	if jql = strings.ToLower(strings.TrimSpace(jql)); jql == "" || strings.HasPrefix(jql, "order by") {
		return refuse(http.StatusBadRequest, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
	}
	return nil
}

// approximateCount counts what a search would find.
func approximateCount(c *call) (int, any, error) {
	body, err := c.object()
	if err == nil {
		err = bounded(member(body, "jql"))
	}
	if err != nil {
		return 0, nil, err
	}
	_, found, err := c.search(searching{jql: member(body, "jql")})
	if err != nil {
		return 0, nil, err
	}
	return 200, obj{"count": found.(obj)["total"]}, nil
}
