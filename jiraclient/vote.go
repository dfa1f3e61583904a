package jiraclient

import (
	"context"
	"errors"
)

// Votes are how many want the issue. Voters stays empty without the permission to see them.
type Votes struct {
	Count  int    `json:"votes"`
	Voted  bool   `json:"hasVoted"` // our user did
	Voters []User `json:"voters"`
}

// Votes tells who voted for the issue.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getVotes
func (c *Client) Votes(ctx context.Context, key string) (Votes, error) {
	var v Votes
	err := c.do(ctx, get("issue/{key}/votes", key), &v)
	return v, err
}

// AddVote votes for the issue as our user. A second vote changes nothing.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-addVote
func (c *Client) AddVote(ctx context.Context, key string) error {
	return maySay(c.do(ctx, post("issue/{key}/votes", key), nil), "reporters may not vote for their own issues, and voting may be switched off")
}

// RemoveVote takes our user's vote back.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-removeVote
func (c *Client) RemoveVote(ctx context.Context, key string) error {
	return maySay(c.do(ctx, remove("issue/{key}/votes", key), nil), "there may be no vote of ours, and voting may be switched off")
}

// maySay adds what else a 404 can mean where Jira uses it for more than missing issues.
func maySay(err error, other string) error {
	if e, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrNotFound) {
		e.Hint += "; " + other
	}
	return err
}
