package app_test

import (
	"testing"
	"time"

	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// TestAConditionAboutTheBotIsDecidedByWhoItIs: what an inbox keeps off the lanes is never looked at again, so it must know the bot
// as well as the runner does, or leave the decision to it.
func TestAConditionAboutTheBotIsDecidedByWhoItIs(t *testing.T) {
	const rules = `
rules:
  - name: not-mine
    on: [issue_created]
    if: bot.displayName != "" and issue.reporter.displayName != bot.displayName
    recheck: false
    do: [{comment: {body: "Noted."}}]
`
	for _, x := range []struct {
		name string
		away bool // Jira does not say who the bot is before the delivery is stored
	}{
		{"while Jira is there", false},
		{"before Jira was reached for the first time", true},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			records := make(chan runner.Record, 10)
			b := start(t, options{rules: rules, observe: func(r runner.Record) { records <- r }, furnish: func(j *jiratest.Jira) {
				if x.away {
					j.Fault(jiratest.Fault{PathSuffix: "/myself", Status: 503})
				}
			}})
			for _, d := range created(t, b.jira, 1) {
				if status := b.post(t, d); status != 202 {
					t.Fatalf("status %d, want 202", status)
				}
			}
			b.jira.ClearFaults()
			select {
			case r := <-records:
				if r.Outcome != runner.Done {
					t.Errorf("the run ended as %s: %s", r.Outcome, r.Reason)
				}
			case <-time.After(20 * time.Second):
				t.Error("there was no run")
			}
		})
	}
}
