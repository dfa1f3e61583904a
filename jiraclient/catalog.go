package jiraclient

import "context"

// A Field is a field that issues can have. ClauseNames are what JQL calls it.
type Field struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Custom      bool     `json:"custom"`
	ClauseNames []string `json:"clauseNames"`
	Schema      Schema   `json:"schema"`
}

// An IssueType is a kind of issue.
type IssueType struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Subtask bool   `json:"subtask"`
}

// A Priority is a priority.
type Priority struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Resolution is a reason why an issue is done with.
type Resolution struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Fields lists all fields. Names may repeat among custom fields.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/field-getFields
func (c *Client) Fields(ctx context.Context) ([]Field, error) {
	var list []Field
	err := c.do(ctx, get("field").nicety(), &list)
	return list, err
}

// Statuses lists the statuses of all workflows.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/status-getStatuses
func (c *Client) Statuses(ctx context.Context) ([]Status, error) {
	var list []Status
	err := c.do(ctx, get("status").nicety(), &list)
	return list, err
}

// Priorities lists the priorities.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/priority-getPriorities
func (c *Client) Priorities(ctx context.Context) ([]Priority, error) {
	var list []Priority
	err := c.do(ctx, get("priority").nicety(), &list)
	return list, err
}

// Resolutions lists the resolutions.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/resolution-getResolutions
func (c *Client) Resolutions(ctx context.Context) ([]Resolution, error) {
	var list []Resolution
	err := c.do(ctx, get("resolution").nicety(), &list)
	return list, err
}

// IssueTypes lists the issue types.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issuetype-getIssueAllTypes
func (c *Client) IssueTypes(ctx context.Context) ([]IssueType, error) {
	var list []IssueType
	err := c.do(ctx, get("issuetype"), &list)
	return list, err
}
