package jiraclient_test

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A simulated Jira runs, with the projects PAY, which the bot leads, and CHK and OPS, which ann leads. The bot does not
// see OPS. It stands still on 2 March 2026, 9:00.
type simulated struct {
	*jiratest.Jira
	url   string
	board string // a scrum board of PAY and CHK, estimated in story points
}

func simulate(t *testing.T) *simulated {
	t.Helper()
	s := &simulated{Jira: jiratest.New(jiratest.Options{Now: func() time.Time { return at(2).Time }})}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.AddUser(jiratest.User{Name: "bot", Token: secret, Groups: []string{"bots"}})
	s.AddUser(jiratest.User{Name: "ann", DisplayName: "Ann Archer", Groups: []string{"Devs", "leads"}})
	s.AddUser(jiratest.User{Name: "bob"})
	s.AddUser(jiratest.User{Name: "carl", Token: "carls-token", Admin: true})
	s.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	s.AddProject(jiratest.Project{Key: "PAY", Lead: "bot", Roles: map[string][]string{"Developers": {"bob", "group:devs"}}})
	s.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})
	s.AddProject(jiratest.Project{Key: "OPS", Lead: "ann"})
	s.Revoke("OPS", "bot", "BROWSE_PROJECTS")
	s.board = s.AddBoard(jiratest.Board{Name: "Payments", Projects: []string{"PAY", "CHK"}, Estimation: "Story Points"})
	url, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	s.url = url
	return s
}

// as is a client with a token: the bot's, or carl's, who administers Jira.
func (s *simulated) as(t *testing.T, token string) *jiraclient.Client {
	t.Helper()
	c, err := jiraclient.New(jiraclient.Options{URL: s.url, Auth: jiraclient.Token(token)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// issues makes issues of a project and returns their keys.
func (s *simulated) issues(t *testing.T, project, kind string, n int) []string {
	t.Helper()
	var keys []string
	for i := range n {
		key, err := s.As("ann").CreateIssue(project, kind, kind+" "+strconv.Itoa(i+1))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

// sent counts the requests of a method whose path has this in it.
func (s *simulated) sent(method, path string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method == method && strings.Contains(r.Path, path) {
			n++
		}
	}
	return n
}

// A trial is a call and what comes of it: what it returned as a text, or its error.
type trial func(ctx context.Context, c *jiraclient.Client) (string, error)

// just is a trial that returns nothing.
func just(f func(context.Context, *jiraclient.Client) error) trial {
	return func(ctx context.Context, c *jiraclient.Client) (string, error) { return "", f(ctx, c) }
}

// all reads a sequence to its end, or to its first error.
func all[T any](list iter.Seq2[T, error], name func(T) string) (string, error) {
	var names []string
	for each, err := range list {
		if err != nil {
			return strings.Join(names, " "), err
		}
		names = append(names, name(each))
	}
	return strings.Join(names, " "), nil
}

func key(i jiraclient.Issue) string    { return i.Key }
func login(u jiraclient.User) string   { return u.Name }
func title(s jiraclient.Sprint) string { return s.Name }

// at is a moment of March 2026.
func at(day int) jiraclient.Time {
	return jiraclient.Time{Time: time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC)}
}
