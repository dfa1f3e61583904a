// Package rules reads what teams write: YAML files of rules, compiled once into programs that decide about events.
//
//	set, err := rules.Load([]string{"rules/*.yaml"})
//	for _, match := range set.Match(&ev, bot) { … }
//
// It is pure: an event goes in, decisions come out. Carrying them out is the runner's business.
package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// A Rule is one automation: when something happens (On) and a condition holds (If), it does something (Do).
type Rule struct {
	Name        string               `yaml:"name,required" doc:"Unique, in kebab-case: it is used in URLs, logs and metrics."`
	Purpose     string               `yaml:"purpose" doc:"What the rule is for, in a sentence that a colleague understands."`
	Owner       string               `yaml:"owner" doc:"Who is asked about it."`
	Projects    names                `yaml:"projects" doc:"Project keys. The rule never sees other projects; without projects it sees all."`
	Mode        Mode                 `yaml:"mode" doc:"live (the default), shadow (plans and records, writes nothing) or off."`
	On          []Trigger            `yaml:"on,required" doc:"What makes the rule look: any of these triggers."`
	If          expression.Condition `yaml:"if" doc:"What must hold, as an expression."`
	Do          Steps                `yaml:"do,required" doc:"What is done, step by step."`
	OnSelf      bool                 `yaml:"on_self" doc:"React to the bot's own changes too; false by default."`
	Recheck     bool                 `yaml:"recheck" doc:"Read the issue afresh before acting and decide the condition again; true by default."`
	OnError     OnError              `yaml:"on_error" doc:"After a step that failed: stop (the default) or continue with the next."`
	Concurrency Concurrency          `yaml:"concurrency" doc:"Which runs are done one at a time across issues; without it each issue's are."`
	Timeout     time.Duration        `yaml:"timeout" doc:"After how long a step counts as stuck, and is tried again; 5m by default."`
	Tests       []Test               `yaml:"tests" doc:"The rule's own tests, run by bot test."`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
	// Revision changes whenever the rule's text does.
	Revision string `yaml:"-"`
	// place is the rule's position in its set.
	place  int
	nameAt yaml.Node
	source *strictyaml.Source // while the set is compiled
}

// stuckAfter is a rule's timeout where it says nothing.
const stuckAfter = 5 * time.Minute

// Mode says whether a rule acts.
type Mode string

// The modes.
const (
	Live   Mode = "live"
	Shadow Mode = "shadow"
	Off    Mode = "off"
)

// DecodeYAML accepts the three modes. YAML 1.1 habits make some editors quote "off"; both forms arrive as text.
func (m *Mode) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	oneOf(s, node, (*string)(m), "live", "shadow", "off")
}

// Describe says what is wanted.
func (m Mode) Describe() string { return "live, shadow or off" }

// Schema is the JSON Schema.
func (m Mode) Schema() map[string]any {
	return map[string]any{"enum": []string{"live", "shadow", "off"}, "default": "live"}
}

// OnError says what a failed step means for the next.
type OnError string

// What happens after a failed step.
const (
	Stop     OnError = "stop"
	Continue OnError = "continue"
)

// DecodeYAML accepts stop and continue.
func (o *OnError) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	oneOf(s, node, (*string)(o), "stop", "continue")
}

// Describe says what is wanted.
func (o OnError) Describe() string { return "stop or continue" }

// Schema is the JSON Schema.
func (o OnError) Schema() map[string]any {
	return map[string]any{"enum": []string{"stop", "continue"}, "default": "stop"}
}

func oneOf(s *strictyaml.Source, node yaml.Node, target *string, allowed ...string) {
	text, ok := strictyaml.Text(node)
	if !ok {
		s.Wrong(node, "one of "+strings.Join(allowed, ", "))
		return
	}
	for _, a := range allowed {
		if text == a {
			*target = a
			return
		}
	}
	s.Problem(node, "%q is none of the values for this key%s", text, strictyaml.Suggest(text, allowed))
}

// names is one text or a list of texts.
type names []string

// DecodeYAML accepts one or many.
func (n *names) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	items := []yaml.Node{node}
	if list, ok := node.(*yaml.SequenceNode); ok {
		items = list.Values
	}
	*n = names{}
	for _, item := range items {
		switch scalar := s.Resolve(item).(type) {
		case *yaml.IntegerNode, *yaml.FloatNode:
			*n = append(*n, scalar.GetToken().Value)
		default:
			text, ok := strictyaml.Text(scalar)
			if !ok {
				s.Wrong(item, "text")
				continue
			}
			*n = append(*n, text)
		}
	}
}

// Describe says what is wanted.
func (n names) Describe() string { return "text or a list of texts" }

// Schema is the JSON Schema.
func (n names) Schema() map[string]any {
	scalar := map[string]any{"type": []string{"string", "number"}}
	return map[string]any{"anyOf": []any{scalar, map[string]any{"type": "array", "items": scalar}}}
}

var (
	kebab      = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	projectKey = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)
)

// DecodeYAML fills a rule from its place in a file, with the defaults of what it does not say.
func (r *Rule) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain Rule // without this method
	*r = Rule{Mode: Live, Recheck: true, OnError: Stop, Timeout: stuckAfter}
	s.Decode(node, (*plain)(r))
	r.File = s.File
	r.Line, _ = strictyaml.Position(node)
	r.Revision = revision(s, node)
	r.Do.number("")

	at := keys(s, node)
	if timeout := at["timeout"]; timeout != nil && r.Timeout < time.Second {
		s.Problem(timeout, "a timeout is at least 1s")
	}
	if name := at["name"]; name != nil {
		r.nameAt = name
		if text, ok := strictyaml.Text(s.Resolve(name)); ok && (!kebab.MatchString(text) || len(text) > 80) {
			s.Problem(name, "a rule's name is kebab-case, such as %q: lower-case letters, digits and single hyphens", "reopened-bug-goes-back")
		}
	}
	r.checkProjects(s, at["projects"])
	if empty(s, at["on"]) {
		s.Problem(at["on"], "no trigger: the rule would never run")
	}
	for _, t := range r.On {
		if r.elsewhere(t) {
			s.Problem(at["projects"], "moved: an issue is in the project that it went to, and the rule does not see that; add its key here")
		}
	}
	if empty(s, at["do"]) {
		s.Problem(at["do"], "no step: the rule would do nothing")
	}
}

// Describe says what is wanted where a rule stands.
func (r *Rule) Describe() string { return "a rule: a mapping with name, on, do and so on" }

// revision names a rule's text, without comments and with what its aliases stand for: these may be written elsewhere.
func revision(s *strictyaml.Source, node yaml.Node) string {
	sum := sha256.New()
	fmt.Fprint(sum, node.String(), "\x00", s.Any(node))
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// keys are the values of a mapping by their keys.
func keys(s *strictyaml.Source, node yaml.Node) map[string]yaml.Node {
	at := map[string]yaml.Node{}
	entries, _ := s.Entries(node)
	for _, e := range entries {
		at[e.Name] = e.Value
	}
	return at
}

// empty tells whether there is a list with nothing in it.
func empty(s *strictyaml.Source, node yaml.Node) bool {
	if node == nil {
		return false
	}
	list, ok := s.Resolve(node).(*yaml.SequenceNode)
	return ok && len(list.Values) == 0
}

func (r *Rule) checkProjects(s *strictyaml.Source, node yaml.Node) {
	if node == nil {
		return
	}
	if empty(s, node) {
		s.Problem(node, "an empty list of projects: leave the key out to see all projects, or name some")
	}
	items := []yaml.Node{node}
	if list, ok := s.Resolve(node).(*yaml.SequenceNode); ok {
		items = list.Values
	}
	for _, item := range items {
		if key, ok := strictyaml.Text(s.Resolve(item)); ok && !projectKey.MatchString(key) {
			s.Problem(item, "%q is no project key; a key looks like PAY", key)
		}
	}
}

// elsewhere tells whether a trigger waits for issues that move out of the rule's sight: a moved issue is in the project it
// went to.
func (r *Rule) elsewhere(t Trigger) bool {
	if t.Kind != "moved" || len(r.Projects) == 0 {
		return false
	}
	if len(t.Change.To) == 0 { // to any of the rule's other projects, then; there must be one
		return len(r.Projects) == 1 && among(t.Change.From, r.Projects...) && len(t.Change.From) > 0
	}
	return !slices.ContainsFunc(t.Change.To, func(to string) bool { return among(r.Projects, to) || !projectKey.MatchString(to) })
}

// InScope tells whether the rule may see a project; known is false while the event does not say in which it happened.
func (r *Rule) InScope(ev *event.Event) (in, known bool) {
	if len(r.Projects) == 0 {
		return true, true
	}
	key := ProjectOf(ev)
	if key == "" {
		return false, false
	}
	for _, p := range r.Projects {
		if p == key {
			return true, true
		}
	}
	return false, true
}
