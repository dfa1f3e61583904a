package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// The states of a sprint, which it goes through in this order.
const (
	SprintFuture = "future"
	SprintActive = "active"
	SprintClosed = "closed"
)

// A Sprint is a sprint. Board is the one on which it was made.
type Sprint struct {
	ID        string `json:"-"`
	Name      string `json:"name"`
	State     string `json:"state"`
	Board     string `json:"-"`
	Goal      string `json:"goal"`
	Start     Time   `json:"startDate"`
	End       Time   `json:"endDate"`
	Activated Time   `json:"activatedDate"`
	Completed Time   `json:"completeDate"`
}

// UnmarshalJSON takes the IDs as texts or numbers.
func (s *Sprint) UnmarshalJSON(data []byte) error {
	type plain Sprint
	wire := struct {
		*plain
		ID    ident `json:"id"`
		Board ident `json:"originBoardId"`
	}{plain: (*plain)(s)}
	err := json.Unmarshal(data, &wire)
	s.ID, s.Board = string(wire.ID), string(wire.Board)
	s.State = strings.ToLower(s.State)
	return err
}

// Sprints lists the sprints of a board: first the closed, then the active, then the future ones; of these states only, if
// any are given.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board/{boardId}/sprint-getAllSprints
func (c *Client) Sprints(ctx context.Context, board string, states ...string) iter.Seq2[Sprint, error] {
	return listed[Sprint](ctx, c, get("/rest/agile/1.0/board/{board}/sprint", board).with("state", strings.Join(states, ",")))
}

// Sprint reads a sprint.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-getSprint
func (c *Client) Sprint(ctx context.Context, id string) (Sprint, error) {
	var s Sprint
	err := c.do(ctx, get("/rest/agile/1.0/sprint/{sprint}", id), &s)
	return s, err
}

// SprintIssues finds issues in a sprint by JQL, which may be empty, in the order of their rank.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-getIssuesForSprint
func (c *Client) SprintIssues(ctx context.Context, id, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	return c.found(ctx, get("/rest/agile/1.0/sprint/{sprint}/issue", id), jql, q)
}

// A NewSprint is a sprint to be made. Name and Board are required.
type NewSprint struct {
	Name  string
	Board string
	Goal  string
	Start Time
	End   Time
}

// CreateSprint makes a future sprint.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-createSprint
func (c *Client) CreateSprint(ctx context.Context, n NewSprint) (Sprint, error) {
	board, err := numeric(n.Board)
	if err != nil {
		return Sprint{}, fmt.Errorf("create sprint %q: the board's ID %w", n.Name, err)
	}
	body := SprintEdit{Start: n.Start, End: n.End}.wire()
	body["name"], body["originBoardId"] = n.Name, board
	if n.Goal != "" {
		body["goal"] = n.Goal
	}
	var s Sprint
	err = c.do(ctx, post("/rest/agile/1.0/sprint").carrying(body), &s)
	return s, err
}

// A SprintEdit is a change to a sprint; what is left out stays as it is. A goal can be taken away, a date cannot.
type SprintEdit struct {
	Name  string
	Goal  *string
	Start Time
	End   Time
	State string
}

func (e SprintEdit) wire() map[string]any {
	body := map[string]any{}
	for name, text := range map[string]string{
		"name": e.Name, "state": e.State, "startDate": sprintTime(e.Start), "endDate": sprintTime(e.End),
	} {
		if text != "" {
			body[name] = text
		}
	}
	if e.Goal != nil {
		body["goal"] = *e.Goal
	}
	return body
}

// sprintTime is a moment as the agile API documents it, with a colon that the rest of Jira's API does not have.
func sprintTime(t Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05.000-07:00")
}

// UpdateSprint changes a sprint that is not closed. It is the partial update: the full one, a PUT, empties what it is not
// told.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-partiallyUpdateSprint
func (c *Client) UpdateSprint(ctx context.Context, id string, e SprintEdit) (Sprint, error) {
	body := e.wire()
	if len(body) == 0 {
		return Sprint{}, fmt.Errorf("update sprint %s: %w", id, errNoChange)
	}
	var s Sprint
	err := c.do(ctx, post("/rest/agile/1.0/sprint/{sprint}", id).carrying(body), &s)
	return s, err
}

// errNoChange: an update without anything in it.
var errNoChange = errors.New("nothing to change is given")

// StartSprint starts a future sprint. It needs both dates, given here or before.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-partiallyUpdateSprint
func (c *Client) StartSprint(ctx context.Context, id string, start, end Time) (Sprint, error) {
	return c.UpdateSprint(ctx, id, SprintEdit{State: SprintActive, Start: start, End: end})
}

// CloseSprint completes an active sprint. Where its unfinished issues go, Jira decides: to the backlog, as a rule.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-partiallyUpdateSprint
func (c *Client) CloseSprint(ctx context.Context, id string) (Sprint, error) {
	return c.UpdateSprint(ctx, id, SprintEdit{State: SprintClosed})
}

// DeleteSprint deletes a future sprint; its issues go to the backlog. Others cannot be deleted.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-deleteSprint
func (c *Client) DeleteSprint(ctx context.Context, id string) error {
	return c.do(ctx, remove("/rest/agile/1.0/sprint/{sprint}", id), nil)
}
