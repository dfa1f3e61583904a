package jiratest

import (
	"net/http"
	"strconv"
)

func rankRoutes() []route {
	return []route{
		{"PUT", "/agile/1.0/issue/rank", putRank},
		{"GET", "/agile/1.0/issue/{issue}/estimation", getEstimation},
		{"PUT", "/agile/1.0/issue/{issue}/estimation", putEstimation},
	}
}

// putRank ranks what it may. If that is not all, it answers 207 and tells of each issue.
func putRank(c *call) (int, any, error) {
	refs, err := c.named()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	before, after := member(body, "rankBeforeIssue"), member(body, "rankAfterIssue")
	if (before == "") == (after == "") {
		return 0, nil, refuse(http.StatusBadRequest, "Exactly one of rankBeforeIssue and rankAfterIssue is required.")
	}
	at, err := c.j.visible(c.user, before+after)
	if err != nil {
		return 0, nil, refuse(http.StatusBadRequest, "Issue %s does not exist or you do not have permission to see it.", before+after)
	}
	var may []*issue
	entries := []any{}
	for _, ref := range refs {
		i, err := c.j.visible(c.user, ref)
		id, _ := strconv.Atoi(ref)
		switch {
		case err != nil:
			entries = append(entries, obj{"issueId": id, "issueKey": ref, "status": 404, "errors": []string{"Issue does not exist or you do not have permission to see it."}})
		case !c.j.may(c.user, scheduleIssues, i.project, i):
			entries = append(entries, obj{"issueId": i.id, "issueKey": i.key(), "status": 403, "errors": []string{"You do not have permission to rank this issue."}})
		default:
			may = append(may, i)
			entries = append(entries, obj{"issueId": i.id, "issueKey": i.key(), "status": 200})
		}
	}
	if len(may) == 0 {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to rank these issues.")
	}
	c.issues = append(c.issues, may...)
	c.j.rankIssues(c.user, may, at, after != "")
	if len(may) < len(refs) {
		return http.StatusMultiStatus, obj{"entries": entries}, nil
	}
	return 204, nil, nil
}

// estimated is the issue in the path and the field that the board estimates with.
func (c *call) estimated() (*issue, *field, error) {
	i, err := c.issue()
	if err != nil {
		return nil, nil, err
	}
	if c.query.Get("boardId") == "" {
		return nil, nil, refuse(http.StatusBadRequest, "The board id is required.")
	}
	b, err := c.j.board(c.user, c.query.Get("boardId"))
	switch {
	case err != nil:
		return nil, nil, err
	case !b.shows(i):
		return nil, nil, refuse(http.StatusNotFound, "The issue does not belong to the board.")
	case b.estimation == nil:
		return nil, nil, refuse(http.StatusBadRequest, "The board does not estimate with a field.")
	}
	return i, b.estimation, nil
}

func getEstimation(c *call) (int, any, error) {
	i, f, err := c.estimated()
	if err != nil {
		return 0, nil, err
	}
	return 200, obj{"fieldId": f.id, "value": i.values[f.id]}, nil
}

// putEstimation writes the field whether or not a screen has it. The value is a text.
func putEstimation(c *call) (int, any, error) {
	i, f, err := c.estimated()
	if err != nil {
		return 0, nil, err
	}
	if !c.j.may(c.user, editIssues, i.project, i) {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to edit issue %s.", i.key())
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	n, err := strconv.ParseFloat(member(body, "value"), 64)
	if err != nil {
		return 0, nil, refuse(http.StatusBadRequest, "'%s' is no number.", member(body, "value"))
	}
	e := c.j.edit(c.user, i)
	e.put(f.id, n)
	e.apply()
	return 200, obj{"fieldId": f.id, "value": n}, nil
}
