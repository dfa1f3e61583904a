package jiratest

import (
	"net/http"
	"slices"
)

// archive takes an issue and its sub-tasks out of sight, or brings them back. Nobody may do anything but look at what is
// archived: may sees to that. Which permission Jira has for it is not documented, so it takes who administers the project.
// It is silent: no source knows of a webhook.
func (j *Jira) archive(u *user, i *issue, archived bool) error {
	verb := map[bool]string{true: "archive", false: "restore"}[archived]
	switch {
	case u == nil:
		return refuse(http.StatusUnauthorized, "You are not logged in.")
	case !u.admin() && !j.may(u, administer, i.project, nil):
		return refuse(http.StatusForbidden, "You do not have permission to %s issues in this project.", verb)
	case i.archived && archived:
		return refuse(http.StatusForbidden, "Issue %s is already archived.", i.key())
	case i.archived == archived:
		return refuse(http.StatusForbidden, "Issue %s is not archived.", i.key())
	}
	for _, one := range append(slices.Clone(i.subtasks), i) {
		one.archived = archived
		j.reindex(one, false)
	}
	return nil
}
