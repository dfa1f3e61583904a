package jiraclient

import (
	"context"
	"encoding/json"
	"strings"
)

// An IssueQuery says what to read of an issue; empty Fields means all.
type IssueQuery struct {
	Fields     []string
	Expand     []string // changelog, names, transitions, editmeta …
	Properties []string
}

// An Issue is an issue as Jira described it: as much of it as was asked for.
type Issue struct {
	ID         string
	Key        string
	Raw        json.RawMessage            // the whole answer, expansions and all
	Fields     map[string]json.RawMessage // by field ID
	Properties map[string]json.RawMessage // by property key
}

// UnmarshalJSON keeps the answer beside what it reads of it.
func (i *Issue) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID         ident                      `json:"id"`
		Key        string                     `json:"key"`
		Fields     map[string]json.RawMessage `json:"fields"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*i = Issue{ID: string(wire.ID), Key: wire.Key, Raw: append(json.RawMessage(nil), b...), Fields: wire.Fields, Properties: wire.Properties}
	return nil
}

// Issue reads an issue by key or ID. The key that comes back may be another one, if it was moved.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getIssue
func (c *Client) Issue(ctx context.Context, key string, q IssueQuery) (Issue, error) {
	r := get("issue/{key}", key).
		with("fields", strings.Join(q.Fields, ",")).
		with("expand", strings.Join(q.Expand, ",")).
		with("properties", strings.Join(q.Properties, ","))
	var i Issue
	err := c.do(ctx, r, &i)
	return i, err
}

// DeleteIssue deletes an issue for ever. One with sub-tasks is deleted only together with them.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-deleteIssue
func (c *Client) DeleteIssue(ctx context.Context, key string, subtasks bool) error {
	r := remove("issue/{key}", key)
	if subtasks {
		r = r.with("deleteSubtasks", "true")
	}
	return c.do(ctx, r, nil)
}
