package jiratest

import "net/http"

func reindexRoutes() []route {
	return []route{{"POST", "/api/2/reindex/issue", reindexIssues}}
}

// reindexIssues indexes before it answers, so that a search finds the issues however far it is behind.
func reindexIssues(c *call) (int, any, error) {
	if !c.user.admin() {
		return 0, nil, refuse(http.StatusForbidden, "You must be a Jira administrator to reindex issues.")
	}
	for _, id := range c.query["issueId"] {
		i, err := c.j.visible(c.user, id)
		if err != nil {
			return 0, nil, err
		}
		c.j.reindexNow(i)
	}
	now := c.j.now().Format(stamp)
	return 200, obj{
		"progressUrl": c.j.base + "/IndexProgress.jspa", "currentProgress": 100, "type": "FOREGROUND", "success": true,
		"submittedTime": now, "startTime": now, "finishTime": now,
	}, nil
}
