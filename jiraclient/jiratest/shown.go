package jiratest

import (
	"fmt"
	"strconv"
	"time"
)

// describe is a value as the changelog has it: an ID, if there is one, and what people read.
func describe(v any) (id, name string) {
	switch v := v.(type) {
	case *user:
		return v.key, v.DisplayName
	case *named:
		return v.id, v.name
	case *level:
		return v.id, v.name
	case *status:
		return v.id, v.name
	case *issueType:
		return v.id, v.name
	case *version:
		return text(v.id), v.name
	case *component:
		return text(v.id), v.name
	case *sprint:
		return text(v.id), v.name
	case *issue:
		return text(v.id), v.key()
	case choice:
		name = fmt.Sprintf("Parent values: %s(%s)", v.parent.name, v.parent.id)
		if v.child != nil {
			name += fmt.Sprintf("Level 1 values: %s(%s)", v.child.name, v.child.id)
		}
		return "", name
	case float64:
		return "", strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v), strconv.Itoa(v)
	case time.Time:
		return v.Format(stamp), v.Format("02/Jan/06 3:04 PM")
	case string:
		return "", v
	}
	return "", ""
}

// valueJSON is a value as answers have it.
func (j *Jira) valueJSON(v any) any {
	switch v := v.(type) {
	case *user:
		return j.userJSON(v)
	case *named:
		return j.namedJSON(v)
	case *level:
		return j.namedJSON(&v.named)
	case *status:
		return j.statusJSON(v)
	case *issueType:
		return j.typeJSON(v)
	case *version:
		return j.versionJSON(v)
	case *component:
		return j.componentJSON(v)
	case *sprint:
		return sprintText(v)
	case *issue:
		return v.key()
	case choice:
		out := j.namedJSON(v.parent).(obj)
		if v.child != nil {
			out["child"] = j.namedJSON(v.child)
		}
		return out
	case time.Time:
		return v.Format(stamp)
	case []any:
		out := make([]any, len(v))
		for n, one := range v {
			out[n] = j.valueJSON(one)
		}
		return out
	}
	return v
}
