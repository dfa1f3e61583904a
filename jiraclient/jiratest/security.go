package jiratest

import (
	"slices"
	"strings"
)

// A level is a security level of a project: issues that have it are there only for those whom it names, whatever else they
// may do. Jira speaks of a hidden issue as of one that does not exist.
type level struct {
	named
	who []string
}

// AddSecurityLevel adds a security level to a project and returns its ID. It names people as Grant does. An issue gets it in
// the field Security Level, which takes SET_ISSUE_SECURITY.
func (j *Jira) AddSecurityLevel(projectKey, name string, who ...string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.project(projectKey)
	if p == nil {
		return ""
	}
	added := &level{named{text(j.next("level")), name, "securitylevel"}, who}
	p.levels = append(p.levels, added)
	return added.id
}

func (p *project) level(ref string) *level {
	for _, l := range p.levels {
		if l.id == ref || strings.EqualFold(l.name, ref) {
			return l
		}
	}
	return nil
}

// cleared tells whether the issue's security level lets the user know of it. Administrators are no exception.
func cleared(u *user, i *issue) bool {
	l, limited := i.values["security"].(*level)
	return !limited || slices.ContainsFunc(l.who, func(holder string) bool { return holds(holder, u, i.project, i) })
}

// knows tells whether a view shows another issue at the end of a link.
func (j *Jira) knows(v view, other *issue) bool {
	return v.everything || j.may(v.viewer, browse, other.project, other)
}
