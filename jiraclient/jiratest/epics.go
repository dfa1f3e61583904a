package jiratest

// epicOf is the epic that an issue belongs to, or nil.
func (j *Jira) epicOf(i *issue) *issue {
	f := j.fieldOf(epicLink)
	if f == nil {
		return nil
	}
	epic, _ := i.values[f.id].(*issue)
	return epic
}

// epic is the epic with a key or ID that the user may see.
func (j *Jira) epic(u *user, ref string) (*issue, error) {
	i, err := j.visible(u, ref)
	if err != nil || !isEpic(i) {
		return nil, refuse(404, "The epic does not exist or you do not have permission to view it.")
	}
	return i, nil
}

// epicJSON is an epic as boards show it. Its short name is a field of its own, if there is one.
func (j *Jira) epicJSON(i *issue) obj {
	name := i.text("summary")
	if f := j.fields.find("Epic Name"); f != nil && i.text(f.id) != "" {
		name = i.text(f.id)
	}
	return obj{
		"id": i.id, "key": i.key(), "self": j.base + "/rest/agile/1.0/epic/" + text(i.id), "name": name,
		"summary": i.text("summary"), "color": obj{"key": "color_1"}, "done": i.status().category == "done",
	}
}
