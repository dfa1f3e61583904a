package jiraclient_test

import (
	"context"
	"testing"

	"jirabot/jiraclient"
)

// TestCatalogCalls: what a Jira consists of, told to those whom it knows.
func TestCatalogCalls(t *testing.T) {
	type client = jiraclient.Client
	for _, tt := range []struct {
		name string
		do   trial
		want string
	}{
		{"fields", func(ctx context.Context, c *client) (string, error) {
			list, err := c.Fields(ctx)
			if err != nil {
				return "", err
			}
			last := list[len(list)-1]
			return sprint("%s %s %t %v %s", last.ID, last.Name, last.Custom, last.ClauseNames, last.Schema.Custom), nil
		}, "customfield_10003 Rank true [cf[10003] Rank] com.pyxis.greenhopper.jira:gh-lexo-rank"},
		{"statuses", func(ctx context.Context, c *client) (string, error) {
			list, err := c.Statuses(ctx)
			if err != nil {
				return "", err
			}
			return sprint("%d %v", len(list), list[0]), nil
		}, "6 {10000 To Do new}"},
		{"priorities", func(ctx context.Context, c *client) (string, error) {
			list, err := c.Priorities(ctx)
			return sprint("%v", list), err
		}, "[{1 Highest} {2 High} {3 Medium} {4 Low} {5 Lowest}]"},
		{"resolutions", func(ctx context.Context, c *client) (string, error) {
			list, err := c.Resolutions(ctx)
			return sprint("%v", list), err
		}, "[{10000 Done} {10001 Won't Do} {10002 Duplicate} {10003 Cannot Reproduce}]"},
		{"issue types", func(ctx context.Context, c *client) (string, error) {
			list, err := c.IssueTypes(ctx)
			return sprint("%v", list), err
		}, "[{10000 Epic false} {10001 Story false} {10002 Task false} {10003 Sub-task true} {10004 Bug false}]"},
		{"types of links", func(ctx context.Context, c *client) (string, error) {
			list, err := c.LinkTypes(ctx)
			if err != nil {
				return "", err
			}
			return sprint("%d %v", len(list), list[0]), nil
		}, "4 {10000 Blocks is blocked by blocks}"},
		{"the server", func(ctx context.Context, c *client) (string, error) {
			s, err := c.ServerInfo(ctx)
			return sprint("%s %s %t", s.Version, s.Deployment, s.Known), err
		}, "10.3.24 data_center true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := simulate(t)
			got, err := tt.do(t.Context(), s.as(t, secret))
			settle(t, got, err, tt.want, nil, "")
			_, err = tt.do(t.Context(), s.as(t, "wrong-token"))
			settle(t, "", err, "", jiraclient.ErrUnauthorized, "401: ")
		})
	}
}
