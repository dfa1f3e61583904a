package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A FieldMeta is what a screen says of a field: that it is there, whether it must be filled, and with what.
type FieldMeta struct {
	ID            string            `json:"fieldId"`
	Name          string            `json:"name"`
	Required      bool              `json:"required"`
	HasDefault    bool              `json:"hasDefaultValue"`
	Schema        Schema            `json:"schema"`
	Operations    []string          `json:"operations"` // set, add, remove, edit
	AllowedValues []json.RawMessage `json:"allowedValues"`
}

// A Schema is a field's kind.
type Schema struct {
	Type     string `json:"type"`
	Items    string `json:"items"`
	System   string `json:"system"`
	Custom   string `json:"custom"`
	CustomID int64  `json:"customId"`
}

// EditMeta tells which fields our user may edit on the issue, by field ID. What is not in it cannot be set.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getEditIssueMeta
func (c *Client) EditMeta(ctx context.Context, key string) (map[string]FieldMeta, error) {
	var meta struct {
		Fields map[string]FieldMeta `json:"fields"`
	}
	err := c.do(ctx, get("issue/{key}/editmeta", key), &meta)
	return withIDs(meta.Fields), err
}

// CreateMeta tells which fields a new issue of the type, given by name or ID, can have, by field ID. Jira before 8.4 has
// only the older call, which later versions lack.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getCreateIssueMetaFields
func (c *Client) CreateMeta(ctx context.Context, project, kind string) (map[string]FieldMeta, error) {
	types, err := createMetaPages[IssueType](ctx, c, get("issue/createmeta/{project}/issuetypes", project))
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnavailable) {
		return c.createMetaOld(ctx, project, kind)
	}
	if err != nil {
		return nil, err
	}
	chosen, ok := chooseType(types, kind)
	if !ok {
		return nil, c.noSuchType(project, kind, types)
	}
	list, err := createMetaPages[FieldMeta](ctx, c, get("issue/createmeta/{project}/issuetypes/{type}", project, chosen.ID))
	if err != nil {
		return nil, err
	}
	fields := make(map[string]FieldMeta, len(list))
	for _, f := range list {
		fields[f.ID] = f
	}
	return fields, nil
}

// createMetaPages reads all pages; Cloud has other names for the list.
func createMetaPages[T any](ctx context.Context, c *Client, r request) ([]T, error) {
	var all []T
	for {
		var page struct {
			Values     []T  `json:"values"`
			IssueTypes []T  `json:"issueTypes"`
			Fields     []T  `json:"fields"`
			Total      int  `json:"total"`
			IsLast     bool `json:"isLast"`
		}
		if err := c.do(ctx, r.with("startAt", strconv.Itoa(len(all))).with("maxResults", "100"), &page); err != nil {
			return nil, err
		}
		got := append(append(page.Values, page.IssueTypes...), page.Fields...)
		all = append(all, got...)
		if len(got) == 0 || page.IsLast || len(all) >= page.Total {
			return all, nil
		}
	}
}

// createMetaOld is the call of before Jira 8.4.
// https://docs.atlassian.com/software/jira/docs/api/REST/8.4.0/#api/2/issue-getCreateIssueMeta
func (c *Client) createMetaOld(ctx context.Context, project, kind string) (map[string]FieldMeta, error) {
	var meta struct {
		Projects []struct {
			IssueTypes []struct {
				IssueType
				Fields map[string]FieldMeta `json:"fields"`
			} `json:"issuetypes"`
		} `json:"projects"`
	}
	r := get("issue/createmeta").with("projectKeys", project).with("expand", "projects.issuetypes.fields")
	if err := c.do(ctx, r, &meta); err != nil {
		return nil, err
	}
	var types []IssueType
	for _, p := range meta.Projects {
		for _, t := range p.IssueTypes {
			types = append(types, t.IssueType)
		}
	}
	chosen, ok := chooseType(types, kind)
	if !ok {
		return nil, c.noSuchType(project, kind, types)
	}
	for _, p := range meta.Projects {
		for _, t := range p.IssueTypes {
			if t.ID == chosen.ID {
				return withIDs(t.Fields), nil
			}
		}
	}
	return nil, nil
}

// chooseType prefers the exact name, then the ID, then the name in other letters.
func chooseType(types []IssueType, kind string) (IssueType, bool) {
	for _, same := range []func(IssueType) bool{
		func(t IssueType) bool { return t.Name == kind },
		func(t IssueType) bool { return t.ID == kind },
		func(t IssueType) bool { return strings.EqualFold(t.Name, kind) },
	} {
		for _, t := range types {
			if same(t) {
				return t, true
			}
		}
	}
	return IssueType{}, false
}

func (c *Client) noSuchType(project, kind string, types []IssueType) error {
	if len(types) == 0 {
		return fmt.Errorf("project %s offers %s no issue type to create: %w", project, c.who(), ErrNotFound)
	}
	var names []string
	for _, t := range types {
		names = append(names, t.Name)
	}
	return fmt.Errorf("project %s has no issue type %q for %s to create, only %s: %w", project, kind, c.who(), strings.Join(names, ", "), ErrNotFound)
}

// withIDs fills in the IDs, which the older calls give only as keys.
func withIDs(fields map[string]FieldMeta) map[string]FieldMeta {
	for id, f := range fields {
		f.ID = id
		fields[id] = f
	}
	return fields
}
