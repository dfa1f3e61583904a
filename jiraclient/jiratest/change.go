package jiratest

import (
	"slices"
	"strings"
	"time"
)

// change gives a field a value and returns what the changelog says of it: nothing if the value is the old one.
func (j *Jira) change(i *issue, id string, to any, now time.Time) []item {
	f := j.fields.byID(id)
	from := i.values[id]
	if same(from, to) {
		return nil
	}
	i.values[id] = to
	if to == nil {
		delete(i.values, id)
	}
	if id == "resolution" {
		i.values["resolutiondate"] = now
		if to == nil {
			delete(i.values, "resolutiondate")
		}
	}
	switch {
	case f.kind == componentRef, f.kind == versionRef:
		return listItems(f, from, to)
	case f.kind == sprintRef:
		return []item{sprintItem(f, from, to)}
	case f.list:
		return []item{joined(f, from, to)}
	}
	return []item{changed(f, from, to)}
}

func same(a, b any) bool {
	la, aList := a.([]any)
	lb, bList := b.([]any)
	if aList || bList {
		return slices.Equal(la, lb)
	}
	return a == b
}

func changed(f *field, from, to any) item {
	it := item{field: f.logName, fieldID: f.id, fieldType: f.logType()}
	it.from, it.fromText = sides(f, from)
	it.to, it.toText = sides(f, to)
	return it
}

func (f *field) logType() string {
	if f.custom {
		return "custom"
	}
	return "jira"
}

// sides are the ID and the text of one side of a change; null where there is none.
func sides(f *field, v any) (id, name *string) {
	if v == nil {
		return nil, nil
	}
	i, n := describe(v)
	if f.kind == date {
		i = n
		if t, err := time.Parse(time.DateOnly, n); err == nil {
			n = t.Format("2/Jan/06")
		}
	}
	if i != "" {
		id = &i
	}
	return id, &n
}

// listItems is one item for each component or version that came or went.
func listItems(f *field, from, to any) []item {
	old, _ := from.([]any)
	next, _ := to.([]any)
	var out []item
	for _, v := range old {
		if !slices.Contains(next, v) {
			out = append(out, changed(f, v, nil))
		}
	}
	for _, v := range next {
		if !slices.Contains(old, v) {
			out = append(out, changed(f, nil, v))
		}
	}
	return out
}

// joined is the one item of a field whose whole lists are compared: labels by spaces, others by commas.
func joined(f *field, from, to any) item {
	separator := ", "
	if f.kind == label {
		separator = " "
	}
	write := func(v any) *string {
		list, _ := v.([]any)
		var parts []string
		for _, one := range list {
			_, name := describe(one)
			parts = append(parts, name)
		}
		s := strings.Join(parts, separator)
		return &s
	}
	return item{field: f.logName, fieldID: f.id, fieldType: f.logType(), fromText: write(from), toText: write(to)}
}

// itemsJSON: only Cloud tells the field's ID, and people's account IDs apart.
func (j *Jira) itemsJSON(items []item) []any {
	out := []any{}
	for _, it := range items {
		one := obj{
			"field": it.field, "fieldtype": it.fieldType, "from": it.from, "fromString": it.fromText, "to": it.to, "toString": it.toText,
		}
		if j.version.cloud && it.fieldID != "" {
			one["fieldId"] = it.fieldID
			if f := j.fields.byID(it.fieldID); f.kind == person && !f.list {
				one["tmpFromAccountId"], one["tmpToAccountId"] = it.from, it.to
			}
		}
		out = append(out, one)
	}
	return out
}

// plainItem is a change of something that is no field of its own: a link, an attachment, a key.
func plainItem(field, from, fromText, to, toText string) item {
	pointer := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return item{
		field: field, fieldType: "jira", from: pointer(from), fromText: pointer(fromText), to: pointer(to), toText: pointer(toText),
	}
}

func compareText(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	return strings.Compare(x, y)
}
