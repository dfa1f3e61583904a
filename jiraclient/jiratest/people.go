package jiratest

import (
	"fmt"
	"maps"
	"time"
)

// A Person works in Jira's web pages: what is done here fires the same webhooks as a request, and meets the same
// permissions and screens.
type Person struct {
	jira *Jira
	name string
}

// As is somebody at work. A name that nobody has yet gets a user.
func (j *Jira) As(name string) *Person { return &Person{j, name} }

// Fields are values by field name or ID. A plain text stands for a thing of that name: "assignee": "bob",
// "labels": []string{"urgent"}, "Severity": "High".
type Fields map[string]any

// do runs something as the person and delivers what synchronous webhooks it caused.
func (p *Person) do(what string, f func(j *Jira, u *user) error) error {
	defer p.jira.hooks.flush()
	p.jira.mu.Lock()
	defer p.jira.mu.Unlock()
	if err := f(p.jira, p.jira.ensureUser(p.name)); err != nil {
		return fmt.Errorf("%s as %s: %w", what, p.name, err)
	}
	return nil
}

// on is do with an issue that the person can see.
func (p *Person) on(what, key string, f func(j *Jira, u *user, i *issue) error) error {
	return p.do(what+" "+key, func(j *Jira, u *user) error {
		i, err := j.visible(u, key)
		if err != nil {
			return err
		}
		return f(j, u, i)
	})
}

// CreateIssue creates an issue and returns its key.
func (p *Person) CreateIssue(project, issueType, summary string, fields ...Fields) (key string, err error) {
	return key, p.do("create issue", func(j *Jira, u *user) error {
		body, err := j.natural(fields)
		if err != nil {
			return err
		}
		maps.Copy(body, map[string]any{
			"project": obj{"key": project}, "issuetype": obj{"name": issueType}, "summary": summary,
		})
		i, err := j.create(u, body, nil, nil)
		if err == nil {
			key = i.key()
		}
		return err
	})
}

// Edit sets fields.
func (p *Person) Edit(key string, fields Fields) error {
	return p.on("edit", key, func(j *Jira, u *user, i *issue) error {
		body, err := j.natural([]Fields{fields})
		if err != nil {
			return err
		}
		return j.editIssue(u, i, body, nil)
	})
}

// Transition takes the issue to a status in one step.
func (p *Person) Transition(key, status string, fields ...Fields) error {
	return p.on("transition", key, func(j *Jira, u *user, i *issue) error {
		body, err := j.natural(fields)
		if err != nil {
			return err
		}
		for _, t := range j.open(u, i) {
			if j.statusNamed(t.To) == j.statusNamed(status) {
				return j.transit(u, i, t.ID, body, nil)
			}
		}
		return refuse(400, "No transition leads from %s to %s.", i.status().name, status)
	})
}

// Assign gives the issue to somebody, or to nobody for "".
func (p *Person) Assign(key, name string) error {
	return p.on("assign", key, func(j *Jira, u *user, i *issue) error { return j.assign(u, i, j.ref(name)) })
}

// Move takes the issue to another project and returns its new key.
func (p *Person) Move(key, project string) (newKey string, err error) {
	return newKey, p.on("move", key, func(j *Jira, u *user, i *issue) error {
		to, err := j.visibleProject(u, project)
		if err != nil {
			return err
		}
		err = j.move(u, i, to)
		newKey = i.key()
		return err
	})
}

// Delete deletes the issue and its sub-tasks.
func (p *Person) Delete(key string) error {
	return p.on("delete", key, func(j *Jira, u *user, i *issue) error { return j.remove(u, i, true) })
}

// Comment adds a comment and returns its ID. The optional audience is "role:NAME" or "group:NAME".
func (p *Person) Comment(key, body string, audience ...string) (id string, err error) {
	return id, p.on("comment on", key, func(j *Jira, u *user, i *issue) error {
		raw := obj{"body": body}
		if len(audience) > 0 {
			raw["visibility"] = audienceJSON(audience[0])
		}
		c, err := j.addComment(u, i, raw)
		if err == nil {
			id = text(c.id)
		}
		return err
	})
}

// EditComment changes a comment's text.
func (p *Person) EditComment(key, id, body string) error {
	return p.on("edit comment on", key, func(j *Jira, u *user, i *issue) error {
		_, err := j.editComment(u, i, id, obj{"body": body})
		return err
	})
}

// DeleteComment deletes a comment.
func (p *Person) DeleteComment(key, id string) error {
	return p.on("delete comment on", key, func(j *Jira, u *user, i *issue) error { return j.deleteComment(u, i, id) })
}

// LogWork logs time such as "1h 30m", started now, and returns the worklog's ID.
func (p *Person) LogWork(key, spent, comment string) (id string, err error) {
	return id, p.on("log work on", key, func(j *Jira, u *user, i *issue) error {
		w, err := j.addWorklog(u, i, obj{"timeSpent": spent, "comment": comment}, adjustment{})
		if err == nil {
			id = text(w.id)
		}
		return err
	})
}

// Link links two issues so that "source outward-description destination" reads true, and returns the link's ID.
func (p *Person) Link(linkType, source, destination string) (id string, err error) {
	return id, p.do("link "+source+" to "+destination, func(j *Jira, u *user) error {
		l, err := j.linkIssues(u, linkType, source, destination)
		if err == nil {
			id = text(l.id)
		}
		return err
	})
}

// Unlink removes a link.
func (p *Person) Unlink(id string) error {
	return p.do("unlink "+id, func(j *Jira, u *user) error {
		l, err := j.findLink(u, id)
		if err == nil {
			j.unlink(u, l)
		}
		return err
	})
}

// LinkAway adds a link to something outside Jira and returns its ID.
func (p *Person) LinkAway(key, url, title string) (id string, err error) {
	return id, p.on("link away from", key, func(j *Jira, u *user, i *issue) error {
		r, err := j.linkAway(u, i, obj{"object": obj{"url": url, "title": title}})
		if err == nil {
			id = text(r.id)
		}
		return err
	})
}

// Archive archives the issue and its sub-tasks; it takes the project's lead or an administrator.
func (p *Person) Archive(key string) error {
	return p.on("archive", key, func(j *Jira, u *user, i *issue) error { return j.archive(u, i, true) })
}

// Vote votes for the issue.
func (p *Person) Vote(key string) error {
	return p.on("vote for", key, func(j *Jira, u *user, i *issue) error { return j.vote(u, i) })
}

// Watch makes the person watch the issue.
func (p *Person) Watch(key string) error {
	return p.on("watch", key, func(_ *Jira, u *user, i *issue) error { i.watch(u); return nil })
}

// Attach adds a file and returns its ID.
func (p *Person) Attach(key, name string, data []byte) (id string, err error) {
	return id, p.on("attach to", key, func(j *Jira, u *user, i *issue) error {
		a, err := j.attach(u, i, name, data)
		if err == nil {
			id = text(a.id)
		}
		return err
	})
}

// CreateVersion adds a version to a project and returns its ID; it takes the project's lead or an administrator.
func (p *Person) CreateVersion(project, name string) (id string, err error) {
	return id, p.do("create version "+name, func(j *Jira, u *user) error {
		where, err := j.visibleProject(u, project)
		if err != nil {
			return err
		}
		v, err := j.createVersion(u, where, obj{"name": name})
		if err == nil {
			id = text(v.id)
		}
		return err
	})
}

// ReleaseVersion releases a version today.
func (p *Person) ReleaseVersion(id string) error {
	return p.do("release version "+id, func(j *Jira, u *user) error {
		v, err := j.managed(u, id)
		if err != nil {
			return err
		}
		return j.updateVersion(u, v, obj{"released": true, "releaseDate": j.now().Format(time.DateOnly)})
	})
}

// CreateProject adds a project as an administrator would.
func (p *Person) CreateProject(project Project) error {
	return p.do("create project "+project.Key, func(j *Jira, u *user) error {
		if !u.admin() {
			return refuse(403, "You must be an administrator to create a project.")
		}
		j.projectEvent("project_created", u, j.addProject(project))
		return nil
	})
}
