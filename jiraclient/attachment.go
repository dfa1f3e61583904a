package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// An Attachment is a file of an issue.
type Attachment struct {
	ID       string
	Name     string
	Author   User
	Created  Time
	Size     int64
	MimeType string
}

// UnmarshalJSON takes the ID as a text or a number.
func (a *Attachment) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID       ident  `json:"id"`
		Name     string `json:"filename"`
		Author   User   `json:"author"`
		Created  Time   `json:"created"`
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*a = Attachment{string(wire.ID), wire.Name, wire.Author, wire.Created, wire.Size, wire.MimeType}
	return nil
}

// A File is what to attach. It is read once, while it is sent; a Read under way when Attach gives up may end after it.
type File struct {
	Name    string
	Content io.Reader
	Size    int64 // in bytes, where it is known: some proxies refuse what comes without
}

// Attach adds a file to the issue. However large it is, only a few kilobytes of it are in memory, and the client's Timeout
// counts from the last byte that moved.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/attachments-addAttachment
func (c *Client) Attach(ctx context.Context, key string, f File) (Attachment, error) {
	r := post("issue/{key}/attachments", key)
	r.file = &f
	var added []Attachment
	if err := c.do(ctx, r, &added); err != nil || len(added) == 0 {
		return Attachment{}, err
	}
	return added[0], nil
}

// Attachment tells what is known of a file, without its content.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/attachment-getAttachment
func (c *Client) Attachment(ctx context.Context, id string) (Attachment, error) {
	var a Attachment
	err := c.do(ctx, get("attachment/{attachment}", id), &a)
	a.ID = id // old versions leave it out
	return a, err
}

// Download writes a file's content to w as it comes. The address is made from the ID: the one that Jira gives begins with
// Jira's own idea of its base URL, which need not be where we reach it.
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-attachments/#api-rest-api-2-attachment-content-id-get
func (c *Client) Download(ctx context.Context, a Attachment, w io.Writer) error {
	name := a.Name
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		name = "file" // which Jira does not look at
	}
	r := get("/secure/attachment/{attachment}/{name}", a.ID, name)
	if c.isCloud() {
		r = get("attachment/content/{attachment}", a.ID).with("redirect", "false")
	}
	r.save, r.accept = &sink{to: w}, "*/*"
	err := c.do(ctx, r, nil)
	if err == nil && a.Size > 0 && r.save.n != a.Size {
		return fmt.Errorf("download attachment %s: %d bytes came instead of %d", a.ID, r.save.n, a.Size)
	}
	return err
}

// DeleteAttachment removes a file.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/attachment-removeAttachment
func (c *Client) DeleteAttachment(ctx context.Context, id string) error {
	return c.do(ctx, remove("attachment/{attachment}", id), nil)
}
