package jiraclient_test

import (
	"context"
	"encoding/json"

	"jirabot/jiraclient"
)

// issueRecordings are of calls about issues.
func issueRecordings() []recording {
	type client = jiraclient.Client
	return []recording{
		{file: "jira-ruby/issue__10002.json", read: issue("resolution"), want: "SAMPLEPROJECT-1 many null"},
		{file: "php-jira-rest-client/issue.json", read: issue("labels"), want: "TEST-1 many []"},
		{file: "port-ocean-jira-server/raw_issue.json", read: issue("labels"), want: "MAT-1 many []"},
		{file: "jira-cli/issue.json", read: issue("assignee"), want: "TEST-1 some null"},
		{file: "jira-cli/issue-1.json", read: issue("labels"), want: "TEST-1 some []"},
		{file: "jira-cli/issue-2.json", read: issue("resolution"), want: "TEST-1 some null"},
		{file: "php-jira-rest-client/issueField.json", wrap: `{"key":"TEST-1","fields":@}`, read: issue("duedate"), want: "TEST-1 many null"},
		{file: "php-jira-rest-client/reporter-no-email-address.json", wrap: `{"key":"TEST-1","fields":@}`, read: func(ctx context.Context, c *client) (any, error) {
			i, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
			if err != nil {
				return nil, err
			}
			var u jiraclient.User
			err = json.Unmarshal(i.Fields["reporter"], &u)
			return sprint("%t %t %q %t", u.Name != "", u.Key == u.Name, u.EmailAddress, u.Active), err
		}, want: `true true "" true`},
		{file: "jira-ruby/issue.json", read: search, want: "11"},
		{file: "jira-ruby/empty_issues.json", read: search, want: "0"},
		{file: "jira-ruby/project__SAMPLEPROJECT.issues.json", read: search, want: "11"},
		{file: "jira-ruby/rapidview__SAMPLEPROJECT.issues.full.json", read: search, want: "2"},
		{file: "jira-cli/search.json", cloud: true, read: search, want: "3"},
		{file: "jira-ruby/issue.post.json", read: created, want: "10005 SAMPLEPROJECT-4"},
		{file: "jira-cli/create.json", read: created, want: "10057 TEST-3"},
		{file: "jira-ruby/issue__10002__transitions.json", read: transitions, want: "4 false"},
		{file: "jira-cli/transitions.json", read: transitions, want: "2 false"},
		{file: "go-jira/transitions.json", read: transitions, want: "2 true"},
		{file: "jira-ruby/issue__10002__transitions.post.json", read: func(ctx context.Context, c *client) (any, error) {
			return nil, c.Transition(ctx, "1", "4", jiraclient.Edit{})
		}, want: "<nil>"},
		{file: "jira-ruby/issue__10002__comment.json", read: func(ctx context.Context, c *client) (any, error) {
			all := ""
			for m, err := range c.Comments(ctx, "1") {
				if err != nil {
					return nil, err
				}
				all += comment(m) + "; "
			}
			return all, nil
		}, want: "10000 of 2012-01-10 21:02; 10001 of 2012-01-12 01:29; "},
		{file: "jira-ruby/issue__10002__comment.post.json", read: func(ctx context.Context, c *client) (any, error) {
			m, err := c.AddComment(ctx, "1", jiraclient.NewComment{})
			return comment(m), err
		}, want: "10001 of 2012-01-12 01:29"},
		{file: "jira-ruby/issue__10002__comment__10000.json", read: func(ctx context.Context, c *client) (any, error) {
			m, err := c.Comment(ctx, "1", "10000")
			return comment(m), err
		}, want: "10000 of 2012-01-10 21:02"},
		{file: "jira-ruby/issue__10002__comment__10000.put.json", read: func(ctx context.Context, c *client) (any, error) {
			m, err := c.EditComment(ctx, "1", "10000", jiraclient.NewComment{})
			return comment(m), err
		}, want: "10000 of 2012-01-10 21:02"},
		{file: "php-jira-rest-client/comment.json", read: func(ctx context.Context, c *client) (any, error) {
			m, err := c.AddComment(ctx, "1", jiraclient.NewComment{})
			return sprint("%t %v", m.ID != "", m.Visibility), err
		}, want: "true {role Users}"},
		{file: "jira-ruby/issue__10002__worklog.json", read: func(ctx context.Context, c *client) (any, error) {
			all := ""
			for w, err := range c.Worklogs(ctx, "1") {
				if err != nil {
					return nil, err
				}
				all += worklog(w) + "; "
			}
			return all, nil
		}, want: "10000 18w 2d from 2012-01-11 00:33; 10001 4d from 2012-01-12 03:08; 10002 3d from 2012-01-12 03:20; "},
		{file: "jira-ruby/issue__10002__worklog.post.json", read: func(ctx context.Context, c *client) (any, error) {
			w, err := c.AddWorklog(ctx, "1", jiraclient.NewWorklog{TimeSpent: "2d"})
			return worklog(w), err
		}, want: "10001 2d from 2012-01-12 03:08"},
		{file: "jira-ruby/issue__10002__worklog__10000.json", read: func(ctx context.Context, c *client) (any, error) {
			w, err := c.Worklog(ctx, "1", "10000")
			return worklog(w), err
		}, want: "10000 18w 2d from 2012-01-11 00:33"},
		{file: "jira-ruby/issue__10002__worklog__10000.put.json", read: func(ctx context.Context, c *client) (any, error) {
			w, err := c.EditWorklog(ctx, "1", "10000", jiraclient.WorklogEdit{TimeSpent: "4d"})
			return worklog(w), err
		}, want: "10001 4d from 2012-01-12 03:08"},
		{file: "jira-ruby/issue__10002__watchers.json", read: func(ctx context.Context, c *client) (any, error) {
			u, err := c.Watchers(ctx, "1")
			return sprint("%d %s", len(u), u[0].Name), err
		}, want: "1 admin"},
		{file: "jira-ruby/issue__10002__properties.json", read: func(ctx context.Context, c *client) (any, error) {
			return c.IssueProperties(ctx, "1")
		}, want: "[xyz foo]"},
		{file: "jira-ruby/issue__10002__properties__xyz.json", read: property, want: `"supercalifragilistic"`},
		{file: "jira-ruby/issue__10002__properties__foo.json", read: property, want: `"bar"`},
		{file: "jira-ruby/issue__10002__properties__xyz.put.json", read: property, want: `"expialidocious"`},
		{file: "jira-ruby/issue__10002__attachments__10000.json", read: func(ctx context.Context, c *client) (any, error) {
			a, err := c.Attachment(ctx, "10000")
			return sprint("%s %s %d %s by %s", a.ID, a.Name, a.Size, a.MimeType, a.Author.Name), err
		}, want: "10000 ballmer.png 15360 image/png by admin"},
		{file: "go-jira/remote_links.json", read: func(ctx context.Context, c *client) (any, error) {
			l, err := c.RemoteLinks(ctx, "1")
			if err != nil {
				return nil, err
			}
			return sprint("%d: %s %s, %s %q, %s, %t %s", len(l), l[0].ID, l[0].GlobalID, l[0].Relationship, l[0].Object.Title, l[0].Application.Type, l[0].Object.Status.Resolved, l[1].Object.Status.Icon.Link), nil
		}, want: `2: 10000 system=http://www.mycompany.com/support&id=1, causes "TSTSUP-111", com.acme.tracker, true http://www.anothercompany.com/tester/person?username=fred`},
	}
}

func issue(field string) func(context.Context, *jiraclient.Client) (any, error) {
	return func(ctx context.Context, c *jiraclient.Client) (any, error) {
		i, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
		much := "some"
		if len(i.Fields) > 15 {
			much = "many"
		}
		return sprint("%s %s %s", i.Key, much, i.Fields[field]), err
	}
}

func search(ctx context.Context, c *jiraclient.Client) (any, error) {
	n := 0
	for i, err := range c.Search(ctx, "", jiraclient.SearchQuery{}) {
		if err != nil || i.Key == "" || len(i.Fields) == 0 {
			return i, err
		}
		n++
	}
	return n, nil
}

func created(ctx context.Context, c *jiraclient.Client) (any, error) {
	i, err := c.CreateIssue(ctx, jiraclient.Create{})
	return i.ID + " " + i.Key, err
}

func transitions(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Transitions(ctx, "1")
	screens := false
	for _, t := range l {
		screens = screens || t.HasScreen
	}
	return sprint("%d %t", len(l), screens), err
}

func property(ctx context.Context, c *jiraclient.Client) (any, error) {
	v, err := c.GetIssueProperty(ctx, "1", "xyz")
	return string(v), err
}

func comment(m jiraclient.Comment) string {
	if m.Body == "" || m.Author.Name == "" || m.UpdateAuthor.Name == "" {
		return sprint("half read: %+v", m)
	}
	return m.ID + " of " + m.Created.UTC().Format("2006-01-02 15:04")
}

func worklog(w jiraclient.Worklog) string {
	if w.Author.Name == "" || w.Created.IsZero() || w.Updated.IsZero() {
		return sprint("half read: %+v", w)
	}
	return w.ID + " " + w.TimeSpent + " from " + w.Started.UTC().Format("2006-01-02 15:04")
}
