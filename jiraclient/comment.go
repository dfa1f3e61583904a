package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// Visibility restricts who may read a comment or worklog; zero is everybody who may read the issue.
type Visibility struct {
	Type  string `json:"type"` // role or group
	Value string `json:"value"`
}

// A Comment is a comment of an issue. Properties are there only where Jira expands them.
type Comment struct {
	ID           string
	Body         string
	Author       User
	UpdateAuthor User
	Created      Time
	Updated      Time
	Visibility   Visibility
	Properties   map[string]json.RawMessage

	expanded bool // Jira said which properties there are, even if none
}

// UnmarshalJSON turns the list of properties into a map.
func (m *Comment) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID           ident      `json:"id"`
		Body         string     `json:"body"`
		Author       User       `json:"author"`
		UpdateAuthor User       `json:"updateAuthor"`
		Created      Time       `json:"created"`
		Updated      Time       `json:"updated"`
		Visibility   Visibility `json:"visibility"`
		Properties   properties `json:"properties"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*m = Comment{
		string(wire.ID), wire.Body, wire.Author, wire.UpdateAuthor, wire.Created, wire.Updated, wire.Visibility,
		wire.Properties.values, wire.Properties.present,
	}
	return nil
}

// A NewComment is a comment to be added. Properties are set in the same call, so that a mark is there as soon as the
// comment is.
type NewComment struct {
	Body       string
	Visibility Visibility
	Properties map[string]any
}

// wire is what Jira is sent, here and inside of links.
func (n NewComment) wire() map[string]any {
	body := map[string]any{"body": n.Body}
	if n.Visibility != (Visibility{}) {
		body["visibility"] = n.Visibility
	}
	if len(n.Properties) > 0 {
		body["properties"] = propertyList(n.Properties)
	}
	return body
}

// AddComment comments on the issue.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-addComment
func (c *Client) AddComment(ctx context.Context, key string, n NewComment) (Comment, error) {
	var added Comment
	err := c.do(ctx, post("issue/{key}/comment", key).carrying(n.wire()), &added)
	return added, err
}

// Comment reads one comment.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getComment
func (c *Client) Comment(ctx context.Context, key, id string) (Comment, error) {
	var m Comment
	err := c.do(ctx, get("issue/{key}/comment/{comment}", key, id).with("expand", "properties"), &m)
	return m, err
}

// EditComment replaces a comment's text. Say again who may read it: what Jira makes of a Visibility that is left out is
// written nowhere.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-updateComment
func (c *Client) EditComment(ctx context.Context, key, id string, n NewComment) (Comment, error) {
	var m Comment
	err := c.do(ctx, put("issue/{key}/comment/{comment}", key, id).carrying(n.wire()), &m)
	return m, err
}

// DeleteComment removes a comment.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-deleteComment
func (c *Client) DeleteComment(ctx context.Context, key, id string) error {
	return c.do(ctx, remove("issue/{key}/comment/{comment}", key, id), nil)
}

// PinComment keeps a comment on top of the others, or no longer. Data Center can do it from 10 on, Cloud cannot.
// https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-issue/#api-api-2-issue-issueidorkey-comment-id-pin-put
func (c *Client) PinComment(ctx context.Context, key, id string, pinned bool) error {
	err := c.do(ctx, put("issue/{key}/comment/{comment}/pin", key, id).carrying(pinned), nil)
	s := c.server.Load()
	if e, ok := errors.AsType[*Error](err); ok && absent(err) && s != nil && (c.isCloud() || len(s.VersionNumbers) > 0 && s.VersionNumbers[0] < 10) {
		e.kind, e.Hint = ErrUnavailable, "comments are pinned on Data Center, from Jira 10 on"
	}
	return err
}

// Comments lists the comments that our user may read, newest first. Pages are read as they are needed.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getComments
func (c *Client) Comments(ctx context.Context, key string) iter.Seq2[Comment, error] {
	return func(yield func(Comment, error) bool) {
		for start := 0; ; {
			page, err := c.commentPage(ctx, key, start)
			if err != nil {
				yield(Comment{}, err)
				return
			}
			for _, m := range page.Comments {
				if !yield(m, nil) {
					return
				}
			}
			start += len(page.Comments)
			if len(page.Comments) == 0 || start >= page.Total {
				return
			}
		}
	}
}

type commentPage struct {
	Comments []Comment `json:"comments"`
	Total    int       `json:"total"`
}

func (c *Client) commentPage(ctx context.Context, key string, start int) (commentPage, error) {
	r := get("issue/{key}/comment", key).
		with("startAt", strconv.Itoa(start)).
		with("maxResults", "100").
		with("orderBy", "-created").
		with("expand", "properties")
	var page commentPage
	err := c.do(ctx, r, &page)
	return page, err
}

const (
	searchedComments = 500 // in which a mark is looked for
	askedComments    = 10  // that are asked for their property one by one, where Jira does not expand them
)

// FindComment looks for the comment that carries a property of this text. It looks at the newest ones only, as a mark is
// looked for soon after it was made. Where Jira does not expand properties it asks for them, for the newest few of our own.
func (c *Client) FindComment(ctx context.Context, key, propertyKey, propertyValue string) (id string, found bool, err error) {
	self := c.Self()
	seen, asked := 0, 0
	for m, err := range c.Comments(ctx, key) {
		if err != nil {
			return "", false, fmt.Errorf("look for a marked comment: %w", err)
		}
		if holds(m.Properties[propertyKey], propertyValue) {
			return m.ID, true, nil
		}
		if !m.expanded && asked < askedComments && (self == User{} || m.Author.is(self)) {
			asked++
			value, err := c.GetCommentProperty(ctx, m.ID, propertyKey)
			switch {
			case absent(err):
			case err != nil:
				return "", false, fmt.Errorf("look for a marked comment: %w", err)
			case holds(value, propertyValue):
				return m.ID, true, nil
			}
		}
		if seen++; seen == searchedComments || asked == askedComments {
			break
		}
	}
	return "", false, nil
}
