package rules

import (
	"fmt"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
)

// A Test is a rule's own test: given an event, these and only these operations are wanted, in this order.
type Test struct {
	Name  string    `yaml:"name,required" doc:"What is tested, as a sentence."`
	Given Facts     `yaml:"given,required" doc:"One event with its facts."`
	Want  sentences `yaml:"want,required" doc:"The sentences of the operations, as bot test prints them; [] for none."`
}

// sentences are a list of texts. Most have a colon in them, which makes a mapping of a text without quotes.
type sentences []string

// DecodeYAML says so.
func (w *sentences) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	list, ok := node.(*yaml.SequenceNode)
	if !ok {
		s.Wrong(node, w.Describe())
		return
	}
	*w = sentences{}
	for _, item := range list.Values {
		if text, ok := strictyaml.Text(s.Resolve(item)); ok {
			*w = append(*w, text)
		} else if _, mapping := s.Entries(item); mapping {
			s.Problem(item, "a sentence with a colon in it is taken for a mapping; write it in quotes")
		} else {
			s.Wrong(item, "text")
		}
	}
}

// Describe says what is wanted.
func (w sentences) Describe() string { return "a list of sentences, [] for none" }

// Schema is the JSON Schema.
func (w sentences) Schema() map[string]any { return strictyaml.SchemaOf[[]string]() }

// A Result is how one test went.
type Result struct {
	Rule   string   `json:"rule"`
	Test   string   `json:"test"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Passed bool     `json:"passed"`
	Got    []string `json:"got"`
	Want   []string `json:"want"`
	// Why says why the rule did nothing, where it did nothing.
	Why string `json:"why,omitempty"`
}

// RunTests runs the rule's tests. Nobody is asked and nothing is written.
func (r *Rule) RunTests() []Result {
	out := make([]Result, len(r.Tests))
	for i := range r.Tests {
		out[i] = r.runTest(&r.Tests[i])
	}
	return out
}

// testBot is who the bot is in tests.
var testBot = event.User{Name: "bot", Key: "bot", DisplayName: "bot"}

func (r *Rule) runTest(t *Test) Result {
	res := Result{Rule: r.Name, Test: t.Name, File: r.File, Line: r.Line, Want: t.Want, Got: []string{}}
	ev, err := t.Given.event(r)
	if err != nil {
		res.Why = err.Error()
		return res
	}
	res.Got, res.Why = r.planFor(ev, t.Given.JQL)
	res.Passed = strings.Join(res.Got, "\x00") == strings.Join(t.Want, "\x00")
	return res
}

// planFor is what the rule would do about an event, as sentences, or why it would do nothing.
func (r *Rule) planFor(ev *event.Event, answers map[string]bool) (got []string, why string) {
	got = []string{}
	if why := r.Refuses(ev, testBot); why != "" {
		return got, why
	}
	scope := expression.NewScope(expression.FromEvent(ev, r.About(), testBot, testLookups(answers)))
	holds, err := r.If.Holds(scope)
	switch {
	case err != nil:
		return append(got, "error: if: "+err.Error()), ""
	case !holds:
		return got, r.If.Why(scope).String()
	}
	_ = r.Do.Walk(scope, func(st *Step) (bool, error) { return st.If.Holds(scope) }, func(st *Step, op actions.Operation, err error) error {
		if err != nil {
			got = append(got, fmt.Sprintf("error: step %s: %v", st.Path, err))
			if r.OnError == Continue {
				return nil
			}
			return err
		}
		got = append(got, op.String())
		return nil
	})
	return got, ""
}

// About is what the rule's expressions may say about the rule.
func (r *Rule) About() expression.Rule {
	return expression.Rule{Name: r.Name, Purpose: r.Purpose, Owner: r.Owner}
}

// testLookups stand in for Jira: fields go by the names that the test gives, JQL is answered as the test says.
func testLookups(answers map[string]bool) expression.Lookups {
	return expression.Lookups{
		FieldID: func(name string) (string, error) { return name, nil },
		JQL: func(_, jql string) (bool, error) {
			answer, given := answers[jql]
			if !given {
				return false, fmt.Errorf("the test does not say what jql(%q) answers; add it under given: jql", jql)
			}
			return answer, nil
		},
	}
}
