// Package contract compares what rules need with what the bot user may: each action names its Jira permissions, each rule
// its projects, and Jira tells which of them the bot user has. What is missing is told before a rule runs into it.
package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"jirabot/actions"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// A Need is one permission that one rule needs in one project. Without a project the rule sees all, and the permission
// is asked for in any.
type Need struct {
	Rule       string                `json:"rule"`
	File       string                `json:"file"`
	Line       int                   `json:"line"`
	Step       string                `json:"step,omitempty"` // path of the first step that needs it; "" for seeing the issue
	Action     string                `json:"action,omitempty"`
	Project    string                `json:"project,omitempty"`
	Permission jiraclient.Permission `json:"permission"`
}

// Needs are all permissions that the rules need, each rule, project and permission once.
func Needs(set *rules.Set) []Need {
	var out []Need
	for _, r := range set.Rules {
		if r.Mode == rules.Off {
			continue
		}
		out = append(out, needsOf(r)...)
	}
	return out
}

func needsOf(r *rules.Rule) []Need {
	type key struct {
		project    string
		permission jiraclient.Permission
	}
	var out []Need
	seen := map[key]bool{}
	add := func(n Need) {
		if k := (key{n.Project, n.Permission}); !seen[k] {
			seen[k] = true
			n.Rule, n.File = r.Name, r.File
			out = append(out, n)
		}
	}
	scope := []string(r.Projects)
	if len(scope) == 0 {
		scope = []string{""}
	}
	for _, project := range scope {
		add(Need{Line: r.Line, Project: project, Permission: jiraclient.BrowseProjects})
	}
	if r.Mode == rules.Shadow {
		return out // it reads and writes nothing
	}
	r.Do.All(func(st *rules.Step) {
		if st.Action == nil {
			return
		}
		projects := scope
		if elsewhere, ok := st.Do.(interface{ InProject() string }); ok && elsewhere.InProject() != "" {
			projects = []string{elsewhere.InProject()}
		}
		for _, project := range projects {
			for _, p := range actions.Needs(st.Action, st.Do) {
				add(Need{Line: st.Line, Step: st.Path, Action: st.Action.Name, Project: project, Permission: p})
			}
		}
	})
	return out
}

// State is what Jira said about a need.
type State string

// The states. Unknown means that Jira does not know the permission, or does not tell.
const (
	Granted State = "granted"
	Missing State = "missing"
	Unknown State = "unknown"
)

// A Finding is a need with what Jira said.
type Finding struct {
	Need
	State State  `json:"state"`
	Text  string `json:"text"`
}

// A Report is the whole contract, compared.
type Report struct {
	User     string    `json:"user"`
	Findings []Finding `json:"findings"`
	// Note says why nothing could be compared.
	Note string `json:"note,omitempty"`
}

// Missing are the findings of what the bot user lacks.
func (r Report) Missing() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.State == Missing {
			out = append(out, f)
		}
	}
	return out
}

// An Asker is the Jira that is asked.
type Asker interface {
	MyPermissions(ctx context.Context, q jiraclient.PermissionQuery, keys ...jiraclient.Permission) (map[jiraclient.Permission]bool, error)
	Self() jiraclient.User
}

// Check asks Jira about the needs, once for each project.
func Check(ctx context.Context, jira Asker, needs []Need) (Report, error) {
	self := jira.Self()
	report := Report{User: self.Name, Findings: []Finding{}}
	if report.User == "" {
		report.User = self.AccountID
	}
	have := map[string]map[jiraclient.Permission]bool{}
	for _, n := range needs {
		if _, asked := have[n.Project]; asked {
			continue
		}
		granted, err := jira.MyPermissions(ctx, jiraclient.PermissionQuery{Project: n.Project}, keysFor(needs, n.Project)...)
		switch {
		case errors.Is(err, jiraclient.ErrUnavailable):
			report.Note = fmt.Sprintf("this Jira does not tell permissions (%v), so they show when a rule runs into one", err)
			return report, nil
		case errors.Is(err, jiraclient.ErrNotFound), errors.Is(err, jiraclient.ErrDenied):
			granted = map[jiraclient.Permission]bool{jiraclient.BrowseProjects: false} // Jira hides what we may not see
		case err != nil:
			return report, fmt.Errorf("ask for permissions%s: %w", In(n.Project), err)
		}
		have[n.Project] = granted
	}
	for _, n := range needs {
		report.Findings = append(report.Findings, finding(n, have[n.Project], report.User))
	}
	return report, nil
}

func keysFor(needs []Need, project string) []jiraclient.Permission {
	keys := []jiraclient.Permission{jiraclient.BrowseProjects}
	for _, n := range needs {
		if n.Project == project {
			keys = append(keys, n.Permission)
		}
	}
	return keys
}

func finding(n Need, have map[jiraclient.Permission]bool, user string) Finding {
	f := Finding{Need: n, State: Unknown}
	granted, known := have[n.Permission]
	browses, asked := have[jiraclient.BrowseProjects]
	switch {
	case known && granted:
		f.State = Granted
	case known, asked && !browses:
		f.State = Missing
	}
	what := "seeing the issue"
	if n.Step != "" {
		what = fmt.Sprintf("step %s (%s)", n.Step, n.Action)
	}
	switch f.State {
	case Missing:
		f.Text = fmt.Sprintf("%s:%d: rule %s: %s; %s needs it", n.File, n.Line, n.Rule, Lacks(user, n.Project, n.Permission), what)
	case Granted:
		f.Text = fmt.Sprintf("rule %s has %s%s", n.Rule, Name(n.Permission), In(n.Project))
	default:
		f.Text = fmt.Sprintf("rule %s: Jira does not say whether there is %s%s", n.Rule, Name(n.Permission), In(n.Project))
	}
	return f
}

// Lacks says that a user lacks permissions, in the same words before a run and after one.
func Lacks(user, project string, missing ...jiraclient.Permission) string {
	return fmt.Sprintf("the bot user %s lacks %s%s", user, Names(missing), In(project))
}

// Name is a permission as people and Jira call it: "Edit Issues" (EDIT_ISSUES).
func Name(p jiraclient.Permission) string { return fmt.Sprintf("%q (%s)", p.Label(), p) }

// Names are several permissions.
func Names(list []jiraclient.Permission) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = Name(p)
	}
	return strings.Join(out, ", ")
}

// In is " in project PAY", or " in any project" where none is named.
func In(project string) string {
	if project == "" {
		return " in any project"
	}
	return " in project " + project
}
