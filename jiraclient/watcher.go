package jiraclient

import (
	"context"
	"fmt"
)

// Watchers lists who watches the issue. Without the permission to see them Jira leaves the list empty.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getIssueWatchers
func (c *Client) Watchers(ctx context.Context, key string) ([]User, error) {
	var answer struct {
		Watchers []User `json:"watchers"`
	}
	err := c.do(ctx, get("issue/{key}/watchers", key), &answer)
	return answer.Watchers, err
}

// AddWatcher makes somebody watch the issue. The body is the bare name, or account ID, as a JSON string.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-addWatcher
func (c *Client) AddWatcher(ctx context.Context, key string, user UserRef) error {
	if user.id() == "" {
		return fmt.Errorf("add a watcher to %s: the user has neither name nor account ID", key)
	}
	return c.do(ctx, post("issue/{key}/watchers", key).carrying(user.id()), nil)
}

// RemoveWatcher makes somebody watch the issue no more.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-removeWatcher
func (c *Client) RemoveWatcher(ctx context.Context, key string, user UserRef) error {
	if user.id() == "" {
		return fmt.Errorf("remove a watcher from %s: the user has neither name nor account ID", key)
	}
	name := "username"
	if user.AccountID != "" {
		name = "accountId"
	}
	return c.do(ctx, remove("issue/{key}/watchers", key).with(name, user.id()), nil)
}
