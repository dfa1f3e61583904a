package app

import (
	"fmt"

	"jirabot/actions"
	"jirabot/config"
	"jirabot/internal/strictyaml"
	"jirabot/rules"
)

// allowed is what the operator's configuration lets rules do. A rule that could never work is refused when it is loaded.
type allowed struct {
	hooks  map[string]bool
	bounds actions.Bounds
}

func allowedBy(c config.Config) allowed {
	a := allowed{hooks: map[string]bool{}, bounds: actions.Bounds{
		Projects: c.Bounds.Projects, AllowActions: c.Bounds.Actions.Allow, DenyActions: c.Bounds.Actions.Deny, DenyFields: c.Bounds.Fields.Deny,
	}}
	for name := range c.Hooks {
		a.hooks[name] = true
	}
	return a
}

// CheckRules finds the rules that could never work under a configuration.
func CheckRules(c config.Config, set *rules.Set) error { return allowedBy(c).check(set) }

func (a allowed) check(set *rules.Set) error {
	var problems strictyaml.Problems
	for _, r := range set.Rules {
		if r.Mode == rules.Off {
			continue
		}
		wrong := func(line int, format string, args ...any) {
			problems = append(problems, strictyaml.Problem{File: r.File, Line: line, Column: 1, Message: "rule " + r.Name + ": " + fmt.Sprintf(format, args...)})
		}
		for _, t := range r.On {
			if t.Kind == "hook" && !a.hooks[t.Hook.Name] {
				wrong(r.Line, "it waits for the hook %q, but the configuration names no such caller under hooks", t.Hook.Name)
			}
		}
		if r.Mode == rules.Shadow {
			continue // it writes nothing
		}
		for _, project := range r.Projects {
			if err := a.bounds.AllowsProject(project); err != nil {
				wrong(r.Line, "%v", err)
			}
		}
		r.Do.All(func(st *rules.Step) {
			if st.Action == nil {
				return
			}
			if err := a.bounds.AllowsAction(st.Action.Name); err != nil {
				wrong(st.Line, "%v", err)
			}
		})
	}
	return problems.Err()
}

// checkBounds finds mistakes in the bounds themselves: a denied action that does not exist would deny nothing.
func checkBounds(b actions.Bounds) error {
	for _, name := range append(append([]string{}, b.AllowActions...), b.DenyActions...) {
		if _, ok := actions.Find(name); !ok {
			return fmt.Errorf("bounds.actions: there is no action %q%s", name, strictyaml.Suggest(name, actions.Names()))
		}
	}
	return nil
}
