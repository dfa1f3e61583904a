package jiraclient

import (
	"context"
	"encoding/json"
	"iter"
)

// An Epic is an issue as boards see it.
type Epic struct {
	ID      string `json:"-"`
	Key     string `json:"key"`
	Name    string `json:"name"` // the short one
	Summary string `json:"summary"`
	Done    bool   `json:"done"`
}

// UnmarshalJSON takes the ID as a text or a number.
func (e *Epic) UnmarshalJSON(data []byte) error {
	type plain Epic
	wire := struct {
		*plain
		ID ident `json:"id"`
	}{plain: (*plain)(e)}
	err := json.Unmarshal(data, &wire)
	e.ID = string(wire.ID)
	return err
}

// Epic reads an epic by key or ID. Cloud does not know those of team-managed projects here.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/epic-getEpic
func (c *Client) Epic(ctx context.Context, key string) (Epic, error) {
	var e Epic
	err := c.do(ctx, get("/rest/agile/1.0/epic/{epic}", key), &e)
	return e, err
}

// EpicIssues finds issues of an epic by JQL, which may be empty, in the order of their rank.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/epic-getIssuesForEpic
func (c *Client) EpicIssues(ctx context.Context, key, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	return c.found(ctx, get("/rest/agile/1.0/epic/{epic}/issue", key), jql, q)
}

// IssuesWithoutEpic finds issues that belong to no epic. Without JQL these may be most of Jira.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/epic-getIssuesWithoutEpic
func (c *Client) IssuesWithoutEpic(ctx context.Context, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	return c.found(ctx, get("/rest/agile/1.0/epic/none/issue"), jql, q)
}
