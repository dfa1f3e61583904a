package jiraclient_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// entering is a client that has logged in to a Jira of a version, as an administrator, in the way that it offers.
func entering(t *testing.T, version string) (*jiratest.Jira, *jiraclient.Client) {
	t.Helper()
	j := jiratest.New(jiratest.Options{Version: version})
	t.Cleanup(func() { _ = j.Close() })
	j.AddUser(jiratest.User{Name: "bot", Token: secret, Admin: true})
	j.AddUser(jiratest.User{Name: "ann"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "bot"})
	for n := range 60 { // more than a page of createmeta
		j.AddField(jiratest.Field{Name: fmt.Sprint("Extra ", n), Type: "text"})
	}
	for range 5 {
		if _, err := j.As("ann").CreateIssue("PAY", "Bug", "Totals"); err != nil {
			t.Fatal(err)
		}
	}
	url, err := j.Start()
	if err != nil {
		t.Fatal(err)
	}
	auth := jiraclient.Token(secret)
	if version == "Cloud" {
		auth = jiraclient.Basic("bot@example.com", secret)
	}
	c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j, c
}

// TestEveryVersionIsUnderstood: where versions differ, the client's methods give the same.
func TestEveryVersionIsUnderstood(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			j, c := entering(t, version)

			var found []string
			for issue, err := range c.Search(t.Context(), "project = PAY order by key asc", jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: 2}) {
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, issue.Key)
			}
			if !slices.Equal(found, []string{"PAY-1", "PAY-2", "PAY-3", "PAY-4", "PAY-5"}) {
				t.Error("found", found)
			}

			meta, err := c.CreateMeta(t.Context(), "PAY", "Bug")
			if err != nil || !meta["summary"].Required || meta["customfield_10059"].Name != "Extra 59" {
				t.Errorf("%d fields, %v", len(meta), err)
			}

			have, err := c.MyPermissions(t.Context(), jiraclient.PermissionQuery{Project: "PAY"}, jiraclient.EditIssues, jiraclient.Administer)
			if err != nil || !have[jiraclient.EditIssues] || !have[jiraclient.Administer] || len(have) != 2 {
				t.Errorf("%v %v", have, err)
			}

			saved, err := c.SaveWebhook(t.Context(), jiraclient.Webhook{Name: "x", URL: "https://x.example.com", Secret: "s", JQL: "project = PAY"})
			if err != nil || saved.JQL != "project = PAY" || saved.ExcludeBody {
				t.Errorf("%+v %v", saved, err)
			}
			if list, err := c.Webhooks(t.Context()); err != nil || len(list) != 1 || list[0].ID != saved.ID {
				t.Errorf("%+v %v", list, err)
			}
			if err := c.DeleteWebhook(t.Context(), saved.ID); err != nil {
				t.Error(err)
			}

			who := c.Self().Ref()
			if err := c.EditIssue(t.Context(), "PAY-1", jiraclient.Edit{Fields: map[string]any{"assignee": who}}); err != nil {
				t.Error(err)
			}
			if i, _ := j.Issue("PAY-1"); i.Assignee != "bot" {
				t.Errorf("assigned to %q", i.Assignee)
			}
		})
	}
}

// TestFilesMarksAndArchivesOfEveryVersion: Cloud keeps them elsewhere, or has other calls for them.
func TestFilesMarksAndArchivesOfEveryVersion(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			j, c := entering(t, version)
			if _, err := j.As("ann").CreateIssue("PAY", "Sub-task", "A part", jiratest.Fields{"parent": "PAY-2"}); err != nil {
				t.Fatal(err)
			}

			a, err := c.Attach(t.Context(), "PAY-1", jiraclient.File{Name: "ä b.txt", Content: strings.NewReader("abc"), Size: 3})
			if err != nil {
				t.Fatal(err)
			}
			var content strings.Builder
			if err := c.Download(t.Context(), a, &content); err != nil || content.String() != "abc" {
				t.Errorf("%q %v", content.String(), err)
			}
			if again, err := c.Attachment(t.Context(), a.ID); err != nil || again.ID != a.ID || again.Name != "ä b.txt" {
				t.Errorf("%+v %v", again, err)
			}
			if err := c.Download(t.Context(), jiraclient.Attachment{ID: "99"}, &content); !errors.Is(err, jiraclient.ErrNotFound) {
				t.Errorf("a file that there is not: %v", err)
			}

			marked, err := c.AddWorklog(t.Context(), "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h", Properties: map[string]any{jiraclient.Mark: "m1"}})
			if err != nil {
				t.Fatal(err)
			}
			id, found, err := c.FindWorklog(t.Context(), "PAY-1", jiraclient.Mark, "m1")
			if err != nil || found != (version == "Cloud") || found && id != marked.ID {
				t.Errorf("worklog %s is found: %t %s %v", marked.ID, found, id, err)
			}

			if err := c.ArchiveIssue(t.Context(), "PAY-2", nil); err != nil {
				t.Error(err)
			}
			for key, want := range map[string]bool{"PAY-1": false, "PAY-2": true, "PAY-6": true} {
				if err := c.EditIssue(t.Context(), key, jiraclient.Edit{Fields: map[string]any{"summary": "x"}}); (err != nil) != want {
					t.Errorf("%s is archived: %t, %v", key, want, err)
				}
			}
			if err := c.ArchiveIssue(t.Context(), "PAY-2", nil); err == nil {
				t.Error("archived twice")
			}
			if _, err := c.ArchiveIssues(t.Context(), []string{"PAY-3", "PAY-99"}, nil); err != nil {
				t.Error(err)
			}
			back, err := c.RestoreIssues(t.Context(), []string{"PAY-2", "PAY-3", "PAY-99"}, nil)
			if err != nil || len(back.Refused) != 1 || back.Refused["PAY-99"] == "" {
				t.Errorf("%+v %v", back, err)
			}
		})
	}
}

// TestRefusalsKeepTheLogin: on every version somebody who may only look is denied, and nobody takes that for a wrong credential.
func TestRefusalsKeepTheLogin(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			j, c := entering(t, version)
			fix, later := j.AddVersion("PAY", "1.0"), j.AddVersion("PAY", "2.0")
			ann := c.Self().Ref()
			j.AddUser(jiratest.User{Name: "bot", Token: secret}) // an administrator no more
			for _, key := range []string{"ADMINISTER_PROJECTS", "MANAGE_WATCHERS", "ASSIGN_ISSUES", "WORK_ON_ISSUES"} {
				j.Revoke("PAY", "bot", key)
			}
			j.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})
			j.Revoke("CHK", "bot", "ADMINISTER_PROJECTS")
			for name, do := range map[string]func() error{
				"roles":  func() error { _, err := c.ProjectRoles(t.Context(), "CHK"); return err },
				"merge":  func() error { return c.MergeVersion(t.Context(), fix, later) },
				"move":   func() error { return c.MoveVersion(t.Context(), fix, "Last") },
				"rename": func() error { return c.UpdateVersion(t.Context(), fix, jiraclient.VersionEdit{Name: new("1.1")}) },
				"assign": func() error { return c.Assign(t.Context(), "PAY-1", &ann) },
				"log work": func() error {
					_, err := c.AddWorklog(t.Context(), "PAY-1", jiraclient.NewWorklog{TimeSpent: "1h"})
					return err
				},
			} {
				if err := do(); !errors.Is(err, jiraclient.ErrDenied) {
					t.Errorf("%s: %v, which is not a denial", name, err)
				}
			}
			if err := c.LoginRefused(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCreateMetaOfBeforePages: a Jira that has only the call in one answer gives the same fields.
func TestCreateMetaOfBeforePages(t *testing.T) {
	j, c := entering(t, "8.20")
	paged, err := c.CreateMeta(t.Context(), "PAY", "Bug")
	if err != nil {
		t.Fatal(err)
	}
	for name, how := range map[string]jiratest.Absence{"404": jiratest.NotFound, "405": jiratest.NotAllowed, "a page": jiratest.SomePage} {
		j.ClearFaults()
		if err := j.Lack(how, "GET /createmeta/{project}/issuetypes", "GET /createmeta/{project}/issuetypes/{type}"); err != nil {
			t.Fatal(err)
		}
		whole, err := c.CreateMeta(t.Context(), "PAY", "Bug")
		if err != nil || len(whole) != len(paged) || whole["customfield_10059"].Name != "Extra 59" {
			t.Errorf("%s: %d fields and not %d, %v", name, len(whole), len(paged), err)
		}
		if _, err := c.CreateMeta(t.Context(), "PAY", "Saga"); !errors.Is(err, jiraclient.ErrNotFound) {
			t.Errorf("%s: a type that there is not: %v", name, err)
		}
	}
}
