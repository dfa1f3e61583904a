package jiratest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

func attachmentRoutes() []route {
	return []route{
		{"POST", "/api/2/issue/{issue}/attachments", postAttachments},
		{"GET", "/api/2/attachment/{id}", getAttachment},
		{"GET", "/api/2/attachment/content/{id}", getContent},
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

// file is the attachment in the path, if the user may see it.
func (c *call) file() (*attachment, error) {
	i, a := c.j.attachment(c.path("id"))
	if a == nil || !c.j.may(c.user, browse, i.project, i) {
		return nil, refuse(http.StatusNotFound, "The attachment with id '%s' does not exist", c.path("id"))
	}
	return a, nil
}

// getAttachment answers with an ID that is a number on Cloud, which has texts for the attachments of an issue.
func getAttachment(c *call) (int, any, error) {
	a, err := c.file()
	if err != nil {
		return 0, nil, err
	}
	out := c.j.attachmentJSON(a)
	if c.j.version.cloud {
		out["id"] = a.id
	}
	return 200, out, nil
}

// getContent is where Cloud keeps the files, or sends on to where they lie.
func getContent(c *call) (int, any, error) {
	a, err := c.file()
	if err != nil {
		return 0, nil, err
	}
	if c.query.Get("redirect") != "false" {
		c.header.Set("Location", c.j.fileAddress(a))
		return http.StatusSeeOther, nil, nil
	}
	return 200, fileAnswer{a}, nil
}

// download sends a file as it came.
func (c *call) download() {
	c.j.mu.Lock()
	defer c.j.mu.Unlock()
	a, err := c.file()
	if err != nil {
		c.page(http.StatusNotFound, "Not found")
		return
	}
	c.answer(200, fileAnswer{a})
}
