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

// listWorklogs has no pages on Data Center.
func listWorklogs(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	list := c.j.seenWorklogs(i, view{viewer: c.user})
	return 200, obj{"startAt": 0, "maxResults": len(list), "total": len(list), "worklogs": list}, nil
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
	return 201, c.j.worklogJSON(i, w), nil
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
	return 200, c.j.worklogJSON(i, w), nil
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
	return 200, c.j.worklogJSON(i, w), nil
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
