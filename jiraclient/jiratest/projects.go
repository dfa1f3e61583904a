package jiratest

import (
	"net/http"
	"slices"
	"strings"
)

// A Project is a project to be added. People whom it names and who do not exist are added with it.
type Project struct {
	Key      string
	Name     string              // the key by default
	Lead     string              // the first user by default
	Types    []string            // names of issue types; all by default
	Roles    map[string][]string // people, and groups as "group:NAME", by project role
	Workflow *Workflow           // DefaultWorkflow by default
}

type project struct {
	id         int
	key, name  string
	lead       *user
	types      []*issueType
	roles      map[string][]*user
	groups     map[string][]string // by role too
	workflow   *workflow
	screens    map[Screen][]string // field IDs; a screen that was not set shows all
	scheme     scheme
	levels     []*level
	versions   []*version
	components []*component
	last       int // number of the newest issue
}

// AddProject adds a project and returns its ID.
func (j *Jira) AddProject(p Project) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return text(j.addProject(p).id)
}

func (j *Jira) addProject(p Project) *project {
	if p.Name == "" {
		p.Name = p.Key
	}
	if p.Workflow == nil {
		w := DefaultWorkflow()
		p.Workflow = &w
	}
	added := &project{
		id: j.next("project"), key: p.Key, name: p.Name, lead: j.ensureUser(p.Lead),
		roles: map[string][]*user{}, groups: map[string][]string{}, screens: map[Screen][]string{},
	}
	if added.lead == nil && len(j.users) > 0 {
		added.lead = j.users[0]
	}
	for _, t := range j.types {
		if p.Types == nil || slices.Contains(p.Types, t.name) {
			added.types = append(added.types, t)
		}
	}
	for _, role := range sortedKeys(p.Roles) {
		if j.role(role) == nil {
			j.roles = append(j.roles, &named{id: text(100 + j.next("role")), name: role, path: "role"})
		}
		for _, name := range p.Roles[role] {
			if group, ok := strings.CutPrefix(name, "group:"); ok {
				added.groups[role] = append(added.groups[role], group)
				continue
			}
			added.roles[role] = append(added.roles[role], j.ensureUser(name))
		}
	}
	added.workflow = j.build(*p.Workflow)
	j.projects = append(j.projects, added)
	return added
}

func (j *Jira) role(name string) *named {
	for _, r := range j.roles {
		if r.name == name {
			return r
		}
	}
	return nil
}

// project finds a project by key, ID or name.
func (j *Jira) project(ref string) *project {
	for _, p := range j.projects {
		if strings.EqualFold(p.key, ref) || text(p.id) == ref || p.name == ref {
			return p
		}
	}
	return nil
}

// inRole tells whether somebody plays a role, directly or as a member of a group.
func (p *project) inRole(u *user, role string) bool {
	return u != nil && (slices.Contains(p.roles[role], u) || slices.ContainsFunc(p.groups[role], u.inGroup))
}

func (p *project) typeOf(ref string) *issueType {
	for _, t := range p.types {
		if t.id == ref || t.name == ref {
			return t
		}
	}
	return nil
}

// visibleProject is the project that a request names, if the user may know of it.
func (j *Jira) visibleProject(u *user, ref string) (*project, error) {
	if p := j.project(ref); p != nil && j.may(u, browse, p, nil) {
		return p, nil
	}
	return nil, refuse(http.StatusNotFound, "No project could be found with key '%s'.", ref)
}

// SetScreen says which fields, by name or ID, stand on a screen of a project. Before the first call all do.
func (j *Jira) SetScreen(projectKey string, s Screen, fields ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.project(projectKey)
	if p == nil {
		return
	}
	shown := []string{}
	for _, ref := range fields {
		if f := j.fields.find(ref); f != nil {
			shown = append(shown, f.id)
		}
	}
	p.screens[s] = shown
}

// A Screen is where a project shows fields.
type Screen int

// The screens on which a field must stand to be set.
const (
	CreateScreen Screen = iota
	EditScreen
)

func (p *project) shows(s Screen, f *field) bool {
	shown, limited := p.screens[s]
	return !limited || slices.Contains(shown, f.id)
}

func (j *Jira) projectJSON(p *project) obj {
	return obj{
		"self": j.base + "/rest/api/2/project/" + text(p.id), "id": text(p.id), "key": p.key, "name": p.name,
		"projectTypeKey": "software", "avatarUrls": j.avatars("projectavatar"),
	}
}
