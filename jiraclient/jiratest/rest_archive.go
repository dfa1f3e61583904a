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
	}
}

func putArchived(c *call, archived bool) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.archive(c.user, i, archived)
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
