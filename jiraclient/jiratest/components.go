package jiratest

import (
	"cmp"
	"net/http"
	"slices"
)

type component struct {
	id                int
	project           *project
	name, description string
	lead              *user
	assignee          string // type of the default assignee
}

// AddComponent adds a component to a project and returns its ID.
func (j *Jira) AddComponent(projectKey, name string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.project(projectKey)
	if p == nil {
		return ""
	}
	c := &component{id: j.next("component"), project: p, name: name}
	p.components = append(p.components, c)
	return text(c.id)
}

func (p *project) component(ref string) *component {
	for _, c := range p.components {
		if text(c.id) == ref || c.name == ref {
			return c
		}
	}
	return nil
}

// readComponent lays the members of a request's body over the component, all or none.
func (j *Jira) readComponent(c *component, body map[string]any) error {
	next := *c
	if name := member(body, "name"); name != "" {
		next.name = name
	}
	if other := c.project.component(next.name); other != nil && other != c && other.name == next.name {
		return refuseField("name", "A component with the name %s already exists in this project.", next.name)
	}
	if description, ok := body["description"].(string); ok {
		next.description = description
	}
	for _, name := range []string{"leadUserName", "leadAccountId"} {
		lead, ok := body[name].(string)
		if !ok {
			continue
		}
		if next.lead = j.user(lead); lead != "" && next.lead == nil {
			return refuseField(name, "The user %s does not exist.", lead)
		}
	}
	if kind := member(body, "assigneeType"); kind != "" {
		if !slices.Contains([]string{"PROJECT_DEFAULT", "COMPONENT_LEAD", "PROJECT_LEAD", "UNASSIGNED"}, kind) {
			return refuse(http.StatusBadRequest, "Can not construct an assignee type from '%s'.", kind)
		}
		next.assignee = kind
	}
	*c = next
	return nil
}

// componentJSON is a component as issues show it.
func (j *Jira) componentJSON(c *component) obj {
	out := obj{"self": j.base + "/rest/api/2/component/" + text(c.id), "id": text(c.id), "name": c.name}
	if c.description != "" {
		out["description"] = c.description
	}
	return out
}

// wholeComponentJSON is a component as it answers for itself.
func (j *Jira) wholeComponentJSON(c *component) obj {
	out := j.componentJSON(c)
	out["project"], out["projectId"] = c.project.key, c.project.id
	out["assigneeType"], out["isAssigneeTypeValid"] = cmp.Or(c.assignee, "PROJECT_DEFAULT"), false
	if c.lead != nil {
		out["lead"] = j.userJSON(c.lead)
	}
	return out
}
