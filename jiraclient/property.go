package jiraclient

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
)

// property is an entity property as Jira writes it.
type property struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// propertyList is the form in which new issues, comments and worklogs carry properties, in a steady order.
func propertyList(m map[string]any) []property {
	var list []property
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, property{key, m[key]})
	}
	return list
}

// properties reads that form back. Present tells an empty list from none, which is an answer without properties.
type properties struct {
	present bool
	values  map[string]json.RawMessage
}

// UnmarshalJSON accepts a list of key and value.
func (p *properties) UnmarshalJSON(b []byte) error {
	var list []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	p.present = list != nil
	for _, each := range list {
		if p.values == nil {
			p.values = map[string]json.RawMessage{}
		}
		p.values[each.Key] = each.Value
	}
	return nil
}

// holds tells whether a property's value is this text. Some versions hand the value out as JSON within a string.
func holds(value json.RawMessage, want string) bool {
	for range 2 {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return false
		}
		if s == want {
			return true
		}
		value = json.RawMessage(s)
	}
	return false
}

// GetIssueProperty reads a property's value; ErrNotFound where the issue has none of that key.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/properties-getProperty
func (c *Client) GetIssueProperty(ctx context.Context, key, name string) (json.RawMessage, error) {
	return c.getProperty(ctx, get("issue/{key}/properties/{property}", key, name))
}

// SetIssueProperty sets a property to anything that can be JSON.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/properties-setProperty
func (c *Client) SetIssueProperty(ctx context.Context, key, name string, value any) error {
	return c.do(ctx, put("issue/{key}/properties/{property}", key, name).carrying(document{value}), nil)
}

// DeleteIssueProperty removes a property.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/properties-deleteProperty
func (c *Client) DeleteIssueProperty(ctx context.Context, key, name string) error {
	return c.do(ctx, remove("issue/{key}/properties/{property}", key, name), nil)
}

// IssueProperties lists the keys of the issue's properties.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/properties-getPropertiesKeys
func (c *Client) IssueProperties(ctx context.Context, key string) ([]string, error) {
	return c.propertyKeys(ctx, get("issue/{key}/properties", key))
}

// GetCommentProperty reads a property's value; ErrNotFound where the comment has none of that key.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/comment/{commentId}/properties-getProperty
func (c *Client) GetCommentProperty(ctx context.Context, comment, name string) (json.RawMessage, error) {
	return c.getProperty(ctx, get("comment/{comment}/properties/{property}", comment, name))
}

// SetCommentProperty sets a property to anything that can be JSON.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/comment/{commentId}/properties-setProperty
func (c *Client) SetCommentProperty(ctx context.Context, comment, name string, value any) error {
	return c.do(ctx, put("comment/{comment}/properties/{property}", comment, name).carrying(document{value}), nil)
}

// DeleteCommentProperty removes a property.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/comment/{commentId}/properties-deleteProperty
func (c *Client) DeleteCommentProperty(ctx context.Context, comment, name string) error {
	return c.do(ctx, remove("comment/{comment}/properties/{property}", comment, name), nil)
}

// CommentProperties lists the keys of the comment's properties.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/comment/{commentId}/properties-getPropertiesKeys
func (c *Client) CommentProperties(ctx context.Context, comment string) ([]string, error) {
	return c.propertyKeys(ctx, get("comment/{comment}/properties", comment))
}

func (c *Client) propertyKeys(ctx context.Context, r request) ([]string, error) {
	var answer struct {
		Keys []struct {
			Key string `json:"key"`
		} `json:"keys"`
	}
	err := c.do(ctx, r, &answer)
	var keys []string
	for _, p := range answer.Keys {
		keys = append(keys, p.Key)
	}
	return keys, err
}

func (c *Client) getProperty(ctx context.Context, r request) (json.RawMessage, error) {
	var p struct {
		Value json.RawMessage `json:"value"`
	}
	err := c.do(ctx, r, &p)
	return p.Value, err
}

// document is a body that may itself be null.
type document struct{ value any }

// MarshalJSON writes the value as it is.
func (d document) MarshalJSON() ([]byte, error) { return json.Marshal(d.value) }
