package jiratest

import (
	"net/http"
	"slices"
	"strings"
)

// A Workflow is the statuses of a project's issues and the ways between them.
type Workflow struct {
	Name        string
	Initial     string // the first status of Statuses by default
	Statuses    []Status
	Transitions []Transition
}

// A Status has a name and a category: "new", "indeterminate" or "done".
type Status struct{ Name, Category string }

// A Transition leads from some statuses, or from any when From is empty, to one.
type Transition struct {
	ID           string // "11", "21" … by default
	Name         string
	From         []string
	To           string
	Fields       []ScreenField // its screen; without any it has none
	Permission   string        // asked for beside TRANSITION_ISSUES
	OnlyAssignee bool          // only the assignee may
	Resolution   string        // set on the way, unless the screen sets it; "-" clears it
	Event        string        // issue_event_type_name, "issue_generic" by default
}

// A ScreenField is a field, by name or ID, on the screen of a transition.
type ScreenField struct {
	Field    string
	Required bool
}

// DefaultWorkflow is what a project gets that names none.
func DefaultWorkflow() Workflow {
	return Workflow{
		Name: "Software Simplified Workflow",
		Statuses: []Status{
			{"To Do", "new"}, {"In Progress", "indeterminate"}, {"In Review", "indeterminate"},
			{"Waiting", "indeterminate"}, {"Done", "done"}, {"Reopened", "new"},
		},
		Transitions: []Transition{
			{Name: "Start Progress", From: []string{"To Do", "Waiting", "In Review", "Reopened"}, To: "In Progress"},
			{Name: "Send to Review", From: []string{"In Progress"}, To: "In Review"},
			{Name: "Wait", From: []string{"To Do", "In Progress", "Reopened"}, To: "Waiting"},
			{
				Name: "Done", From: []string{"In Progress", "In Review"}, To: "Done", Resolution: "Done",
				Fields: []ScreenField{{Field: "resolution"}, {Field: "fixVersions"}, {Field: "assignee"}},
			},
			{Name: "Reopen", From: []string{"Done"}, To: "Reopened", Resolution: "-"},
		},
	}
}

type workflow struct {
	id          int
	name        string
	initial     *status
	statuses    []*status
	transitions []Transition
}

type status struct{ id, name, category string }

// build turns a described workflow into one of this Jira; statuses are shared by name, as in Jira.
func (j *Jira) build(w Workflow) *workflow {
	built := &workflow{id: j.next("workflow"), name: w.Name}
	add := func(s Status) *status {
		for _, known := range built.statuses {
			if strings.EqualFold(known.name, s.Name) {
				return known
			}
		}
		known := j.statusNamed(s.Name)
		if known == nil {
			if s.Category == "" {
				s.Category = "indeterminate"
			}
			known = &status{id: text(j.next("status")), name: s.Name, category: s.Category}
			j.statuses = append(j.statuses, known)
		}
		built.statuses = append(built.statuses, known)
		return known
	}
	for _, s := range w.Statuses {
		add(s)
	}
	for i, t := range w.Transitions {
		if t.ID == "" {
			t.ID = text(11 + 10*i)
		}
		if t.Event == "" {
			t.Event = "issue_generic"
		}
		add(Status{Name: t.To})
		built.transitions = append(built.transitions, t)
	}
	if w.Initial != "" {
		built.initial = add(Status{Name: w.Initial, Category: "new"})
	} else {
		built.initial = built.statuses[0]
	}
	return built
}

func (j *Jira) statusNamed(ref string) *status {
	for _, s := range j.statuses {
		if strings.EqualFold(s.name, ref) || s.id == ref {
			return s
		}
	}
	return nil
}

// open are the transitions that a user may make with an issue now.
func (j *Jira) open(u *user, i *issue) []Transition {
	var out []Transition
	for _, t := range i.project.workflow.transitions {
		if j.passes(u, i, t) {
			out = append(out, t)
		}
	}
	return out
}

func (j *Jira) passes(u *user, i *issue, t Transition) bool {
	from := func(name string) bool { return strings.EqualFold(name, i.status().name) }
	return (len(t.From) == 0 || slices.ContainsFunc(t.From, from)) &&
		j.may(u, transition, i.project, i) &&
		(t.Permission == "" || j.may(u, t.Permission, i.project, i)) &&
		(!t.OnlyAssignee || u != nil && i.user("assignee") == u)
}

// transit moves an issue along a transition. Jira answers 500 for an ID that no transition has, and 400 for one that is
// not open to this user in this status.
func (j *Jira) transit(u *user, i *issue, id string, fields, update map[string]any) error {
	at := slices.IndexFunc(i.project.workflow.transitions, func(t Transition) bool { return t.ID == id })
	if at < 0 {
		return refuse(http.StatusInternalServerError, "Internal server error")
	}
	t := i.project.workflow.transitions[at]
	if !j.passes(u, i, t) {
		return refuse(http.StatusBadRequest, "It seems that you have tried to perform a workflow operation (%s) that is not valid "+
			"for the current state of this issue (%s). The likely cause is that somebody has changed the issue recently, "+
			"please look at the issue history for details.", t.Name, i.key())
	}
	e := j.edit(u, i)
	e.allowed = func(f *field) bool { return t.shows(j, f) }
	e.read(fields, update)
	for _, s := range t.Fields {
		f := j.fields.find(s.Field)
		if f != nil && s.Required && e.value(f.id) == nil {
			e.complain(f.id, "%s is required.", f.name)
		}
	}
	if err := e.err(); err != nil {
		return err
	}
	if !e.touches("resolution") {
		switch {
		case t.Resolution == "-":
			e.put("resolution", nil)
		case t.Resolution != "":
			if r := pick(j.resolutions, t.Resolution); r != nil {
				e.put("resolution", r)
			}
		}
	}
	to := j.statusNamed(t.To)
	if to != i.status() {
		e.put("status", to)
	}
	e.event = t.Event
	e.moved = true
	e.apply()
	return nil
}

func (t Transition) shows(j *Jira, f *field) bool {
	return f.id == "comment" || slices.ContainsFunc(t.Fields, func(s ScreenField) bool { return j.fields.find(s.Field) == f })
}

func (j *Jira) statusJSON(s *status) any {
	return obj{
		"self": j.base + "/rest/api/2/status/" + s.id, "id": s.id, "name": s.name, "description": "",
		"iconUrl": j.base + "/images/icons/statuses/generic.png", "statusCategory": j.categoryJSON(s.category),
	}
}

func (j *Jira) categoryJSON(key string) obj {
	id, color, name := 4, "inprogress", "In Progress"
	switch key {
	case "new":
		id, color, name = 2, "default", "To Do"
	case "done":
		id, color, name = 3, "success", "Done"
	}
	return obj{"self": j.base + "/rest/api/2/statuscategory/" + text(id), "id": id, "key": key, "colorName": color, "name": name}
}
