package actions

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

// nameOf is a field as errors name it: a custom field with its ID, since names may repeat.
func nameOf(f jiraclient.Field) string {
	if f.Custom || strings.HasPrefix(f.ID, "customfield_") {
		return fmt.Sprintf("%s (%s)", f.Name, f.ID)
	}
	return f.Name
}

// wire turns what people write ("High", "ann", "1.0") into what Jira wants for a field ({"name": "High"} and so on).
// Whoever writes a mapping knows Jira's form, and it is sent as it is.
func wire(jira *Jira, f jiraclient.Field, value any) (any, error) {
	if f.Schema.Type != "array" {
		return wireOne(jira, f, f.Schema.Type, value)
	}
	items := []any{}
	for _, v := range asList(value) {
		if expression.Print(v) == "" { // what a hole left out
			continue
		}
		one, err := wireOne(jira, f, f.Schema.Items, v)
		if err != nil {
			return nil, err
		}
		if !holds(items, one) {
			items = append(items, one)
		}
	}
	return items, nil
}

// several tells whether a value is a list.
func several(value any) bool { return reflect.ValueOf(value).Kind() == reflect.Slice }

// asList is a value as a list: several stay several, one becomes a list of one, none an empty one.
func asList(value any) []any {
	if !several(value) {
		if value == nil {
			return nil
		}
		return []any{value}
	}
	r := reflect.ValueOf(value)
	out := make([]any, r.Len())
	for i := range out {
		out[i] = r.Index(i).Interface()
	}
	return out
}

func wireOne(jira *Jira, f jiraclient.Field, kind string, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	if kind == "user" {
		return wireUser(jira, f, value)
	}
	if _, ready := value.(map[string]any); ready {
		return value, nil
	}
	text := expression.Print(value)
	key := ""
	switch kind {
	case "string":
		return text, nil
	case "number":
		return wireNumber(f, value, text)
	case "date":
		return wireDate(f, value, text)
	case "datetime":
		return wireMoment(f, value, text)
	case "option-with-child":
		return wireCascade(f, value, text)
	case "timetracking":
		return nil, fmt.Errorf("field %s wants a mapping such as {originalEstimate: 2h, remainingEstimate: 1h}, not %q", nameOf(f), text)
	case "priority", "resolution", "issuetype", "version", "component", "securitylevel", "status", "group":
		key = "name"
	case "project", "issuelink":
		key = "key"
	case "option":
		key = "value"
	default:
		return wireUnknown(jira, value), nil
	}
	return map[string]any{key: text}, single(f, value, text)
}

// single complains about what cannot be the one value of a field.
func single(f jiraclient.Field, value any, text string) error {
	switch {
	case several(value):
		return fmt.Errorf("field %s holds one value, not the list %q", nameOf(f), text)
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("the value for field %s is empty; to empty the field, write null", nameOf(f))
	}
	return nil
}

func wireUser(jira *Jira, f jiraclient.Field, value any) (any, error) {
	id := userID(value)
	if _, ready := value.(map[string]any); ready && id == "" { // {key: …}
		return value, nil
	}
	if err := single(f, value, id); err != nil {
		return nil, err
	}
	return userObject(jira, id), nil
}

// userObject names a user as this Jira knows people.
func userObject(jira *Jira, id string) map[string]any {
	if ref := jira.Ref(id); ref.AccountID != "" {
		return map[string]any{"accountId": id}
	}
	return map[string]any{"name": id}
}

// wireUnknown is for the fields of plug-ins, which alone know their form: numbers, texts and lists are sent as they are,
// and only what is no JSON yet is turned into some.
func wireUnknown(jira *Jira, value any) any {
	switch v := value.(type) {
	case event.User:
		return userObject(jira, v.ID())
	case time.Time:
		return v.Format(jiraTime)
	}
	return value
}

func wireNumber(f jiraclient.Field, value any, text string) (any, error) {
	switch value.(type) {
	case int, int64, float64, json.Number:
		return value, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, fmt.Errorf("field %s is a number, not %q", nameOf(f), text)
	}
	return n, nil
}

func wireDate(f jiraclient.Field, value any, text string) (any, error) {
	if t, ok := value.(time.Time); ok {
		return t.Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, fmt.Errorf("field %s is a date such as 2026-01-31, not %q", nameOf(f), text)
	}
	return text, nil
}

// jiraTime is how Jira writes a moment.
const jiraTime = "2006-01-02T15:04:05.000-0700"

// parseMoment reads Jira's form and RFC 3339, with or without a fraction.
func parseMoment(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func wireMoment(f jiraclient.Field, value any, text string) (any, error) {
	t, ok := value.(time.Time)
	if !ok {
		t, ok = parseMoment(text)
	}
	if !ok {
		return nil, fmt.Errorf("field %s is a moment such as 2026-01-31T09:30:00+01:00, not %q", nameOf(f), text)
	}
	return t.Format(jiraTime), nil
}

// wireCascade takes "Parent > Child", a list of the two, or a parent alone.
func wireCascade(f jiraclient.Field, value any, text string) (any, error) {
	levels := strings.SplitN(text, " > ", 2)
	if several(value) {
		levels = nil
		for _, v := range asList(value) {
			levels = append(levels, expression.Print(v))
		}
	}
	if len(levels) < 1 || len(levels) > 2 || strings.TrimSpace(levels[0]) == "" {
		return nil, fmt.Errorf("field %s wants an option, or two as in Parent > Child, not %q", nameOf(f), text)
	}
	out := map[string]any{"value": levels[0]}
	if len(levels) == 2 {
		out["child"] = map[string]any{"value": levels[1]}
	}
	return out, nil
}
