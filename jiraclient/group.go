package jiraclient

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// GroupMembers lists the active members of a group. Data Center tells them to administrators only.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/group-getUsersFromGroup
func (c *Client) GroupMembers(ctx context.Context, group string) iter.Seq2[User, error] {
	return listed[User](ctx, c, get("group/member").with("groupname", group))
}

// Groups lists the groups that somebody is in. Unlike GroupMembers it needs no administrator. ErrUnavailable means that
// this Jira does not tell.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-getUser
func (c *Client) Groups(ctx context.Context, user UserRef) ([]string, error) {
	var answer struct {
		Groups *struct {
			Size  int `json:"size"`
			Items []struct {
				Name string `json:"name"`
			} `json:"items"`
		} `json:"groups"`
	}
	r, err := ofUser(get("user"), user)
	if err != nil {
		return nil, fmt.Errorf("list somebody's groups: %w", err)
	}
	if err := c.do(ctx, r.with("expand", "groups"), &answer); err != nil {
		return nil, err
	}
	if answer.Groups == nil || len(answer.Groups.Items) < answer.Groups.Size {
		return nil, fmt.Errorf("list the groups of %s: the answer does not hold them all: %w", user.id(), ErrUnavailable)
	}
	var names []string
	for _, g := range answer.Groups.Items {
		names = append(names, g.Name)
	}
	return names, nil
}

// InGroup tells whether somebody is in the group of this name. A group that does not exist has nobody in it.
func (c *Client) InGroup(ctx context.Context, user UserRef, group string) (bool, error) {
	in, err := c.inAnyGroup(ctx, user, []string{group})
	if err != nil {
		return false, fmt.Errorf("ask whether %s is in group %q: %w", user.id(), group, err)
	}
	return in, nil
}

func (c *Client) inAnyGroup(ctx context.Context, user UserRef, groups []string) (bool, error) {
	// Directories do not tell cases apart.
	wanted := func(name string) bool {
		return slices.ContainsFunc(groups, func(g string) bool { return strings.EqualFold(g, name) })
	}
	own, err := c.Groups(ctx, user)
	return slices.ContainsFunc(own, wanted), err
}
