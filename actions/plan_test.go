package actions

import (
	"strings"
	"testing"
)

func TestSentences(t *testing.T) {
	for source, want := range map[string]string{
		`comment: {body: "Seen, ${actor.displayName}."}`:                         "comment on PAY-7: Seen, Ann Archer.",
		`comment: {body: "Seen.\n"}`:                                             "comment on PAY-7: Seen.",
		`comment: {issue: " OPS-3 ", body: x}`:                                   "comment on OPS-3: x",
		`comment: {body: x, visible_to: {group: "${'st' + 'aff'}"}}`:             "comment on PAY-7, visible to group staff: x",
		`edit: {set: {Fix Version/s: [1.10, "2.0"], Hint: null}}`:                "edit PAY-7: set Fix Version/s to 1.10, 2.0, clear Hint",
		`edit: {set: {Reviewer: "${issue.reporter}", Size: 5, Ready: true}}`:     "edit PAY-7: set Reviewer to Ann Archer, set Size to 5, set Ready to true",
		`edit: {set: {Priority: {id: "2"}}}`:                                     `edit PAY-7: set Priority to {"id":"2"}`,
		`edit: {set: {Hint: "${{'name': 'ann', 'displayName': 'Ann Archer'}}"}}`: "edit PAY-7: set Hint to Ann Archer",
		`edit: {add: {Labels: "${issue.labels}"}, remove: {Labels: old}}`:        "edit PAY-7: add a, b to Labels, remove old from Labels",
		`edit: {set: {a: 0x1F, b: -5, c: .5, d: *n}, add: {e: &n [1.0, x]}}`:     "edit PAY-7: set a to 31, set b to -5, set c to 0.5, set d to 1.0, x, add 1.0, x to e",
		`edit: {clear: [Due Date, assignee], issue: OPS-3}`:                      "edit OPS-3: clear Due Date, clear assignee",
		`labels: {add: x}`: "add label x to PAY-7",
		`labels: {add: [x, y, x], remove: [u, v, w]}`:                                "add labels x and y to PAY-7 and remove labels u, v and w from PAY-7",
		`labels: {add: "${issue.labels}"}`:                                           "add labels a and b to PAY-7",
		`assign: {to: nobody}`:                                                       "unassign PAY-7",
		`assign: {to: automatic}`:                                                    "assign PAY-7 to the project's default assignee",
		`assign: {to: "${issue.reporter}"}`:                                          "assign PAY-7 to ann",
		`assign: {to: "${{'name': 'ann', 'displayName': 'Ann Archer'}}"}`:            "assign PAY-7 to ann",
		`assign: {to: "${{'accountId': '5b:10', 'name': 'ann'}}"}`:                   "assign PAY-7 to 5b:10",
		`transition: {to: Done}`:                                                     "move PAY-7 to Done",
		`transition: {name: Close Issue}`:                                            `transition PAY-7 by "Close Issue"`,
		`transition: {to: Done, name: Close Issue}`:                                  `move PAY-7 to Done by "Close Issue"`,
		`transition: {to: Done, fields: {Resolution: Done, assignee: null, a: 1}}`:   "move PAY-7 to Done, set Resolution to Done, clear assignee and set a to 1",
		`create: {type: Bug, summary: " two\n lines "}`:                              "create Bug in PAY: two lines",
		`create: {type: Bug, project: OPS, summary: x, fields: {a: 1, b: [x, y]}}`:   "create Bug in OPS: x (a 1, b x, y)",
		`create: {type: Sub-task, parent: OPS-3, summary: x, fields: {due: null}}`:   "create Sub-task of OPS-3: x (due)",
		`link: {type: relates to, to: " PAY-9 "}`:                                    `link PAY-7 to PAY-9 as "relates to"`,
		`watch: {add: ["${issue.reporter}", "${[issue.reporter, 'bob']}", " bob "]}`: "add ann and bob as watchers of PAY-7",
		`watch: {add: carl, remove: [ann, bob]}`:                                     "add carl as watcher of PAY-7 and remove ann and bob as watchers of PAY-7",
		`worklog: {spent: 1h 30m}`:                                                   "log 1h 30m of work on PAY-7",
		`worklog: {spent: "${5 * 6}m", comment: Triage}`:                             "log 30m of work on PAY-7: Triage",
		`log: {message: "${issue.labels}"}`:                                          "log: a, b",
	} {
		op, err := plan(source, paper())
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := op.String(); got != want || goSyntax.MatchString(got) {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestPlanErrors(t *testing.T) {
	for source, want := range map[string]string{
		`comment: {body: " "}`:                                            "body: it is empty",
		`comment: {body: "${issue.assignee.name}"}`:                       `body: ${issue.assignee.name} is empty on PAY-7; give a default, as in ${issue.assignee.name ?? "none"}`,
		`comment: {body: x, issue: "${''  ?? ''}"}`:                       "issue: it is empty",
		`comment: {body: x, visible_to: {role: "${'' ?? ''}"}}`:           "visible_to: role: it is empty",
		`comment: {body: x, visible_to: {group: "${issue.parent}"}}`:      `visible_to: group: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`edit: {set: {a: "${issue.parent}"}}`:                             `set: a: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`edit: {add: {a: [x, "${issue.parent}"]}}`:                        `add: a: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`labels: {add: "${[]}"}`:                                          "no label to add or remove",
		`labels: {add: [two words]}`:                                      `label "two words": Jira allows no blanks in a label`,
		`labels: {add: [x, y], remove: "${['y']}"}`:                       `label "y" is to be added and to be removed; one step can do only one of them`,
		`labels: {add: "${issue.parent}"}`:                                `add: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`labels: {remove: "${issue.parent}"}`:                             `remove: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`assign: {to: " "}`:                                               `to: no user is named; to unassign, write "nobody"`,
		`assign: {to: [ann, bob]}`:                                        `to: an issue has one assignee, not the list "ann, bob"`,
		`assign: {to: "${issue.parent}"}`:                                 `to: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`transition: {to: "${'' ?? ''}"}`:                                 "to: it is empty",
		`transition: {name: "${'' ?? ''}"}`:                               "name: it is empty",
		`transition: {to: Done, fields: {a: "${issue.parent}"}}`:          `fields: a: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`create: {type: " ", summary: x}`:                                 "type: it is empty",
		`create: {type: Bug, summary: "${'' ?? ''}"}`:                     "summary: it is empty",
		`create: {type: Bug, summary: x, parent: "${'' ?? ''}"}`:          "parent: it is empty",
		`create: {type: Bug, summary: x, description: "${issue.parent}"}`: `description: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`create: {type: Bug, summary: x, fields: {a: "${issue.parent}"}}`: `fields: a: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`link: {type: blocks, to: pay-7}`:                                 "to: PAY-7 cannot be linked to itself",
		`link: {type: " ", to: PAY-9}`:                                    "type: it is empty",
		`link: {type: blocks, to: " "}`:                                   "to: it is empty",
		`watch: {add: "${[issue.assignee]}"}`:                             "no watcher to add or remove",
		`watch: {remove: "${issue.parent}"}`:                              `remove: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`worklog: {spent: a while}`:                                       `spent: "a while" is no time such as 30m, 1h 30m or 2d`,
		`worklog: {spent: " "}`:                                           "spent: it is empty",
		`worklog: {spent: 1h, comment: "${issue.parent}"}`:                `comment: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
		`log: {message: "${issue.parent}"}`:                               `message: ${issue.parent} is empty on PAY-7; give a default, as in ${issue.parent ?? "none"}`,
	} {
		op, err := plan(source, paper())
		if got := said(err); got != want || op != nil {
			t.Errorf("%s\n got %v\nwant %s", source, err, want)
		}
	}
}

// TestWithoutIssue: an event need not have an issue.
func TestWithoutIssue(t *testing.T) {
	nothing := paper()
	nothing.Issue.Key, nothing.Project.Key = "", ""
	for _, k := range All {
		_, step, err := decode(k.Example)
		if err != nil {
			t.Fatal(err)
		}
		if k == &logLine || k == &create {
			continue
		}
		if _, err := step.Plan(nothing); said(err) != "this event has no issue to act on; name one with issue: KEY" {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
	if _, err := plan(`create: {type: Bug, summary: x}`, nothing); said(err) != "project: the event has no issue to take it from; name one" {
		t.Error(err)
	}
	op, err := plan(`create: {type: Bug, summary: x, project: OPS}`, nothing)
	if err != nil || op.Target() != "" || op.(createOf).Project() != "OPS" {
		t.Error(op, err)
	}
}

// TestMistakes: what can be wrong in a file is found when it is loaded, and once.
func TestMistakes(t *testing.T) {
	for source, want := range map[string]string{
		`comment: {body: x, visible_to: {}}`:                  "visible_to names either a role or a group: {role: Developers} or {group: staff}",
		`comment: {body: x, visible_to: {role: ""}}`:          "visible_to names either a role or a group: {role: Developers} or {group: staff}",
		`comment: {body: x, visible_to: {role: a, group: b}}`: "visible_to names either a role or a group: {role: Developers} or {group: staff}",
		`comment: {body: x, visible_to: {rule: a}}`:           `unknown key "rule"; did you mean "role"?`,
		`edit: {}`:                         "edit changes nothing: give set, add, remove or clear",
		`edit: {sett: {a: 1}}`:             `unknown key "sett"; did you mean "set"?`,
		`edit: {set: [a]}`:                 "wanted a mapping of field names to values, got a list",
		`edit: {set: {a: 1}, clear: [A]}`:  `field "A" stands under set and under clear; one edit can do only one of them`,
		`edit: {set: {a: 1}, add: {A: 1}}`: `field "A" stands under set and under add; one edit can do only one of them`,
		`edit: {set: {a: *x}}`:             "no anchor &x in this file",
		`edit: {set: {a: &x [*x]}}`:        "more than 1000 aliases in one file",
		`watch: {add: ~}`:                  "wanted text, got nothing",
		`labels: {}`:                       "nothing to do: give add or remove",
		`labels: {ad: x}`:                  `unknown key "ad"; did you mean "add"?`,
		`watch: {issue: PAY-1}`:            "nothing to do: give add or remove",
		`watch: {add: [{name: ann}]}`:      "wanted text, got a mapping",
		`watch: {add: "${nobodyElse}"}`:    "nobodyElse",
		`transition: {fields: {a: 1}}`:     "where to? Give the target status (to: Done) or the transition (name: Close Issue)",
		`assign: {}`:                       `"to" is missing: a value`,
	} {
		_, _, err := decode(source)
		got := said(err)
		if !strings.Contains(got, want) || strings.Count(got, "rules.yaml:") != 1 {
			t.Errorf("%s\n got %v\nwant %s", source, err, want)
		}
	}
}

func BenchmarkPlanComment(b *testing.B) {
	_, step, err := decode(comment.Example)
	if err != nil {
		b.Fatal(err)
	}
	s := paper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := step.Plan(s); err != nil {
			b.Fatal(err)
		}
	}
}
