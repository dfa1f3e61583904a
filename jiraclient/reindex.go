package jiraclient

import (
	"context"
	"fmt"
)

// ReindexIssue makes Jira index issues, by ID, once more, when searches do not find what they are. It ends when that is
// done, and takes an administrator.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/reindex-reindexIssues
func (c *Client) ReindexIssue(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil // without an ID Jira might take all
	}
	if c.isCloud() {
		return fmt.Errorf("reindex issues: Cloud does that itself: %w", ErrUnavailable)
	}
	return c.do(ctx, post("reindex/issue").withEach("issueId", ids...), nil)
}
