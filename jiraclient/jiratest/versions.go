package jiratest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

type version struct {
	id                 int
	project            *project
	name, description  string
	start, release     string // 2006-01-02
	released, archived bool
}

// AddVersion adds a version to a project, without an event, and returns its ID.
func (j *Jira) AddVersion(projectKey, name string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.project(projectKey)
	if p == nil {
		return ""
	}
	return text(j.addVersion(p, name).id)
}

func (j *Jira) addVersion(p *project, name string) *version {
	v := &version{id: j.next("version"), project: p, name: name}
	p.versions = append(p.versions, v)
	return v
}

func (p *project) version(ref string) *version {
	for _, v := range p.versions {
		if text(v.id) == ref || v.name == ref {
			return v
		}
	}
	return nil
}

// managed is the version with an ID if the user may change the versions of its project.
func (j *Jira) managed(u *user, id string) (*version, error) {
	for _, p := range j.projects {
		if v := p.version(id); v != nil && text(v.id) == id && j.may(u, browse, p, nil) {
			return v, j.mayManage(u, p)
		}
	}
	return nil, refuse(http.StatusNotFound, "Could not find version for id '%s'", id)
}

func (j *Jira) mayManage(u *user, p *project) error {
	if u.admin() || j.may(u, administer, p, nil) {
		return nil
	}
	return refuse(http.StatusForbidden, "You must have global or project administrator rights in order to modify versions.")
}

func (j *Jira) createVersion(u *user, p *project, body map[string]any) (*version, error) {
	if err := j.mayManage(u, p); err != nil {
		return nil, err
	}
	name := member(body, "name")
	if strings.TrimSpace(name) == "" {
		return nil, refuseField("name", "You must specify a valid version name")
	}
	if old := p.version(name); old != nil && old.name == name {
		return nil, refuseField("name", "A version with this name already exists in this project.")
	}
	v := &version{project: p}
	if err := v.read(body); err != nil {
		return nil, err
	}
	v.id = j.next("version")
	p.versions = append(p.versions, v)
	j.versionEvent("jira:version_created", u, v, nil)
	return v, nil
}

// read lays the members of a request's body over the version.
func (v *version) read(body map[string]any) error {
	for name, target := range map[string]*string{
		"name": &v.name, "description": &v.description, "startDate": &v.start, "releaseDate": &v.release,
	} {
		if s, ok := body[name].(string); ok {
			if strings.HasSuffix(name, "Date") {
				if _, err := time.Parse(time.DateOnly, s); err != nil {
					return refuseField(name, "The date you have entered is not valid: %s", s)
				}
			}
			*target = s
		}
	}
	for name, target := range map[string]*bool{"released": &v.released, "archived": &v.archived} {
		if b, ok := body[name].(bool); ok {
			*target = b
		}
	}
	return nil
}

func (j *Jira) updateVersion(u *user, v *version, body map[string]any) error {
	before, next := *v, *v
	if err := next.read(body); err != nil {
		return err
	}
	if target := member(body, "moveUnfixedIssuesTo"); target != "" {
		to := v.project.version(target[strings.LastIndexByte(target, '/')+1:])
		if to == nil {
			return refuseField("moveUnfixedIssuesTo", "The version does not exist.")
		}
		j.swap(u, "fixVersions", v, to, func(i *issue) bool { return i.values["resolution"] == nil })
	}
	*v = next
	switch {
	case before.released != v.released && v.released:
		j.versionEvent("jira:version_released", u, v, nil)
	case before.released != v.released:
		j.versionEvent("jira:version_unreleased", u, v, nil)
	}
	before.released, before.release = v.released, v.release
	if before != *v {
		j.versionEvent("jira:version_updated", u, v, nil)
	}
	return nil
}

// removeVersion deletes a version; issues get the other one in its place. A merge is a deletion that says what into.
func (j *Jira) removeVersion(u *user, v, fix, affected *version, merge bool) {
	all := func(*issue) bool { return true }
	j.swap(u, "fixVersions", v, asValue(fix), all)
	j.swap(u, "versions", v, asValue(affected), all)
	v.project.versions = slices.DeleteFunc(v.project.versions, func(other *version) bool { return other == v })
	var into *version
	if merge {
		into = fix
	}
	j.versionEvent("jira:version_deleted", u, v, into)
}

// swap replaces a value in a list field of all issues that a test picks; without a new value the old one just goes.
func (j *Jira) swap(u *user, fieldID string, old, next any, which func(*issue) bool) {
	for _, i := range j.inOrder() {
		list := slices.Clone(i.list(fieldID))
		at := slices.Index(list, old)
		if at < 0 || !which(i) {
			continue
		}
		if next == nil || slices.Contains(list, next) {
			list = slices.Delete(list, at, at+1)
		} else {
			list[at] = next
		}
		e := j.edit(u, i)
		if e.put(fieldID, list); len(list) == 0 {
			e.put(fieldID, nil)
		}
		e.apply()
	}
}

func (j *Jira) versionJSON(v *version) obj {
	out := obj{
		"self": j.base + "/rest/api/2/version/" + text(v.id), "id": text(v.id), "name": v.name, "archived": v.archived,
		"released": v.released, "projectId": v.project.id,
	}
	if v.description != "" {
		out["description"] = v.description
	}
	if v.start != "" {
		out["startDate"], out["userStartDate"] = v.start, humanDate(v.start)
	}
	if v.release != "" {
		out["releaseDate"], out["userReleaseDate"] = v.release, humanDate(v.release)
		out["overdue"] = !v.released && v.release < j.now().Format(time.DateOnly)
	}
	return out
}

func humanDate(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("02/Jan/06")
}
