package rules

import (
	"slices"
	"strings"
)

// JiraEvents are the events that Jira has to post for the rules to see what they wait for, by Jira's own names, sorted.
func (s *Set) JiraEvents() []string {
	found := map[string]bool{}
	for _, r := range s.Rules {
		if r.Mode == Off {
			continue
		}
		for _, t := range r.On {
			for _, name := range jiraEvents(t.Kind) {
				found[name] = true
			}
		}
	}
	out := make([]string, 0, len(found))
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// jiraEvents are the events by which one trigger's happenings arrive. What may arrive in two forms is asked for in both:
// Data Center and Cloud differ in which they send, and a claim makes one event of them.
func jiraEvents(kind string) []string {
	switch kind {
	case "schedule", "hook", "failed":
		return nil
	case "commented", "comment_edited", "comment_removed", "linked", "unlinked", "attached", "work_logged":
		return []string{jiraName(underlying(kind)), "jira:issue_updated"}
	}
	return []string{jiraName(underlying(kind))}
}

// jiraName is the name with the prefix that some of Jira's events have.
func jiraName(kind string) string {
	noun, _, _ := strings.Cut(kind, "_")
	switch {
	case noun == "version", kind == "issue_created", kind == "issue_updated", kind == "issue_deleted":
		return "jira:" + kind
	}
	return kind
}

// JiraProjects are the projects, sorted, of whose issues some rule waits for events that Jira posts; all is set when a rule
// waits for those of every project.
func (s *Set) JiraProjects() (projects []string, all bool) {
	found := map[string]bool{}
	for _, r := range s.Rules {
		if r.Mode == Off || !slices.ContainsFunc(r.On, func(t Trigger) bool { return len(jiraEvents(t.Kind)) > 0 }) {
			continue
		}
		all = all || len(r.Projects) == 0
		for _, p := range r.Projects {
			found[p] = true
		}
	}
	for p := range found {
		projects = append(projects, p)
	}
	slices.Sort(projects)
	return projects, all
}
