package jiraclient_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func versions(list []jiraclient.Version) (names string) {
	for _, v := range list {
		names += v.Name
		if v.Released {
			names += "+"
		}
		if v.Archived {
			names += "-"
		}
		names += " "
	}
	return names
}

func roles(list []jiraclient.Role) (names string) {
	for _, r := range list {
		names += r.ID + ":" + r.Name + " "
	}
	return names
}

// TestProjectCalls: each call against a Jira that behaves, and its refusal. The bot leads PAY, and not CHK.
func TestProjectCalls(t *testing.T) {
	seen := func(ctx context.Context, c *jiraclient.Client, err error) (string, error) {
		if err != nil {
			return "", err
		}
		list, err := c.Versions(ctx, "PAY")
		return versions(list), err
	}
	parts := func(ctx context.Context, c *jiraclient.Client, err error) (names string, _ error) {
		if err != nil {
			return "", err
		}
		list, err := c.Components(ctx, "PAY")
		for _, m := range list {
			names += m.Name + "/" + m.Description + "/" + m.Lead.Name + "/" + m.AssigneeType + " "
		}
		return names, err
	}
	text := func(s string) *string { return &s }
	yes := true
	const notLead = "You must have global or project administrator rights in order to modify versions."
	for _, tt := range []struct {
		name    string
		do      trial
		want    string
		refused error
		says    string
	}{
		{name: "a project", want: "PAY bot 5 3 1", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			p, err := c.Project(ctx, "PAY")
			return sprint("%s %s %d %d %d", p.Key, p.Lead.Name, len(p.IssueTypes), len(p.Versions), len(p.Components)), err
		}},
		{name: "a hidden project", refused: jiraclient.ErrNotFound, says: "No project could be found with key 'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			p, err := c.Project(ctx, "OPS")
			return p.Key, err
		}},
		{name: "statuses by type", want: "Epic To Do new", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			list, err := c.ProjectStatuses(ctx, "PAY")
			return list[0].Type.Name + " " + list[0].Statuses[0].Name + " " + list[0].Statuses[0].Category, err
		}},
		{name: "statuses of a hidden project", refused: jiraclient.ErrNotFound, says: "'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.ProjectStatuses(ctx, "OPS")
			return "", err
		}},

		{name: "versions", want: "1.0 2.0 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) { return seen(ctx, c, nil) }},
		{name: "versions of a hidden project", refused: jiraclient.ErrNotFound, says: "'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Versions(ctx, "OPS")
			return "", err
		}},
		{name: "a version", want: "10001 2.0 10000", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			v, err := c.Version(ctx, "10001")
			return v.ID + " " + v.Name + " " + v.ProjectID, err
		}},
		{name: "no version", refused: jiraclient.ErrNotFound, says: "Could not find version for id '7'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Version(ctx, "7")
			return "", err
		}},
		{name: "a new version", want: "10004 4.0 soon 2026-03-01 2026-04-01 false", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			v, err := c.CreateVersion(ctx, jiraclient.NewVersion{Project: "PAY", Name: "4.0", Description: "soon", StartDate: "2026-03-01", ReleaseDate: "2026-04-01"})
			return sprint("%s %s %s %s %s %t", v.ID, v.Name, v.Description, v.StartDate, v.ReleaseDate, v.Overdue), err
		}},
		{name: "a version twice", says: "400: name: A version with this name already exists", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateVersion(ctx, jiraclient.NewVersion{Project: "PAY", Name: "2.0"})
			return "", err
		}},
		{name: "a version where one is not the lead", refused: jiraclient.ErrDenied, says: notLead, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateVersion(ctx, jiraclient.NewVersion{Project: "CHK", Name: "2.0"})
			return "", err
		}},
		{name: "a version changes", want: "1.0 2.1 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.UpdateVersion(ctx, "10001", jiraclient.VersionEdit{Name: text("2.1"), Description: text("")}))
		}},
		{name: "a change of nothing", says: "update version 10001: nothing to change is given", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.UpdateVersion(ctx, "10001", jiraclient.VersionEdit{})
		})},
		{name: "a release", want: "1.0 2.0+ 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.ReleaseVersion(ctx, "10001", "2026-03-02"))
		}},
		{name: "a release on no day", says: "400: releaseDate: The date you have entered is not valid: today", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.ReleaseVersion(ctx, "10001", "today")
		})},
		{name: "a release that leaves what is open to the next version", want: "10002", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			if err := c.UpdateVersion(ctx, "10001", jiraclient.VersionEdit{Released: &yes, MoveUnfixedTo: "10002"}); err != nil {
				return "", err
			}
			return fixedIn(ctx, c)
		}},
		{name: "a version in the archive", want: "1.0 2.0- 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.ArchiveVersion(ctx, "10001"))
		}},
		{name: "a version in the archive of others", refused: jiraclient.ErrDenied, says: notLead,
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.ArchiveVersion(ctx, "10003") })},
		{name: "a version merged", want: "2.0 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.MergeVersion(ctx, "10000", "10001"))
		}},
		{name: "a version merged into itself", refused: jiraclient.ErrNotFound, says: "Could not find version",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MergeVersion(ctx, "10000", "10000") })},
		{name: "a version to the end", want: "2.0 3.0 1.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.MoveVersion(ctx, "10000", jiraclient.VersionLast))
		}},
		{name: "a version up", want: "1.0 3.0 2.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.MoveVersion(ctx, "10002", jiraclient.VersionEarlier))
		}},
		{name: "a version down from the end", want: "1.0 2.0 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.MoveVersion(ctx, "10002", jiraclient.VersionLater))
		}},
		{name: "a version sideways", says: "400: Can not construct a position from 'Sideways'", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.MoveVersion(ctx, "10002", "Sideways")
		})},
		{name: "a version behind another", want: "2.0 1.0 3.0 ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return seen(ctx, c, c.MoveVersionAfter(ctx, "10000", "10001"))
		}},
		{name: "a version behind one of another project", refused: jiraclient.ErrNotFound, says: "Could not find version for http", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.MoveVersionAfter(ctx, "10000", "10003")
		})},
		{name: "a version deleted", want: "10000", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			if err := c.DeleteVersion(ctx, "10001", jiraclient.VersionSwap{Fix: "10000"}); err != nil {
				return "", err
			}
			return fixedIn(ctx, c)
		}},
		{name: "a version deleted without another", want: "", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			if err := c.DeleteVersion(ctx, "10001", jiraclient.VersionSwap{}); err != nil {
				return "", err
			}
			return fixedIn(ctx, c)
		}},
		{name: "a version deleted for one that is not there", says: "400: moveFixIssuesTo: Could not find version for id '7'", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.DeleteVersion(ctx, "10001", jiraclient.VersionSwap{Fix: "7"})
		})},
		{name: "a version deleted for one by name", says: `delete version 10001: the ID of a version is a number, not "1.0"`, do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.DeleteVersion(ctx, "10001", jiraclient.VersionSwap{Affected: "1.0"})
		})},

		{name: "components", want: "api///PROJECT_DEFAULT ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) { return parts(ctx, c, nil) }},
		{name: "components of a hidden project", refused: jiraclient.ErrNotFound, says: "'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Components(ctx, "OPS")
			return "", err
		}},
		{name: "a component", want: "10000 api PAY", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			m, err := c.Component(ctx, "10000")
			return m.ID + " " + m.Name + " " + m.Project, err
		}},
		{name: "no component", refused: jiraclient.ErrNotFound, says: "The component with id 7 does not exist.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Component(ctx, "7")
			return "", err
		}},
		{name: "a new component", want: "api///PROJECT_DEFAULT web/pages/bob/COMPONENT_LEAD ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateComponent(ctx, "PAY", jiraclient.ComponentEdit{Name: "web", Description: text("pages"), Lead: &jiraclient.UserRef{Name: "bob"}, AssigneeType: "COMPONENT_LEAD"})
			return parts(ctx, c, err)
		}},
		{name: "a component twice", says: "400: name: A component with the name api already exists", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateComponent(ctx, "PAY", jiraclient.ComponentEdit{Name: "api"})
			return "", err
		}},
		{name: "a component where one is not the lead", refused: jiraclient.ErrDenied, says: "does not have permission to edit components of project CHK", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.CreateComponent(ctx, "CHK", jiraclient.ComponentEdit{Name: "api"})
			return "", err
		}},
		{name: "a component changes, and keeps what is not said", want: "api/x/ann/PROJECT_DEFAULT ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			err := c.UpdateComponent(ctx, "10000", jiraclient.ComponentEdit{Description: text("x"), Lead: &jiraclient.UserRef{Name: "ann"}})
			return parts(ctx, c, err)
		}},
		{name: "a component loses its lead", want: "api///PROJECT_DEFAULT ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			if err := c.UpdateComponent(ctx, "10000", jiraclient.ComponentEdit{Lead: &jiraclient.UserRef{Name: "ann"}}); err != nil {
				return "", err
			}
			return parts(ctx, c, c.UpdateComponent(ctx, "10000", jiraclient.ComponentEdit{Lead: &jiraclient.UserRef{}}))
		}},
		{name: "a component led by nobody known", says: "400: leadUserName: The user zed does not exist.", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.UpdateComponent(ctx, "10000", jiraclient.ComponentEdit{Lead: &jiraclient.UserRef{Name: "zed"}})
		})},
		{name: "no change of a component", says: "update component 10000: nothing to change is given", do: just(func(ctx context.Context, c *jiraclient.Client) error {
			return c.UpdateComponent(ctx, "10000", jiraclient.ComponentEdit{})
		})},
		{name: "a component deleted", want: `[]`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			if err := c.DeleteComponent(ctx, "10000", ""); err != nil {
				return "", err
			}
			i, err := c.Issue(ctx, "PAY-1", jiraclient.IssueQuery{})
			return string(i.Fields["components"]), err
		}},
		{name: "a component deleted for no other", refused: jiraclient.ErrNotFound, says: "The component with id 7 does not exist.",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteComponent(ctx, "10000", "7") })},

		{name: "roles of a project", want: "10000:Administrators 10001:Developers 10002:Users ", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			list, err := c.ProjectRoles(ctx, "PAY")
			return roles(list), err
		}},
		{name: "roles of a project that one does not administer", refused: jiraclient.ErrDenied, says: "You cannot edit the configuration of this project.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.ProjectRoles(ctx, "CHK")
			return "", err
		}},
		{name: "who plays a role", want: "10001 Developers bob Bob [devs]", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			r, err := c.ProjectRole(ctx, "PAY", "10001")
			return sprint("%s %s %s %s %v", r.ID, r.Name, r.Users[0].Name, r.Users[0].DisplayName, r.Groups), err
		}},
		{name: "who plays no role", refused: jiraclient.ErrNotFound, says: "no role with id 7", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.ProjectRole(ctx, "PAY", "7")
			return "", err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := simulate(t)
			for _, name := range []string{"1.0", "2.0", "3.0"} {
				s.AddVersion("PAY", name)
			}
			s.AddVersion("CHK", "1.0")
			s.AddComponent("PAY", "api")
			if _, err := s.As("ann").CreateIssue("PAY", "Task", "Pay", jiratest.Fields{"Fix Version/s": []string{"2.0"}, "Component/s": []string{"api"}}); err != nil {
				t.Fatal(err)
			}
			c := s.as(t, secret)
			if _, _, err := c.Connect(t.Context()); err != nil { // after which a 401 is known for what it is
				t.Fatal(err)
			}
			got, err := tt.do(t.Context(), c)
			settle(t, got, err, tt.want, tt.refused, tt.says)
		})
	}
}

// fixedIn tells in which versions, by ID, PAY-1 is fixed.
func fixedIn(ctx context.Context, c *jiraclient.Client) (string, error) {
	for _, id := range []string{"10000", "10001", "10002"} {
		n, err := c.Count(ctx, "key = PAY-1 and fixVersion = "+id)
		if e, ok := errors.AsType[*jiraclient.Error](err); ok && e.Status == 400 {
			continue // the version is gone
		}
		if err != nil || n > 0 {
			return id, err
		}
	}
	return "", nil
}

// TestCount: how many issues match, without reading any.
func TestCount(t *testing.T) {
	s := simulate(t)
	s.issues(t, "PAY", "Task", 3)
	c := s.as(t, secret)
	if n, err := c.Count(t.Context(), "project = PAY"); err != nil || n != 3 {
		t.Errorf("got %d, %v", n, err)
	}
	if _, err := c.Count(t.Context(), "nope = 1"); err == nil || jiraclient.Uncertain(err) {
		t.Errorf("got %v", err)
	}
	f := serve(t, reply(200, `{"issues":[]}`))
	_, err := client(t, f).Count(t.Context(), "")
	settle(t, "", err, "", jiraclient.ErrUnavailable, "Jira did not say how many there are")
	f = serve(t, reply(200, `{"count":153}`))
	if n, err := client(t, f, cloud).Count(t.Context(), "project = PAY"); err != nil || n != 153 {
		t.Errorf("got %d, %v", n, err)
	}
	if got := f.seen()[0]; got.method+" "+got.uri != "POST /jira/rest/api/2/search/approximate-count" || !sameJSON(t, got.body, `{"jql":"project = PAY"}`) {
		t.Errorf("sent %+v", got)
	}
}

// TestSearchByGet: what only knows the search by GET is searched by GET.
func TestSearchByGet(t *testing.T) {
	s := simulate(t)
	keys := s.issues(t, "PAY", "Task", 3)
	for _, fault := range []jiratest.Fault{
		{Method: "POST", PathSuffix: "/rest/api/2/search", Status: 405, Body: `{}`},
		{Method: "POST", PathSuffix: "/rest/api/2/search", Status: 404, Body: `<html/>`},
	} {
		s.Fault(fault)
		before := s.sent("POST", "/search")
		got, err := all(s.as(t, secret).Search(t.Context(), "project = PAY order by key", jiraclient.SearchQuery{PageSize: 2, Fields: []string{"summary"}}), key)
		if want := keys[0] + " " + keys[1] + " " + keys[2]; err != nil || got != want {
			t.Errorf("got %s, %v", got, err)
		}
		if n := s.sent("POST", "/search") - before; n != 1 {
			t.Errorf("asked %d times by POST", n)
		}
		s.ClearFaults()
	}
}

// TestReindex: a search finds what was indexed, and an administrator indexes.
func TestReindex(t *testing.T) {
	s := simulate(t)
	s.SetIndexLag(time.Minute)
	s.issues(t, "PAY", "Task", 2)
	bot, carl := s.as(t, secret), s.as(t, "carls-token")
	found := func() string {
		got, err := all(bot.Search(t.Context(), "project = PAY", jiraclient.SearchQuery{}), key)
		if err != nil {
			t.Error(err)
		}
		return got
	}
	if found() != "" {
		t.Fatal("the index is not behind")
	}
	settle(t, "", bot.ReindexIssue(t.Context(), "10001"), "", jiraclient.ErrDenied, "You must be a Jira administrator")
	if err := carl.ReindexIssue(t.Context(), "10001"); err != nil || found() != "PAY-2" {
		t.Errorf("found %s, %v", found(), err)
	}
	if err := carl.ReindexIssue(t.Context()); err != nil || s.sent("POST", "/reindex") != 2 {
		t.Errorf("nothing was reindexed in %d requests, %v", s.sent("POST", "/reindex"), err)
	}
	c := client(t, serve(t, reply(200, `{}`)), cloud)
	settle(t, "", c.ReindexIssue(t.Context(), "10001"), "", jiraclient.ErrUnavailable, "Cloud does that itself")
}
