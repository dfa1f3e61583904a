package jiratest

import "net/http"

func backlogRoutes() []route {
	return []route{
		{"POST", "/agile/1.0/sprint/{sprint}/issue", moveToSprint},
		{"POST", "/agile/1.0/backlog/issue", moveToBacklog},
		{"GET", "/agile/1.0/epic/{epic}", getEpic},
		{"GET", "/agile/1.0/epic/{epic}/issue", epicIssues},
		{"GET", "/agile/1.0/epic/none/issue", issuesWithoutEpic},
		{"POST", "/agile/1.0/epic/{epic}/issue", moveToEpic},
		{"POST", "/agile/1.0/epic/none/issue", removeFromEpic},
	}
}

// moved are the issues that the body names, all of them or none: 50 at most, and the user needs these permissions.
func (c *call) moved(permissions ...string) ([]*issue, error) {
	refs, err := c.named()
	if err != nil {
		return nil, err
	}
	var out []*issue
	for _, ref := range refs {
		i, err := c.j.visible(c.user, ref)
		if err != nil {
			return nil, refuse(http.StatusNotFound, "Issue %s does not exist or you do not have permission to see it.", ref)
		}
		for _, p := range permissions {
			if !c.j.may(c.user, p, i.project, i) {
				return nil, refuse(http.StatusForbidden, "You do not have the permission %s for issue %s.", p, i.key())
			}
		}
		out = append(out, i)
	}
	c.issues = append(c.issues, out...)
	return out, nil
}

// named are the keys and IDs in the body.
func (c *call) named() ([]string, error) {
	if err := c.loggedIn(); err != nil {
		return nil, err
	}
	body, err := c.object()
	if err != nil {
		return nil, err
	}
	list, ok := body["issues"].([]any)
	if !ok || len(list) == 0 {
		return nil, refuse(http.StatusBadRequest, "No issues were given.")
	}
	if len(list) > 50 {
		return nil, refuse(http.StatusBadRequest, "The number of issues in one request is limited to 50.")
	}
	var refs []string
	for _, one := range list {
		refs = append(refs, idText(one))
	}
	return refs, nil
}

func moveToSprint(c *call) (int, any, error) {
	s, err := c.sprint()
	if err != nil {
		return 0, nil, err
	}
	if s.state == closed {
		return 0, nil, refuse(http.StatusBadRequest, "Issues can only be moved to open or active sprints.")
	}
	issues, err := c.moved(scheduleIssues, editIssues)
	for _, i := range issues {
		c.j.putInSprint(c.user, i, s)
	}
	return 204, nil, err
}

func moveToBacklog(c *call) (int, any, error) {
	issues, err := c.moved(scheduleIssues, editIssues)
	if err != nil {
		return 0, nil, err
	}
	if c.j.fieldOf(sprintRef) == nil {
		return 204, nil, nil
	}
	for _, i := range issues {
		c.j.putInSprint(c.user, i, nil)
	}
	return 204, nil, nil
}

func (c *call) epic() (*issue, error) {
	if err := c.loggedIn(); err != nil {
		return nil, err
	}
	return c.j.epic(c.user, c.path("epic"))
}

func getEpic(c *call) (int, any, error) {
	i, err := c.epic()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.epicJSON(i), nil
}

func epicIssues(c *call) (int, any, error) {
	epic, err := c.epic()
	if err != nil {
		return 0, nil, err
	}
	return c.ranked(func(i *issue) bool { return c.j.epicOf(i) == epic })
}

func issuesWithoutEpic(c *call) (int, any, error) {
	return c.ranked(func(i *issue) bool { return c.j.epicOf(i) == nil && !isEpic(i) })
}

func moveToEpic(c *call) (int, any, error) {
	epic, err := c.epic()
	if err != nil {
		return 0, nil, err
	}
	if !c.j.may(c.user, editIssues, epic.project, epic) {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to edit the epic %s.", epic.key())
	}
	return c.linkEpic(epic)
}

func removeFromEpic(c *call) (int, any, error) { return c.linkEpic(nil) }

func (c *call) linkEpic(epic *issue) (int, any, error) {
	issues, err := c.moved(editIssues)
	if err != nil {
		return 0, nil, err
	}
	f := c.j.fieldOf(epicLink)
	if f == nil {
		return 0, nil, refuse(http.StatusBadRequest, "There is no epic link field.")
	}
	for _, i := range issues {
		if isEpic(i) {
			return 0, nil, refuse(http.StatusBadRequest, "Issue %s is an epic and cannot belong to one.", i.key())
		}
	}
	for _, i := range issues {
		e := c.j.edit(c.user, i)
		e.put(f.id, asValue(epic))
		e.apply()
	}
	return 204, nil, nil
}
