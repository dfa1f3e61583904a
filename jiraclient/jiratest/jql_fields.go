package jiratest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A searchField is how JQL sees a field.
type searchField struct {
	name    string
	values  func(*issue) []any // what is compared; none is EMPTY
	of      searchKind
	text    bool // asked with ~
	exact   bool // asked with = too
	ordered bool // asked with < and >
	field   *field
}

type searchKind int

const (
	byName searchKind = iota // people read a name or ID
	byPerson
	byTime
	byNumber
	byKey
	byText
)

func (f *searchField) operators() []string {
	out := []string{"is"}
	if f.text {
		out = append(out, "~")
	}
	if f.exact {
		out = append(out, "=", "in")
	}
	if f.ordered {
		out = append(out, "<", "<=", ">", ">=")
	}
	return out
}

// isUnresolved is the one word that means EMPTY for a resolution.
func (f *searchField) isUnresolved(o operand) bool {
	return f.name == "resolution" && !o.function && strings.EqualFold(o.value, "unresolved")
}

// searchField finds a field by the names that JQL has for it.
func (j *Jira) searchField(name string) *searchField {
	lower := strings.ToLower(name)
	of := func(id string) func(*issue) []any {
		return func(i *issue) []any { return asList(i.values[id]) }
	}
	switch lower {
	case "project":
		return &searchField{name: lower, exact: true, values: func(i *issue) []any { return []any{i.project} }}
	case "key", "issuekey", "issue", "id":
		return &searchField{name: "key", of: byKey, exact: true, ordered: true, values: func(i *issue) []any { return []any{i} }}
	case "status":
		return &searchField{name: lower, exact: true, values: of("status")}
	case "statuscategory":
		return &searchField{name: "statusCategory", exact: true, values: func(i *issue) []any {
			return []any{categoryNames(i.status().category)}
		}}
	case "type", "issuetype":
		return &searchField{name: "issuetype", exact: true, values: of("issuetype")}
	case "priority":
		return &searchField{name: lower, exact: true, ordered: true, values: of("priority")}
	case "resolution":
		return &searchField{name: lower, exact: true, values: of("resolution")}
	case "assignee", "reporter", "creator":
		return &searchField{name: lower, of: byPerson, exact: true, values: of(lower)}
	case "labels", "label":
		return &searchField{name: "labels", exact: true, values: of("labels")}
	case "component":
		return &searchField{name: lower, exact: true, values: of("components")}
	case "fixversion":
		return &searchField{name: "fixVersion", exact: true, values: of("fixVersions")}
	case "affectedversion":
		return &searchField{name: "affectedVersion", exact: true, values: of("versions")}
	case "parent":
		return &searchField{name: lower, of: byKey, exact: true, values: of("parent")}
	case "created", "createddate", "updated", "updateddate", "resolved", "resolutiondate", "due", "duedate":
		id := map[string]string{
			"createddate": "created", "updateddate": "updated", "resolved": "resolutiondate", "due": "duedate",
		}[lower]
		return &searchField{name: lower, of: byTime, exact: true, ordered: true, values: of(cmp.Or(id, lower))}
	case "summary", "description", "environment":
		return &searchField{name: lower, of: byText, text: true, values: of(lower)}
	case "comment":
		return &searchField{name: lower, of: byText, text: true, values: func(i *issue) []any { return i.words(true) }}
	case "text":
		return &searchField{name: lower, of: byText, text: true, values: func(i *issue) []any { return i.words(false) }}
	}
	return j.customSearchField(name)
}

// words are the comments of an issue, or all its texts.
func (i *issue) words(commentsOnly bool) []any {
	var out []any
	for _, c := range i.comments {
		out = append(out, c.body)
	}
	for _, id := range []string{"summary", "description", "environment"} {
		if s := i.text(id); s != "" && !commentsOnly {
			out = append(out, s)
		}
	}
	return out
}

// customSearchField finds cf[10000], customfield_10000 and the field's name.
func (j *Jira) customSearchField(name string) *searchField {
	if number, ok := strings.CutPrefix(strings.ToLower(name), "cf["); ok {
		name = "customfield_" + strings.TrimSuffix(number, "]")
	}
	f := j.fields.find(name)
	if f == nil || !f.custom {
		return nil
	}
	out := &searchField{name: name, field: f, exact: true, values: func(i *issue) []any { return asList(i.values[f.id]) }}
	switch f.kind {
	case number:
		out.of, out.ordered = byNumber, true
	case date, moment:
		out.of, out.ordered = byTime, true
	case person:
		out.of = byPerson
	case epicLink:
		out.of = byKey
	case rankOrder:
		out.of, out.ordered = byNumber, true
		out.values = func(i *issue) []any { return []any{i.place()} }
	case line, paragraph:
		out.of, out.text, out.exact = byText, true, false
	}
	return out
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func categoryNames(key string) *named {
	id := map[string]string{"new": "2", "indeterminate": "4", "done": "3"}[key]
	name := map[string]string{"new": "To Do", "indeterminate": "In Progress", "done": "Done"}[key]
	return &named{id: id, name: name, path: key}
}

// compare orders two values of the field for ORDER BY.
func (f *searchField) compare(a, b any) int {
	switch a := a.(type) {
	case *issue:
		return compareKeys(a.key(), b.(*issue).key())
	case time.Time:
		return a.Compare(b.(time.Time))
	case float64:
		return cmp.Compare(a, b.(float64))
	case *named:
		if f.name == "priority" { // ID 1 is the highest, and the highest is the greatest
			return cmp.Compare(rank(b.(*named)), rank(a))
		}
	case *project:
		return strings.Compare(a.key, b.(*project).key)
	}
	_, x := describe(a)
	_, y := describe(b)
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

func rank(n *named) int {
	id, err := strconv.Atoi(n.id)
	if err != nil {
		return 0
	}
	return id
}

// missingValue is Jira's complaint about a value that does not exist.
func missingValue(field, value string) error {
	return refuse(400, "The value '%s' does not exist for the field '%s'.", value, field)
}

func missingFunction(o operand) error {
	return refuse(400, "Unable to find JQL function '%s'.", fmt.Sprintf("%s(%s)", o.value, strings.Join(o.args, ", ")))
}
