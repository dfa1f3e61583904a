package jiratest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Jira's limit of comments, descriptions and text areas.
const (
	maxText = 32767
	tooLong = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
)

// A comment is replaced as a whole when it is edited, so that pictures of its issue keep the old one.
type comment struct {
	id               int
	author, editor   *user
	body             string
	seenBy           visibility
	created, updated time.Time
	properties       map[string]json.RawMessage
	pinned           bool
}

// visibility limits who sees a comment or worklog: a "role" or a "group" by name, or everybody.
type visibility struct{ kind, name string }

type newComment struct {
	body       string
	seenBy     visibility
	properties map[string]json.RawMessage
}

// readComment reads a comment of a request's body. The author must belong to those who will see it.
func (j *Jira) readComment(u *user, i *issue, raw any) (newComment, error) {
	var c newComment
	if c.body = member(raw, "body"); strings.TrimSpace(c.body) == "" {
		return c, refuseField("comment", "Comment body can not be empty!")
	}
	if len([]rune(c.body)) > maxText {
		return c, refuseField("comment", tooLong)
	}
	m, _ := raw.(map[string]any)
	var err error
	if c.seenBy, err = j.readVisibility(u, i, m["visibility"]); err != nil {
		return c, err
	}
	c.properties, err = readProperties(m["properties"])
	return c, err
}

func (j *Jira) readVisibility(u *user, i *issue, raw any) (visibility, error) {
	v := visibility{member(raw, "type"), member(raw, "value")}
	switch {
	case raw == nil:
		return visibility{}, nil
	case v.kind == "role" && j.role(v.name) == nil:
		return v, refuseField("commentLevel", "Role: %s does not exist.", v.name)
	case v.kind != "role" && v.kind != "group":
		return v, refuseField("commentLevel", "Visibility type '%s' is invalid: it is role or group.", v.kind)
	case !v.includes(u, i.project):
		return v, refuseField("commentLevel", "You are currently not a member of the %s: %s.", map[string]string{
			"role": "project role", "group": "group",
		}[v.kind], v.name)
	}
	return v, nil
}

func (v visibility) includes(u *user, p *project) bool {
	switch v.kind {
	case "":
		return true
	case "role":
		return p.inRole(u, v.name)
	}
	return u.inGroup(v.name)
}

// addComment is a comment on its own, as opposed to one that comes along with an edit.
func (j *Jira) addComment(u *user, i *issue, raw any) (*comment, error) {
	if !j.may(u, addComments, i.project, i) {
		name := "You"
		if u != nil {
			name = u.Name + ", you"
		}
		return nil, refuse(http.StatusBadRequest, "%s do not have the permission to comment on this issue.", name)
	}
	c, err := j.readComment(u, i, raw)
	if err != nil {
		return nil, err
	}
	said := j.say(u, i, c)
	j.commentEvent("comment_created", u, i, said)
	j.finish(u, i, "issue_commented", nil, said, said.created)
	return said, nil
}

func (j *Jira) say(u *user, i *issue, c newComment) *comment {
	now := j.now()
	said := &comment{
		id: j.next("comment"), author: u, editor: u, body: c.body, seenBy: c.seenBy, created: now, updated: now, properties: c.properties,
	}
	i.comments = append(i.comments, said)
	return said
}

// comment finds a comment that the user may see.
func (j *Jira) comment(u *user, i *issue, id string) (*comment, error) {
	for _, c := range i.comments {
		if text(c.id) == id && c.seenBy.includes(u, i.project) {
			return c, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "Can not find a comment for the id: %s.", id)
}

func (j *Jira) editComment(u *user, i *issue, id string, raw any) (*comment, error) {
	old, err := j.comment(u, i, id)
	if err != nil {
		return nil, err
	}
	if !j.mayTouch(u, "EDIT", comments, old.author, i) {
		return nil, refuse(http.StatusBadRequest, "You do not have the permission to edit this comment.")
	}
	c, err := j.readComment(u, i, raw)
	if err != nil {
		return nil, err
	}
	next := *old
	next.body, next.editor, next.updated = c.body, u, j.now()
	if m, ok := raw.(map[string]any); ok && m["visibility"] != nil {
		next.seenBy = c.seenBy
	}
	next.properties = maps.Clone(old.properties)
	for key, value := range c.properties {
		next.setProperty(key, value)
	}
	i.replaceComment(&next)
	j.commentEvent("comment_updated", u, i, &next)
	j.finish(u, i, "issue_comment_edited", nil, &next, next.updated)
	return &next, nil
}

func (i *issue) replaceComment(next *comment) {
	i.comments = slices.Clone(i.comments)
	at := slices.IndexFunc(i.comments, func(c *comment) bool { return c.id == next.id })
	i.comments[at] = next
}

func (c *comment) setProperty(key string, value json.RawMessage) {
	if c.properties == nil {
		c.properties = map[string]json.RawMessage{}
	}
	c.properties[key] = value
}

func (j *Jira) deleteComment(u *user, i *issue, id string) error {
	old, err := j.comment(u, i, id)
	if err != nil {
		return err
	}
	if !j.mayTouch(u, "DELETE", comments, old.author, i) {
		return refuse(http.StatusBadRequest, "You do not have permission to delete comment with id: %s", id)
	}
	i.comments = slices.DeleteFunc(slices.Clone(i.comments), func(c *comment) bool { return c == old })
	j.commentEvent("comment_deleted", u, i, old)
	j.finish(u, i, "issue_comment_deleted", nil, nil, j.now())
	return nil
}

// operateComment is the comment field of an update.
func (e *edit) operateComment(verb string, raw any) {
	id := member(raw, "id")
	var err error
	switch verb {
	case "add":
		if !e.j.may(e.actor, addComments, e.issue.project, e.issue) {
			e.complain("comment", "%s", notOnScreen("comment"))
			return
		}
		var c newComment
		if c, err = e.j.readComment(e.actor, e.issue, raw); err == nil {
			e.comments = append(e.comments, c)
		}
	case "edit":
		if err = e.mayRevise("EDIT", id); err == nil {
			_, err = e.j.readComment(e.actor, e.issue, raw)
		}
		if err == nil {
			e.revised = append(e.revised, func() error { _, err := e.j.editComment(e.actor, e.issue, id, raw); return err })
		}
	case "remove":
		if err = e.mayRevise("DELETE", id); err == nil {
			e.revised = append(e.revised, func() error { return e.j.deleteComment(e.actor, e.issue, id) })
		}
	}
	if p := asProblem(err); p != nil {
		e.complain("comment", "%s", words(p))
	}
}

func (e *edit) mayRevise(verb, id string) error {
	c, err := e.j.comment(e.actor, e.issue, id)
	if err == nil && !e.j.mayTouch(e.actor, verb, comments, c.author, e.issue) {
		return refuseField("comment", "You do not have the permission to change this comment.")
	}
	return err
}

func (j *Jira) commentJSON(i *issue, c *comment, properties bool) obj {
	out := obj{
		"self": j.base + "/rest/api/2/issue/" + text(i.id) + "/comment/" + text(c.id), "id": text(c.id),
		"author": j.userJSON(c.author), "updateAuthor": j.userJSON(c.editor), "body": c.body,
		"created": c.created.Format(stamp), "updated": c.updated.Format(stamp),
	}
	if c.seenBy.kind != "" {
		out["visibility"] = c.seenBy.json()
	}
	if properties {
		out["properties"] = propertiesJSON(c.properties)
	}
	return out
}

func (v visibility) json() obj { return obj{"type": v.kind, "value": v.name} }
