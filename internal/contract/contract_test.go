package contract_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"jirabot/internal/contract"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

const file = `rules:
  - name: two-projects
    projects: [PAY, CHK]
    on: [issue_created]
    do:
      - comment: {body: Hi}
      - if: issue.type == "Bug"
        then:
          - edit: {set: {reporter: ann}}
          - comment: {body: Again}
  - name: elsewhere
    projects: [PAY]
    on: [issue_created]
    do:
      - create: {project: CHK, type: Bug, summary: New}
  - name: everywhere
    on: [issue_created]
    do:
      - worklog: {spent: 5m}
  - name: only-looks
    projects: [PAY]
    mode: shadow
    on: [issue_created]
    do:
      - link: {type: blocks, to: PAY-1}
  - name: sleeps
    projects: [PAY]
    mode: off
    on: [issue_created]
    do:
      - link: {type: blocks, to: PAY-1}
`

func set(t testing.TB) *rules.Set {
	t.Helper()
	s, err := rules.Compile([]rules.File{{Name: "rules.yaml", Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNeedsAreEachRulesPermissionsOnceForEachProject(t *testing.T) {
	var got []string
	for _, n := range contract.Needs(set(t)) {
		got = append(got, fmt.Sprintf("%s:%d %s %s %s", n.Rule, n.Line, n.Project, n.Permission, n.Step))
	}
	want := []string{
		"two-projects:2 PAY BROWSE_PROJECTS ",
		"two-projects:2 CHK BROWSE_PROJECTS ",
		"two-projects:6 PAY ADD_COMMENTS 1",
		"two-projects:6 CHK ADD_COMMENTS 1",
		"two-projects:9 PAY EDIT_ISSUES 2.then.1",
		"two-projects:9 PAY MODIFY_REPORTER 2.then.1",
		"two-projects:9 CHK EDIT_ISSUES 2.then.1",
		"two-projects:9 CHK MODIFY_REPORTER 2.then.1",
		"elsewhere:11 PAY BROWSE_PROJECTS ",
		"elsewhere:15 CHK CREATE_ISSUES 1",
		"everywhere:16  BROWSE_PROJECTS ",
		"everywhere:19  WORK_ON_ISSUES 1",
		"only-looks:20 PAY BROWSE_PROJECTS ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// connected is a client for a Jira with the projects PAY and CHK.
func connected(t testing.TB) (*jiratest.Jira, *jiraclient.Client) {
	t.Helper()
	j := jiratest.New(jiratest.Options{})
	j.AddUser(jiratest.User{Name: "bot", Token: "t"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	j.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})
	url, err := j.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("t")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j, c
}

func missing(t testing.TB, c *jiraclient.Client) []string {
	t.Helper()
	report, err := contract.Check(t.Context(), c, contract.Needs(set(t)))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, f := range report.Missing() {
		texts = append(texts, f.Text)
	}
	return texts
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	for _, x := range []struct {
		name   string
		revoke func(*jiratest.Jira)
		want   []string
	}{
		{"everything is granted", func(*jiratest.Jira) {}, []string{}},
		{"a permission in one of two projects", func(j *jiratest.Jira) { j.Revoke("CHK", "bot", "EDIT_ISSUES") }, []string{
			`rules.yaml:9: rule two-projects: the bot user bot lacks "Edit Issues" (EDIT_ISSUES) in project CHK; step 2.then.1 (edit) needs it`,
		}},
		{"a permission of a new issue's project", func(j *jiratest.Jira) { j.Revoke("CHK", "bot", "CREATE_ISSUES") }, []string{
			`rules.yaml:15: rule elsewhere: the bot user bot lacks "Create Issues" (CREATE_ISSUES) in project CHK; step 1 (create) needs it`,
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			j, c := connected(t)
			x.revoke(j)
			if got := missing(t, c); !slices.Equal(got, x.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(x.want, "\n"))
			}
		})
	}
}

func TestAHiddenProjectLacksEverything(t *testing.T) {
	j, c := connected(t)
	j.Revoke("CHK", "bot", "BROWSE_PROJECTS")
	got := missing(t, c)
	if len(got) != 5 || !strings.Contains(got[0], `lacks "Browse Projects" (BROWSE_PROJECTS) in project CHK; seeing the issue needs it`) {
		t.Errorf("got %d:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestAJiraThatDoesNotTellIsSaid(t *testing.T) {
	j, c := connected(t)
	j.Fault(jiratest.Fault{Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/mypermissions") }, Status: 404, Body: "nothing here"})
	report, err := contract.Check(t.Context(), c, contract.Needs(set(t)))
	if err != nil || !strings.Contains(report.Note, "does not tell permissions") || len(report.Findings) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
