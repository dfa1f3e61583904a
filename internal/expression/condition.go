package expression

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/strictyaml"
)

// A Condition is true or false of an event. The zero value holds always.
type Condition struct {
	source  string
	program *vm.Program // nil where comparisons decide
	quick   quick
	parts   *parts // nil if there is no condition
}

// NewCondition compiles a condition.
func NewCondition(source string) (Condition, *Mistake) {
	program, mistake := compile(source, expr.AsBool(), expr.WarnOnAny())
	if mistake != nil {
		return Condition{source: source}, mistake
	}
	c := Condition{source: source, program: program, quick: quicken(source), parts: &parts{}}
	if c.quick.whole {
		c.program = nil // with thousands of rules that is most of the memory in use, and each collection looks through it
	}
	return c, nil
}

// DecodeYAML compiles the condition that stands in a rule file.
func (c *Condition) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	if b, ok := node.(*yaml.BoolNode); ok {
		*c, _ = NewCondition(fmt.Sprint(b.Value))
		return
	}
	source, ok := strictyaml.Text(node)
	if !ok {
		s.Wrong(node, c.Describe())
		return
	}
	var mistake *Mistake
	if *c, mistake = NewCondition(source); mistake != nil {
		line, column := s.Locate(node, mistake.Offset)
		s.ProblemAt(line, column, "%s", mistake.Message)
	}
}

// Describe says what is wanted where a condition stands.
func (c Condition) Describe() string { return "a condition such as issue.type == \"Bug\"" }

// Schema is the condition's JSON Schema.
func (c Condition) Schema() map[string]any {
	return map[string]any{"type": []string{"string", "boolean"}}
}

// String is the condition as it was written.
func (c Condition) String() string { return c.source }

// Given tells whether there is a condition at all.
func (c Condition) Given() bool { return c.parts != nil }

// Early decides what can be decided without asking Jira and without an error.
func (c *Condition) Early(s *Scope) (holds, decided bool) {
	if holds, decided := c.quick.decide(s); decided || !c.Given() {
		return holds, true
	}
	if c.quick.asks {
		return false, false
	}
	holds, err := c.Holds(s)
	return holds, err == nil
}

// Holds decides. A condition that cannot be decided is an error, not a "no".
func (c *Condition) Holds(s *Scope) (bool, error) {
	if !c.Given() {
		return true, nil
	}
	if holds, decided := c.quick.decide(s); decided {
		return holds, nil
	}
	value, err := run(c.program, c.source, s)
	if err != nil {
		return false, err
	}
	holds, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("%s: is %v, neither true nor false", c.source, value)
	}
	return holds, nil
}
