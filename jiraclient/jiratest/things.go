package jiratest

import "strings"

// A named thing is one that has little more than a name and an ID: a priority, a resolution, an option, a role.
type named struct{ id, name, path string }

type issueType struct {
	id, name string
	subtask  bool
}

type linkType struct {
	id                    int
	name, inward, outward string
	subtask               bool
}

// AddIssueType adds an issue type for projects that are added later, and returns its ID.
func (j *Jira) AddIssueType(name string, subtask bool) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	added := &issueType{id: text(100 + j.next("issuetype")), name: name, subtask: subtask}
	j.types = append(j.types, added)
	return added.id
}

// AddLinkType adds a type of issue link and returns its ID.
func (j *Jira) AddLinkType(name, inward, outward string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	added := &linkType{id: j.next("linktype"), name: name, inward: inward, outward: outward}
	j.linkTypes = append(j.linkTypes, added)
	return text(added.id)
}

func (j *Jira) linkType(ref string) *linkType {
	for _, t := range j.linkTypes {
		if strings.EqualFold(t.name, ref) || text(t.id) == ref {
			return t
		}
	}
	return nil
}

// pick finds a thing of a list by name or ID.
func pick(list []*named, ref string) *named {
	for _, n := range list {
		if n.id == ref || strings.EqualFold(n.name, ref) {
			return n
		}
	}
	return nil
}

func (j *Jira) namedJSON(n *named) any {
	if n == nil {
		return nil
	}
	self := j.base + "/rest/api/2/" + n.path + "/" + n.id
	switch n.path {
	case "customFieldOption":
		return obj{"self": self, "id": n.id, "value": n.name, "disabled": false}
	case "priority":
		icon := j.base + "/images/icons/priorities/" + strings.ToLower(n.name) + ".svg"
		return obj{"self": self, "id": n.id, "name": n.name, "iconUrl": icon}
	}
	return obj{"self": self, "id": n.id, "name": n.name, "description": ""}
}

func (j *Jira) typeJSON(t *issueType) any {
	return obj{
		"self": j.base + "/rest/api/2/issuetype/" + t.id, "id": t.id, "name": t.name, "description": "",
		"iconUrl": j.base + "/images/icons/issuetypes/" + strings.ToLower(t.name) + ".svg", "subtask": t.subtask,
	}
}

func (j *Jira) linkTypeJSON(t *linkType) obj {
	return obj{
		"self": j.base + "/rest/api/2/issueLinkType/" + text(t.id), "id": text(t.id),
		"name": t.name, "inward": t.inward, "outward": t.outward,
	}
}

// namedList writes a whole list of things.
func (j *Jira) namedList(list []*named) []any {
	out := []any{}
	for _, n := range list {
		out = append(out, j.namedJSON(n))
	}
	return out
}
