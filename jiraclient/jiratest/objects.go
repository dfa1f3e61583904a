package jiratest

// parseObject reads a value that names a thing: {"name": …}, {"id": …}, {"value": …}.
func (j *Jira) parseObject(f *field, i *issue, raw any) (any, error) {
	id, name := member(raw, "id"), member(raw, "name")
	ref := id
	if ref == "" {
		ref = name
	}
	switch f.kind {
	case person:
		if j.version.cloud {
			if name = member(raw, "accountId"); name == "" {
				return nil, problemText("'accountId' must be given: people have no other name.")
			}
		} else if name == "" {
			name = member(raw, "key")
		}
		if name == "-1" && f.id == "assignee" {
			return i.project.lead, nil
		}
		if name == "" {
			return nil, nil
		}
		if u := j.person(name); u != nil {
			return u, nil
		}
		return nil, problemText("User '%s' does not exist.", name)
	case option:
		if value := member(raw, "value"); id == "" {
			ref = value
		}
		if o := pick(f.options, ref); o != nil {
			return o, nil
		}
		return nil, problemText("Option value '%s' is not valid", ref)
	case cascading:
		return parseChoice(f, raw)
	case priority:
		if p := pick(j.priorities, ref); p != nil {
			return p, nil
		}
		return nil, problemText("Priority name '%s' is not valid", ref)
	case resolution:
		if r := pick(j.resolutions, ref); r != nil {
			return r, nil
		}
		return nil, problemText("Resolution name '%s' is not valid", ref)
	case typeOfIssue:
		if t := i.project.typeOf(ref); t != nil {
			return t, nil
		}
		return nil, problemText("The issue type selected is invalid.")
	case securityLevel:
		if l := i.project.level(ref); l != nil {
			return l, nil
		}
		return nil, problemText("Security level '%s' is not valid", ref)
	case componentRef:
		if c := i.project.component(ref); c != nil {
			return c, nil
		}
		return nil, problemText("Component name '%s' is not valid", ref)
	case versionRef:
		if v := i.project.version(ref); v != nil {
			return v, nil
		}
		return nil, problemText("Version name '%s' is not valid", ref)
	case issueRef:
		if p := j.lookup(member(raw, "key") + id); p != nil {
			return p, nil
		}
		return nil, problemText("Could not find issue by id or key.")
	}
	return nil, problemText("%s", notOnScreen(f.id))
}

func parseChoice(f *field, raw any) (any, error) {
	find := func(list []*named, raw any) *named {
		if id := member(raw, "id"); id != "" {
			return pick(list, id)
		}
		return pick(list, member(raw, "value"))
	}
	parent := find(f.options, raw)
	if parent == nil {
		return nil, problemText("Option value '%s' is not valid", member(raw, "value"))
	}
	chosen := choice{parent: parent}
	if sub := raw.(map[string]any)["child"]; sub != nil {
		if chosen.child = find(f.children[parent.id], sub); chosen.child == nil {
			return nil, problemText("Option value '%s' is not valid", member(sub, "value"))
		}
	}
	return chosen, nil
}
