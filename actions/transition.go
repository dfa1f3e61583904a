package actions

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var transition = Kind{
	Name:    "transition",
	Doc:     "Moves the issue through its workflow, to a status or by a transition's name.",
	Example: `transition: {to: In Review, fields: {Resolution: Done}}`,
	Needs:   []jiraclient.Permission{jiraclient.TransitionIssues},
	Once:    true,
	Asks:    "the status that the issue has; by name alone, that it has left the status in which it was before",
	New:     func() Step { return new(transitionStep) },
}

type transitionStep struct {
	on
	To     expression.Text `yaml:"to" doc:"The status to reach, in one step. An issue that is there already stays as it is."`
	Name   expression.Text `yaml:"name" doc:"The transition's own name, instead of or together with the status."`
	Fields fieldValues     `yaml:"fields" doc:"Fields of the transition's screen with their values."`
}

// DecodeYAML also asks for a target.
func (st *transitionStep) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain transitionStep
	before := s.Count()
	s.Decode(node, (*plain)(st))
	if s.Count() == before && !st.To.Given() && !st.Name.Given() {
		s.Problem(node, "where to? Give the target status (to: Done) or the transition (name: Close Issue)")
	}
}

// Needs adds what Jira asks for some fields on top of TRANSITION_ISSUES.
func (st *transitionStep) Needs() []jiraclient.Permission {
	return fieldPermissions(st.Fields.names...)
}

func (st *transitionStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	op := transitionOf{issue: key}
	if key == s.Issue.Key {
		op.was = s.Issue.Status
	}
	if st.To.Given() {
		if op.to, err = filled("to", st.To, s); err != nil {
			return nil, err
		}
	}
	if st.Name.Given() {
		if op.name, err = filled("name", st.Name, s); err != nil {
			return nil, err
		}
	}
	if op.fields, err = st.Fields.plan("set", s); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	return op, nil
}

type transitionOf struct {
	issue, to, name string
	was             string // the status that the rule saw, if it is the event's issue
	fields          []fieldChange
}

func (o transitionOf) String() string {
	verb := "move"
	if o.to == "" {
		verb = "transition"
	}
	sentence := fmt.Sprintf("%s %s %s", verb, o.issue, o.wanted())
	if len(o.fields) == 0 {
		return sentence
	}
	parts := make([]string, len(o.fields))
	for i, f := range o.fields {
		parts[i] = f.String()
	}
	return sentence + ", " + list(parts)
}

// wanted is where the issue shall go and how: to Done by "Close Issue".
func (o transitionOf) wanted() string {
	var parts []string
	if o.to != "" {
		parts = append(parts, "to "+o.to)
	}
	if o.name != "" {
		parts = append(parts, fmt.Sprintf("by %q", o.name))
	}
	return strings.Join(parts, " ")
}

func (o transitionOf) Target() string { return o.issue }

func (o transitionOf) Apply(ctx context.Context, jira *Jira, try Try) (Outcome, error) {
	status := try.Saw
	if try.Again || status == "" {
		var err error
		if status, err = o.Look(ctx, jira); err != nil {
			return "", err
		}
	}
	before := cmp.Or(try.Saw, o.was)
	if try.Again && o.to == "" && before != "" && !strings.EqualFold(status, before) {
		return Already, nil // by name alone; the first try's answer was lost, and the issue has moved
	}
	if o.to != "" && strings.EqualFold(status, o.to) {
		return Already, nil
	}
	values, fields, err := settings(ctx, jira, o.fields)
	if err != nil {
		return "", err
	}
	there, err := jira.Transitions(ctx, o.issue)
	if err != nil {
		return "", err
	}
	chosen, err := o.choose(there, status, fields)
	if err != nil {
		return "", err
	}
	if err := jira.Transition(ctx, o.issue, chosen.ID, jiraclient.Edit{Fields: values}); err != nil {
		return "", fmt.Errorf("transition %q: %w", chosen.Name, err)
	}
	return Done, nil
}

// Look is the issue's status.
func (o transitionOf) Look(ctx context.Context, jira *Jira) (string, error) {
	now, err := readIssue(ctx, jira, o.issue, "status")
	return now.Status, err
}

// choose finds the transition that is meant. There may be several to one status, and then the one comes first whose screen
// has the fields that the rule gives and asks for no others.
func (o transitionOf) choose(there []jiraclient.Transition, status string, given []jiraclient.Field) (jiraclient.Transition, error) {
	var misfit error
	for _, t := range there {
		if o.to != "" && !strings.EqualFold(t.To.Name, o.to) || o.name != "" && !strings.EqualFold(t.Name, o.name) {
			continue
		}
		err := o.suits(t, given)
		if err == nil {
			return t, nil
		}
		if misfit == nil {
			misfit = err
		}
	}
	if misfit != nil {
		return jiraclient.Transition{}, misfit
	}
	return jiraclient.Transition{}, &NoTransition{Issue: o.issue, Status: status, Wanted: o.wanted(), There: there}
}

// suits compares a transition's screen with the fields that the rule gives.
func (o transitionOf) suits(t jiraclient.Transition, given []jiraclient.Field) error {
	var shown, lacking []string
	for _, id := range slices.Sorted(maps.Keys(t.Fields)) {
		f := t.Fields[id]
		shown = append(shown, f.Name)
		if f.Required && !f.HasDefault && !slices.ContainsFunc(given, func(g jiraclient.Field) bool { return g.ID == id }) {
			lacking = append(lacking, f.Name)
		}
	}
	if lacking != nil {
		return fmt.Errorf("transition %q of %s asks for %s; give it under fields", t.Name, o.issue, list(lacking))
	}
	for _, g := range given {
		if _, ok := t.Fields[g.ID]; !ok {
			screen := "it has no screen"
			if shown != nil {
				screen = "it offers the bot user " + list(shown)
			}
			return fmt.Errorf("transition %q of %s cannot set %s: %s", t.Name, o.issue, nameOf(g), screen)
		}
	}
	return nil
}

// NoTransition says that the workflow has no such step from where the issue is, and which there are. Jira shows only
// those whose conditions the bot user fulfils, so a missing permission looks the same.
type NoTransition struct {
	Issue, Status string
	Wanted        string // to Done by "Close Issue"
	There         []jiraclient.Transition
}

// Error lists what there is instead.
func (e *NoTransition) Error() string {
	offers := make([]string, len(e.There))
	for i, t := range e.There {
		offers[i] = fmt.Sprintf("%q (to %s)", t.Name, t.To.Name)
	}
	instead := "from there Jira offers the bot user " + list(offers)
	if len(offers) == 0 {
		instead = "Jira offers the bot user no transition at all from there"
	}
	return fmt.Sprintf("%s cannot go from %s %s: %s", e.Issue, e.Status, e.Wanted, instead)
}
