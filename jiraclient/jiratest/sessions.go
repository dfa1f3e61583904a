package jiratest

import (
	"net/http"
	"time"
)

// sessionIdle is how long a session lives without a request.
const sessionIdle = 5 * time.Hour

// A session is what a log-in through /rest/auth/1/session begins. It lives on one node, which a second cookie names: as
// behind a load balancer, the first cookie alone is worth nothing.
type session struct {
	user *user
	node string
	used time.Time
}

func sessionRoutes() []route {
	return []route{
		{"GET", "/auth/1/session", showSession},
		{"POST", "/auth/1/session", beginSession},
		{"DELETE", "/auth/1/session", endSession},
		{"GET", "/pat/latest/tokens", listTokens},
	}
}

// session is the one that the request's cookies name, while it lives.
func (c *call) session() (id string, s *session) {
	cookie, err := c.r.Cookie("JSESSIONID")
	if err != nil {
		return "", nil
	}
	s = c.j.logins.sessions[cookie.Value]
	if node, err := c.r.Cookie("jira.node"); s == nil || err != nil || node.Value != s.node {
		return "", nil
	}
	now := c.j.now()
	if now.Sub(s.used) > sessionIdle {
		delete(c.j.logins.sessions, cookie.Value)
		return "", nil
	}
	s.used = now
	return cookie.Value, s
}

func (c *call) sessionUser() *user {
	if _, s := c.session(); s != nil && !s.user.Inactive {
		return s.user
	}
	return nil
}

func showSession(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	return 200, obj{
		"self": c.j.base + "/rest/api/latest/user?username=" + c.user.Name, "name": c.user.Name,
		"loginInfo": obj{"failedLoginCount": c.user.failures, "loginCount": c.user.attempts},
	}, nil
}

func beginSession(c *call) (int, any, error) {
	if !c.j.passwordsAllowed() {
		return 0, nil, refuse(http.StatusForbidden, "Basic Authentication has been disabled on this instance.")
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	name, _ := body["username"].(string)
	password, _ := body["password"].(string)
	if !c.logIn(name, password) {
		status, message := c.status, "Login failed"
		if status == http.StatusForbidden {
			message = "Login denied"
		}
		return 0, nil, refuse(status, "%s", message)
	}
	id, node := fresh(), "node"+text(len(c.j.logins.sessions)%3+1)
	keep(&c.j.logins.sessions, id, &session{user: c.user, node: node, used: c.j.now()})
	for _, cookie := range []http.Cookie{
		{Name: "JSESSIONID", Value: id, HttpOnly: true},
		{Name: "jira.node", Value: node},
		{Name: "atlassian.xsrf.token", Value: fresh()},
	} {
		cookie.Path = c.j.prefix() + "/"
		c.header.Add("Set-Cookie", cookie.String())
	}
	return 200, obj{
		"session":   obj{"name": "JSESSIONID", "value": id},
		"loginInfo": obj{"failedLoginCount": 0, "loginCount": c.user.attempts},
	}, nil
}

func endSession(c *call) (int, any, error) {
	id, s := c.session()
	if s == nil {
		return 0, nil, refuse(http.StatusUnauthorized, "You are not logged in.")
	}
	delete(c.j.logins.sessions, id)
	return 204, nil, nil
}

// Sessions counts the sessions that have not ended.
func (j *Jira) Sessions() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.logins.sessions)
}

// EndSessions ends all of them, as a restart of Jira does.
func (j *Jira) EndSessions() {
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(j.logins.sessions)
}

// listTokens lists the personal access tokens of whoever asks, without the tokens themselves.
func listTokens(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	list := []any{}
	if c.user.Token != "" {
		const form = "2006-01-02T15:04:05.000-07:00"
		token := obj{"id": 1, "name": c.user.Name + "'s token", "createdAt": "2026-01-01T09:00:00.000+00:00"}
		if !c.user.TokenExpires.IsZero() {
			token["expiringAt"] = c.user.TokenExpires.Format(form)
		}
		if !c.user.tokenUsed.IsZero() {
			token["lastAccessedAt"] = c.user.tokenUsed.Format(form)
		}
		list = append(list, token)
	}
	return 200, list, nil
}
