package jiraclient

import (
	"context"
	"encoding/json"
)

// A LinkType is a kind of link and how it reads from either end.
type LinkType struct {
	ID      string `json:"id"`
	Name    string `json:"name"`    // Blocks
	Inward  string `json:"inward"`  // is blocked by
	Outward string `json:"outward"` // blocks
}

// LinkTypes lists the kinds of links.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issueLinkType-getIssueLinkTypes
func (c *Client) LinkTypes(ctx context.Context) ([]LinkType, error) {
	var answer struct {
		Types []LinkType `json:"issueLinkTypes"`
	}
	err := c.do(ctx, get("issueLinkType").nicety(), &answer)
	return answer.Types, err
}

// A NewLink links two issues. Jira's words mislead: with type Blocks, Inward blocks Outward.
type NewLink struct {
	Type    string
	Inward  string // key
	Outward string // key
	Comment string // goes to Inward; may be empty
}

// CreateLink links two issues. Jira answers without the link's ID.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issueLink-linkIssues
func (c *Client) CreateLink(ctx context.Context, n NewLink) error {
	body := map[string]any{
		"type":         map[string]string{"name": n.Type},
		"inwardIssue":  map[string]string{"key": n.Inward},
		"outwardIssue": map[string]string{"key": n.Outward},
	}
	if n.Comment != "" {
		body["comment"] = NewComment{Body: n.Comment}.wire()
	}
	return c.do(ctx, post("issueLink").carrying(body), nil)
}

// A Link is a link between two issues. As a value of an issue's field it lacks that issue: only the other end is told.
type Link struct {
	ID      string
	Type    LinkType
	Inward  LinkEnd
	Outward LinkEnd
}

// A LinkEnd is an issue at one end of a link.
type LinkEnd struct {
	ID  string
	Key string
}

// UnmarshalJSON takes the IDs as texts or numbers.
func (l *Link) UnmarshalJSON(b []byte) error {
	type end struct {
		ID  ident  `json:"id"`
		Key string `json:"key"`
	}
	var wire struct {
		ID      ident    `json:"id"`
		Type    LinkType `json:"type"`
		Inward  end      `json:"inwardIssue"`
		Outward end      `json:"outwardIssue"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*l = Link{string(wire.ID), wire.Type, LinkEnd{string(wire.Inward.ID), wire.Inward.Key}, LinkEnd{string(wire.Outward.ID), wire.Outward.Key}}
	return nil
}

// Link reads a link.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issueLink-getIssueLink
func (c *Client) Link(ctx context.Context, id string) (Link, error) {
	var l Link
	err := c.do(ctx, get("issueLink/{link}", id), &l)
	return l, err
}

// DeleteLink removes a link.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issueLink-deleteIssueLink
func (c *Client) DeleteLink(ctx context.Context, id string) error {
	return c.do(ctx, remove("issueLink/{link}", id), nil)
}
