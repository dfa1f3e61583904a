package jiratest

import (
	"encoding/json"
	"maps"
	"net/http"
)

// A holder is something that has entity properties: an issue, a comment, or on Cloud a worklog.
type holder struct {
	get  map[string]json.RawMessage
	put  func(map[string]json.RawMessage) // the changed copy
	may  bool                             // the caller may write
	self string
}

func propertyRoutes() []route {
	var out []route
	for path, find := range map[string]func(*call) (holder, error){
		"/api/2/issue/{issue}/properties":                   issueHolder,
		"/api/2/comment/{id}/properties":                    commentHolder,
		"/api/2/issue/{issue}/worklog/{worklog}/properties": worklogHolder,
	} {
		out = append(out,
			route{"GET", path, func(c *call) (int, any, error) { return listProperties(c, find) }},
			route{"GET", path + "/{key}", func(c *call) (int, any, error) { return getProperty(c, find) }},
			route{"PUT", path + "/{key}", func(c *call) (int, any, error) { return putProperty(c, find) }},
			route{"DELETE", path + "/{key}", func(c *call) (int, any, error) { return deleteProperty(c, find) }},
		)
	}
	return out
}

func issueHolder(c *call) (holder, error) {
	i, err := c.issue()
	if err != nil {
		return holder{}, err
	}
	return holder{
		get: i.properties, put: func(m map[string]json.RawMessage) { i.properties = m },
		may: c.j.may(c.user, editIssues, i.project, i), self: "issue/" + i.key(),
	}, nil
}

func commentHolder(c *call) (holder, error) {
	for _, i := range c.j.issues {
		said, err := c.j.comment(c.user, i, c.path("id"))
		if err != nil || !c.j.may(c.user, browse, i.project, i) {
			continue
		}
		c.issues = append(c.issues, i)
		return holder{
			get: said.properties,
			put: func(m map[string]json.RawMessage) {
				next := *said
				next.properties = m
				i.replaceComment(&next)
			},
			may: c.j.mayTouch(c.user, "EDIT", comments, said.author, i), self: "comment/" + text(said.id),
		}, nil
	}
	return holder{}, refuse(http.StatusNotFound, "Can not find a comment for the id: %s.", c.path("id"))
}

func worklogHolder(c *call) (holder, error) {
	i, err := c.issue()
	if err != nil {
		return holder{}, err
	}
	w, err := c.j.worklog(c.user, i, c.path("worklog"))
	if err != nil {
		return holder{}, err
	}
	return holder{
		get: w.properties,
		put: func(m map[string]json.RawMessage) {
			next := *w
			next.properties = m
			i.replaceWorklog(w, &next)
		},
		may: c.j.mayTouch(c.user, "EDIT", worklogs, w.author, i), self: "issue/" + i.key() + "/worklog/" + text(w.id),
	}, nil
}

// readProperties reads the list of properties of something new or changed.
func readProperties(raw any) (map[string]json.RawMessage, error) {
	var out map[string]json.RawMessage
	for _, p := range asList(raw) {
		value, err := json.Marshal(part(p, "value"))
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "The property value is no valid JSON.")
		}
		if out == nil {
			out = map[string]json.RawMessage{}
		}
		out[member(p, "key")] = value
	}
	return out, nil
}

func propertiesJSON(properties map[string]json.RawMessage) []any {
	list := []any{}
	for _, key := range sortedKeys(properties) {
		list = append(list, obj{"key": key, "value": properties[key]})
	}
	return list
}

func listProperties(c *call, find func(*call) (holder, error)) (int, any, error) {
	h, err := find(c)
	if err != nil {
		return 0, nil, err
	}
	keys := []any{}
	for _, key := range sortedKeys(h.get) {
		keys = append(keys, obj{"key": key, "self": c.j.base + "/rest/api/2/" + h.self + "/properties/" + key})
	}
	return 200, obj{"keys": keys}, nil
}

func getProperty(c *call, find func(*call) (holder, error)) (int, any, error) {
	h, err := find(c)
	if err != nil {
		return 0, nil, err
	}
	value, ok := h.get[c.path("key")]
	if !ok {
		return 0, nil, refuse(http.StatusNotFound, "The property with key '%s' does not exist.", c.path("key"))
	}
	return 200, obj{"key": c.path("key"), "value": value}, nil
}

func putProperty(c *call, find func(*call) (holder, error)) (int, any, error) {
	h, err := find(c)
	switch {
	case err != nil:
		return 0, nil, err
	case !h.may:
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to edit the entity of the property.")
	case !json.Valid(c.raw):
		return 0, nil, refuse(http.StatusBadRequest, "The property value is no valid JSON.")
	case len(c.raw) > 32768 || len(c.path("key")) > 255:
		return 0, nil, refuse(http.StatusBadRequest, "The property is too long: a key has at most 255 characters, a value 32768.")
	}
	next := maps.Clone(h.get)
	if next == nil {
		next = map[string]json.RawMessage{}
	}
	_, had := next[c.path("key")]
	next[c.path("key")] = json.RawMessage(c.raw)
	h.put(next)
	if had {
		return 200, nil, nil
	}
	return 201, nil, nil
}

func deleteProperty(c *call, find func(*call) (holder, error)) (int, any, error) {
	h, err := find(c)
	if err != nil {
		return 0, nil, err
	}
	if !h.may {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to edit the entity of the property.")
	}
	next := maps.Clone(h.get)
	if _, had := next[c.path("key")]; !had {
		return 0, nil, refuse(http.StatusNotFound, "The property with key '%s' does not exist.", c.path("key"))
	}
	delete(next, c.path("key"))
	h.put(next)
	return 204, nil, nil
}
