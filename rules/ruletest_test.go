package rules_test

import (
	"reflect"
	"testing"
)

func TestRulesTests(t *testing.T) {
	set := compile(t, `
- name: a-rule
  projects: [PAY]
  on:
    - issue_updated: {changed: status, to: Done}
    - schedule: {cron: "@daily", jql: status = Open}
    - hook: {name: deploy}
    - commented
    - work_logged
  if: issue.type != "Task" and (issue.key == "" or not jql("labels = red"))
  on_error: continue
  do:
    - log: {message: "${event.kind} by ${actor.name ?? 'nobody'} at ${event.time.Format('2006-01-02')}"}
    - if: field("Story Points", 0) > 3
      then: [comment: {body: "${issue.summary}"}]
    - if: hook.name == "deploy"
      then: [log: {message: "${hook.body.version}"}]
    - if: comment.body != ""
      then: [log: {message: "${comment.author.name} in ${comment.visibility.value ?? 'public'}"}]
  tests:
    - name: passes
      given: {issue_updated: {actor: ann, at: "2026-02-01", issue: {key: PAY-1, type: Bug, fields: {Story Points: 5}, summary: Sum}, changes: [{field: status, to: Done}], jql: {labels = red: false}}}
      want: ["log: issue_updated by ann at 2026-02-01", "comment on PAY-1: Sum"]
    - name: wants what does not happen
      given: {issue_updated: {issue: {key: PAY-1}, changes: [{field: status, to: Done}], jql: {labels = red: false}}}
      want: ["log: something else"]
    - name: an error is a sentence, and the rule continues
      given: {issue_updated: {issue: {key: PAY-1, fields: {Story Points: 5}}, comment: {body: Hi, author: bob, role: Users}, changes: [{field: status, to: Done}], jql: {labels = red: false}}}
      want:
        - "log: issue_updated by nobody at 2026-01-05"
        - 'error: step 2.then.1: body: ${issue.summary} is empty on PAY-1; give a default, as in ${issue.summary ?? "none"}'
        - "log: bob in Users"
    - name: the trigger does not fire
      given: {issue_updated: {issue: {key: PAY-1}, changes: [{field: status, to: Open}]}}
      want: []
    - name: the project is not in scope
      given: {schedule: {issue: {key: OPS-1}}}
      want: []
    - name: the condition does not hold
      given: {issue_updated: {issue: {key: PAY-1, type: Task}, changes: [{field: status, to: Done}]}}
      want: []
    - name: the condition asks what the test does not say
      given: {issue_updated: {issue: {key: PAY-1}, changes: [{field: status, to: Done}]}}
      want: []
    - name: a tick without an issue
      given: {schedule: {at: "2026-02-03T04:05:06Z"}}
      want: ["log: schedule by nobody at 2026-02-03"]
    - name: a hook
      given: {hook: {actor: {name: carl, displayName: Carl}, body: {version: "1.2"}}}
      want: ["log: hook by carl at 2026-01-05", "log: 1.2"]
    - name: a comment of a group
      given: {commented: {actor: ann, issue: {key: PAY-1}, comment: {body: Hi, author: ann, group: staff}, jql: {labels = red: false}}}
      want: ["log: comment_created by ann at 2026-01-05", "log: ann in staff"]
    - name: work logged
      given: {work_logged: {actor: ann, issue: {key: PAY-1}, worklog: {spent: 1h, seconds: 3600}, jql: {labels = red: false}}}
      want: ["log: worklog_created by ann at 2026-01-05"]
    - name: the bot itself
      given: {commented: {actor: bot, issue: {key: PAY-1}, comment: {body: Hi}}}
      want: []
`)
	type verdict struct {
		Passed bool
		Why    string
	}
	want := map[string]verdict{
		"passes":                     {true, ""},
		"wants what does not happen": {false, ""},
		"an error is a sentence, and the rule continues": {true, ""},
		"the trigger does not fire":                      {true, `no trigger fires: status became "Open"; it is no schedule; it is no hook; it is no commented; it is no work_logged`},
		"the project is not in scope":                    {true, "project OPS is not in the rule's scope (PAY)"},
		"the condition does not hold":                    {true, `issue.type != "Task" does not hold: issue.type is "Task"`},
		"the condition asks what the test does not say":  {false, ""},
		"a tick without an issue":                        {true, ""},
		"a hook":                                         {true, ""},
		"a comment of a group":                           {true, ""},
		"work logged":                                    {true, ""},
		"the bot itself":                                 {true, "the bot did it itself, and the rule does not say on_self: true"},
	}
	results := set.Rules[0].RunTests()
	if len(results) != len(want) {
		t.Errorf("%d results, %d wanted", len(results), len(want))
	}
	for _, r := range results {
		if got := (verdict{r.Passed, r.Why}); got != want[r.Test] {
			t.Errorf("%s\n got  %+v %q\n want %+v", r.Test, got, r.Got, want[r.Test])
		}
		if r.Test == "the condition asks what the test does not say" &&
			!reflect.DeepEqual(r.Got, []string{`error: if: issue.type != "Task" and (issue.key == "" or not jql("labels = red")): the test does not say what jql("labels = red") answers; add it under given: jql`}) {
			t.Errorf("%q", r.Got)
		}
		if r.Rule != "a-rule" || r.File != "file1.yaml" || r.Line == 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestAScheduleTestOfARuleWithoutOne(t *testing.T) {
	set := compile(t, `
- name: a-rule
  on: [issue_created]
  do: [log: {message: seen}]
  tests:
    - {name: a tick, given: {schedule: {}}, want: []}
`)
	if r := set.Rules[0].RunTests()[0]; !r.Passed || r.Why != "no trigger fires: it is a tick of the rule a-rule" {
		t.Errorf("%+v", r)
	}
}
