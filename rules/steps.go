package rules

import (
	"fmt"
	"time"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/actions"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// Steps are done one after the other.
type Steps []*Step

// A Step is one use of an action, or a choice between two lists of steps.
type Step struct {
	// Path is the step's place in its rule: "2", "3.then.1".
	Path string
	Line int

	Action *actions.Kind // nil for a choice
	Do     actions.Step
	// Uncertain is what is done where nobody knows whether the step was done.
	Uncertain actions.Uncertain
	// Timeout is after how long the step counts as stuck; 0 is the rule's.
	Timeout time.Duration

	If   expression.Condition
	Then Steps
	Else Steps
}

// DecodeYAML reads `comment: {…}` or `if: … then: … else: …`.
func (st *Step) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	st.Line, _ = strictyaml.Position(node)
	entries, ok := s.Entries(node)
	if !ok || len(entries) == 0 {
		s.Wrong(node, st.Describe())
		return
	}
	for _, e := range entries {
		if e.Name == "if" || e.Name == "then" || e.Name == "else" {
			st.choice(s, node, entries)
			return
		}
	}
	before, at := s.Count(), keys(s, node)
	for _, e := range entries {
		kind, known := actions.Find(e.Name)
		switch {
		case e.Name == "on_uncertain":
			oneOf(s, e.Value, (*string)(&st.Uncertain), "retry", "ask", "bury")
		case e.Name == "timeout":
			decodeTimeout(s, e.Value, &st.Timeout)
		case !known:
			s.Problem(e.Key, "unknown action %q%s", e.Name, strictyaml.Suggest(e.Name, append(actions.Names(), "if", "on_uncertain", "timeout")))
		case st.Action != nil:
			s.Problem(e.Key, "one step, one action: begin a new step with \"- %s:\"", e.Name)
		default:
			st.Action, st.Do = kind, kind.New()
			s.Decode(e.Value, st.Do)
		}
	}
	switch {
	case s.Count() > before: // what is missing may be what was misspelt
	case st.Action == nil:
		s.Problem(node, "no action in this step: %s", st.Describe())
	case st.Uncertain == "":
		st.Uncertain = st.Action.WhenUncertain()
	case st.Uncertain == actions.Ask && st.Action.Asks == "":
		s.Problem(at["on_uncertain"], "Jira does not show whether %s was done; say retry or bury", st.Action.Name)
	}
}

func decodeTimeout(s *strictyaml.Source, node yaml.Node, into *time.Duration) {
	before := s.Count()
	s.Decode(node, into)
	if s.Count() == before && *into < time.Second {
		s.Problem(node, "a timeout is at least 1s")
	}
}

func (st *Step) choice(s *strictyaml.Source, node yaml.Node, entries []strictyaml.Entry) {
	before := s.Count()
	given := map[string]bool{}
	for _, e := range entries {
		given[e.Name] = true
		switch e.Name {
		case "if":
			s.Decode(e.Value, &st.If)
		case "then", "else":
			steps := &st.Then
			if e.Name == "else" {
				steps = &st.Else
			}
			s.Decode(e.Value, steps)
			if empty(s, e.Value) {
				s.Problem(e.Value, "no step under %q", e.Name)
			}
		default:
			if _, known := actions.Find(e.Name); known {
				s.Problem(e.Key, "%q stands beside \"if\"; put it into the list under \"then\"", e.Name)
			} else {
				s.Problem(e.Key, "unknown key %q%s", e.Name, strictyaml.Suggest(e.Name, []string{"if", "then", "else"}))
			}
		}
	}
	if s.Count() > before {
		return // what is missing may be what was misspelt
	}
	switch {
	case !given["if"]:
		s.Problem(node, "\"then\" and \"else\" need an \"if\" in the same step")
	case !given["then"]:
		s.Problem(node, "\"then\" is missing: the steps to do when the condition holds")
	}
}

// Describe says what is wanted where a step stands.
func (st Step) Describe() string {
	return "a step such as comment: {body: Thanks}, or a choice with if and then"
}

// Schema is the JSON Schema of all steps.
func (st Step) Schema() map[string]any {
	properties := map[string]any{
		"if":   expression.Condition{}.Schema(),
		"then": map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/step"}},
		"else": map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/step"}},
	}
	choice := map[string]any{"type": "object", "properties": properties, "required": []string{"if", "then"}, "additionalProperties": false}
	forms := []any{choice}
	for _, k := range actions.All {
		forms = append(forms, map[string]any{
			"type": "object", "description": k.Doc, "required": []string{k.Name}, "additionalProperties": false,
			"properties": map[string]any{
				k.Name:         k.Schema(),
				"on_uncertain": map[string]any{"enum": []string{"retry", "ask", "bury"}, "default": string(k.WhenUncertain())},
				"timeout":      strictyaml.SchemaOf[time.Duration](),
			},
		})
	}
	return map[string]any{"anyOf": forms}
}

// number gives each step its path.
func (ss Steps) number(prefix string) {
	for i, st := range ss {
		st.Path = fmt.Sprintf("%s%d", prefix, i+1)
		st.Then.number(st.Path + ".then.")
		st.Else.number(st.Path + ".else.")
	}
}

// All calls visit for every step, chosen or not, in the order of the file.
func (ss Steps) All(visit func(*Step)) {
	for _, st := range ss {
		visit(st)
		st.Then.All(visit)
		st.Else.All(visit)
	}
}

// Walk plans the steps in order and hands each operation to perform, together with the error if it could not be
// planned. It stops when perform returns an error, and returns that. A choice is put to choose when it is reached; one
// that cannot be decided is handed to perform as an error without operation.
func (ss Steps) Walk(scope *expression.Scope, choose func(*Step) (bool, error), perform func(*Step, actions.Operation, error) error) error {
	for _, st := range ss {
		if st.Action != nil {
			op, err := st.Do.Plan(scope)
			if err := perform(st, op, err); err != nil {
				return err
			}
			continue
		}
		holds, err := choose(st)
		if err != nil {
			if err := perform(st, nil, err); err != nil {
				return err
			}
			continue
		}
		chosen := st.Then
		if !holds {
			chosen = st.Else
		}
		if err := chosen.Walk(scope, choose, perform); err != nil {
			return err
		}
	}
	return nil
}
