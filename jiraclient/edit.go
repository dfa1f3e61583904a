package jiraclient

import (
	"context"
	"errors"
	"fmt"
)

// An Edit is a change to an issue: Fields are set, Update adds, removes or sets single values. Prefer Update for fields
// with several values, as Jira has no lock against somebody else's change in between.
type Edit struct {
	Fields map[string]any
	Update map[string][]map[string]any
	// Notify false sends no e-mail, for which Jira wants an administrator. Transitions have no such switch.
	Notify *bool
}

// wire is what Jira is sent. The same field in both halves is refused here, where the text can name it.
func (e Edit) wire() (map[string]any, error) {
	body := map[string]any{}
	for name := range e.Update {
		if _, twice := e.Fields[name]; twice {
			return nil, fmt.Errorf("field %s is both set and updated: choose one", name)
		}
	}
	if len(e.Fields) > 0 {
		body["fields"] = e.Fields
	}
	if len(e.Update) > 0 {
		body["update"] = e.Update
	}
	return body, nil
}

// EditIssue changes fields of an issue.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-editIssue
func (c *Client) EditIssue(ctx context.Context, key string, e Edit) error {
	body, err := e.wire()
	if err == nil && len(body) == 0 {
		err = errors.New("nothing to change: give fields or updates")
	}
	if err != nil {
		return fmt.Errorf("edit %s: %w", key, err)
	}
	return c.do(ctx, quietly(put("issue/{key}", key).carrying(body), e.Notify), nil)
}

// quietly sends no e-mail if notify says so, for which Jira wants an administrator.
func quietly(r request, notify *bool) request {
	if notify != nil {
		r = r.with("notifyUsers", fmt.Sprint(*notify))
	}
	return r
}

// Create is a new issue. Properties are set in the same call, so that a mark is there as soon as the issue is.
type Create struct {
	Fields     map[string]any
	Update     map[string][]map[string]any
	Properties map[string]any
}

// Created is what Jira tells of a new issue.
type Created struct {
	ID  string
	Key string
}

// wire is what Jira is sent, alone and among several.
func (n Create) wire() (map[string]any, error) {
	body, err := Edit{Fields: n.Fields, Update: n.Update}.wire()
	if err == nil && len(n.Properties) > 0 {
		body["properties"] = propertyList(n.Properties)
	}
	return body, err
}

type createdWire struct {
	ID  ident  `json:"id"`
	Key string `json:"key"`
}

func (w createdWire) created() Created { return Created{ID: string(w.ID), Key: w.Key} }

// CreateIssue makes an issue. The call has no key against repetition: after an Uncertain error look for the mark first.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-createIssue
func (c *Client) CreateIssue(ctx context.Context, n Create) (Created, error) {
	body, err := n.wire()
	if err != nil {
		return Created{}, fmt.Errorf("create an issue: %w", err)
	}
	var made createdWire
	err = c.do(ctx, post("issue").carrying(body), &made)
	return made.created(), err
}

// Assign gives the issue to somebody, or to nobody if that is nil. Automatic lets the project choose.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-assign
func (c *Client) Assign(ctx context.Context, key string, to *UserRef) error {
	field := "name"
	if c.isCloud() {
		field = "accountId"
	}
	body := map[string]any{field: nil}
	if to != nil {
		if to.id() == "" {
			return fmt.Errorf("assign %s: the user has neither name nor account ID; nil takes the assignee away", key)
		}
		body[field] = to.id()
	}
	return c.do(ctx, put("issue/{key}/assignee", key).carrying(body), nil)
}
