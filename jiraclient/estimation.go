package jiraclient

import (
	"context"
	"encoding/json"
)

// An Estimation is how large an issue is thought to be, on a board: its story points, say. A time is a number of seconds.
type Estimation struct {
	Field string          `json:"fieldId"`
	Value json.RawMessage `json:"value"`
}

// Estimation reads the estimation in the field that the board estimates with.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/issue-getIssueEstimationForBoard
func (c *Client) Estimation(ctx context.Context, key, board string) (Estimation, error) {
	var e Estimation
	err := c.do(ctx, get("/rest/agile/1.0/issue/{key}/estimation", key).with("boardId", board), &e)
	return e, err
}

// SetEstimation writes the estimation, whether or not the field stands on a screen: "8", or for a time "3h 20m".
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/issue-estimateIssueForBoard
func (c *Client) SetEstimation(ctx context.Context, key, board, value string) error {
	r := put("/rest/agile/1.0/issue/{key}/estimation", key).with("boardId", board)
	return c.do(ctx, r.carrying(map[string]string{"value": value}), nil)
}
