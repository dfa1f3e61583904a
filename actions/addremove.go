package actions

import (
	"fmt"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// texts are what a rule adds or removes, one or a list.
type texts interface {
	Given() bool
	Render(s *expression.Scope) ([]string, error)
}

// addRemove is what an operation adds to a list of an issue, and what it removes.
type addRemove struct {
	issue       string
	add, remove []string
}

func (o on) addRemove(s *expression.Scope, noun string, add, remove texts) (addRemove, error) {
	key, err := o.target(s)
	if err != nil {
		return addRemove{}, err
	}
	c := addRemove{issue: key}
	if c.add, err = add.Render(s); err != nil {
		return c, fmt.Errorf("add: %w", err)
	}
	if c.remove, err = remove.Render(s); err != nil {
		return c, fmt.Errorf("remove: %w", err)
	}
	if len(c.add)+len(c.remove) == 0 {
		return c, fmt.Errorf("no %s to add or remove", noun)
	}
	for _, item := range c.add {
		if slices.Contains(c.remove, item) {
			return c, fmt.Errorf("%s %q is to be added and to be removed; one step can do only one of them", noun, item)
		}
	}
	return c, nil
}

// Target is the issue's key.
func (c addRemove) Target() string { return c.issue }

// sentence says both halves as far as there are any.
func (c addRemove) sentence(half func(verb, preposition string, items []string) string) string {
	var parts []string
	if len(c.add) > 0 {
		parts = append(parts, half("add", "to", c.add))
	}
	if len(c.remove) > 0 {
		parts = append(parts, half("remove", "from", c.remove))
	}
	return strings.Join(parts, " and ")
}

// wantsEither complains about a step that neither adds nor removes anything; before is the number of problems that there
// were before the step was decoded, since nobody needs to hear of what follows from another mistake.
func wantsEither(s *strictyaml.Source, node yaml.Node, before int, add, remove texts) {
	if s.Count() == before && !add.Given() && !remove.Given() {
		s.Problem(node, "nothing to do: give add or remove")
	}
}
