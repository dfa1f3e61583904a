package jiraclient_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// filled is a Jira with 130 comments on PAY-1, among 12 issues, and a client of it.
func filled(t *testing.T) *jiraclient.Client {
	t.Helper()
	jira := jiratest.New(jiratest.Options{})
	base, err := jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jira.Close() })
	jira.AddUser(jiratest.User{Name: "bot", Token: "token"})
	jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	ann := jira.As("ann")
	for range 12 {
		if _, err := ann.CreateIssue("PAY", "Task", "one of twelve"); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 130 {
		if _, err := ann.Comment("PAY-1", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := jiraclient.New(jiraclient.Options{URL: base, Auth: jiraclient.Token("token")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRemarksComeOldestFirstAsJiraWroteThemAndStopWithTheCaller(t *testing.T) {
	t.Parallel()
	c := filled(t)
	for _, stop := range []int{130, 7} {
		var bodies, want []string
		for raw, err := range c.Remarks(t.Context(), "PAY-1", "comment") {
			var one struct {
				Body string `json:"body"`
			}
			if err != nil || json.Unmarshal(raw, &one) != nil {
				t.Fatal(string(raw), err)
			}
			want = append(want, fmt.Sprint(len(want)))
			if bodies = append(bodies, one.Body); len(bodies) == stop {
				break
			}
		}
		if len(bodies) != stop || !slices.Equal(bodies, want) {
			t.Errorf("%d comments, want %d: %v", len(bodies), stop, bodies)
		}
	}
	for _, err := range c.Remarks(t.Context(), "PAY-99", "comment") {
		if err == nil {
			t.Error("the comments of an issue that is not there are no error")
		}
	}
}

func TestAPageOfASearchSaysWhereItStands(t *testing.T) {
	t.Parallel()
	c := filled(t)
	for _, x := range []struct {
		name    string
		start   int
		key     string
		count   int
		isLast  bool
		jql     string
		refused bool
	}{
		{name: "the first", start: 0, key: "PAY-1", count: 5},
		{name: "one in between, which overlaps", start: 4, key: "PAY-5", count: 5},
		{name: "the last", start: 10, key: "PAY-11", count: 2, isLast: true},
		{name: "behind the last", start: 12, isLast: true},
		{name: "of a project that is not there", jql: "project = GONE", refused: true},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.jql == "" {
				x.jql = "project = PAY ORDER BY key ASC"
			}
			page, err := c.SearchPage(t.Context(), x.jql, jiraclient.SearchQuery{Fields: []string{"updated"}, PageSize: 5}, x.start)
			if (err != nil) != x.refused || err == nil && page.Total != 12 || len(page.Issues) != x.count || page.Last != x.isLast && !x.refused {
				t.Fatalf("%d of %d, last %t, %v", len(page.Issues), page.Total, page.Last, err)
			}
			if x.count > 0 && page.Issues[0].Key != x.key {
				t.Errorf("it begins with %s, want %s", page.Issues[0].Key, x.key)
			}
		})
	}
}
