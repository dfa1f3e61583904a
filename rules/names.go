package rules

import (
	"slices"
	"strings"

	"jirabot/internal/expression"
)

// A NameUse is a name of this Jira's own that a rule uses: of a field, a status, a kind of link.
type NameUse struct {
	What string // Field, Status, LinkType
	Name string
	Line int
}

// What a NameUse names.
const (
	Field    = "field"
	Status   = "status"
	LinkType = "link type"
)

// Names are the names that a rule uses in so many words, each once. What is put together while a rule runs cannot be known
// beforehand.
func (r *Rule) Names() []NameUse {
	var out []NameUse
	add := func(what string, line int, names ...string) {
		for _, name := range names {
			same := func(n NameUse) bool { return n.What == what && strings.EqualFold(n.Name, name) }
			if name != "" && !slices.ContainsFunc(out, same) {
				out = append(out, NameUse{what, name, line})
			}
		}
	}
	for _, t := range r.On {
		fields := t.fields()
		for _, f := range fields {
			if !logged(f) {
				add(Field, r.Line, f)
			}
		}
		if len(fields) == 1 && strings.EqualFold(fields[0], "status") {
			add(Status, r.Line, t.Change.From...)
			add(Status, r.Line, t.Change.To...)
		}
	}
	mention := func(line int, in any) {
		for _, f := range expression.FieldNames(in) {
			if !logged(f) {
				add(Field, line, f)
			}
		}
	}
	mention(r.Line, r.If)
	mention(r.Line, r.Concurrency.Key)
	r.Do.All(func(st *Step) {
		mention(st.Line, st.If)
		mention(st.Line, st.Do)
		if s, ok := st.Do.(interface{ FieldNames() []string }); ok {
			add(Field, st.Line, s.FieldNames()...)
		}
		if s, ok := st.Do.(interface{ StatusName() string }); ok {
			add(Status, st.Line, s.StatusName())
		}
		if s, ok := st.Do.(interface{ LinkTypeName() string }); ok {
			add(LinkType, st.Line, s.LinkTypeName())
		}
	})
	return out
}

// logged tells whether a name is one that only changelogs use for what is no field, or a field of every Jira.
func logged(name string) bool {
	return slices.ContainsFunc([]string{
		"status", "project", "key", "workflow", "link", "attachment", "comment", "parent", "rank", "sprint", "version",
		"fix version", "component", "remoteissuelink", "worklogid", "timespent", "timeestimate", "timeoriginalestimate",
	}, func(known string) bool { return strings.EqualFold(known, name) })
}
