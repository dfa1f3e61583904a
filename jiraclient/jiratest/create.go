package jiratest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// create makes an issue from the body of POST issue.
func (j *Jira) create(u *user, fields, update map[string]any, properties []any) (*issue, error) {
	p := j.project(member(fields["project"], "key") + member(fields["project"], "id"))
	if p == nil || !j.may(u, browse, p, nil) {
		return nil, refuseField("project", "project is required")
	}
	if !j.may(u, createIssues, p, nil) {
		return nil, refuseField("project", "You do not have permission to create issues in this project.")
	}
	kind := p.typeOf(member(fields["issuetype"], "id") + member(fields["issuetype"], "name"))
	if fields["issuetype"] == nil {
		return nil, refuseField("issuetype", "issue type is required")
	}
	if kind == nil {
		return nil, refuseField("issuetype", "The issue type selected is invalid.")
	}
	now := j.now()
	i := &issue{project: p, properties: map[string]json.RawMessage{}, values: map[string]any{
		"issuetype": kind, "status": p.workflow.initial, "creator": u, "reporter": u, "created": now, "updated": now,
		"priority": pick(j.priorities, "Medium"),
	}}
	if u == nil {
		delete(i.values, "creator")
		delete(i.values, "reporter")
	}
	e := j.edit(u, i)
	e.created = true
	always := []string{"project", "issuetype", "summary", "parent"}
	e.allowed = func(f *field) bool { return slices.Contains(always, f.id) || !f.noEdit && p.shows(CreateScreen, f) }
	rest := map[string]any{}
	for id, v := range fields {
		if id != "project" && id != "issuetype" {
			rest[id] = v
		}
	}
	e.read(rest, update)
	parent, _ := e.pending["parent"].(*issue)
	switch {
	case e.pending["summary"] == nil:
		e.complain("summary", "You must specify a summary of the issue.")
	case kind.subtask && parent == nil:
		e.complain("parent", "Issue type is a sub-task but parent issue key or id not specified.")
	case parent != nil && (parent.project != p || !kind.subtask):
		e.complain("parent", "The parent belongs to another project, or the issue type is no sub-task.")
	}
	if err := e.err(); err != nil {
		return nil, err
	}
	added, err := readProperties(properties)
	if err != nil {
		return nil, err
	}
	p.last++
	i.id, i.number = j.next("issue"), p.last
	j.issues[i.id], j.keys[i.key()] = i, i
	maps.Copy(i.properties, added)
	var first *entry
	if items := e.begin(now); j.version.cloud { // which tells the initial values as changes
		first = &entry{id: j.next("change"), author: u, created: now, items: items}
	}
	j.reindex(i, false)
	j.issueEvent("jira:issue_created", "issue_created", u, i, first, nil)
	if parent != nil {
		parent.subtasks = append(slices.Clone(parent.subtasks), i)
		j.connect(u, newLink{j.linkType("jira_subtask_link"), parent, i})
	}
	e.apply()
	return i, nil
}

// begin gives a new issue its values.
func (e *edit) begin(now time.Time) (items []item) {
	for _, id := range e.order {
		items = append(items, e.j.change(e.issue, id, e.pending[id], now)...)
	}
	e.order = nil
	return items
}

// move takes an issue to another project. REST cannot do that; people in the browser can.
func (j *Jira) move(u *user, i *issue, to *project) error {
	if !j.may(u, moveIssues, i.project, i) || !j.may(u, createIssues, to, nil) {
		return refuse(http.StatusForbidden, "You do not have permission to move this issue to project %s.", to.key)
	}
	from, oldKey := i.project, i.key()
	to.last++
	i.project, i.number = to, to.last
	j.keys[i.key()] = i
	items := []item{
		plainItem("project", text(from.id), from.name, text(to.id), to.name),
		plainItem("Key", "", oldKey, "", i.key()),
	}
	if from.workflow.name != to.workflow.name {
		items = append(items, plainItem("Workflow", text(from.workflow.id), from.workflow.name, text(to.workflow.id), to.workflow.name))
	}
	now := j.now()
	if !slices.Contains(to.workflow.statuses, i.status()) {
		items = append(items, j.change(i, "status", to.workflow.initial, now)...)
	}
	for _, id := range []string{"fixVersions", "versions", "components"} {
		items = append(items, j.change(i, id, nil, now)...)
	}
	j.finish(u, i, "issue_moved", items, nil, now)
	return nil
}
