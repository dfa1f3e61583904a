package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Component is a part of a project. AssigneeType tells who gets new issues in it: PROJECT_DEFAULT, COMPONENT_LEAD,
// PROJECT_LEAD or UNASSIGNED.
type Component struct {
	ID           string `json:"-"`
	Project      string `json:"project"` // key, where Jira says it
	Name         string `json:"name"`
	Description  string `json:"description"`
	Lead         User   `json:"lead"`
	AssigneeType string `json:"assigneeType"`
}

// UnmarshalJSON takes the ID as a text or a number.
func (m *Component) UnmarshalJSON(data []byte) error {
	type plain Component
	wire := struct {
		*plain
		ID ident `json:"id"`
	}{plain: (*plain)(m)}
	err := json.Unmarshal(data, &wire)
	m.ID = string(wire.ID)
	return err
}

// Components lists a project's components.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project-getProjectComponents
func (c *Client) Components(ctx context.Context, project string) ([]Component, error) {
	var list []Component
	err := c.do(ctx, get("project/{project}/components", project), &list)
	return list, err
}

// Component reads a component.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/component-getComponent
func (c *Client) Component(ctx context.Context, id string) (Component, error) {
	var m Component
	err := c.do(ctx, get("component/{component}", id), &m)
	return m, err
}

// A ComponentEdit is what a component shall be. In UpdateComponent, nil and "" stay as they are.
type ComponentEdit struct {
	Name         string
	Description  *string
	Lead         *UserRef // to nobody, an empty UserRef
	AssigneeType string
}

// wire is what Jira is sent. The lead has another name on each deployment.
func (c *Client) componentWire(e ComponentEdit) map[string]any {
	body := map[string]any{}
	for name, text := range map[string]string{"name": e.Name, "assigneeType": e.AssigneeType} {
		if text != "" {
			body[name] = text
		}
	}
	if e.Description != nil {
		body["description"] = *e.Description
	}
	if e.Lead != nil {
		name := "leadUserName"
		if c.isCloud() {
			name = "leadAccountId"
		}
		body[name] = e.Lead.id()
	}
	return body
}

// CreateComponent makes a component of the project with this key.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/component-createComponent
func (c *Client) CreateComponent(ctx context.Context, project string, e ComponentEdit) (Component, error) {
	body := c.componentWire(e)
	body["project"] = project
	var m Component
	err := c.do(ctx, post("component").carrying(body), &m)
	return m, err
}

// UpdateComponent changes a component.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/component-updateComponent
func (c *Client) UpdateComponent(ctx context.Context, id string, e ComponentEdit) error {
	body := c.componentWire(e)
	if len(body) == 0 {
		return fmt.Errorf("update component %s: %w", id, errNoChange)
	}
	return c.do(ctx, put("component/{component}", id).carrying(body), nil)
}

// DeleteComponent deletes a component. Its issues get the other one in its place, if there is one.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/component-delete
func (c *Client) DeleteComponent(ctx context.Context, id, moveIssuesTo string) error {
	return c.do(ctx, remove("component/{component}", id).with("moveIssuesTo", moveIssuesTo), nil)
}
