package jiratest

import "net/http"

// SetReadOnly puts Jira into read-only mode: people read, and nobody writes. What a real one answers to a write is not
// known; here it is 403 with a word.
func (j *Jira) SetReadOnly(on bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.readOnly = on
}

const readOnlyMessage = "Jira is currently in read-only mode for maintenance."

func readOnlyMode(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	out := obj{"enabled": c.j.readOnly}
	if c.j.readOnly {
		out["message"] = readOnlyMessage
	}
	return 200, out, nil
}

// writable answers itself, and returns false, where the request would write into a Jira that is read-only. Searches may
// go by POST.
func (c *call) writable() bool {
	c.j.mu.Lock()
	defer c.j.mu.Unlock()
	if !c.j.readOnly || !(Request{Method: c.r.Method, Path: c.r.URL.Path}).Write() {
		return true
	}
	c.answer(http.StatusForbidden, (&problem{messages: []string{readOnlyMessage}}).body())
	return false
}
