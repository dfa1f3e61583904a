package jiraclient

import "context"

// A Project is a project with what a rule may name of it.
type Project struct {
	ID         string      `json:"id"`
	Key        string      `json:"key"`
	Name       string      `json:"name"`
	Type       string      `json:"projectTypeKey"`
	Lead       User        `json:"lead"`
	IssueTypes []IssueType `json:"issueTypes"`
	Components []Component `json:"components"`
	Versions   []Version   `json:"versions"`
}

// Project reads a project by key or ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project-getProject
func (c *Client) Project(ctx context.Context, key string) (Project, error) {
	var p Project
	err := c.do(ctx, get("project/{project}", key), &p)
	return p, err
}

// TypeStatuses are the statuses that issues of one type can have in a project.
type TypeStatuses struct {
	Type     IssueType
	Statuses []Status
}

// ProjectStatuses tells, for each of the project's issue types, which statuses its workflow has.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project-getAllStatuses
func (c *Client) ProjectStatuses(ctx context.Context, key string) ([]TypeStatuses, error) {
	var answer []struct {
		IssueType
		Statuses []Status `json:"statuses"`
	}
	err := c.do(ctx, get("project/{project}/statuses", key), &answer)
	var list []TypeStatuses
	for _, a := range answer {
		list = append(list, TypeStatuses{Type: a.IssueType, Statuses: a.Statuses})
	}
	return list, err
}
