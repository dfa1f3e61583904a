package jiratest

import (
	"cmp"
	"net/http"
	"slices"
)

// A Board is an agile board to be added. The first one brings the fields Sprint, Rank and Epic Link, as Jira Software does.
type Board struct {
	Name       string
	Type       string   // scrum by default, or kanban, which has no sprints
	Projects   []string // keys; their issues are on the board
	Estimation string   // a number field by name or ID; without one, issues are counted
}

type board struct {
	id         int
	name, kind string
	projects   []*project
	estimation *field
}

// AddBoard adds a board and returns its ID.
func (j *Jira) AddBoard(b Board) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, f := range []Field{{Name: "Epic Link", Type: "epiclink"}, {Name: "Sprint", Type: "sprint"}, {Name: "Rank", Type: "rank"}} {
		if k, _ := customKind(f.Type); j.fieldOf(k) == nil {
			j.addField(f)
		}
	}
	j.counters["board"]++
	added := &board{
		id: j.counters["board"], name: b.Name, kind: cmp.Or(b.Type, "scrum"), estimation: j.fields.find(b.Estimation),
	}
	for _, key := range b.Projects {
		if p := j.project(key); p != nil {
			added.projects = append(added.projects, p)
		}
	}
	j.boards = append(j.boards, added)
	return text(added.id)
}

// fieldOf is the field of a kind of which there is only one.
func (j *Jira) fieldOf(k kind) *field {
	for _, f := range j.fields {
		if f.kind == k {
			return f
		}
	}
	return nil
}

// board is the board with an ID, if the user may see anything on it.
func (j *Jira) board(u *user, id string) (*board, error) {
	for _, b := range j.boards {
		if text(b.id) == id && j.seesBoard(u, b) {
			return b, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Board does not exist or you do not have permission to see it.")
}

func (j *Jira) seesBoard(u *user, b *board) bool {
	return slices.ContainsFunc(b.projects, func(p *project) bool { return j.may(u, browse, p, nil) })
}

func (b *board) shows(i *issue) bool { return slices.Contains(b.projects, i.project) }

// inBacklog: not finished, no epic, and in no sprint that is still to be finished.
func (j *Jira) inBacklog(i *issue) bool {
	return i.status().category != "done" && !isEpic(i) && j.openSprint(i) == nil
}

func isEpic(i *issue) bool {
	t, _ := i.values["issuetype"].(*issueType)
	return t != nil && t.name == "Epic"
}

func (j *Jira) boardJSON(b *board) obj {
	return obj{"id": b.id, "self": j.base + "/rest/agile/1.0/board/" + text(b.id), "name": b.name, "type": b.kind}
}

// configurationJSON has a column for each category of statuses.
func (j *Jira) configurationJSON(b *board) obj {
	columns := []any{}
	for _, category := range []string{"new", "indeterminate", "done"} {
		statuses := []any{}
		for _, s := range j.statuses {
			on := func(p *project) bool { return slices.Contains(p.workflow.statuses, s) }
			if s.category == category && slices.ContainsFunc(b.projects, on) {
				statuses = append(statuses, obj{"id": s.id, "self": j.base + "/rest/api/2/status/" + s.id})
			}
		}
		columns = append(columns, obj{"name": categoryNames(category).name, "statuses": statuses})
	}
	filter := text(10000 + b.id)
	out := j.boardJSON(b)
	out["self"] = out["self"].(string) + "/configuration"
	out["filter"] = obj{"id": filter, "self": j.base + "/rest/api/2/filter/" + filter}
	out["columnConfig"] = obj{"columns": columns, "constraintType": "issueCount"}
	out["estimation"] = obj{"type": "issueCount"}
	if b.estimation != nil {
		out["estimation"] = obj{"type": "field", "field": obj{"fieldId": b.estimation.id, "displayName": b.estimation.name}}
	}
	out["ranking"] = obj{"rankCustomFieldId": j.fieldOf(rankOrder).number}
	return out
}
