package actions

import (
	"encoding/json"
	"slices"
	"strings"
)

// isSo tells whether a field already has a wanted value. Jira describes a value with more than was asked for ({"name":
// "High", "id": "2", "self": …}), so what is wanted must be among what is there. In doubt it is not so: to set a value
// again does no harm.
func isSo(wanted, there any) bool { return matches(asJSON(wanted), there) }

// asJSON is a value as it reads after a journey to Jira and back, with one type for all numbers.
func asJSON(value any) any {
	encoded, err := json.Marshal(value)
	if err != nil {
		return value
	}
	var out any
	if json.Unmarshal(encoded, &out) != nil {
		return value
	}
	return out
}

func matches(wanted, there any) bool {
	switch w := wanted.(type) {
	case map[string]any:
		has, ok := there.(map[string]any)
		return ok && matchesObject(w, has)
	case []any:
		return matchesList(w, there)
	case string:
		has, ok := there.(string)
		return ok && sameText(w, has) || w == "" && isEmpty(there)
	case nil:
		return isEmpty(there)
	}
	return wanted == there // numbers and truth values: there are no others in JSON
}

// isEmpty: Jira writes null, "" or [] for a field without a value.
func isEmpty(there any) bool {
	list, ok := there.([]any)
	return there == nil || there == "" || ok && len(list) == 0
}

// matchesObject does not mind the case of names: Jira has no two users, versions or options that differ in nothing else.
func matchesObject(wanted, there map[string]any) bool {
	for key, value := range wanted {
		w, isText := value.(string)
		has, hasText := there[key].(string)
		if isText && hasText && strings.EqualFold(w, has) {
			continue
		}
		if !matches(value, there[key]) {
			return false
		}
	}
	// An option alone means that no child of it is chosen.
	return wanted["value"] == nil || wanted["child"] != nil || there["child"] == nil
}

// matchesList compares as sets: Jira keeps neither order nor repeats of what a field holds.
func matchesList(wanted []any, there any) bool {
	has, ok := there.([]any)
	if !ok && there != nil {
		return false
	}
	for _, value := range wanted {
		if !holds(has, value) {
			return false
		}
	}
	for _, value := range has {
		if !slices.ContainsFunc(wanted, func(w any) bool { return matches(w, value) }) {
			return false
		}
	}
	return true
}

// holds tells whether a list contains a wanted value.
func holds(there any, wanted any) bool {
	list, _ := there.([]any)
	w := asJSON(wanted)
	return slices.ContainsFunc(list, func(has any) bool { return matches(w, has) })
}

// sameText knows that Jira stores line ends as CR LF and drops blanks at the end, and that one moment can be written in
// several zones.
func sameText(a, b string) bool {
	norm := func(s string) string { return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), " \n") }
	if norm(a) == norm(b) {
		return true
	}
	x, isMoment := parseMoment(a)
	y, also := parseMoment(b)
	return isMoment && also && x.Equal(y)
}
