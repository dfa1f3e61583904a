package jiratest

import (
	"net/http"
	"strings"
)

func archiveRoutes() []route {
	return []route{
		{"PUT", "/api/2/issue/{issue}/archive", func(c *call) (int, any, error) { return putArchived(c, true) }},
		{"PUT", "/api/2/issue/{issue}/restore", func(c *call) (int, any, error) { return putArchived(c, false) }},
		{"POST", "/api/2/issue/archive", archiveMany},
		{"PUT", "/api/2/issue/archive", func(c *call) (int, any, error) { return archiveList(c, true) }},
		{"PUT", "/api/2/issue/unarchive", func(c *call) (int, any, error) { return archiveList(c, false) }},
	}
}

func putArchived(c *call, archived bool) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.archive(c.user, i, archived)
}

// mostArchived is how many issues Cloud takes at once.
const mostArchived = 1000

// archiveList is Cloud's call for both directions: administrators only, and each kind of refusal with the issues that it is
// about. That an issue is archived already has no kind of its own; here it is not found, as a search would not find it.
func archiveList(c *call, archived bool) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	verb := map[bool]string{true: "archive", false: "unarchive"}[archived]
	if !c.user.admin() {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to %s issues.", verb)
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	refs := asList(body["issueIdsOrKeys"])
	updated, refused := 0, map[string][]string{}
	for _, ref := range refs[:min(len(refs), mostArchived)] {
		i, err := c.j.visible(c.user, idText(ref))
		switch {
		case err != nil || i.archived == archived:
			refused["issuesNotFound"] = append(refused["issuesNotFound"], idText(ref))
		case i.values["parent"] != nil:
			refused["issueIsSubtask"] = append(refused["issueIsSubtask"], idText(ref))
		default:
			c.issues = append(c.issues, i)
			if err := c.j.archive(c.user, i, archived); err != nil {
				return 0, nil, err
			}
			updated += 1 + len(i.subtasks)
		}
	}
	switch {
	case updated == 0:
		return 0, nil, refuse(http.StatusBadRequest, "None of the issues can be %sd.", verb)
	case len(refs) > mostArchived:
		return 0, nil, refuse(http.StatusPreconditionFailed, "Only the first %d issues were %sd.", mostArchived, verb)
	}
	errors := obj{}
	for kind, keys := range refused {
		message := map[string]string{"issuesNotFound": "Issues not found", "issueIsSubtask": "Issue is subtask"}[kind]
		errors[kind] = obj{"count": len(keys), "issueIdsOrKeys": keys, "message": message}
	}
	return 200, obj{"numberOfIssuesUpdated": updated, "errors": errors}, nil
}

// archiveMany takes keys as lines of plain text and reports line by line. What the lines of a real Jira look like is not
// documented; nor is when it refuses as a whole: here, where the user may archive none of them.
func archiveMany(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "text/plain") {
		return 0, nil, refuse(http.StatusUnsupportedMediaType, "Keys of issues come as text/plain.")
	}
	var report strings.Builder
	var first error
	done := 0
	for key := range strings.FieldsSeq(string(c.raw)) {
		i, err := c.j.visible(c.user, key)
		if err == nil {
			c.issues = append(c.issues, i)
			err = c.j.archive(c.user, i, true)
		}
		if err == nil {
			done++
			report.WriteString(key + ": archived\n")
			continue
		}
		if first == nil {
			first = err
		}
		report.WriteString(key + ": " + words(err) + "\n")
	}
	if done == 0 && first != nil {
		return 0, nil, first
	}
	return 200, plainAnswer(report.String()), nil
}
