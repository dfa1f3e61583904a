package jiratest

func worklogRoutes() []route {
	const one = "/api/2/issue/{issue}/worklog/{id}"
	return []route{
		{"GET", "/api/2/issue/{issue}/worklog", listWorklogs},
		{"POST", "/api/2/issue/{issue}/worklog", postWorklog},
		{"GET", one, getWorklog},
		{"PUT", one, putWorklog},
		{"DELETE", one, deleteWorklog},
	}
}

// listWorklogs has pages and properties on Cloud, and neither on Data Center.
func listWorklogs(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	list := []any{}
	for _, w := range i.worklogs {
		if w.seenBy.includes(c.user, i.project) {
			list = append(list, c.worklogJSON(i, w))
		}
	}
	if !c.j.version.cloud {
		return 200, obj{"startAt": 0, "maxResults": len(list), "total": len(list), "worklogs": list}, nil
	}
	start, limit := c.number("startAt", 0), c.number("maxResults", 5000)
	return 200, obj{"startAt": start, "maxResults": limit, "total": len(list), "worklogs": window(list, start, limit)}, nil
}

// worklogJSON is a worklog with its properties, where it has any and they are asked for.
func (c *call) worklogJSON(i *issue, w *worklog) obj {
	out := c.j.worklogJSON(i, w)
	if c.j.version.cloud && c.expands("properties") {
		out["properties"] = propertiesJSON(w.properties)
	}
	return out
}

func postWorklog(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	a, err := readAdjustment(c.query, "reduceBy", -1)
	if err != nil {
		return 0, nil, err
	}
	w, err := c.j.addWorklog(c.user, i, body, a)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.worklogJSON(i, w), nil
}

func getWorklog(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	w, err := c.j.worklog(c.user, i, c.path("id"))
	if err != nil {
		return 0, nil, err
	}
	return 200, c.worklogJSON(i, w), nil
}

func putWorklog(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	a, err := readAdjustment(c.query, "", 0)
	if err != nil {
		return 0, nil, err
	}
	w, err := c.j.editWorklog(c.user, i, c.path("id"), body, a)
	if err != nil {
		return 0, nil, err
	}
	return 200, c.worklogJSON(i, w), nil
}

func deleteWorklog(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	a, err := readAdjustment(c.query, "increaseBy", 1)
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.deleteWorklog(c.user, i, c.path("id"), a)
}
