package rules

import (
	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// Concurrency has the runs of a rule that share a key done one at a time, across issues.
type Concurrency struct {
	Key      expression.Text `yaml:"key" doc:"Runs with the same key are done one at a time, whatever their issues; without a key all runs of the rule are."`
	WhenBusy WhenBusy        `yaml:"when_busy" doc:"When another run with the key is under way: queue (the default), drop the newer, or restart: end the older at its next step."`

	given bool
}

// Given tells whether the rule says anything about it.
func (c Concurrency) Given() bool { return c.given }

// DecodeYAML reads {key: "${…}", when_busy: queue}.
func (c *Concurrency) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain Concurrency
	*c = Concurrency{WhenBusy: Queue, given: true}
	s.Decode(node, (*plain)(c))
}

// Describe says what is wanted.
func (c Concurrency) Describe() string {
	return "a mapping such as {key: \"${issue.assignee.name}\", when_busy: queue}"
}

// Schema is the JSON Schema.
func (c Concurrency) Schema() map[string]any {
	type plain Concurrency
	return strictyaml.SchemaOf[plain]()
}

// WhenBusy says what happens to a run while another with its key is under way.
type WhenBusy string

// What can happen.
const (
	Queue   WhenBusy = "queue"
	Drop    WhenBusy = "drop"
	Restart WhenBusy = "restart"
)

// DecodeYAML accepts queue, drop and restart.
func (w *WhenBusy) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	oneOf(s, node, (*string)(w), "queue", "drop", "restart")
}

// Describe says what is wanted.
func (w WhenBusy) Describe() string { return "queue, drop or restart" }

// Schema is the JSON Schema.
func (w WhenBusy) Schema() map[string]any {
	return map[string]any{"enum": []string{"queue", "drop", "restart"}, "default": "queue"}
}
