package jiratest

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"
)

type attachment struct {
	id      int
	name    string
	author  *user
	created time.Time
	data    []byte
}

func (j *Jira) attach(u *user, i *issue, name string, data []byte) (*attachment, error) {
	if !j.may(u, createAttached, i.project, i) {
		return nil, refuse(http.StatusForbidden, "You do not have permission to create attachments for this issue.")
	}
	now := j.now()
	a := &attachment{id: j.next("attachment"), name: name, author: u, created: now, data: data}
	i.attached = append(slices.Clone(i.attached), a)
	j.attachmentEvent("attachment_created", u, i, a)
	j.finish(u, i, "issue_updated", []item{plainItem("Attachment", "", "", text(a.id), name)}, nil, now)
	return a, nil
}

func (j *Jira) detach(u *user, id string) error {
	i, a := j.attachment(id)
	if a == nil || !j.may(u, browse, i.project, i) {
		return refuse(http.StatusNotFound, "The attachment with id '%s' does not exist", id)
	}
	if !j.mayTouch(u, "DELETE", attachments, a.author, i) {
		return refuse(http.StatusForbidden, "You do not have permission to delete attachment with id: %s", id)
	}
	i.attached = slices.DeleteFunc(slices.Clone(i.attached), func(other *attachment) bool { return other == a })
	j.attachmentEvent("attachment_deleted", u, i, a)
	j.finish(u, i, "issue_updated", []item{plainItem("Attachment", text(a.id), a.name, "", "")}, nil, j.now())
	return nil
}

func (j *Jira) attachment(id string) (*issue, *attachment) {
	for _, i := range j.issues {
		for _, a := range i.attached {
			if text(a.id) == id {
				return i, a
			}
		}
	}
	return nil, nil
}

func (a *attachment) mimeType() string {
	t, _, err := mime.ParseMediaType(mime.TypeByExtension(path.Ext(a.name)))
	if err != nil {
		return "application/octet-stream"
	}
	return t
}

func (j *Jira) attachmentJSON(a *attachment) obj {
	content := j.fileAddress(a)
	if j.version.cloud {
		content = j.base + "/rest/api/2/attachment/content/" + text(a.id)
	}
	return obj{
		"self": j.base + "/rest/api/2/attachment/" + text(a.id), "id": text(a.id), "filename": a.name,
		"author": j.userJSON(a.author), "created": a.created.Format(stamp), "size": len(a.data), "mimeType": a.mimeType(),
		"content": content,
	}
}

func (j *Jira) fileAddress(a *attachment) string {
	return j.base + "/secure/attachment/" + text(a.id) + "/" + url.PathEscape(a.name)
}
