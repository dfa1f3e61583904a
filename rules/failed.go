package rules

import (
	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/strictyaml"
)

// checkFailed looks for the rules whose failures a rule waits for: they may stand in any of the files.
func (s *Set) checkFailed(r *Rule) {
	for i := range r.On {
		node := r.On[i].Failed.at
		if node == nil {
			continue
		}
		items := []yaml.Node{node}
		if list, ok := r.source.Resolve(node).(*yaml.SequenceNode); ok {
			items = list.Values
		}
		for _, item := range items {
			name, ok := strictyaml.Text(r.source.Resolve(item))
			switch {
			case !ok:
			case name == r.Name:
				r.source.Problem(item, "a rule does not react to its own failures")
			case s.byName[name] == nil:
				r.source.Problem(item, "there is no rule %q%s", name, strictyaml.Suggest(name, s.names()))
			}
		}
	}
}

func (s *Set) names() []string {
	out := make([]string, len(s.Rules))
	for i, r := range s.Rules {
		out[i] = r.Name
	}
	return out
}

// Reacts tells whether some rule waits for failures of a rule.
func (s *Set) Reacts(rule string) bool {
	sh := s.byKind["failed"]
	if sh == nil {
		return false
	}
	for _, c := range sh.all.rules {
		for _, t := range c.rule.On {
			if t.Kind == "failed" && c.rule.Name != rule && among(t.Failed.Rules, rule) {
				return true
			}
		}
	}
	return false
}
