package jiraclient_test

import (
	"context"

	"jirabot/jiraclient"
)

// projectRecordings are of calls about projects, people and what a Jira consists of.
func projectRecordings() []recording {
	type client = jiraclient.Client
	return []recording{
		{file: "port-ocean-jira-server/raw_user.json", read: user, want: "true, true, true, true"},
		{file: "jira-cli/myself.json", read: user, want: "false, true, false, false"},
		{file: "jira-ruby/user_accountId=1234567890abcdef01234567.json", read: user, want: "true, true, true, true"},
		{file: "jira-cli/serverinfo.json", read: func(ctx context.Context, c *client) (any, error) {
			s, err := c.ServerInfo(ctx)
			return sprint("%s %s %v", s.Version, s.Deployment, s.Time.UTC().Hour()), err
		}, want: "1001.0.0-SNAPSHOT cloud 19"},
		{file: "go-jira/all_fields.json", read: fields, want: "2 true, false string"},
		{file: "jira-ruby/field.json", read: fields, want: "2 true, false string"},
		{file: "jira-cli/fields.json", read: fields, want: "3 true, false number"},
		{file: "jira-ruby/issueLinkType.json", read: linkTypes, want: "3 {10000 Blocks is blocked by blocks}"},
		{file: "jira-cli/issue-link-types.json", read: linkTypes, want: "3 {10000 Blocks is blocked by blocks}"},
		{file: "go-jira/all_statuses.json", read: statuses, want: "37 {1 Idea new}"},
		{file: "jira-ruby/status.json", read: statuses, want: "5 {1 Open new}"},
		{file: "go-jira/all_priorities.json", read: priorities, want: "5 {1 Blocker}"},
		{file: "jira-ruby/priority.json", read: priorities, want: "5 {1 Blocker}"},
		{file: "jira-ruby/issuetype.json", read: func(ctx context.Context, c *client) (any, error) {
			l, err := c.IssueTypes(ctx)
			return sprint("%d %v", len(l), l[0]), err
		}, want: "5 {5 Sub-task true}"},
		{file: "jira-cli/createmeta.json", at: "/issue/createmeta", read: func(ctx context.Context, c *client) (any, error) {
			fields, err := c.CreateMeta(ctx, "TEST", "Epic")
			return sprint("%d %s", len(fields), fields["customfield_10011"].Name), err
		}, want: "3 Epic Name"},
		{file: "jira-cli/createmetav9.json", read: func(ctx context.Context, c *client) (any, error) {
			_, err := c.CreateMeta(ctx, "TEST", "Ode")
			return err, nil
		}, want: `project TEST has no issue type "Ode" for the bot user to create, only Epic, Task, Sub-task: missing or not visible`},
		{file: "go-jira/project.json", read: project, want: "ABDERA, led by true, 35 types, 0 components, 9 versions"},
		{file: "jira-ruby/project__SAMPLEPROJECT.json", read: project, want: "SAMPLEPROJECT, led by true, 5 types, 2 components, 0 versions"},
		{file: "port-ocean-jira-server/raw_project.json", read: project, want: "MAT, led by false, 0 types, 0 components, 0 versions"},
		{file: "jira-ruby/webhook.json", read: func(ctx context.Context, c *client) (any, error) {
			l, err := c.Webhooks(ctx)
			return sprint("%+v", l), err
		}, want: "[{ID:2 Name:from API URL:http://localhost:3000/webhooks/1 Events:[] JQL: Secret: ExcludeBody:false Active:true}]"},
		{file: "jira-ruby/webhook__2.json", read: func(ctx context.Context, c *client) (any, error) {
			w, err := c.SaveWebhook(ctx, jiraclient.Webhook{ID: "2"})
			return sprint("%+v", w), err
		}, want: "{ID:2 Name:from API URL:http://localhost:3000/webhooks/1 Events:[] JQL: Secret: ExcludeBody:false Active:true}"},
	}
}

func user(ctx context.Context, c *jiraclient.Client) (any, error) {
	u, err := c.Myself(ctx)
	return sprint("%t, %t, %t, %t", u.Name != "", u.DisplayName != "", u.Active, u.TimeZone != ""), err
}

func fields(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Fields(ctx)
	return sprint("%d %t, %t %s", len(l), l[len(l)-1].ID != "", l[len(l)-1].Custom, l[len(l)-1].Schema.Type), err
}

func linkTypes(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.LinkTypes(ctx)
	return sprint("%d %v", len(l), l[0]), err
}

func statuses(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Statuses(ctx)
	return sprint("%d %v", len(l), l[0]), err
}

func priorities(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Priorities(ctx)
	return sprint("%d %v", len(l), l[0]), err
}

func project(ctx context.Context, c *jiraclient.Client) (any, error) {
	p, err := c.Project(ctx, "1")
	return sprint("%s, led by %t, %d types, %d components, %d versions", p.Key, p.Lead.Name != "", len(p.IssueTypes), len(p.Components), len(p.Versions)), err
}
