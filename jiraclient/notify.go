package jiraclient

import (
	"context"
	"fmt"
)

// A Notification is a mail about an issue, sent by Jira. Nobody who may not see the issue gets one. Without a Subject Jira
// takes the issue's, without bodies its usual text.
type Notification struct {
	Subject  string
	TextBody string
	HTMLBody string

	Reporter bool
	Assignee bool
	Watchers bool
	Voters   bool
	Users    []UserRef
	Groups   []string // by name

	// OnlyGroups and OnlyWith keep it from all who are in none of the groups or lack the permissions.
	OnlyGroups []string
	OnlyWith   []Permission
}

// Notify has Jira send a mail. Success means that it is in Jira's queue.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-notify
func (c *Client) Notify(ctx context.Context, key string, n Notification) error {
	to := map[string]any{}
	for name, wanted := range map[string]bool{"reporter": n.Reporter, "assignee": n.Assignee, "watchers": n.Watchers, "voters": n.Voters} {
		if wanted {
			to[name] = true
		}
	}
	if len(n.Users) > 0 {
		to["users"] = n.Users
	}
	if len(n.Groups) > 0 {
		to["groups"] = each("name", n.Groups)
	}
	if len(to) == 0 {
		return fmt.Errorf("notify about %s: nobody is named: want reporter, assignee, watchers, voters, users or groups", key)
	}
	for _, u := range n.Users {
		if u.id() == "" {
			return fmt.Errorf("notify about %s: a user has neither name nor account ID", key)
		}
	}
	body := map[string]any{"to": to}
	for name, text := range map[string]string{"subject": n.Subject, "textBody": n.TextBody, "htmlBody": n.HTMLBody} {
		if text != "" {
			body[name] = text
		}
	}
	only := map[string]any{}
	if len(n.OnlyGroups) > 0 {
		only["groups"] = each("name", n.OnlyGroups)
	}
	if len(n.OnlyWith) > 0 {
		only["permissions"] = each("key", n.OnlyWith)
	}
	if len(only) > 0 {
		body["restrict"] = only
	}
	return c.do(ctx, post("issue/{key}/notify", key).carrying(body), nil)
}

// each wraps names into objects with one member, as Jira wants lists of things.
func each[T ~string](member string, names []T) []map[string]T {
	var list []map[string]T
	for _, name := range names {
		list = append(list, map[string]T{member: name})
	}
	return list
}
