package app_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// TestWhatAStandInLacksIsSaidAndTheRestWorks: a server that calls itself Jira has the issues and little else. It does not say
// which version it is, what the bot user may, which fields and statuses there are, what stands on its screens; and it keeps no
// properties. The log says what is missing, the one rule that needs it fails and says so too, and the day ends
// as it does elsewhere.
func TestWhatAStandInLacksIsSaidAndTheRestWorks(t *testing.T) {
	rules := strings.Replace(everyday, "Priority: High, Story Points: 3, Reviewers: \"${[issue.reporter]}\"", "Priority: High", 1) + `
  - name: estimate
    projects: [PAY]
    on: [{transitioned: {to: Done}}]
    do: [{edit: {set: {Story Points: 3}}}]
`
	want := strings.Replace(evening, "points 3, 1 reviewers", "points <nil>, 0 reviewers", 1)
	for name, how := range map[string]jiratest.Absence{
		"404 as Jira says it": jiratest.NotFound, "404 as web servers say it": jiratest.NotFoundPage,
		"405": jiratest.NotAllowed, "a page in the place of an answer": jiratest.SomePage,
		"401": jiratest.NotForYou, "403": jiratest.Blocked,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log safeBuffer
			records := make(chan runner.Record, 100)
			b := start(t, options{
				rules: rules, log: &log, observe: func(r runner.Record) { records <- r },
				furnish: func(j *jiratest.Jira) {
					office(j)
					const issue = "/api/2/issue/{issue}"
					err := j.LackAllBut(how, "GET /api/2/myself", "POST /api/2/search", "POST /api/2/issue", "GET "+issue, "PUT "+issue,
						"POST "+issue+"/comment", "GET "+issue+"/transitions", "POST "+issue+"/transitions", "PUT "+issue+"/assignee",
						"GET "+issue+"/watchers", "POST "+issue+"/watchers", "POST "+issue+"/worklog", "POST /api/2/issueLink", "GET /api/2/issueLinkType")
					if err != nil {
						t.Fatal(err)
					}
				},
			})
			b.jira.RemoveWebhook("1")
			if _, err := b.jira.Webhook(jiratest.Registration{Name: "live", URL: b.url + "/webhooks/jira", Secret: secret}); err != nil {
				t.Fatal(err)
			}
			b.day(t)
			if got := b.evening(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			close(records)
			for r := range records {
				if r.Rule == "estimate" {
					if said := "not offered by this Jira"; r.Outcome != runner.Failed || !strings.Contains(r.Reason, said) || !strings.Contains(r.Reason, "by its ID") {
						t.Errorf("estimate ended as %s: %s", r.Outcome, r.Reason)
					}
				} else if r.Outcome != runner.Done {
					t.Errorf("%s on %s ended as %s: %s", r.Rule, r.Issue, r.Outcome, r.Reason)
				}
			}
			for _, missing := range []string{
				"serverInfo could not be read, so Jira is taken for Data Center",
				"this Jira does not tell permissions",
				`this Jira does not list its names of the kind \"field\"`,
				`this Jira does not list its names of the kind \"status\"`,
			} {
				await(t, &log, missing)
			}
		})
	}
}

// A safeBuffer is read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// await waits until it is in the log.
func await(t *testing.T, log *safeBuffer, text string) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !strings.Contains(log.String(), text) {
		select {
		case <-again.C:
		case <-deadline.C:
			t.Errorf("the log does not say: %s\n%s", text, log)
			return
		}
	}
}
