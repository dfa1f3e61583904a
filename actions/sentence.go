package actions

import (
	"strings"

	"jirabot/internal/expression"
)

// list is a list as a sentence says it: a, b and c.
func list(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// show is a field's value as a sentence says it. A user of a custom field comes as Jira's whole object.
func show(value any) string {
	if user, ok := value.(map[string]any); ok {
		if name, ok := user["displayName"].(string); ok {
			return name
		}
	}
	return expression.Print(value)
}
