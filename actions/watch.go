package actions

import (
	"context"
	"fmt"
	"slices"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

var watch = Kind{
	Name:    "watch",
	Doc:     "Adds and removes watchers.",
	Example: `watch: {add: ["${issue.reporter.name}", ann]}`,
	Needs:   []jiraclient.Permission{jiraclient.ManageWatchers},
	Asks:    "who watches the issue",
	New:     func() Step { return new(watchStep) },
}

type watchStep struct {
	on
	Add    users `yaml:"add" doc:"Users' names (Cloud: account IDs), one or a list."`
	Remove users `yaml:"remove" doc:"Users' names (Cloud: account IDs), one or a list."`
}

// DecodeYAML also asks for something to do.
func (st *watchStep) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	type plain watchStep
	before := s.Count()
	s.Decode(node, (*plain)(st))
	wantsEither(s, node, before, st.Add, st.Remove)
}

// Needs adds seeing the watchers, without which nobody can tell whether one is to be removed.
func (st *watchStep) Needs() []jiraclient.Permission {
	if st.Remove.Given() {
		return []jiraclient.Permission{jiraclient.ViewVotersAndWatchers}
	}
	return nil
}

func (st *watchStep) Plan(s *expression.Scope) (Operation, error) {
	change, err := st.addRemove(s, "watcher", st.Add, st.Remove)
	if err != nil {
		return nil, err
	}
	return watchOf{change}, nil
}

type watchOf struct{ addRemove }

func (o watchOf) String() string {
	return o.sentence(func(verb, _ string, items []string) string {
		return fmt.Sprintf("%s %s as %s of %s", verb, list(items), plural(len(items), "watcher"), o.issue)
	})
}

func (o watchOf) Apply(ctx context.Context, jira *Jira, _ Try) (Outcome, error) {
	watchers, err := jira.Watchers(ctx, o.issue)
	if err == nil && len(watchers) == 0 && len(o.remove) > 0 {
		err = o.seen(ctx, jira)
	}
	if err != nil {
		return "", err
	}
	find := func(id string) int {
		return slices.IndexFunc(watchers, func(w jiraclient.User) bool { return knownAs(id, w.AccountID, w.Name, w.Key) })
	}
	outcome := Already
	for _, user := range o.add {
		if find(user) >= 0 {
			continue
		}
		if err := jira.AddWatcher(ctx, o.issue, jira.Ref(user)); err != nil {
			return "", fmt.Errorf("add %s: %w", user, err)
		}
		outcome = Done
	}
	for _, user := range o.remove {
		at := find(user)
		if at < 0 {
			continue
		}
		if err := jira.RemoveWatcher(ctx, o.issue, watchers[at].Ref()); err != nil {
			return "", fmt.Errorf("remove %s: %w", user, err)
		}
		outcome = Done
	}
	return outcome, nil
}

// seen makes sure that nobody watches: to a user without the permission Jira shows an empty list too.
func (o watchOf) seen(ctx context.Context, jira *Jira) error {
	const see = jiraclient.ViewVotersAndWatchers
	have, err := jira.MyPermissions(ctx, jiraclient.PermissionQuery{Issue: o.issue}, see)
	if err != nil {
		return fmt.Errorf("find out whether the watchers of %s are hidden: %w", o.issue, err)
	}
	if granted, known := have[see]; known && !granted {
		return fmt.Errorf("see who watches %s: %w: %s", o.issue, jiraclient.ErrDenied, see)
	}
	return nil
}
