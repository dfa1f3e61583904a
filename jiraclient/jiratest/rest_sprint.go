package jiratest

func sprintRoutes() []route {
	return []route{
		{"POST", "/agile/1.0/sprint", postSprint},
		{"GET", "/agile/1.0/sprint/{sprint}", getSprint},
		{"POST", "/agile/1.0/sprint/{sprint}", updateSprint},
		{"DELETE", "/agile/1.0/sprint/{sprint}", deleteSprint},
		{"GET", "/agile/1.0/sprint/{sprint}/issue", sprintIssues},
	}
}

func (c *call) sprint() (*sprint, error) {
	if err := c.loggedIn(); err != nil {
		return nil, err
	}
	return c.j.sprint(c.user, c.path("sprint"))
}

func postSprint(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	id, ok := body["originBoardId"].(float64)
	if !ok {
		return 0, nil, refuseField("originBoardId", "The board id is required.")
	}
	b, err := c.j.board(c.user, idText(id))
	if err != nil {
		return 0, nil, err
	}
	s, err := c.j.createSprint(c.user, b, body)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.j.sprintJSON(s), nil
}

func getSprint(c *call) (int, any, error) {
	s, err := c.sprint()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.sprintJSON(s), nil
}

func updateSprint(c *call) (int, any, error) {
	s, err := c.sprint()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if err := c.j.updateSprint(c.user, s, body); err != nil {
		return 0, nil, err
	}
	return 200, c.j.sprintJSON(s), nil
}

func deleteSprint(c *call) (int, any, error) {
	s, err := c.sprint()
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.deleteSprint(c.user, s)
}

func sprintIssues(c *call) (int, any, error) {
	s, err := c.sprint()
	if err != nil {
		return 0, nil, err
	}
	return c.ranked(func(i *issue) bool {
		for _, in := range c.j.sprintsOf(i) {
			if in == s {
				return true
			}
		}
		return false
	})
}
