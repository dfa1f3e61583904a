package app_test

import (
	"strings"
	"testing"

	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// TestARuleOnAHiddenIssueIsDenied: Jira's webhooks tell of issues that the bot user may not see. The run ends as denied, once, and
// says that the bot may not see it; nothing is written, and other issues go on.
func TestARuleOnAHiddenIssueIsDenied(t *testing.T) {
	t.Parallel()
	records := make(chan runner.Record, 10)
	b := start(t, options{
		observe: func(r runner.Record) { records <- r }, live: true, jira: jiratest.Options{Webhooks: jiratest.ByVersion},
		furnish: func(j *jiratest.Jira) { j.AddSecurityLevel("PAY", "Confidential", "ann") },
		rules: `
rules:
  - name: noted
    projects: [PAY]
    on: [issue_updated]
    do: [{comment: {body: "Noted."}}]
`,
	})
	ann := b.jira.As("ann")
	for range 2 {
		if _, err := ann.CreateIssue("PAY", "Bug", "Totals"); err != nil {
			t.Fatal(err)
		}
	}
	for key, fields := range map[string]jiratest.Fields{"PAY-1": {"Security Level": "Confidential"}, "PAY-2": {"summary": "Sums"}} {
		if err := ann.Edit(key, fields); err != nil {
			t.Fatal(err)
		}
	}
	b.quiet(t)
	close(records)
	got := map[string]runner.Record{}
	for r := range records {
		if _, twice := got[r.Issue]; twice {
			t.Errorf("a second run on %s", r.Issue)
		}
		got[r.Issue] = r
	}
	if r := got["PAY-1"]; r.Outcome != runner.Denied || !strings.Contains(r.Reason, "BROWSE_PROJECTS") {
		t.Errorf("on the hidden issue: %s, %s", r.Outcome, r.Reason)
	}
	if r := got["PAY-2"]; r.Outcome != runner.Done {
		t.Errorf("on the other: %s, %s", r.Outcome, r.Reason)
	}
	for _, w := range b.jira.Writes() {
		if w.User == "bot" && !strings.Contains(w.Path, "PAY-2") {
			t.Errorf("the bot wrote %s %s", w.Method, w.Path)
		}
	}
}
