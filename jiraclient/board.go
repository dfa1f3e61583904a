package jiraclient

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
)

// A Board shows the issues of a filter as columns. Kind is scrum, kanban or, on Cloud, simple; only scrum has sprints.
type Board struct {
	ID      string `json:"-"`
	Name    string `json:"name"`
	Kind    string `json:"type"`
	Project string `json:"-"` // key of the project it belongs to, where Jira says so
}

// UnmarshalJSON takes the ID as a text or a number.
func (b *Board) UnmarshalJSON(data []byte) error {
	type plain Board
	wire := struct {
		*plain
		ID       ident `json:"id"`
		Location struct {
			ProjectKey string `json:"projectKey"`
			Key        string `json:"key"` // in a configuration
		} `json:"location"`
	}{plain: (*plain)(b)}
	err := json.Unmarshal(data, &wire)
	b.ID, b.Project = string(wire.ID), cmp.Or(wire.Location.ProjectKey, wire.Location.Key)
	return err
}

// A BoardQuery limits a list of boards; zero means all that our user may see.
type BoardQuery struct {
	Name    string // a part of it
	Kind    string
	Project string // key or ID
}

// Boards lists boards.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board-getAllBoards
func (c *Client) Boards(ctx context.Context, q BoardQuery) iter.Seq2[Board, error] {
	return listed[Board](ctx, c, get("/rest/agile/1.0/board").with("name", q.Name).with("type", q.Kind).with("projectKeyOrId", q.Project))
}

// Board reads a board.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board-getBoard
func (c *Client) Board(ctx context.Context, id string) (Board, error) {
	var b Board
	err := c.do(ctx, get("/rest/agile/1.0/board/{board}", id), &b)
	return b, err
}

// A BoardConfiguration is how a board is set up.
type BoardConfiguration struct {
	Board
	Filter     string // ID of the filter whose issues it shows
	SubQuery   string // JQL that takes issues off a kanban board
	Columns    []BoardColumn
	Estimation string // ID of the field in which SetEstimation writes; empty where issues are counted
	RankField  string // ID of the custom field
}

// A BoardColumn is a column and the IDs of the statuses in it. Min and Max are zero where there is no limit.
type BoardColumn struct {
	Name     string
	Statuses []string
	Min, Max int
}

// UnmarshalJSON flattens what Jira nests.
func (b *BoardConfiguration) UnmarshalJSON(data []byte) error {
	var wire struct {
		Filter struct {
			ID ident `json:"id"`
		} `json:"filter"`
		SubQuery struct {
			Query string `json:"query"`
		} `json:"subQuery"`
		ColumnConfig struct {
			Columns []struct {
				Name     string `json:"name"`
				Statuses []struct {
					ID ident `json:"id"`
				} `json:"statuses"`
				Min int `json:"min"`
				Max int `json:"max"`
			} `json:"columns"`
		} `json:"columnConfig"`
		Estimation struct {
			Field struct {
				FieldID string `json:"fieldId"`
			} `json:"field"`
		} `json:"estimation"`
		Ranking struct {
			FieldID ident `json:"rankCustomFieldId"`
		} `json:"ranking"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*b = BoardConfiguration{Filter: string(wire.Filter.ID), SubQuery: wire.SubQuery.Query, Estimation: wire.Estimation.Field.FieldID}
	if wire.Ranking.FieldID != "" {
		b.RankField = "customfield_" + string(wire.Ranking.FieldID)
	}
	for _, w := range wire.ColumnConfig.Columns {
		column := BoardColumn{Name: w.Name, Min: w.Min, Max: w.Max}
		for _, s := range w.Statuses {
			column.Statuses = append(column.Statuses, string(s.ID))
		}
		b.Columns = append(b.Columns, column)
	}
	return json.Unmarshal(data, &b.Board)
}

// BoardConfiguration tells how a board is set up.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board-getConfiguration
func (c *Client) BoardConfiguration(ctx context.Context, id string) (BoardConfiguration, error) {
	var b BoardConfiguration
	err := c.do(ctx, get("/rest/agile/1.0/board/{board}/configuration", id), &b)
	return b, err
}

// BoardIssues finds issues on a board by JQL, which may be empty, in the order of their rank.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board-getIssuesForBoard
func (c *Client) BoardIssues(ctx context.Context, id, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	return c.found(ctx, get("/rest/agile/1.0/board/{board}/issue", id), jql, q)
}

// BacklogIssues finds issues in a board's backlog, the next one first.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/board-getIssuesForBacklog
func (c *Client) BacklogIssues(ctx context.Context, id, jql string, q SearchQuery) iter.Seq2[Issue, error] {
	return c.found(ctx, get("/rest/agile/1.0/board/{board}/backlog", id), jql, q)
}
