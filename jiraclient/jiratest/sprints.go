package jiratest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// A sprint goes from future to active to closed, and not back.
type sprint struct {
	id                int
	board             *board
	name, state, goal string
	start, end        time.Time
	activated, done   time.Time
}

const (
	future = "future"
	active = "active"
	closed = "closed"
)

// sprint is the sprint with an ID, if the user may see its board.
func (j *Jira) sprint(u *user, id string) (*sprint, error) {
	for _, s := range j.sprints {
		if text(s.id) == id && j.seesBoard(u, s.board) {
			return s, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Sprint does not exist or you do not have permission to view it.")
}

// mayPlan tells whether the user may manage the sprints of a board, which takes the permission in all of its projects.
func (j *Jira) mayPlan(u *user, b *board) error {
	for _, p := range b.projects {
		if !j.may(u, manageSprints, p, nil) {
			return refuse(http.StatusForbidden, "You do not have the Manage Sprints permission in all projects of the board: %s.", p.key)
		}
	}
	return nil
}

func (j *Jira) createSprint(u *user, b *board, body map[string]any) (*sprint, error) {
	if b.kind != "scrum" {
		return nil, refuse(http.StatusBadRequest, "The board does not support sprints")
	}
	if err := j.mayPlan(u, b); err != nil {
		return nil, err
	}
	s := &sprint{board: b, state: future}
	if err := s.read(body); err != nil {
		return nil, err
	}
	j.counters["sprint"]++
	s.id = j.counters["sprint"]
	j.sprints = append(j.sprints, s)
	j.sprintEvent("sprint_created", u, s, nil)
	return s, nil
}

// read lays the members of a request's body over the sprint; what is not in it stays.
func (s *sprint) read(body map[string]any) error {
	if name, ok := body["name"].(string); ok {
		s.name = strings.TrimSpace(name)
	}
	if goal, ok := body["goal"].(string); ok {
		s.goal = goal
	}
	for name, target := range map[string]*time.Time{"startDate": &s.start, "endDate": &s.end} {
		given, ok := body[name].(string)
		if !ok {
			continue
		}
		at, err := time.Parse(time.RFC3339, given)
		if err != nil {
			return refuseField(name, "The date %s cannot be read.", given)
		}
		*target = at
	}
	switch {
	case s.name == "":
		return refuseField("name", "The sprint name is required.")
	case len([]rune(s.name)) > 30:
		return refuseField("name", "The sprint name must be shorter than 30 characters.")
	case !s.start.IsZero() && !s.end.IsZero() && !s.end.After(s.start):
		return refuseField("endDate", "The end date of a sprint must be after the start date.")
	}
	return nil
}

// updateSprint is the partial update, which also starts and closes.
func (j *Jira) updateSprint(u *user, s *sprint, body map[string]any) error {
	if err := j.mayPlan(u, s.board); err != nil {
		return err
	}
	if s.state == closed {
		return refuse(http.StatusBadRequest, "Closed sprints cannot be updated.")
	}
	before, next := *s, *s
	if err := next.read(body); err != nil {
		return err
	}
	event := "sprint_updated"
	switch state := strings.ToLower(member(body, "state")); {
	case state == "" || state == s.state:
	case state == active && s.state == future && !next.start.IsZero() && !next.end.IsZero():
		next.state, next.activated, event = active, j.now(), "sprint_started"
	case state == active && s.state == future:
		return refuse(http.StatusBadRequest, "A sprint needs a start date and an end date to be started.")
	case state == closed && s.state == active:
		next.state, next.done, event = closed, j.now(), "sprint_closed"
	default:
		return refuse(http.StatusBadRequest, "A sprint cannot go from %s to %s.", s.state, state)
	}
	*s = next
	j.sprintEvent(event, u, s, &before)
	return nil
}

func (j *Jira) deleteSprint(u *user, s *sprint) error {
	if err := j.mayPlan(u, s.board); err != nil {
		return err
	}
	if s.state != future {
		return refuse(http.StatusBadRequest, "Only future sprints can be deleted.")
	}
	for _, i := range j.inOrder() {
		if j.openSprint(i) == s {
			j.putInSprint(u, i, nil)
		}
	}
	j.sprints = slices.DeleteFunc(j.sprints, func(other *sprint) bool { return other == s })
	j.sprintEvent("sprint_deleted", u, s, nil)
	return nil
}

// openSprint is the one sprint of an issue that is not closed, or nil.
func (j *Jira) openSprint(i *issue) *sprint {
	for _, s := range j.sprintsOf(i) {
		if s.state != closed {
			return s
		}
	}
	return nil
}

// sprintsOf are the sprints that an issue is or was in.
func (j *Jira) sprintsOf(i *issue) []*sprint {
	f := j.fieldOf(sprintRef)
	if f == nil {
		return nil
	}
	var out []*sprint
	for _, v := range i.list(f.id) {
		out = append(out, v.(*sprint))
	}
	return out
}

// inSprint is the value of the sprint field of an issue that goes into a sprint, or into the backlog for nil: the closed
// ones stay.
func (j *Jira) inSprint(i *issue, to *sprint) any {
	var list []any
	for _, s := range j.sprintsOf(i) {
		if s.state == closed {
			list = append(list, s)
		}
	}
	if to != nil {
		list = append(list, to)
	}
	if list == nil {
		return nil
	}
	return list
}

func (j *Jira) putInSprint(u *user, i *issue, to *sprint) {
	e := j.edit(u, i)
	e.put(j.fieldOf(sprintRef).id, j.inSprint(i, to))
	e.apply()
}

// setSprint is the field in an edit: a number, or null for the backlog.
func (e *edit) setSprint(f *field, raw any) {
	if raw == nil {
		e.put(f.id, e.j.inSprint(e.issue, nil))
		return
	}
	id, ok := raw.(float64)
	if !ok {
		e.complain(f.id, "Number value expected as the Sprint id.")
		return
	}
	s, err := e.j.sprint(e.actor, idText(id))
	if err != nil || s.state == closed {
		e.complain(f.id, "Issue can be assigned only active or future sprints.")
		return
	}
	e.put(f.id, e.j.inSprint(e.issue, s))
}
