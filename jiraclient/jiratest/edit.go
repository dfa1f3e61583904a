package jiratest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// An edit gathers what a request wants of an issue, complains about all that is wrong with it at once, and changes the
// issue only if nothing is.
type edit struct {
	j       *Jira
	actor   *user
	issue   *issue
	allowed func(*field) bool // which fields stand on the screen
	pending map[string]any    // new values by field ID
	order   []string
	wrong   map[string]string

	comments []newComment
	revised  []func() error // edits and removals of comments
	links    []newLink
	works    []newWorklog

	event   string // issue_event_type_name
	moved   bool   // an event is due even if no field changed
	created bool
}

func (j *Jira) edit(u *user, i *issue) *edit {
	return &edit{j: j, actor: u, issue: i, pending: map[string]any{}, wrong: map[string]string{}, event: "issue_updated"}
}

func (e *edit) complain(field, format string, args ...any) {
	if e.wrong[field] == "" {
		e.wrong[field] = fmt.Sprintf(format, args...)
	}
}

func (e *edit) err() error {
	if len(e.wrong) == 0 {
		return nil
	}
	return &problem{status: http.StatusBadRequest, fields: e.wrong}
}

func (e *edit) put(id string, v any) {
	if _, again := e.pending[id]; !again {
		e.order = append(e.order, id)
	}
	e.pending[id] = v
}

func (e *edit) touches(id string) bool {
	_, is := e.pending[id]
	return is
}

// value is what a field will hold.
func (e *edit) value(id string) any {
	if v, is := e.pending[id]; is {
		return v
	}
	return e.issue.values[id]
}

// read takes the two halves of a request's body: fields to set, and operations.
func (e *edit) read(fields, update map[string]any) {
	for _, id := range sortedKeys(fields) {
		if _, both := update[id]; both {
			e.complain(id, "Field '%s' cannot appear in both 'fields' and 'update'.", id)
			continue
		}
		if f := e.field(id); f != nil {
			e.operate(f, "set", fields[id])
		}
	}
	for _, id := range sortedKeys(update) {
		f := e.field(id)
		if f == nil {
			continue
		}
		operations, ok := update[id].([]any)
		if !ok {
			e.complain(id, "data was not an array")
			continue
		}
		for _, o := range operations {
			operation, _ := o.(map[string]any)
			for _, verb := range sortedKeys(operation) {
				e.operate(f, verb, operation[verb])
			}
		}
	}
}

// field is the field with this ID if it may be set here by this user. Jira has one text for all the reasons why not.
func (e *edit) field(id string) *field {
	f := e.j.fields.byID(id)
	if f == nil || f.derived || !e.allowed(f) || !e.permitted(f) {
		e.complain(id, "%s", notOnScreen(id))
		return nil
	}
	return f
}

func (e *edit) permitted(f *field) bool {
	needs := map[string]string{
		"assignee": assignIssues, "reporter": modifyReporter, "duedate": scheduleIssues, "issuelinks": linkIssues, "worklog": workOnIssues,
		"security": setSecurity,
	}[f.id]
	return needs == "" || e.j.may(e.actor, needs, e.issue.project, e.issue)
}

func (e *edit) operate(f *field, verb string, raw any) {
	if !slices.Contains(f.operations(), verb) {
		e.complain(f.id, "Field '%s' is not valid for this operation.", f.id)
		return
	}
	switch {
	case f.kind == commentField:
		e.operateComment(verb, raw)
	case f.kind == linkField:
		e.addLink(raw)
	case f.kind == worklogField:
		e.addWorklog(raw)
	case f.kind == timeTracking:
		e.track(raw)
	case f.kind == sprintRef:
		e.setSprint(f, raw)
	case f.list:
		e.operateList(f, verb, raw)
	default:
		v, err := e.j.parse(f, e.issue, raw)
		if err != nil {
			e.complain(f.id, "%s", words(err))
			return
		}
		e.check(f, v)
		e.put(f.id, v)
	}
}

// words is the bare text of a problem with a value.
func words(err error) string {
	p := asProblem(err)
	if p == nil {
		return err.Error()
	}
	parts := slices.Clone(p.messages)
	for _, name := range sortedKeys(p.fields) {
		parts = append(parts, p.fields[name])
	}
	return strings.Join(parts, "; ")
}

// check is about values that are well formed and still not right.
func (e *edit) check(f *field, v any) {
	switch f.id {
	case "summary":
		if v == nil {
			e.complain(f.id, "You must specify a summary of the issue.")
		}
	case "reporter":
		if v == nil {
			e.complain(f.id, "Reporter is required.")
		}
	case "assignee":
		if u, ok := v.(*user); ok && !e.j.may(u, assignable, e.issue.project, e.issue) {
			e.complain(f.id, "User '%s' cannot be assigned issues.", u.Name)
		}
	}
}

func (e *edit) operateList(f *field, verb string, raw any) {
	now, _ := e.value(f.id).([]any)
	given := []any{raw}
	if verb == "set" {
		now = nil
		list, ok := raw.([]any)
		if !ok && raw != nil {
			e.complain(f.id, "data was not an array")
			return
		}
		given = list
	}
	next := slices.Clone(now)
	for _, one := range given {
		v, err := e.j.parse(f, e.issue, one)
		if err != nil {
			e.complain(f.id, "%s", words(err))
			return
		}
		has := slices.Contains(next, v)
		switch {
		case verb == "remove":
			next = slices.DeleteFunc(next, func(old any) bool { return old == v })
		case !has && v != nil:
			next = append(next, v)
		}
	}
	if f.kind == label {
		slices.SortFunc(next, func(a, b any) int { return compareText(a, b) })
	}
	if len(next) == 0 {
		e.put(f.id, nil)
		return
	}
	e.put(f.id, next)
}

// track sets the estimates.
func (e *edit) track(raw any) {
	for name, id := range map[string]string{"originalEstimate": "timeoriginalestimate", "remainingEstimate": "timeestimate"} {
		s := member(raw, name)
		if s == "" {
			continue
		}
		seconds, ok := duration(s)
		if !ok {
			e.complain("timetracking", "Time tracking value '%s' is not a valid duration.", s)
			continue
		}
		e.put(id, seconds)
		if name == "originalEstimate" && e.issue.values["timeestimate"] == nil && member(raw, "remainingEstimate") == "" {
			e.put("timeestimate", seconds)
		}
	}
}
