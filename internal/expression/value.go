package expression

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/strictyaml"
)

// A Value is any YAML value in which texts may have holes. A text that is only a hole keeps the hole's type, so that
// {Story Points: "${field('Estimate', 0) * 2}"} sends a number and no text is ever glued into JSON.
type Value struct {
	fixed any
	text  *Text
	list  []Value
	keys  []string
	of    map[string]Value
}

// NewValue is a value without holes.
func NewValue(fixed any) Value { return Value{fixed: fixed} }

// DecodeYAML compiles the value that stands in a rule file.
func (v *Value) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	node = s.Resolve(node)
	if _, ok := strictyaml.Text(node); ok {
		v.text = new(Text)
		v.text.DecodeYAML(s, node)
		return
	}
	if seq, ok := node.(*yaml.SequenceNode); ok {
		v.list = make([]Value, len(seq.Values))
		for i, item := range seq.Values {
			v.list[i].DecodeYAML(s, item)
		}
		return
	}
	if entries, ok := s.Entries(node); ok {
		v.of = make(map[string]Value, len(entries))
		for _, e := range entries {
			var inner Value
			inner.DecodeYAML(s, e.Value)
			v.keys = append(v.keys, e.Name)
			v.of[e.Name] = inner
		}
		return
	}
	v.fixed = s.Any(node)
}

// Describe says what is wanted where a value stands.
func (v Value) Describe() string { return "a value" }

// Schema is the value's JSON Schema: anything.
func (v Value) Schema() map[string]any { return map[string]any{} }

// Eval fills the holes.
func (v Value) Eval(s *Scope) (any, error) {
	switch {
	case v.text != nil:
		if len(v.text.parts) == 1 && v.text.parts[0].hole != nil {
			return v.text.parts[0].hole.eval(s)
		}
		return v.text.Render(s)
	case v.list != nil:
		out := make([]any, len(v.list))
		for i, item := range v.list {
			var err error
			if out[i], err = item.Eval(s); err != nil {
				return nil, err
			}
		}
		return out, nil
	case v.of != nil:
		out := make(map[string]any, len(v.of))
		for _, key := range v.keys {
			var err error
			if out[key], err = v.of[key].Eval(s); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v.fixed, nil
}

// A Values is a mapping of names to values, in the order of the file.
type Values struct {
	Names []string
	of    map[string]Value
}

// DecodeYAML compiles the mapping that stands in a rule file.
func (v *Values) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	var all Value
	if _, ok := s.Entries(node); !ok {
		s.Wrong(node, v.Describe())
		return
	}
	all.DecodeYAML(s, node)
	v.Names, v.of = all.keys, all.of
}

// Describe says what is wanted where values stand.
func (v Values) Describe() string { return "a mapping of names to values" }

// Schema is the JSON Schema.
func (v Values) Schema() map[string]any { return map[string]any{"type": "object"} }

// Eval fills the holes of the value with this name.
func (v Values) Eval(name string, s *Scope) (any, error) {
	value, err := v.of[name].Eval(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

// Texts is one text or a list of them; a text that is only a hole may give a list.
type Texts struct{ items []Value }

// DecodeYAML compiles what stands in a rule file.
func (t *Texts) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	nodes := []yaml.Node{node}
	if seq, ok := node.(*yaml.SequenceNode); ok {
		nodes = seq.Values
	}
	for _, n := range nodes {
		if _, ok := strictyaml.Text(s.Resolve(n)); !ok {
			s.Wrong(n, "text")
			continue
		}
		var v Value
		v.DecodeYAML(s, n)
		t.items = append(t.items, v)
	}
}

// Describe says what is wanted where texts stand.
func (t Texts) Describe() string { return "text or a list of texts" }

// Schema is the JSON Schema.
func (t Texts) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"type": "string"},
		map[string]any{"type": "array", "items": map[string]any{"type": "string"}},
	}}
}

// Given tells whether there is any.
func (t Texts) Given() bool { return len(t.items) > 0 }

// Render fills the holes; lists are taken apart, repeats and empty ones left out.
func (t Texts) Render(s *Scope) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" && !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	for _, item := range t.items {
		value, err := item.Eval(s)
		if err != nil {
			return nil, err
		}
		if r := reflect.ValueOf(value); r.Kind() == reflect.Slice {
			for i := range r.Len() {
				add(Print(r.Index(i).Interface()))
			}
			continue
		}
		add(Print(value))
	}
	return out, nil
}

// Literals are those texts that have no holes, sorted.
func (t Texts) Literals() []string {
	var out []string
	for _, item := range t.items {
		if item.text == nil {
			continue
		}
		if literal, ok := item.text.Literal(); ok {
			out = append(out, literal)
		}
	}
	sort.Strings(out)
	return out
}
