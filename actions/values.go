package actions

import (
	"encoding/json"
	"fmt"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// fieldValues are fields with their values, in the order of the file. Numbers keep their text: 1.10 is a number to one
// field and the name of a version to another, and only Jira knows which.
type fieldValues struct {
	names []string
	of    map[string]fieldValue
}

// DecodeYAML compiles the mapping that stands in a rule file.
func (v *fieldValues) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	entries, ok := s.Entries(node)
	if !ok {
		s.Wrong(node, v.Describe())
		return
	}
	v.of = make(map[string]fieldValue, len(entries))
	for _, e := range entries {
		v.names = append(v.names, e.Name)
		v.of[e.Name] = decodeFieldValue(s, e.Value)
	}
}

// Describe says what is wanted where the fields stand.
func (v fieldValues) Describe() string { return "a mapping of field names to values" }

// Schema is the JSON Schema.
func (v fieldValues) Schema() map[string]any { return expression.Values{}.Schema() }

// plan fills the holes: one change for each field.
func (v fieldValues) plan(verb string, s *expression.Scope) ([]fieldChange, error) {
	changes := make([]fieldChange, 0, len(v.names))
	for _, name := range v.names {
		value, err := v.of[name].eval(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		changes = append(changes, fieldChange{verb, name, value})
	}
	return changes, nil
}

// A fieldValue is one value or a list of them.
type fieldValue struct {
	one  expression.Value
	list []fieldValue
}

func decodeFieldValue(s *strictyaml.Source, node yaml.Node) fieldValue {
	var v fieldValue
	switch n := s.Resolve(node).(type) {
	case *yaml.SequenceNode:
		v.list = make([]fieldValue, len(n.Values))
		for i, item := range n.Values {
			v.list[i] = decodeFieldValue(s, item)
		}
	case *yaml.IntegerNode, *yaml.FloatNode:
		if text := n.GetToken().Value; json.Valid([]byte(text)) {
			v.one = expression.NewValue(json.Number(text))
			break
		}
		v.one.DecodeYAML(s, n) // 0x1F and the like
	case nil: // an alias that leads nowhere, which is a problem already
	default:
		v.one.DecodeYAML(s, n)
	}
	return v
}

func (v fieldValue) eval(s *expression.Scope) (any, error) {
	if v.list == nil {
		return v.one.Eval(s)
	}
	out := make([]any, len(v.list))
	for i, item := range v.list {
		var err error
		if out[i], err = item.eval(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}
