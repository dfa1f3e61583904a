package actions

import (
	"context"
	"fmt"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var comment = Kind{
	Name:    "comment",
	Doc:     "Adds a comment to the issue.",
	Example: `comment: {body: "Thanks, ${issue.reporter.displayName}", visible_to: {role: Developers}}`,
	Needs:   []jiraclient.Permission{jiraclient.AddComments},
	Creates: true,
	Asks:    "the mark that it puts beside the comment, as a property",
	New:     func() Step { return new(commentStep) },
}

type commentStep struct {
	on
	Body      expression.Text `yaml:"body,required" doc:"The text, in Jira's wiki markup, with holes."`
	VisibleTo visibleTo       `yaml:"visible_to" doc:"Who may read it: {role: NAME} or {group: NAME}; everybody by default."`
}

type visibleTo struct {
	Role  expression.Text `yaml:"role" doc:"A project role."`
	Group expression.Text `yaml:"group" doc:"A group."`
}

// DecodeYAML also makes sure that it names somebody: an empty restriction would be none.
func (v *visibleTo) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain visibleTo
	before := s.Count()
	s.Decode(node, (*plain)(v))
	if s.Count() == before && v.Role.Given() == v.Group.Given() {
		s.Problem(node, "visible_to names either a role or a group: {role: Developers} or {group: staff}")
	}
}

func (v visibleTo) render(s *expression.Scope) (jiraclient.Visibility, error) {
	kind, text := "role", v.Role
	if v.Group.Given() {
		kind, text = "group", v.Group
	}
	if !text.Given() {
		return jiraclient.Visibility{}, nil
	}
	name, err := filled(kind, text, s)
	if err != nil {
		return jiraclient.Visibility{}, fmt.Errorf("visible_to: %w", err)
	}
	return jiraclient.Visibility{Type: kind, Value: name}, nil
}

func (st *commentStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	body, err := filled("body", st.Body, s)
	if err != nil {
		return nil, err
	}
	visibility, err := st.VisibleTo.render(s)
	if err != nil {
		return nil, err
	}
	return commentOn{key, body, visibility}, nil
}

type commentOn struct {
	issue, body string
	visibility  jiraclient.Visibility
}

func (o commentOn) String() string {
	if o.visibility.Type != "" {
		return fmt.Sprintf("comment on %s, visible to %s %s: %s", o.issue, o.visibility.Type, o.visibility.Value, o.body)
	}
	return fmt.Sprintf("comment on %s: %s", o.issue, o.body)
}

func (o commentOn) Target() string { return o.issue }

func (o commentOn) Apply(ctx context.Context, jira *Jira, try Try) (Outcome, error) {
	if try.Again {
		_, found, err := jira.FindComment(ctx, o.issue, jiraclient.Mark, try.Mark)
		if err != nil {
			return "", err
		}
		if found {
			return Already, nil
		}
	}
	_, err := jira.AddComment(ctx, o.issue, jiraclient.NewComment{
		Body: o.body, Visibility: o.visibility, Properties: map[string]any{jiraclient.Mark: try.Mark},
	})
	return done(err)
}
