package jiratest

import (
	"fmt"
	"strings"
	"time"
)

// sprintItem is a change of the field: IDs and names, joined by commas.
func sprintItem(f *field, from, to any) item {
	write := func(v any) (ids, names *string) {
		list, _ := v.([]any)
		var i, n []string
		for _, one := range list {
			id, name := describe(one)
			i, n = append(i, id), append(n, name)
		}
		id, name := strings.Join(i, ", "), strings.Join(n, ", ")
		return &id, &name
	}
	it := item{field: f.logName, fieldType: f.logType()}
	it.from, it.fromText = write(from)
	it.to, it.toText = write(to)
	return it
}

// sprintTest is sprint in openSprints(), futureSprints() or closedSprints().
func sprintTest(o operand) (func(any) bool, error) {
	state, ok := map[string]string{"opensprints": active, "futuresprints": future, "closedsprints": closed}[strings.ToLower(o.value)]
	if !ok {
		return nil, missingFunction(o)
	}
	return func(v any) bool { s, is := v.(*sprint); return is && s.state == state }, nil
}

func (j *Jira) sprintJSON(s *sprint) obj {
	out := obj{
		"id": s.id, "self": j.base + "/rest/agile/1.0/sprint/" + text(s.id), "state": s.state, "name": s.name,
		"originBoardId": s.board.id, "goal": s.goal, "synced": false, "autoStartStop": false,
	}
	for name, at := range map[string]time.Time{"startDate": s.start, "endDate": s.end, "activatedDate": s.activated, "completeDate": s.done} {
		if !at.IsZero() {
			out[name] = at.Format("2006-01-02T15:04:05.000Z07:00")
		}
	}
	return out
}

// sprintText is a sprint as the field of an issue shows it outside of the agile API.
func sprintText(s *sprint) string {
	date := func(t time.Time) string {
		if t.IsZero() {
			return "<null>"
		}
		return t.Format("2006-01-02T15:04:05.000Z07:00")
	}
	return fmt.Sprintf("com.atlassian.greenhopper.service.sprint.Sprint@%x[id=%d,rapidViewId=%d,state=%s,name=%s,startDate=%s,"+
		"endDate=%s,completeDate=%s,activatedDate=%s,sequence=%d,goal=%s,synced=false,autoStartStop=false]",
		s.id, s.id, s.board.id, strings.ToUpper(s.state), s.name, date(s.start), date(s.end), date(s.done), date(s.activated), s.id, s.goal)
}

// sprintEvent tells of a sprint; an update also of what it was.
func (j *Jira) sprintEvent(event string, u *user, s, before *sprint) {
	j.tell(happening{event: event, actor: u, ids: map[string]string{"sprint.id": text(s.id), "board.id": text(s.board.id)}, body: func() obj {
		out := obj{"sprint": j.sprintJSON(s)}
		if event == "sprint_updated" && before != nil {
			out["oldValue"] = j.sprintJSON(before)
		}
		return out
	}})
}
