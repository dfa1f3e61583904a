package jiratest

import (
	"slices"
	"strings"
)

// The permissions that the code itself asks for; projectPermissions has them all.
const (
	browse          = "BROWSE_PROJECTS"
	administer      = "ADMINISTER_PROJECTS"
	editIssues      = "EDIT_ISSUES"
	assignIssues    = "ASSIGN_ISSUES"
	assignable      = "ASSIGNABLE_USER"
	createIssues    = "CREATE_ISSUES"
	deleteIssues    = "DELETE_ISSUES"
	transition      = "TRANSITION_ISSUES"
	linkIssues      = "LINK_ISSUES"
	moveIssues      = "MOVE_ISSUES"
	modifyReporter  = "MODIFY_REPORTER"
	setSecurity     = "SET_ISSUE_SECURITY"
	scheduleIssues  = "SCHEDULE_ISSUES"
	manageSprints   = "MANAGE_SPRINTS_PERMISSION"
	manageWatchers  = "MANAGE_WATCHERS"
	viewWatchers    = "VIEW_VOTERS_AND_WATCHERS"
	addComments     = "ADD_COMMENTS"
	createAttached  = "CREATE_ATTACHMENTS"
	workOnIssues    = "WORK_ON_ISSUES"
	comments        = "COMMENTS" // the four below are used as EDIT_OWN_COMMENTS, DELETE_ALL_WORKLOGS and so on
	worklogs        = "WORKLOGS"
	attachments     = "ATTACHMENTS"
	globalAdmin     = "ADMINISTER"
	globalSystem    = "SYSTEM_ADMIN"
	holderReporter  = "reporter"
	holderAssignee  = "assignee"
	holderLead      = "lead"
	holderLoggedIn  = "users"
	holderEverybody = "anyone"
)

// globalPermissions and projectPermissions list the keys that a Jira knows, in its order.
func globalPermissions() []string {
	return []string{globalAdmin, globalSystem, "BULK_CHANGE", "CREATE_SHARED_OBJECTS", "MANAGE_GROUP_FILTER_SUBSCRIPTIONS", "USER_PICKER"}
}

func projectPermissions() []string {
	return []string{
		administer, browse, "VIEW_READONLY_WORKFLOW", "VIEW_DEV_TOOLS", manageSprints, assignable, assignIssues,
		"CLOSE_ISSUES", createIssues, deleteIssues, editIssues, linkIssues, modifyReporter, moveIssues, "RESOLVE_ISSUES",
		scheduleIssues, setSecurity, transition, manageWatchers, viewWatchers, addComments, "EDIT_ALL_COMMENTS",
		"EDIT_OWN_COMMENTS", "DELETE_ALL_COMMENTS", "DELETE_OWN_COMMENTS", createAttached, "DELETE_ALL_ATTACHMENTS",
		"DELETE_OWN_ATTACHMENTS", workOnIssues, "EDIT_ALL_WORKLOGS", "EDIT_OWN_WORKLOGS", "DELETE_ALL_WORKLOGS", "DELETE_OWN_WORKLOGS",
	}
}

// A scheme says who may do what in a project. What it does not mention is granted to everybody who is logged in, except
// administering the project and what touches other people's comments, worklogs and attachments: that takes the lead.
type scheme struct {
	granted map[string][]string
	revoked map[string][]string // user names, stronger than any grant
}

func leadOnly(permission string) bool {
	return permission == administer || strings.HasPrefix(permission, "EDIT_ALL_") || strings.HasPrefix(permission, "DELETE_ALL_")
}

// Grant gives a permission to a user by name, to "group:NAME", "role:NAME", to the issue's "reporter" or "assignee", to
// the project's "lead", to "users" who are logged in, or to "anyone". The first grant of a permission in a project ends
// the default, by which everybody who is logged in has it.
func (j *Jira) Grant(projectKey, permission string, who ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if p := j.project(projectKey); p != nil {
		if p.scheme.granted == nil {
			p.scheme.granted = map[string][]string{}
		}
		p.scheme.granted[permission] = append(p.scheme.granted[permission], who...)
	}
}

// Revoke takes permissions from one user, whatever was granted.
func (j *Jira) Revoke(projectKey, userName string, permissions ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if p := j.project(projectKey); p != nil {
		if p.scheme.revoked == nil {
			p.scheme.revoked = map[string][]string{}
		}
		for _, permission := range permissions {
			p.scheme.revoked[permission] = append(p.scheme.revoked[permission], userName)
		}
	}
}

// GiveBack takes a Revoke back.
func (j *Jira) GiveBack(projectKey, userName, permission string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if p := j.project(projectKey); p != nil {
		p.scheme.revoked[permission] = slices.DeleteFunc(p.scheme.revoked[permission], func(name string) bool { return name == userName })
	}
}

// may tells whether a user has a project permission. Without an issue, a grant to its reporter or assignee counts: some
// issue could satisfy it, and Jira says so too.
func (j *Jira) may(u *user, permission string, p *project, i *issue) bool {
	if i != nil && i.archived && permission != browse {
		return false // whoever it is: what is archived can only be read
	}
	if u != nil && (u.Inactive || slices.Contains(p.scheme.revoked[permission], u.Name)) {
		return false
	}
	if i != nil && !cleared(u, i) {
		return false
	}
	who, said := p.scheme.granted[permission]
	switch {
	case !said && leadOnly(permission):
		return u.admin() || u != nil && u == p.lead
	case !said:
		return u != nil
	}
	return slices.ContainsFunc(who, func(holder string) bool { return holds(holder, u, p, i) })
}

func holds(holder string, u *user, p *project, i *issue) bool {
	if holder == holderEverybody {
		return true
	}
	if u == nil {
		return false
	}
	kind, name, _ := strings.Cut(holder, ":")
	switch {
	case holder == holderLoggedIn:
		return true
	case holder == holderLead:
		return u == p.lead
	case holder == holderReporter, holder == holderAssignee:
		return i == nil || i.user(holder) == u
	case kind == "group":
		return u.inGroup(name)
	case kind == "role":
		return p.inRole(u, name)
	}
	return u.Name == holder
}

// mayTouch is may for one's own things and those of others: EDIT_OWN_COMMENTS, DELETE_ALL_WORKLOGS and the like.
func (j *Jira) mayTouch(u *user, verb, things string, author *user, i *issue) bool {
	if j.may(u, verb+"_ALL_"+things, i.project, i) {
		return true
	}
	return u != nil && u == author && j.may(u, verb+"_OWN_"+things, i.project, i)
}
