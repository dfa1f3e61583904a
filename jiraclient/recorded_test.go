package jiraclient_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"jirabot/jiraclient"
)

// TestRecordedAnswers decodes what real servers answered. The recordings lie beside the repository, where there are any.
func TestRecordedAnswers(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "jira", "responses")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no recorded answers in %s", dir)
	}
	for _, tt := range []struct {
		file string
		read func(context.Context, *jiraclient.Client) (any, error)
		want string
	}{
		{"jira-ruby/issue__10002.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			i, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
			return i.Key + " " + sprint("%t", len(i.Fields) > 10), err
		}, "SAMPLEPROJECT-1 true"},
		{"php-jira-rest-client/issue.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			i, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
			return len(i.Fields) > 10, err
		}, "true"},
		{"port-ocean-jira-server/raw_issue.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			i, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
			return len(i.Fields) > 10, err
		}, "true"},
		{"port-ocean-jira-server/raw_user.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			u, err := c.Myself(ctx)
			return u.Name != "" && u.DisplayName != "" && u.Active, err
		}, "true"},
		{"jira-cli/myself.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			u, err := c.Myself(ctx)
			return u.DisplayName, err
		}, "Person A"},
		{"jira-cli/serverinfo.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			s, err := c.ServerInfo(ctx)
			return sprint("%s %s %v", s.Version, s.Deployment, s.Time.UTC().Hour()), err
		}, "1001.0.0-SNAPSHOT cloud 19"},
		{"jira-ruby/issue.json", countSearch, "11"},
		{"jira-ruby/empty_issues.json", countSearch, "0"},
		{"jira-ruby/issue__10002__comment.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			n := 0
			for m, err := range c.Comments(ctx, "1") {
				if err != nil {
					return n, err
				}
				if m.Author.Name != "" && !m.Created.IsZero() && m.Body != "" {
					n++
				}
			}
			return n, nil
		}, "2"},
		{"jira-ruby/issue__10002__comment.post.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			m, err := c.AddComment(ctx, "1", jiraclient.NewComment{})
			return m.ID, err
		}, "10001"},
		{"php-jira-rest-client/comment.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			m, err := c.AddComment(ctx, "1", jiraclient.NewComment{})
			return m.ID != "" && m.Visibility.Value != "", err
		}, "true"},
		{"jira-ruby/issue__10002__worklog.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			n := 0
			for w, err := range c.Worklogs(ctx, "1") {
				if err != nil {
					return n, err
				}
				if w.TimeSpent != "" && !w.Started.IsZero() {
					n++
				}
			}
			return n, nil
		}, "3"},
		{"jira-ruby/issue__10002__worklog.post.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			w, err := c.AddWorklog(ctx, "1", jiraclient.NewWorklog{TimeSpent: "2d"})
			return w.ID + " " + w.TimeSpent, err
		}, "10001 2d"},
		{"jira-ruby/issue__10002__watchers.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			u, err := c.Watchers(ctx, "1")
			return sprint("%d %s", len(u), u[0].Name), err
		}, "1 admin"},
		{"jira-ruby/issue__10002__properties__xyz.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			v, err := c.GetIssueProperty(ctx, "1", "xyz")
			return string(v), err
		}, `"supercalifragilistic"`},
		{"jira-ruby/issue.post.json", created, "true"},
		{"jira-cli/create.json", created, "true"},
		{"jira-ruby/issue__10002__transitions.json", countTransitions, "4 false"},
		{"jira-cli/transitions.json", countTransitions, "2 false"},
		{"go-jira/transitions.json", countTransitions, "2 true"},
		{"go-jira/all_fields.json", countFields, "2"},
		{"jira-ruby/field.json", countFields, "2"},
		{"jira-cli/fields.json", countFields, "3"},
		{"php-jira-rest-client/issueField.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			_, err := c.Issue(ctx, "1", jiraclient.IssueQuery{})
			return nil, err
		}, "<nil>"},
		{"jira-ruby/issueLinkType.json", countLinkTypes, "3"},
		{"jira-cli/issue-link-types.json", countLinkTypes, "3"},
		{"go-jira/all_statuses.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.Statuses(ctx)
			return sprint("%d %s", len(l), l[0].Category), err
		}, "37 new"},
		{"jira-ruby/status.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.Statuses(ctx)
			return len(l), err
		}, "5"},
		{"go-jira/all_priorities.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.Priorities(ctx)
			return len(l), err
		}, "5"},
		{"jira-ruby/issuetype.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.IssueTypes(ctx)
			return len(l), err
		}, "5"},
		{"go-jira/project.json", project, "true"},
		{"jira-ruby/project__SAMPLEPROJECT.json", project, "true"},
		{"port-ocean-jira-server/raw_project.json", func(ctx context.Context, c *jiraclient.Client) (any, error) {
			p, err := c.Project(ctx, "1")
			return p.Key != "", err
		}, "true"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Skip(err)
			}
			got, err := tt.read(t.Context(), client(t, serve(t, reply(200, string(body)))))
			if err != nil || sprint("%v", got) != tt.want {
				t.Errorf("got %v, %v; want %s", got, err, tt.want)
			}
		})
	}
	for file, want := range map[string]string{
		"go-jira/no_permissionscheme.json":                     "400: Permission scheme 101001 does not exist",
		"go-jira/no_role.json":                                 "400: Role with given id not found.",
		"jira-ruby/issue__10002.invalid.put.json":              "400: invalid: Field 'invalid' is not valid for this operation.",
		"jira-ruby/issue__10002.put.missing_field_update.json": "400: one of 'fields' or 'update' required",
	} {
		t.Run(file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Skip(err)
			}
			_, err = client(t, serve(t, reply(http.StatusBadRequest, string(body)))).Fields(t.Context())
			if err == nil || err.Error() != "GET /rest/api/2/field: "+want {
				t.Errorf("got %v, want …%s", err, want)
			}
		})
	}
}

func countSearch(ctx context.Context, c *jiraclient.Client) (any, error) {
	n := 0
	for _, err := range c.Search(ctx, "", jiraclient.SearchQuery{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func created(ctx context.Context, c *jiraclient.Client) (any, error) {
	i, err := c.CreateIssue(ctx, jiraclient.Create{})
	return i.Key != "" && i.ID != "", err
}

func countTransitions(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Transitions(ctx, "1")
	screens := false
	for _, t := range l {
		screens = screens || t.HasScreen
	}
	return sprint("%d %t", len(l), screens), err
}

func countFields(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.Fields(ctx)
	return len(l), err
}

func countLinkTypes(ctx context.Context, c *jiraclient.Client) (any, error) {
	l, err := c.LinkTypes(ctx)
	return len(l), err
}

func project(ctx context.Context, c *jiraclient.Client) (any, error) {
	p, err := c.Project(ctx, "1")
	return p.Key != "" && p.Lead.Name != "" && len(p.IssueTypes) > 0, err
}
