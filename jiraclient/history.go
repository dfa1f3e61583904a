package jiraclient

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
)

// Changelog reads the changelog of an issue, oldest entry first, each as Jira wrote it. Only Cloud has the call; Data
// Center gives the whole changelog with the issue (IssueQuery.Expand).
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-changelog-get
func (c *Client) Changelog(ctx context.Context, key string) iter.Seq2[json.RawMessage, error] {
	return c.rawPages(ctx, get("issue/{key}/changelog", key), "values")
}

// Remarks reads the comments or the worklogs of an issue ("comment", "worklog"), oldest first, each as Jira wrote it: for
// those who hand them on.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getComments
func (c *Client) Remarks(ctx context.Context, key, kind string) iter.Seq2[json.RawMessage, error] {
	return c.rawPages(ctx, get("issue/{key}/"+kind, key), kind+"s")
}

// rawPages counts its way through pages whose elements stand under a name. Data Center sends all worklogs at once,
// whatever the start, so a page is the last as well when it brings nothing new in number.
func (c *Client) rawPages(ctx context.Context, r request, name string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for start := 0; ; {
			var page map[string]json.RawMessage
			if err := c.do(ctx, r.with("startAt", strconv.Itoa(start)).with("maxResults", "100"), &page); err != nil {
				yield(nil, err)
				return
			}
			var list []json.RawMessage
			total := 0
			for from, into := range map[string]any{name: &list, "total": &total} {
				if raw := page[from]; raw != nil {
					if err := json.Unmarshal(raw, into); err != nil {
						yield(nil, err)
						return
					}
				}
			}
			for _, one := range list {
				if !yield(one, nil) {
					return
				}
			}
			if start += len(list); len(list) == 0 || start >= total {
				return
			}
		}
	}
}
