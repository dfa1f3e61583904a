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

// A Component is a part of a project.
type Component struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Version is a release of a project.
type Version struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Released    bool   `json:"released"`
	Archived    bool   `json:"archived"`
	ReleaseDate string `json:"releaseDate"`
}

// Project reads a project by key or ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project-getProject
func (c *Client) Project(ctx context.Context, key string) (Project, error) {
	var p Project
	err := c.do(ctx, get("project/{project}", key), &p)
	return p, err
}
