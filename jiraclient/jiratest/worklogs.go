package jiratest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
)

type worklog struct {
	id               int
	author, editor   *user
	comment          string
	seconds          int
	seenBy           visibility
	started          time.Time
	created, updated time.Time
	properties       map[string]json.RawMessage // on Cloud
}

type newWorklog struct {
	comment  string
	seconds  int
	seenBy   visibility
	started  time.Time
	estimate adjustment
	// properties are added to those that there are.
	properties map[string]json.RawMessage
}

// An adjustment is what becomes of the remaining estimate.
type adjustment struct {
	mode   string // auto, leave, new, manual
	amount int
}

func (a adjustment) of(remaining, spent int) int {
	switch a.mode {
	case "leave":
		return remaining
	case "new":
		return a.amount
	case "manual":
		return max(0, remaining+a.amount)
	}
	return max(0, remaining-spent)
}

// readAdjustment reads adjustEstimate and its companions; by is the parameter that "manual" wants, or "" where there is no
// such way, sign its direction.
func readAdjustment(q url.Values, by string, sign int) (adjustment, error) {
	a := adjustment{mode: q.Get("adjustEstimate")}
	if !slices.Contains([]string{"", "auto", "leave", "new", "manual"}, a.mode) || a.mode == "manual" && by == "" {
		return a, refuseField("adjustEstimate", "'%s' is not a valid value for 'adjustEstimate'.", a.mode)
	}
	parameter := map[string]string{"new": "newEstimate", "manual": by}[a.mode]
	if parameter == "" {
		return a, nil
	}
	amount, ok := duration(q.Get(parameter))
	if !ok {
		return a, refuseField(parameter, "You must supply a valid value for '%s'.", parameter)
	}
	if a.mode == "manual" {
		amount *= sign
	}
	a.amount = amount
	return a, nil
}

// readWorklog lays a request's body over w.
func (j *Jira) readWorklog(u *user, i *issue, raw any, w newWorklog) (newWorklog, error) {
	m, ok := raw.(map[string]any)
	if !ok {
		return w, refuse(http.StatusBadRequest, "The worklog is no JSON object.")
	}
	if s := member(raw, "timeSpent"); s != "" {
		if w.seconds, ok = duration(s); !ok {
			return w, refuseField("timeLogged", "Invalid time duration entered.")
		}
	} else if n, ok := m["timeSpentSeconds"].(float64); ok {
		w.seconds = int(n)
	}
	if w.seconds <= 0 {
		return w, refuseField("timeLogged", "You must indicate the time spent working on this issue.")
	}
	if s := member(raw, "started"); s != "" {
		if w.started, ok = parseTime(s); !ok {
			return w, refuseField("startDate", "Error parsing time: %s", s)
		}
	}
	if s, is := m["comment"].(string); is {
		w.comment = s
	}
	if m["visibility"] != nil {
		v, err := j.readVisibility(u, i, m["visibility"])
		if err != nil {
			return w, err
		}
		w.seenBy = v
	}
	if j.version.cloud {
		added, err := readProperties(m["properties"])
		if err != nil {
			return w, err
		}
		w.properties = added
	}
	return w, nil
}

func (j *Jira) addWorklog(u *user, i *issue, raw any, a adjustment) (*worklog, error) {
	if !j.may(u, workOnIssues, i.project, i) {
		return nil, refuse(http.StatusForbidden, "You do not have permission to associate a worklog to this issue.")
	}
	w, err := j.readWorklog(u, i, raw, newWorklog{started: j.now(), estimate: a})
	if err != nil {
		return nil, err
	}
	return j.logWork(u, i, w), nil
}

func (e *edit) addWorklog(raw any) {
	w, err := e.j.readWorklog(e.actor, e.issue, raw, newWorklog{started: e.j.now()})
	if err != nil {
		e.complain("worklog", "%s", words(err))
		return
	}
	e.works = append(e.works, w)
}

func (j *Jira) logWork(u *user, i *issue, w newWorklog) *worklog {
	now := j.now()
	logged := &worklog{
		id: j.next("worklog"), author: u, editor: u, comment: w.comment, seconds: w.seconds, seenBy: w.seenBy,
		started: w.started, created: now, updated: now, properties: w.properties,
	}
	i.worklogs = append(i.worklogs, logged)
	j.spend(u, i, logged, w.seconds, w.estimate, "worklog_created", "issue_work_logged")
	return logged
}

// worklog finds a worklog that the user may see.
func (j *Jira) worklog(u *user, i *issue, id string) (*worklog, error) {
	for _, w := range i.worklogs {
		if text(w.id) == id && w.seenBy.includes(u, i.project) {
			return w, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Cannot find worklog with id: '%s'.", id)
}

func (j *Jira) editWorklog(u *user, i *issue, id string, raw any, a adjustment) (*worklog, error) {
	old, err := j.worklog(u, i, id)
	if err != nil {
		return nil, err
	}
	if !j.mayTouch(u, "EDIT", worklogs, old.author, i) {
		return nil, refuse(http.StatusForbidden, "You do not have permission to edit this worklog.")
	}
	if len(object(raw)) == 0 {
		return nil, refuse(http.StatusBadRequest, "At least one field of the worklog must be given.")
	}
	w, err := j.readWorklog(u, i, raw, newWorklog{comment: old.comment, seconds: old.seconds, seenBy: old.seenBy, started: old.started})
	if err != nil {
		return nil, err
	}
	next := *old
	next.comment, next.seconds, next.seenBy, next.started = w.comment, w.seconds, w.seenBy, w.started
	next.editor, next.updated = u, j.now()
	if len(w.properties) > 0 {
		next.properties = maps.Clone(old.properties)
		if next.properties == nil {
			next.properties = map[string]json.RawMessage{}
		}
		maps.Copy(next.properties, w.properties)
	}
	i.replaceWorklog(old, &next)
	j.spend(u, i, &next, next.seconds-old.seconds, a, "worklog_updated", "issue_worklog_updated")
	return &next, nil
}

func (i *issue) replaceWorklog(old, next *worklog) {
	i.worklogs = slices.Clone(i.worklogs)
	i.worklogs[slices.Index(i.worklogs, old)] = next
}

func (j *Jira) deleteWorklog(u *user, i *issue, id string, a adjustment) error {
	old, err := j.worklog(u, i, id)
	if err != nil {
		return err
	}
	if !j.mayTouch(u, "DELETE", worklogs, old.author, i) {
		return refuse(http.StatusForbidden, "You do not have permission to delete this worklog.")
	}
	i.worklogs = slices.DeleteFunc(slices.Clone(i.worklogs), func(w *worklog) bool { return w == old })
	j.spend(u, i, old, -old.seconds, a, "worklog_deleted", "issue_worklog_deleted")
	return nil
}

// spend adjusts the estimates after a worklog came, changed or went, and fires its two events.
func (j *Jira) spend(u *user, i *issue, w *worklog, seconds int, a adjustment, event, twin string) {
	now := j.now()
	spent, _ := i.values["timespent"].(int)
	remaining, _ := i.values["timeestimate"].(int)
	var items []item
	if rest := a.of(remaining, seconds); a.mode != "leave" {
		items = append(items, j.change(i, "timeestimate", rest, now)...)
	}
	items = append(items, j.change(i, "timespent", spent+seconds, now)...)
	id := text(w.id)
	items = append(items, plainItem("WorklogId", id, id, "", ""))
	i.values["updated"] = now
	i.history = append(i.history, entry{id: j.next("change"), author: u, created: now, items: items})
	j.reindex(i, false)
	j.worklogEvent(event, u, i, w)
	j.issueEvent("jira:worklog_updated", twin, u, i, &i.history[len(i.history)-1], nil)
}

func (j *Jira) worklogJSON(i *issue, w *worklog) obj {
	out := obj{
		"self": j.base + "/rest/api/2/issue/" + text(i.id) + "/worklog/" + text(w.id), "id": text(w.id), "issueId": text(i.id),
		"author": j.userJSON(w.author), "updateAuthor": j.userJSON(w.editor), "comment": w.comment,
		"created": w.created.Format(stamp), "updated": w.updated.Format(stamp), "started": w.started.Format(stamp),
		"timeSpent": spell(w.seconds), "timeSpentSeconds": w.seconds,
	}
	if w.seenBy.kind != "" {
		out["visibility"] = w.seenBy.json()
	}
	return out
}
