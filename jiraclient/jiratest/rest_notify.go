package jiratest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// A Notice is a mail that a request asked for. None is sent.
type Notice struct {
	Issue   string
	Sender  string
	Subject string
	To      []string        // names of those who would get it, in the order of their names
	Body    json.RawMessage // of the request
}

// Notices are the mails that requests asked for.
func (j *Jira) Notices() []Notice {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Notice(nil), j.notices...)
}

// SwitchMailOff is the administrator's switch for outgoing mail; without it, Jira refuses to notify.
func (j *Jira) SwitchMailOff() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.mailOff = true
}

func notify(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	if c.j.mailOff {
		return 0, nil, refuse(http.StatusForbidden, "Outgoing emails are disabled.")
	}
	body, err := c.object()
	if err != nil {
		return 0, nil, err
	}
	named, err := c.j.recipients(i, object(body["to"]))
	if err != nil {
		return 0, nil, err
	}
	allowed, err := c.j.restriction(i, object(body["restrict"]))
	if err != nil {
		return 0, nil, err
	}
	var to []string
	for _, u := range named {
		// Nobody learns of an issue by mail that they may not see, and nobody gets it twice.
		if !slices.Contains(to, u.Name) && c.j.may(u, browse, i.project, i) && allowed(u) {
			to = append(to, u.Name)
		}
	}
	slices.Sort(to)
	c.j.notices = append(c.j.notices, Notice{Issue: i.key(), Sender: c.user.Name, Subject: member(body, "subject"), To: to, Body: c.raw})
	return 204, nil, nil
}

// recipients are the people whom a request names, one way or the other.
func (j *Jira) recipients(i *issue, to map[string]any) ([]*user, error) {
	var found []*user
	asked := false
	for name, people := range map[string][]*user{
		"reporter": {i.user("reporter")}, "assignee": {i.user("assignee")}, "watchers": i.watchers, "voters": i.voters,
	} {
		if to[name] == true {
			asked, found = true, append(found, people...)
		}
	}
	for _, one := range asList(to["users"]) {
		name := member(one, j.version.personKey())
		u := j.person(name)
		if u == nil {
			return nil, refuse(http.StatusBadRequest, "User '%s' does not exist.", name)
		}
		asked, found = true, append(found, u)
	}
	for _, one := range asList(to["groups"]) {
		members := j.groupMembers(member(one, "name"))
		if members == nil {
			return nil, refuse(http.StatusBadRequest, "Group '%s' does not exist.", member(one, "name"))
		}
		asked, found = true, append(found, members...)
	}
	if !asked {
		return nil, refuse(http.StatusBadRequest, "No recipients were defined for notification.")
	}
	return slices.DeleteFunc(found, func(u *user) bool { return u == nil }), nil
}

// restriction is the test that recipients must pass: to be in one of the groups, and to have all of the permissions.
func (j *Jira) restriction(i *issue, restrict map[string]any) (func(*user) bool, error) {
	var groups, permissions []string
	for _, one := range asList(restrict["groups"]) {
		groups = append(groups, member(one, "name"))
	}
	for _, one := range asList(restrict["permissions"]) {
		key := member(one, "key")
		if !slices.Contains(projectPermissions(), key) {
			return nil, refuse(http.StatusBadRequest, "Permission '%s' does not exist.", key)
		}
		permissions = append(permissions, key)
	}
	return func(u *user) bool {
		lacks := func(key string) bool { return !j.may(u, key, i.project, i) }
		return (groups == nil || slices.ContainsFunc(groups, u.inGroup)) && !slices.ContainsFunc(permissions, lacks)
	}, nil
}

// groupMembers are the people in a group; a group without anybody does not exist.
func (j *Jira) groupMembers(name string) []*user {
	var members []*user
	for _, u := range j.users {
		if u.inGroup(name) {
			members = append(members, u)
		}
	}
	return members
}
