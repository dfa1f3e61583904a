package jiraclient

import (
	"cmp"
	"context"
	"iter"
	"strings"
)

// A SearchQuery says what to read of each issue and how many of them; zero means Jira's usual fields, pages of 100, all.
type SearchQuery struct {
	Fields   []string
	Expand   []string
	PageSize int
	Max      int
}

// Search finds issues by JQL. Pages are read as they are needed, and none after the caller stops. End the JQL with
// "order by key": while issues change between two pages, an unsteady order shows some twice (which are left out here) and
// others never.
func (c *Client) Search(ctx context.Context, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	if q.PageSize <= 0 {
		q.PageSize = 100
	}
	if q.Max > 0 {
		q.PageSize = min(q.PageSize, q.Max)
	}
	if c.isCloud() {
		return distinct(q.Max, c.searchCloud(ctx, jql, q))
	}
	return distinct(q.Max, c.searchPages(ctx, jql, q))
}

// searchPages counts its way through Data Center's pages. Jira may send fewer issues than asked for and leave out the
// total, so only an empty page, or one that reaches the total or is shorter than Jira's own limit, is the last.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/search-searchUsingSearchRequest
func (c *Client) searchPages(ctx context.Context, jql string, q SearchQuery) iter.Seq2[[]Issue, error] {
	return func(yield func([]Issue, error) bool) {
		for start := 0; ; {
			body := map[string]any{"jql": jql, "startAt": start, "maxResults": q.PageSize}
			if len(q.Fields) > 0 {
				body["fields"] = q.Fields
			}
			if len(q.Expand) > 0 {
				body["expand"] = q.Expand
			}
			var page struct {
				Issues     []Issue `json:"issues"`
				MaxResults int     `json:"maxResults"`
				Total      *int    `json:"total"`
			}
			r := post("search").carrying(body)
			r.asks = true // POST, because JQL may be longer than an address
			err := c.do(ctx, r, &page)
			if err != nil || len(page.Issues) == 0 {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			start += len(page.Issues)
			last := page.Total != nil && start >= *page.Total ||
				page.Total == nil && page.MaxResults > 0 && len(page.Issues) < page.MaxResults
			if !yield(page.Issues, nil) || last {
				return
			}
		}
	}
}

// searchCloud follows Cloud's page tokens.
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-search/#api-rest-api-2-search-jql-post
func (c *Client) searchCloud(ctx context.Context, jql string, q SearchQuery) iter.Seq2[[]Issue, error] {
	if len(q.Fields) == 0 {
		q.Fields = []string{"*navigable"} // Data Center's default; Cloud's is the bare ID
	}
	return func(yield func([]Issue, error) bool) {
		for token := ""; ; {
			body := map[string]any{"jql": jql, "maxResults": q.PageSize, "fields": q.Fields}
			if token != "" {
				body["nextPageToken"] = token
			}
			if len(q.Expand) > 0 {
				body["expand"] = strings.Join(q.Expand, ",")
			}
			var page struct {
				Issues        []Issue `json:"issues"`
				NextPageToken string  `json:"nextPageToken"`
				IsLast        bool    `json:"isLast"`
			}
			r := post("search/jql").carrying(body)
			r.asks = true
			if err := c.do(ctx, r, &page); err != nil {
				yield(nil, err)
				return
			}
			last := page.IsLast || page.NextPageToken == "" || page.NextPageToken == token
			token = page.NextPageToken
			if !yield(page.Issues, nil) || last {
				return
			}
		}
	}
}

// distinct turns pages into issues, each once, and stops after max of them (0: never) or at a page that holds nothing new:
// a server that sends the same page for ever must not keep us for ever.
func distinct(max int, pages iter.Seq2[[]Issue, error]) iter.Seq2[Issue, error] {
	return func(yield func(Issue, error) bool) {
		seen := map[string]bool{}
		for page, err := range pages {
			if err != nil {
				yield(Issue{}, err)
				return
			}
			before := len(seen)
			for _, issue := range page {
				id := cmp.Or(issue.ID, issue.Key) // some stand-ins leave the ID out
				if seen[id] {
					continue
				}
				seen[id] = true
				if !yield(issue, nil) || len(seen) == max {
					return
				}
			}
			if len(page) > 0 && len(seen) == before {
				return
			}
		}
	}
}
