package jiratest

import (
	"encoding/json"
	"net/http"
)

func issueRoutes() []route {
	return []route{
		{"POST", "/api/2/issue", createIssue},
		{"POST", "/api/2/issue/bulk", createIssuesInBulk},
		{"GET", "/api/2/issue/{issue}", getIssue},
		{"PUT", "/api/2/issue/{issue}", putIssue},
		{"DELETE", "/api/2/issue/{issue}", deleteIssue},
		{"PUT", "/api/2/issue/{issue}/assignee", putAssignee},
		{"GET", "/api/2/issue/{issue}/transitions", getTransitions},
		{"POST", "/api/2/issue/{issue}/transitions", postTransition},
		{"POST", "/api/2/issue/{issue}/notify", notify},
	}
}

func getIssue(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.j.issueJSON(i, view{
		viewer: c.user, fields: c.list("fields"), expand: c.list("expand"), properties: c.list("properties"),
	}), nil
}

func (c *call) create(body map[string]any) (*issue, error) {
	properties, _ := body["properties"].([]any)
	i, err := c.j.create(c.user, object(body["fields"]), object(body["update"]), properties)
	if err == nil {
		c.issues = append(c.issues, i)
	}
	return i, err
}

func createIssue(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	i, err := c.create(body)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.createdJSON(i), nil
}

func (c *call) createdJSON(i *issue) obj {
	return obj{"id": text(i.id), "key": i.key(), "self": c.j.base + "/rest/api/2/issue/" + text(i.id)}
}

func createIssuesInBulk(c *call) (int, any, error) {
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	made, failed := []any{}, []any{}
	list, _ := body["issueUpdates"].([]any)
	for n, one := range list {
		i, err := c.create(object(one))
		if p := asProblem(err); p != nil {
			failed = append(failed, obj{"status": p.status, "elementErrors": p.body(), "failedElementNumber": n})
			continue
		}
		made = append(made, c.createdJSON(i))
	}
	out := obj{"issues": made, "errors": failed}
	if len(made) == 0 {
		return http.StatusBadRequest, out, nil
	}
	return 201, out, nil
}

func putIssue(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if c.query.Get("notifyUsers") == "false" && !c.user.admin() && !c.j.may(c.user, administer, i.project, i) {
		return 0, nil, refuse(http.StatusForbidden, "To discard the user notification either admin or project admin permissions are required.")
	}
	return 204, nil, c.j.editIssue(c.user, i, object(body["fields"]), object(body["update"]))
}

func deleteIssue(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.remove(c.user, i, c.query.Get("deleteSubtasks") == "true")
}

func putAssignee(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	if _, said := body["accountId"]; c.j.version.cloud && !said {
		return 0, nil, refuse(http.StatusBadRequest, "'accountId' must be given: people have no other name.")
	}
	name := member(body, c.j.version.personKey())
	if name == "" && !c.j.version.cloud {
		name = member(body, "key")
	}
	return 204, nil, c.j.assign(c.user, i, name)
}

func getTransitions(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	withFields := false
	for _, e := range c.list("expand") {
		withFields = withFields || e == "transitions.fields"
	}
	return 200, obj{
		"expand": "transitions", "transitions": c.j.transitionsJSON(c.user, i, withFields, c.query.Get("transitionId")),
	}, nil
}

func (j *Jira) transitionsJSON(u *user, i *issue, withFields bool, only string) []any {
	out := []any{}
	for _, t := range j.open(u, i) {
		if only != "" && t.ID != only {
			continue
		}
		one := obj{
			"id": t.ID, "name": t.Name, "to": j.statusJSON(j.statusNamed(t.To)), "hasScreen": len(t.Fields) > 0,
			"isGlobal": len(t.From) == 0, "isInitial": false, "isConditional": t.Permission != "" || t.OnlyAssignee,
		}
		if withFields {
			fields := obj{}
			for _, s := range t.Fields {
				if f := j.fields.find(s.Field); f != nil {
					fields[f.id] = j.metaJSON(i.project, f, s.Required)
				}
			}
			one["fields"] = fields
		}
		out = append(out, one)
	}
	return out
}

func postTransition(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	id := member(body["transition"], "id")
	if id == "" {
		return 0, nil, refuse(http.StatusBadRequest, "Missing 'transition' identifier")
	}
	return 204, nil, c.j.transit(c.user, i, id, object(body["fields"]), object(body["update"]))
}

// A Notice is a mail that a request asked for. None is sent.
type Notice struct {
	Issue   string
	Sender  string
	Subject string
	Body    json.RawMessage // of the request
}

// Notices are the mails that requests asked for.
func (j *Jira) Notices() []Notice {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Notice(nil), j.notices...)
}

func notify(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	to := object(body["to"])
	if len(to) == 0 {
		return 0, nil, refuse(http.StatusBadRequest, "No recipients were defined for notification.")
	}
	for _, one := range asList(to["users"]) {
		if name := member(one, "name"); c.j.user(name) == nil {
			return 0, nil, refuse(http.StatusBadRequest, "User '%s' does not exist.", name)
		}
	}
	c.j.notices = append(c.j.notices, Notice{Issue: i.key(), Sender: c.user.Name, Subject: member(body, "subject"), Body: c.raw})
	return 204, nil, nil
}
