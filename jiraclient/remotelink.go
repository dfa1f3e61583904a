package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// A RemoteLink leads from an issue to something outside of Jira. There is one of each GlobalID at an issue, which makes it
// a key against repetition; Jira finds a link without one only by its ID.
type RemoteLink struct {
	ID           string
	GlobalID     string
	Application  Application
	Relationship string // the heading under which people see it; Jira's default is "links to"
	Object       RemoteObject
}

// An Application is where a RemoteLink leads to.
type Application struct {
	Type string `json:"type,omitempty"` // com.acme.tracker
	Name string `json:"name,omitempty"`
}

// A RemoteObject is the thing at the end of a RemoteLink. URL and Title are required.
type RemoteObject struct {
	URL     string       `json:"url"`
	Title   string       `json:"title"`
	Summary string       `json:"summary,omitempty"`
	Icon    RemoteIcon   `json:"icon,omitzero"`
	Status  RemoteStatus `json:"status,omitzero"`
}

// A RemoteStatus tells how far the thing is. What is resolved is shown struck through.
type RemoteStatus struct {
	Resolved bool       `json:"resolved"`
	Icon     RemoteIcon `json:"icon,omitzero"`
}

// A RemoteIcon is a small picture and what it says.
type RemoteIcon struct {
	URL   string `json:"url16x16,omitempty"`
	Title string `json:"title,omitempty"`
	Link  string `json:"link,omitempty"` // where a click on a status leads to
}

// UnmarshalJSON takes the ID as a text or a number.
func (l *RemoteLink) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID           ident        `json:"id"`
		GlobalID     string       `json:"globalId"`
		Application  Application  `json:"application"`
		Relationship string       `json:"relationship"`
		Object       RemoteObject `json:"object"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*l = RemoteLink{string(wire.ID), wire.GlobalID, wire.Application, wire.Relationship, wire.Object}
	return nil
}

// wire is what Jira is sent: all but the ID, which stands in the address.
func (l RemoteLink) wire() map[string]any {
	body := map[string]any{"object": l.Object}
	if l.GlobalID != "" {
		body["globalId"] = l.GlobalID
	}
	if l.Application != (Application{}) {
		body["application"] = l.Application
	}
	if l.Relationship != "" {
		body["relationship"] = l.Relationship
	}
	return body
}

// RemoteLinks lists the remote links.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getRemoteIssueLinks
func (c *Client) RemoteLinks(ctx context.Context, key string) ([]RemoteLink, error) {
	var list []RemoteLink
	err := c.do(ctx, get("issue/{key}/remotelink", key), &list)
	return list, err
}

// RemoteLink reads one by its ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getRemoteIssueLinkById
func (c *Client) RemoteLink(ctx context.Context, key, id string) (RemoteLink, error) {
	var l RemoteLink
	err := c.do(ctx, get("issue/{key}/remotelink/{link}", key, id), &l)
	return l, err
}

// RemoteLinkByGlobalID reads the one with this global ID; ErrNotFound where there is none.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getRemoteIssueLinks
func (c *Client) RemoteLinkByGlobalID(ctx context.Context, key, globalID string) (RemoteLink, error) {
	if globalID == "" {
		return RemoteLink{}, fmt.Errorf("find a remote link of %s: %w", key, errNoGlobalID)
	}
	var l RemoteLink
	err := c.do(ctx, get("issue/{key}/remotelink", key).with("globalId", globalID), &l)
	return l, err
}

// SaveRemoteLink adds a remote link, or replaces the one with the same GlobalID, and returns its ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-createOrUpdateRemoteIssueLink
func (c *Client) SaveRemoteLink(ctx context.Context, key string, l RemoteLink) (id string, err error) {
	var saved RemoteLink
	err = c.do(ctx, post("issue/{key}/remotelink", key).carrying(l.wire()), &saved)
	return saved.ID, err
}

// ReplaceRemoteLink replaces the remote link with l's ID whole: what l leaves out, its GlobalID too, is taken away.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-updateRemoteIssueLink
func (c *Client) ReplaceRemoteLink(ctx context.Context, key string, l RemoteLink) error {
	return c.do(ctx, put("issue/{key}/remotelink/{link}", key, l.ID).carrying(l.wire()), nil)
}

// DeleteRemoteLink removes the one with this ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-deleteRemoteIssueLinkById
func (c *Client) DeleteRemoteLink(ctx context.Context, key, id string) error {
	return c.do(ctx, remove("issue/{key}/remotelink/{link}", key, id), nil)
}

// DeleteRemoteLinkByGlobalID removes the one with this global ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-deleteRemoteIssueLinkByGlobalId
func (c *Client) DeleteRemoteLinkByGlobalID(ctx context.Context, key, globalID string) error {
	if globalID == "" {
		return fmt.Errorf("remove a remote link of %s: %w", key, errNoGlobalID)
	}
	return c.do(ctx, remove("issue/{key}/remotelink", key).with("globalId", globalID), nil)
}

// Without a global ID the same address stands for all links of the issue.
var errNoGlobalID = errors.New("no global id given")
