package actions

import (
	"context"
	"fmt"
	"strings"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var link = Kind{
	Name:    "link",
	Doc:     "Links the issue to another. The type is read from this issue's side: blocks, is blocked by, relates to.",
	Example: `link: {type: is blocked by, to: PAY-9}`,
	Needs:   []jiraclient.Permission{jiraclient.LinkIssues},
	Asks:    "the links that the issue has",
	New:     func() Step { return new(linkStep) },
}

type linkStep struct {
	on
	Type expression.Text `yaml:"type,required" doc:"The relation as this issue shows it, or the link type's name."`
	To   expression.Text `yaml:"to,required" doc:"The other issue's key."`
}

func (st *linkStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	relation, err := filled("type", st.Type, s)
	if err != nil {
		return nil, err
	}
	other, err := filled("to", st.To, s)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(other, key) {
		return nil, fmt.Errorf("to: %s cannot be linked to itself", key)
	}
	return linkOf{key, relation, other}, nil
}

type linkOf struct{ issue, relation, other string }

func (o linkOf) String() string {
	return fmt.Sprintf("link %s to %s as %q", o.issue, o.other, o.relation)
}

func (o linkOf) Target() string { return o.issue }

func (o linkOf) Apply(ctx context.Context, jira *Jira, _ Try) (Outcome, error) {
	types, err := jira.LinkTypes(ctx)
	if err != nil { // Jira answers 404 where links are switched off
		return "", fmt.Errorf("read the list of link types: %w", unlisted(err))
	}
	kind, outward, err := o.find(types)
	if err != nil {
		return "", err
	}
	now, err := readIssue(ctx, jira, o.issue, "issuelinks")
	if err != nil {
		return "", err
	}
	for _, l := range now.Links {
		if strings.EqualFold(l.Key, o.other) && l.Type == kind.Name && (l.Outward == outward || kind.Inward == kind.Outward) {
			return Already, nil
		}
	}
	// Jira reads {inwardIssue: A, outwardIssue: B} as "A blocks B": the inward issue is where the link comes from.
	source, destination := o.issue, o.other
	if !outward {
		source, destination = o.other, o.issue
	}
	return done(jira.CreateLink(ctx, jiraclient.NewLink{Type: kind.Name, Inward: source, Outward: destination}))
}

// find reads a relation from the issue's side: "blocks" goes outward, "is blocked by" inward. A type's own name, which may
// be another type's description, comes second.
func (o linkOf) find(types []jiraclient.LinkType) (kind jiraclient.LinkType, outward bool, err error) {
	var known []string
	for _, t := range types {
		switch {
		case strings.EqualFold(t.Outward, o.relation):
			return t, true, nil
		case strings.EqualFold(t.Inward, o.relation):
			return t, false, nil
		}
		known = append(known, t.Outward)
		if t.Inward != t.Outward {
			known = append(known, t.Inward)
		}
	}
	for _, t := range types {
		if strings.EqualFold(t.Name, o.relation) {
			return t, true, nil
		}
	}
	return kind, false, fmt.Errorf("this Jira has no link type %q%s", o.relation, strictyaml.Suggest(o.relation, known))
}
