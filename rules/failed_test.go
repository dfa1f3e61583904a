package rules_test

import (
	"testing"
	"time"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/rules"
)

const watchful = `
- {name: talk, on: [issue_created], do: [log: {message: x}]}
- {name: alarm, on: [failed], do: [log: {message: "${failure.error}"}]}
- {name: picky, projects: [PAY], on: [failed: {rules: [talk]}], do: [log: {message: "${failure.step}"}]}
- {name: sleepy, mode: off, on: [failed], do: [log: {message: x}]}
`

func TestFailuresFindTheirRules(t *testing.T) {
	set := compile(t, watchful)
	for _, x := range []struct {
		name, failed, issue string
		want                string
	}{
		{"every rule that waits for it", "talk", "PAY-1", "alarm picky "},
		{"only those that see the project", "talk", "CHK-1", "alarm "},
		{"not those that wait for others", "another", "PAY-1", "alarm "},
		{"never the rule itself", "alarm", "PAY-1", ""},
		{"of no issue, those that see all projects", "talk", "", "alarm "},
	} {
		t.Run(x.name, func(t *testing.T) {
			ev := event.Event{Kind: "failed", Source: event.Failed, Failure: event.Failure{Rule: x.failed, Issue: x.issue}}
			if x.issue != "" {
				ev.Issue = event.Issue{Key: x.issue, Short: true}
			}
			got := ""
			for _, m := range set.Match(&ev, event.User{Name: "bot"}) {
				if !m.ScopeUnknown {
					got += m.Rule.Name + " "
				}
			}
			if got != x.want {
				t.Errorf("%q, want %q", got, x.want)
			}
			if reacts := set.Reacts(x.failed); reacts != (x.failed != "alarm") {
				t.Errorf("reacts: %t", reacts)
			}
		})
	}
}

func TestWhatStandsBesideAnAction(t *testing.T) {
	set := compile(t, `
- name: a-rule
  on: [issue_created]
  timeout: 2m
  concurrency: {key: "${issue.priority}", when_busy: restart}
  do:
    - comment: {body: x}
    - {on_uncertain: bury, comment: {body: x}, timeout: 1m}
    - log: {message: x}
- {name: another, on: [issue_created], concurrency: {}, do: [log: {message: x}]}
- {name: third, on: [issue_created], do: [log: {message: x}]}
`)
	rule, _ := set.Rule("a-rule")
	for i, want := range []struct {
		uncertain actions.Uncertain
		timeout   time.Duration
	}{{actions.Ask, 0}, {actions.Bury, time.Minute}, {actions.Retry, 0}} {
		if st := rule.Do[i]; st.Uncertain != want.uncertain || st.Timeout != want.timeout {
			t.Errorf("step %s: %s, %s, want %+v", st.Path, st.Uncertain, st.Timeout, want)
		}
	}
	another, _ := set.Rule("another")
	third, _ := set.Rule("third")
	if rule.Timeout != 2*time.Minute || third.Timeout != 5*time.Minute {
		t.Errorf("timeouts %s, %s", rule.Timeout, third.Timeout)
	}
	if rule.Concurrency.WhenBusy != rules.Restart || another.Concurrency.WhenBusy != rules.Queue || !another.Concurrency.Given() || third.Concurrency.Given() {
		t.Errorf("concurrency: %+v, %+v, %+v", rule.Concurrency, another.Concurrency, third.Concurrency)
	}
}
