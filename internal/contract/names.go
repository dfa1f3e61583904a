package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jirabot/actions"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// A BadName is a name in a rule that this Jira does not have, or has twice.
type BadName struct {
	Rule string `json:"rule"`
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
	Name string `json:"name"`
	Text string `json:"text"`
}

// CheckNames looks every name up that the rules use: fields, statuses, kinds of links. What this Jira does not list at all
// is left out, and said in notes.
func CheckNames(ctx context.Context, jira *actions.Jira, set *rules.Set) (bad []BadName, notes []string, err error) {
	book := &names{jira: jira}
	for _, r := range set.Rules {
		if r.Mode == rules.Off {
			continue
		}
		for _, use := range r.Names() {
			wrong, err := book.wrong(ctx, use)
			if err != nil {
				return nil, nil, fmt.Errorf("look up the %s %q: %w", use.What, use.Name, err)
			}
			if wrong != "" {
				bad = append(bad, BadName{r.Name, r.File, use.Line, use.What, use.Name,
					fmt.Sprintf("%s:%d: rule %s: %s", r.File, use.Line, r.Name, wrong)})
			}
		}
	}
	return bad, book.notes, nil
}

// names are this Jira's lists, each read when it is first needed.
type names struct {
	jira     *actions.Jira
	read     map[string]bool
	statuses []string
	links    []string
	notes    []string
}

// wrong says what is wrong with a name; "" if nothing is.
func (n *names) wrong(ctx context.Context, use rules.NameUse) (string, error) {
	if use.What == rules.Field {
		if _, err := n.jira.KnownFields(ctx); err != nil {
			return n.unlisted(use.What, err)
		}
		_, err := n.jira.FieldNamed(ctx, use.Name)
		if isJiras(err) {
			return "", err
		}
		if err != nil {
			return err.Error(), nil
		}
		return "", nil
	}
	known, err := n.list(ctx, use.What)
	if err != nil || known == nil {
		return "", err
	}
	if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, use.Name) }) {
		return "", nil
	}
	return fmt.Sprintf("this Jira has no %s %q%s", use.What, use.Name, strictyaml.Suggest(use.Name, known)), nil
}

// list reads statuses, or link types as they read from either side. Nil means that this Jira does not list them.
func (n *names) list(ctx context.Context, what string) ([]string, error) {
	into := &n.statuses
	if what == rules.LinkType {
		into = &n.links
	}
	if n.read[what] {
		return *into, nil
	}
	if n.read == nil {
		n.read = map[string]bool{}
	}
	var err error
	if what == rules.LinkType {
		var types []jiraclient.LinkType
		types, err = n.jira.LinkTypes(ctx)
		for _, t := range types {
			*into = append(*into, t.Name, t.Inward, t.Outward)
		}
	} else {
		var statuses []jiraclient.Status
		statuses, err = n.jira.Statuses(ctx)
		for _, s := range statuses {
			*into = append(*into, s.Name, s.ID)
		}
	}
	if err != nil {
		_, err = n.unlisted(what, err)
	}
	n.read[what] = err == nil
	return *into, err
}

// unlisted notes, once, that this Jira does not have a list; another error is one.
func (n *names) unlisted(what string, err error) (string, error) {
	if !errors.Is(err, jiraclient.ErrNotFound) && !errors.Is(err, jiraclient.ErrUnavailable) && !errors.Is(err, jiraclient.ErrDenied) {
		return "", err
	}
	note := fmt.Sprintf("this Jira does not list its names of the kind %q (%v), so they are not checked", what, err)
	if !slices.Contains(n.notes, note) {
		n.notes = append(n.notes, note)
	}
	return "", nil
}

// isJiras tells whether an error is Jira's or the network's, and not about a name.
func isJiras(err error) bool {
	return errors.As(err, new(*jiraclient.Error)) || errors.As(err, new(*jiraclient.NetworkError)) || errors.As(err, new(*jiraclient.LoginError))
}
