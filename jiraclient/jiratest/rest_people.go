package jiratest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func peopleRoutes() []route {
	return []route{
		{"GET", "/api/2/issue/{issue}/watchers", getWatchers},
		{"POST", "/api/2/issue/{issue}/watchers", postWatcher},
		{"DELETE", "/api/2/issue/{issue}/watchers", deleteWatcher},
		{"GET", "/api/2/issue/{issue}/votes", getVotes},
		{"POST", "/api/2/issue/{issue}/votes", postVote},
		{"DELETE", "/api/2/issue/{issue}/votes", deleteVote},
		{"GET", "/api/2/user", getUser},
		{"GET", "/api/2/user/search", searchUsers},
		{"GET", "/api/2/user/assignable/search", searchAssignable},
		{"GET", "/api/2/group/member", groupMembers},
	}
}

func getWatchers(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	out := obj{
		"self": c.j.base + "/rest/api/2/issue/" + i.key() + "/watchers", "watchCount": len(i.watchers),
		"isWatching": slices.Contains(i.watchers, c.user), "watchers": []any{},
	}
	if c.j.may(c.user, viewWatchers, i.project, i) {
		out["watchers"] = c.j.usersJSON(i.watchers)
	}
	return 200, out, nil
}

// postWatcher takes a name as a bare JSON string; without a body callers watch for themselves.
func postWatcher(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	who := c.user
	if len(c.raw) > 0 {
		var name string
		if err := json.Unmarshal(c.raw, &name); err != nil {
			return 0, nil, refuse(http.StatusBadRequest, "Can not deserialize a user name out of this JSON: it is a plain string.")
		}
		if who = c.j.person(name); who == nil {
			return 0, nil, refuse(http.StatusBadRequest, "User '%s' does not exist.", name)
		}
	}
	if err := c.mayWatch(i, who); err != nil {
		return 0, nil, err
	}
	if !c.j.may(who, browse, i.project, i) {
		return 0, nil, refuse(http.StatusUnauthorized, "The user '%s' does not have permission to view this issue.", who.Name)
	}
	i.watch(who)
	return 204, nil, nil
}

func (i *issue) watch(u *user) {
	if !slices.Contains(i.watchers, u) {
		i.watchers = append(slices.Clone(i.watchers), u)
	}
}

func (c *call) mayWatch(i *issue, who *user) error {
	if err := c.loggedIn(); err != nil {
		return err
	}
	if who != c.user && !c.j.may(c.user, manageWatchers, i.project, i) {
		return refuse(http.StatusUnauthorized, "User '%s' is not allowed to manage watchers of issue '%s'.", c.user.Name, i.key())
	}
	return nil
}

func deleteWatcher(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	ref := c.query.Get(c.whom())
	who := c.j.person(ref)
	if who == nil {
		return 0, nil, refuse(http.StatusNotFound, "The user with the name '%s' does not exist", ref)
	}
	if err := c.mayWatch(i, who); err != nil {
		return 0, nil, err
	}
	i.watchers = slices.DeleteFunc(slices.Clone(i.watchers), func(u *user) bool { return u == who })
	return 204, nil, nil
}

// whom is the parameter that names somebody.
func (c *call) whom() string {
	if c.j.version.cloud {
		return "accountId"
	}
	return "username"
}

// sought is the text that is looked for among people.
func (c *call) sought() string { return c.query.Get(c.j.version.soughtKey()) }

func getVotes(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	out := obj{
		"self": c.j.base + "/rest/api/2/issue/" + i.key() + "/votes", "votes": len(i.voters),
		"hasVoted": slices.Contains(i.voters, c.user), "voters": []any{},
	}
	if c.j.may(c.user, viewWatchers, i.project, i) {
		out["voters"] = c.j.usersJSON(i.voters)
	}
	return 200, out, nil
}

func postVote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	return 204, nil, c.j.vote(c.user, i)
}

func (j *Jira) vote(u *user, i *issue) error {
	if u == nil || u == i.user("reporter") || i.archived {
		return refuse(http.StatusNotFound, "You cannot vote for an issue you have reported.")
	}
	if !slices.Contains(i.voters, u) {
		i.voters = append(slices.Clone(i.voters), u)
	}
	return nil
}

func deleteVote(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	at := slices.Index(i.voters, c.user)
	if at < 0 {
		return 0, nil, refuse(http.StatusNotFound, "Cannot remove a vote for an issue that the user has not already voted for.")
	}
	i.voters = slices.Delete(slices.Clone(i.voters), at, at+1)
	return 204, nil, nil
}

func getUser(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	ref := c.query.Get(c.whom())
	if ref == "" && !c.j.version.cloud {
		ref = c.query.Get("key")
	}
	u := c.j.person(ref)
	if u == nil {
		return 0, nil, refuse(http.StatusNotFound, "The user with the name or key '%s' does not exist", ref)
	}
	out := c.j.userJSON(u).(obj)
	out["expand"] = "groups,applicationRoles"
	groups := obj{"size": len(u.Groups), "items": []any{}}
	if slices.Contains(c.list("expand"), "groups") {
		groups["items"] = c.j.groupsJSON(u)
	}
	out["groups"] = groups
	return 200, out, nil
}

func (j *Jira) groupsJSON(u *user) []any {
	out := []any{}
	for _, g := range u.Groups {
		out = append(out, obj{"name": g, "self": j.base + "/rest/api/2/group?groupname=" + url.QueryEscape(g)})
	}
	return out
}

func searchUsers(c *call) (int, any, error) {
	return c.findUsers(c.sought(), func(*user) bool { return true })
}

func searchAssignable(c *call) (int, any, error) {
	var p *project
	var i *issue
	var err error
	if key := c.query.Get("issueKey"); key != "" {
		if i, err = c.j.visible(c.user, key); err == nil {
			p = i.project
		}
	} else {
		p, err = c.j.visibleProject(c.user, c.query.Get("project"))
	}
	if err != nil {
		return 0, nil, err
	}
	return c.findUsers(c.sought(), func(u *user) bool { return c.j.may(u, assignable, p, i) })
}

// findUsers matches beginnings of names, of words of display names, and of addresses.
func (c *call) findUsers(query string, also func(*user) bool) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	query = strings.ToLower(query)
	var found []*user
	for _, u := range c.j.users {
		words := append(strings.Fields(strings.ToLower(u.DisplayName)), strings.ToLower(u.Name), strings.ToLower(u.Email))
		hit := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, query) })
		if (hit || query == ".") && !u.Inactive && also(u) {
			found = append(found, u)
		}
	}
	return 200, c.j.usersJSON(window(found, c.number("startAt", 0), c.number("maxResults", 50))), nil
}

// groupMembers is for administrators, though everybody may ask for somebody's groups.
func groupMembers(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	if !c.user.admin() {
		return 0, nil, refuse(http.StatusForbidden, "You must be a Jira administrator to see the members of a group.")
	}
	name := c.query.Get("groupname")
	members := c.j.groupMembers(name)
	if members == nil {
		return 0, nil, refuse(http.StatusNotFound, "The group named '%s' does not exist.", name)
	}
	return 200, c.page50(c.j.usersJSON(members)), nil
}
