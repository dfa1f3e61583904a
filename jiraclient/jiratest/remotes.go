package jiratest

import (
	"net/http"
	"slices"
)

// A remote is a link to something outside Jira.
type remote struct {
	id       int
	globalID string
	body     map[string]any
}

// linkAway adds a link, or puts it in the place of the one with the same global ID.
func (j *Jira) linkAway(u *user, i *issue, body map[string]any) (*remote, error) {
	if err := j.mayLinkAway(u, i, "create"); err != nil {
		return nil, err
	}
	r, err := readRemote(body)
	if err != nil {
		return nil, err
	}
	if at, err := i.globalRemote(r.globalID); err == nil && r.globalID != "" {
		r.id = i.remotes[at].id
		i.remotes = slices.Clone(i.remotes)
		i.remotes[at] = r
		return r, nil
	}
	r.id = j.next("remotelink")
	i.remotes = append(slices.Clone(i.remotes), r)
	j.note(u, i, plainItem("RemoteIssueLink", "", "", text(r.id), r.member("object", "title")))
	return r, nil
}

func (j *Jira) mayLinkAway(u *user, i *issue, verb string) error {
	if u == nil {
		return refuse(http.StatusUnauthorized, "You are not authenticated. Authentication required to perform this operation.")
	}
	if !j.may(u, linkIssues, i.project, i) {
		return refuse(http.StatusForbidden, "You do not have permission to %s links for this issue.", verb)
	}
	return nil
}

// readRemote reads the link that a request wants to be there.
func readRemote(body map[string]any) (*remote, error) {
	r := &remote{globalID: member(body, "globalId"), body: map[string]any{}}
	for _, name := range []string{"globalId", "application", "relationship", "object"} {
		if body[name] != nil {
			r.body[name] = body[name]
		}
	}
	for _, name := range []string{"title", "url"} {
		if r.member("object", name) == "" {
			return nil, refuseField(name, "'%s' is required.", name)
		}
	}
	return r, nil
}

func (i *issue) globalRemote(globalID string) (at int, err error) {
	if at := slices.IndexFunc(i.remotes, func(r *remote) bool { return r.globalID == globalID }); at >= 0 {
		return at, nil
	}
	return 0, refuse(http.StatusNotFound, "The remote link with global id '%s' does not exist.", globalID)
}

func (r *remote) member(name, key string) string { return member(r.body[name], key) }

func (j *Jira) remoteJSON(i *issue, r *remote) obj {
	out := obj{"id": r.id, "self": j.base + "/rest/api/2/issue/" + text(i.id) + "/remotelink/" + text(r.id)}
	for key, value := range r.body {
		out[key] = value
	}
	return out
}
