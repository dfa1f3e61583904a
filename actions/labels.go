package actions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var labels = Kind{
	Name:    "labels",
	Doc:     "Adds and removes labels.",
	Example: `labels: {add: [reopened], remove: [waiting]}`,
	Needs:   []jiraclient.Permission{jiraclient.EditIssues},
	Asks:    "the labels that the issue has",
	New:     func() Step { return new(labelsStep) },
}

type labelsStep struct {
	on
	Add    expression.Texts `yaml:"add" doc:"Labels to add, one or a list."`
	Remove expression.Texts `yaml:"remove" doc:"Labels to remove, one or a list."`
}

// DecodeYAML also asks for something to do.
func (st *labelsStep) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain labelsStep
	before := s.Count()
	s.Decode(node, (*plain)(st))
	wantsEither(s, node, before, st.Add, st.Remove)
}

func (st *labelsStep) Plan(s *expression.Scope) (Operation, error) {
	change, err := st.addRemove(s, "label", st.Add, st.Remove)
	if err != nil {
		return nil, err
	}
	for _, label := range change.add {
		if strings.ContainsAny(label, " \t\r\n") {
			return nil, fmt.Errorf("label %q: Jira allows no blanks in a label", label)
		}
	}
	return labelsOf{change}, nil
}

type labelsOf struct{ addRemove }

func (o labelsOf) String() string {
	return o.sentence(func(verb, preposition string, items []string) string {
		return fmt.Sprintf("%s %s %s %s %s", verb, plural(len(items), "label"), list(items), preposition, o.issue)
	})
}

func (o labelsOf) Apply(ctx context.Context, jira *Jira, _ Try) (Outcome, error) {
	now, err := readIssue(ctx, jira, o.issue, "labels")
	if err != nil {
		return "", err
	}
	var change []map[string]any
	for _, label := range o.add {
		if !slices.Contains(now.Labels, label) {
			change = append(change, map[string]any{"add": label})
		}
	}
	for _, label := range o.remove {
		if slices.Contains(now.Labels, label) {
			change = append(change, map[string]any{"remove": label})
		}
	}
	if change == nil {
		return Already, nil
	}
	return done(jira.EditIssue(ctx, o.issue, jiraclient.Edit{Update: map[string][]map[string]any{"labels": change}}))
}
