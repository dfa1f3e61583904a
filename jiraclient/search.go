package jiraclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
)

// A SearchQuery says what to read of each issue and how many of them; zero means Jira's usual fields, pages of 100, all.
type SearchQuery struct {
	Fields   []string
	Expand   []string
	PageSize int
	Max      int
}

// sized is the query with a page size.
func (q SearchQuery) sized() SearchQuery {
	if q.PageSize <= 0 {
		q.PageSize = pageSize
	}
	if q.Max > 0 {
		q.PageSize = min(q.PageSize, q.Max)
	}
	return q
}

// Search finds issues by JQL. Pages are read as they are needed, and none after the caller stops. End the JQL with
// "order by key": while issues change between two pages, an unsteady order shows some twice (which are left out here) and
// others never.
func (c *Client) Search(ctx context.Context, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	q = q.sized()
	if c.isCloud() {
		return distinct(q.Max, c.searchCloud(ctx, jql, q))
	}
	return distinct(q.Max, c.searchPages(ctx, jql, q))
}

// searchPages is Data Center's search. It is a POST, because JQL may be longer than an address; what only knows the GET
// is asked that way.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/search-searchUsingSearchRequest
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/search-search
func (c *Client) searchPages(ctx context.Context, jql string, q SearchQuery) iter.Seq2[[]Issue, error] {
	noPost := false
	return byStart(func(start int) (issuePage, error) {
		var page issuePage
		if !noPost {
			err := c.do(ctx, postSearch(jql, start, q.PageSize, q), &page)
			if !lacksCall(err) {
				return page, err
			}
			noPost = true
		}
		err := c.do(ctx, pageOf(get("search"), jql, start, q), &page)
		return page, err
	})
}

// lacksCall: whoever answers does not have the call at all.
func lacksCall(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotFound && !e.json)
}

func postSearch(jql string, start, size int, q SearchQuery) request {
	body := map[string]any{"jql": jql, "startAt": start, "maxResults": size}
	if len(q.Fields) > 0 {
		body["fields"] = q.Fields
	}
	if len(q.Expand) > 0 {
		body["expand"] = q.Expand
	}
	r := post("search").carrying(body)
	r.asks = true
	return r
}

// found is a search that the agile API offers in many places: those of a board's issues, a sprint's, an epic's that also
// match JQL, which may be empty.
func (c *Client) found(ctx context.Context, r request, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	q = q.sized()
	return distinct(q.Max, byStart(func(start int) (issuePage, error) {
		var page issuePage
		err := c.do(ctx, pageOf(r, jql, start, q), &page)
		return page, err
	}))
}

// pageOf asks for one page in the address.
func pageOf(r request, jql string, start int, q SearchQuery) request {
	return r.with("jql", jql).
		with("startAt", strconv.Itoa(start)).
		with("maxResults", strconv.Itoa(q.PageSize)).
		with("fields", strings.Join(q.Fields, ",")).
		with("expand", strings.Join(q.Expand, ","))
}

type issuePage struct {
	Issues     []Issue `json:"issues"`
	MaxResults int     `json:"maxResults"`
	Total      *int    `json:"total"`
}

// byStart counts its way through pages. Jira may send fewer issues than asked for and leave out the total, so only an
// empty page, or one that reaches the total or is shorter than Jira's own limit, is the last.
func byStart(read func(start int) (issuePage, error)) iter.Seq2[[]Issue, error] {
	return func(yield func([]Issue, error) bool) {
		for start := 0; ; {
			page, err := read(start)
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

// Count tells how many issues match. Cloud's number is an estimate.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/search-searchUsingSearchRequest
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-search/#api-rest-api-2-search-approximate-count-post
func (c *Client) Count(ctx context.Context, jql string) (int, error) {
	var answer struct {
		Count *int `json:"count"`
		Total *int `json:"total"`
	}
	r := postSearch(jql, 0, 0, SearchQuery{Fields: []string{"key"}})
	if c.isCloud() {
		r = post("search/approximate-count").carrying(map[string]string{"jql": jql})
		r.asks = true
	}
	if err := c.do(ctx, r, &answer); err != nil {
		return 0, err
	}
	for _, n := range []*int{answer.Count, answer.Total} {
		if n != nil {
			return *n, nil
		}
	}
	return 0, fmt.Errorf("count issues: Jira did not say how many there are: %w", ErrUnavailable)
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
