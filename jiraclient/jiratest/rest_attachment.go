package jiratest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

func attachmentRoutes() []route {
	return []route{
		{"POST", "/api/2/issue/{issue}/attachments", postAttachments},
		{"GET", "/api/2/attachment/{id}", getAttachment},
		{"DELETE", "/api/2/attachment/{id}", func(c *call) (int, any, error) {
			if i, _ := c.j.attachment(c.path("id")); i != nil {
				c.issues = append(c.issues, i)
			}
			return 204, nil, c.j.detach(c.user, c.path("id"))
		}},
	}
}

// postAttachments takes every part named "file".
func postAttachments(c *call) (int, any, error) {
	i, err := c.issue()
	if err != nil {
		return 0, nil, err
	}
	kind, parameters, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return 0, nil, refuse(http.StatusUnsupportedMediaType, "Attachments come as multipart/form-data.")
	}
	out := []any{}
	parts := multipart.NewReader(bytes.NewReader(c.raw), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return 200, out, nil
		}
		if err != nil {
			return 0, nil, refuse(http.StatusBadRequest, "The upload cannot be read: %s", err)
		}
		if part.FormName() != "file" {
			continue
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return 0, nil, refuse(http.StatusBadRequest, "The upload cannot be read: %s", err)
		}
		a, err := c.j.attach(c.user, i, part.FileName(), data)
		if err != nil {
			return 0, nil, err
		}
		out = append(out, c.j.attachmentJSON(a))
	}
}

func getAttachment(c *call) (int, any, error) {
	i, a := c.j.attachment(c.path("id"))
	if a == nil || !c.j.may(c.user, browse, i.project, i) {
		return 0, nil, refuse(http.StatusNotFound, "The attachment with id '%s' does not exist", c.path("id"))
	}
	return 200, c.j.attachmentJSON(a), nil
}

// download sends a file as it came.
func (c *call) download() {
	c.j.mu.Lock()
	defer c.j.mu.Unlock()
	i, a := c.j.attachment(c.path("id"))
	if a == nil || !c.j.may(c.user, browse, i.project, i) {
		c.page(http.StatusNotFound, "Not found")
		return
	}
	c.header.Set("Content-Type", a.mimeType())
	c.header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(a.name))
	c.out.Write(a.data)
}
