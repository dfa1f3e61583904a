package jiraclient_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A scene is one call against the simulator: what it brings back, what it does to PAY-1, and what it says when it is refused.
type scene struct {
	name    string
	version string                                          // of Jira; 9.12.0 by default
	given   func(context.Context, *jiraclient.Client) error // what comes before; may be nil
	do      func(context.Context, *jiraclient.Client) (any, error)
	want    string
	state   func(jiratest.Issue) any
	after   string

	refuse func(*jiratest.Jira) // what stands in the way
	no     string               // the error
	is     error                // what it means; nil if it has no name
}

// shop has PAY-1, a bug that ann reported and bob works on, with a sub-task PAY-2 and a comment and a worklog of bob's and
// of the bot's each, and CHK-1. The bot has every permission in both projects but on what is bob's.
func shop(t *testing.T, version string) (*jiratest.Jira, *jiraclient.Client) {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	j := jiratest.New(jiratest.Options{Version: version, Now: func() time.Time { return now }})
	t.Cleanup(func() { _ = j.Close() })
	j.AddUser(jiratest.User{Name: "ann", Groups: []string{"devs"}})
	j.AddUser(jiratest.User{Name: "bob"})
	j.AddUser(jiratest.User{Name: "bot", Token: secret})
	must := func(_ string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, project := range []string{"PAY", "CHK"} {
		j.AddProject(jiratest.Project{Key: project, Lead: "ann", Roles: map[string][]string{"Developers": {"ann", "bot"}}})
		j.Grant(project, "ADMINISTER_PROJECTS", "lead", "bot")
		must(j.As("ann").CreateIssue(project, "Bug", "Card is declined", jiratest.Fields{"assignee": "bob"}))
	}
	must(j.As("ann").CreateIssue("PAY", "Sub-task", "Look", jiratest.Fields{"parent": "PAY-1"}))
	must("", j.As("ann").Edit("PAY-1", jiratest.Fields{"timetracking": "1d"}))
	for _, who := range []string{"bob", "bot"} {
		must(j.As(who).Comment("PAY-1", "from "+who))
		must(j.As(who).LogWork("PAY-1", "1h", "by "+who))
	}
	j.ForgetRequests()
	url, err := j.Start()
	must("", err)
	c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token(secret)})
	must("", err)
	_, _, err = c.Connect(t.Context())
	must("", err)
	return j, c
}

// tell plays scenes, each twice and each time in a shop of its own.
func tell(t *testing.T, scenes []scene) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			j, c := s.begin(t)
			got, err := s.do(t.Context(), c)
			if err != nil || sprint("%v", got) != s.want {
				t.Errorf("got  %v, %v\nwant %s", got, err, s.want)
			}
			if s.state != nil {
				if i, _ := j.Issue("PAY-1"); sprint("%v", s.state(i)) != s.after {
					t.Errorf("PAY-1 has  %v\nand not     %s", s.state(i), s.after)
				}
			}
		})
		t.Run(s.name+", refused", func(t *testing.T) {
			j, c := s.begin(t)
			s.refuse(j)
			before, _ := j.Issue("PAY-1")
			_, err := s.do(t.Context(), c)
			if err == nil || err.Error() != s.no || meaning(err) != s.is {
				t.Errorf("got  %v\nwant %s, which is %v", err, s.no, s.is)
			}
			if _, again := jiraclient.Temporary(err); again || jiraclient.Uncertain(err) {
				t.Errorf("%v counts as worth another try", err)
			}
			if c.LoginRefused() != nil {
				t.Error("a refused call closed the door:", c.LoginRefused())
			}
			if s.state != nil {
				if i, _ := j.Issue("PAY-1"); sprint("%v", s.state(i)) != sprint("%v", s.state(before)) {
					t.Errorf("refused, and yet PAY-1 went from %v to %v", s.state(before), s.state(i))
				}
			}
		})
	}
}

func (s scene) begin(t *testing.T) (*jiratest.Jira, *jiraclient.Client) {
	t.Helper()
	j, c := shop(t, s.version)
	if s.given != nil {
		if err := s.given(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	return j, c
}

// without takes permissions in PAY from the bot.
func without(permissions ...jiraclient.Permission) func(*jiratest.Jira) {
	return func(j *jiratest.Jira) {
		for _, p := range permissions {
			j.Revoke("PAY", "bot", p.String())
		}
	}
}

// unseen hides PAY from the bot.
var unseen = without(jiraclient.BrowseProjects)

// meaning is what an error means; nil if it is none of those that have a name.
func meaning(err error) error {
	for _, kind := range []error{jiraclient.ErrNotFound, jiraclient.ErrDenied, jiraclient.ErrUnauthorized, jiraclient.ErrRateLimited, jiraclient.ErrUnavailable} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

// nothing is the result of calls that only succeed.
func nothing(err error) (any, error) { return nil, err }
