package jiratest

import (
	"net/http"
	"slices"
	"strings"
)

func boardRoutes() []route {
	return []route{
		{"GET", "/agile/1.0/board", listBoards},
		{"GET", "/agile/1.0/board/{board}", getBoard},
		{"GET", "/agile/1.0/board/{board}/configuration", getConfiguration},
		{"GET", "/agile/1.0/board/{board}/sprint", listSprints},
		{"GET", "/agile/1.0/board/{board}/issue", boardIssues},
		{"GET", "/agile/1.0/board/{board}/backlog", backlogIssues},
	}
}

func (c *call) board() (*board, error) {
	if err := c.loggedIn(); err != nil {
		return nil, err
	}
	return c.j.board(c.user, c.path("board"))
}

func listBoards(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	only := func(*board) bool { return true }
	if ref := c.query.Get("projectKeyOrId"); ref != "" {
		p, err := c.j.visibleProject(c.user, ref)
		if problem := asProblem(err); problem != nil {
			problem.status = http.StatusBadRequest // a list's filter is at fault: the address is right
		}
		if err != nil {
			return 0, nil, err
		}
		only = func(b *board) bool { return slices.Contains(b.projects, p) }
	}
	name, kinds := strings.ToLower(c.query.Get("name")), c.list("type")
	found := []any{}
	for _, b := range c.j.boards {
		if only(b) && c.j.seesBoard(c.user, b) && strings.Contains(strings.ToLower(b.name), name) &&
			(len(kinds) == 0 || slices.Contains(kinds, b.kind)) {
			found = append(found, c.j.boardJSON(b))
		}
	}
	return 200, c.page50(found), nil
}

func getBoard(c *call) (int, any, error) {
	b, err := c.board()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.boardJSON(b), nil
}

func getConfiguration(c *call) (int, any, error) {
	b, err := c.board()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.configurationJSON(b), nil
}

// listSprints lists the closed ones first, and the future ones last. It does not say how many there are.
func listSprints(c *call) (int, any, error) {
	b, err := c.board()
	if err != nil {
		return 0, nil, err
	}
	if b.kind != "scrum" {
		return 0, nil, refuse(400, "The board does not support sprints")
	}
	states := c.list("state")
	found := []any{}
	for _, state := range []string{closed, active, future} {
		for _, s := range c.j.sprints {
			if s.board == b && s.state == state && (len(states) == 0 || slices.Contains(states, state)) {
				found = append(found, c.j.sprintJSON(s))
			}
		}
	}
	page := c.page50(found)
	delete(page, "total")
	return 200, page, nil
}

func boardIssues(c *call) (int, any, error) {
	b, err := c.board()
	if err != nil {
		return 0, nil, err
	}
	return c.ranked(b.shows)
}

func backlogIssues(c *call) (int, any, error) {
	b, err := c.board()
	if err != nil {
		return 0, nil, err
	}
	return c.ranked(func(i *issue) bool { return b.shows(i) && c.j.inBacklog(i) })
}

// ranked is how the agile API lists issues: those that pass a test and match the JQL, if there is any, by rank.
func (c *call) ranked(test func(*issue) bool) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	q, err := c.j.compile(c.query.Get("jql"), c.user)
	if err != nil {
		return 0, nil, err
	}
	var found []*issue
	for _, i := range c.j.inOrder() {
		if c.j.may(c.user, browse, i.project, i) && test(i) && q.match(i) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, byRank)
	start, limit := c.number("startAt", 0), min(c.number("maxResults", 50), maxSearch)
	v := view{fields: c.list("fields"), expand: c.list("expand"), viewer: c.user, search: true}
	issues := []any{}
	for _, i := range window(found, start, limit) {
		issues = append(issues, c.j.agileJSON(i, v))
	}
	return 200, obj{"expand": "schema,names", "startAt": start, "maxResults": limit, "total": len(found), "issues": issues}, nil
}

// agileJSON is an issue with what boards know of it.
func (j *Jira) agileJSON(i *issue, v view) obj {
	out := j.issueJSON(i, v)
	fields := out["fields"].(obj)
	if v.wants("sprint") {
		fields["sprint"] = nil
		if s := j.openSprint(i); s != nil {
			fields["sprint"] = j.sprintJSON(s)
		}
	}
	if v.wants("closedSprints") {
		ended := []any{}
		for _, s := range j.sprintsOf(i) {
			if s.state == closed {
				ended = append(ended, j.sprintJSON(s))
			}
		}
		fields["closedSprints"] = ended
	}
	if v.wants("epic") {
		fields["epic"] = nil
		if e := j.epicOf(i); e != nil {
			fields["epic"] = j.epicJSON(e)
		}
	}
	if v.wants("flagged") {
		fields["flagged"] = false
	}
	return out
}
