package actions

import (
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// users are people, one or a list: names (Cloud: account IDs) or what an expression gives, such as issue.reporter.
type users struct {
	written expression.Texts
	values  expression.Value
}

// DecodeYAML takes what texts may be.
func (u *users) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	before := s.Count()
	if u.written.DecodeYAML(s, node); s.Count() == before {
		u.values.DecodeYAML(s, node)
	}
}

// Describe says what is wanted where users stand.
func (u users) Describe() string { return u.written.Describe() }

// Schema is the JSON Schema.
func (u users) Schema() map[string]any { return u.written.Schema() }

// Given tells whether there are any.
func (u users) Given() bool { return u.written.Given() }

// Render gives the names or account IDs, each once; who is nobody is left out.
func (u users) Render(s *expression.Scope) ([]string, error) {
	value, err := u.values.Eval(s)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, item := range asList(value) {
		for _, one := range asList(item) {
			if id := userID(one); id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

// userID is how Jira is told of a user, whom a rule may name by a text, by an expression's user or by the object that
// Jira has in a custom field. It is "" for nobody.
func userID(value any) string {
	switch v := value.(type) {
	case event.User:
		return v.ID()
	case map[string]any:
		for _, key := range []string{"accountId", "name"} {
			if id, ok := v[key].(string); ok && id != "" {
				return id
			}
		}
		return ""
	}
	return strings.TrimSpace(expression.Print(value))
}

// knownAs tells whether an ID is one of a user's. Jira does not mind the case of names.
func knownAs(id string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.EqualFold(name, id) })
}
