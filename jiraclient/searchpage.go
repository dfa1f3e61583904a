package jiraclient

import (
	"context"
	"fmt"
)

// A SearchPage is one page of a search. Last tells that there is none after it; Total is -1 where Jira does not say.
type SearchPage struct {
	Issues []Issue
	Total  int
	Last   bool
}

// SearchPage reads one page of a search on Data Center, from a position on, for callers who must know whether the pages
// have shifted between two requests. Cloud has no positions; there Search follows tokens, which do not shift.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/search-searchUsingSearchRequest
func (c *Client) SearchPage(ctx context.Context, jql string, q SearchQuery, start int) (SearchPage, error) {
	if c.isCloud() {
		return SearchPage{}, fmt.Errorf("search: Cloud has no positions, only tokens that lead from page to page: %w", ErrUnavailable)
	}
	if q.PageSize <= 0 {
		q.PageSize = 100
	}
	body := map[string]any{"jql": jql, "startAt": start, "maxResults": q.PageSize}
	if len(q.Fields) > 0 {
		body["fields"] = q.Fields
	}
	if len(q.Expand) > 0 {
		body["expand"] = q.Expand
	}
	var wire struct {
		Issues     []Issue `json:"issues"`
		MaxResults int     `json:"maxResults"`
		Total      *int    `json:"total"`
	}
	r := post("search").carrying(body).nicety()
	r.asks = true // POST, because JQL may be longer than an address
	if err := c.do(ctx, r, &wire); err != nil {
		return SearchPage{}, err
	}
	page := SearchPage{Issues: wire.Issues, Total: -1, Last: len(wire.Issues) == 0}
	if wire.Total != nil {
		page.Total = *wire.Total
		page.Last = page.Last || start+len(wire.Issues) >= page.Total
	} else if wire.MaxResults > 0 && len(wire.Issues) < wire.MaxResults {
		page.Last = true
	}
	return page, nil
}

// Cloud tells whether this Jira is a Cloud one, as far as is known; unknown counts as Data Center.
func (c *Client) Cloud() bool { return c.isCloud() }
