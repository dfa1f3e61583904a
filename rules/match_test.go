package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/rules"
)

var bot = event.User{Name: "bot"}

// compile makes a set of one or more files that are written without their first line.
func compile(t testing.TB, files ...string) *rules.Set {
	t.Helper()
	var all []rules.File
	for i, text := range files {
		all = append(all, rules.File{Name: fmt.Sprintf("file%d.yaml", i+1), Data: []byte("rules:\n" + text)})
	}
	set, err := rules.Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// rule is a rule in one line; the rest are further keys.
func rule(name, on string, rest ...string) string {
	return fmt.Sprintf("- {name: %s, on: [%s], do: [log: {message: seen}]%s}\n", name, on, strings.Join(append([]string{""}, rest...), ", "))
}

func issueEvent(kind, key string, changes ...event.Change) *event.Event {
	project, _, _ := strings.Cut(key, "-")
	return &event.Event{Kind: kind, Name: kind, Source: event.Webhook, Identity: "id", Actor: event.User{Name: "ann"},
		Issue: event.Issue{Key: key, Type: "Bug", Project: event.Project{Key: project}}, Changes: changes}
}

func namesOf(matches []rules.Match) string {
	var out []string
	for _, m := range matches {
		name := m.Rule.Name
		if m.ScopeUnknown {
			name += "?"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestMatchFindsTheRulesThatWantAnEvent(t *testing.T) {
	set := compile(t,
		rule("pay-created", "issue_created", "projects: [PAY]")+rule("all-created", "issue_created")+rule("chk-updated", "issue_updated", "projects: [CHK, PAY]")+
			rule("sleeping", "issue_created", "mode: off")+rule("self-created", "issue_created", "on_self: true"),
		rule("any-issue", "issue_updated, issue_created, field_changed")+rule("to-done", "transitioned: {to: Done}")+rule("versions", "version_released", "projects: [PAY]")+
			rule("shadow-created", "issue_created", "mode: shadow")+rule("hooked", "hook: {name: deploy}"))
	byBot := issueEvent("issue_created", "PAY-1")
	byBot.Actor = bot
	nowhere := issueEvent("issue_created", "")
	byKey := issueEvent("issue_created", "PAY-1")
	byKey.Issue.Project = event.Project{}
	version := &event.Event{Kind: "version_released", Project: event.Project{Key: "PAY"}}
	otherVersion := &event.Event{Kind: "version_released", Project: event.Project{Key: "OPS"}}
	for name, tt := range map[string]struct {
		ev   *event.Event
		want string
	}{
		"by kind and project, in the order of the files": {issueEvent("issue_created", "PAY-1"), "pay-created all-created self-created any-issue shadow-created"},
		"another project":                       {issueEvent("issue_created", "OPS-1"), "all-created self-created any-issue shadow-created"},
		"one of several projects":               {issueEvent("issue_updated", "CHK-1"), "chk-updated any-issue"},
		"a derived kind, and each rule once":    {issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Open", To: "Done"}), "chk-updated any-issue to-done"},
		"a filter that does not fit":            {issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Done", To: "Open"}), "chk-updated any-issue"},
		"the bot's own work":                    {byBot, "self-created"},
		"an event that names no project":        {nowhere, "pay-created? all-created self-created any-issue shadow-created"},
		"the project is known by the key alone": {byKey, "pay-created all-created self-created any-issue shadow-created"},
		"no issue but a project":                {version, "versions"},
		"no issue and another project":          {otherVersion, ""},
		"a hook":                                {&event.Event{Kind: "hook", Source: event.Hook, Hook: "deploy"}, "hooked"},
		"another hook":                          {&event.Event{Kind: "hook", Source: event.Hook, Hook: "build"}, ""},
		"a kind for which nobody waits":         {issueEvent("issue_deleted", "PAY-1"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			matches := set.Match(tt.ev, bot)
			if got := namesOf(matches); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, r := range set.Rules {
				if tt.ev.Source == event.Hook && r.Name != "hooked" {
					continue
				}
				why := r.Refuses(tt.ev, bot)
				if matched := strings.Contains(" "+tt.want+" ", " "+r.Name+" ") || strings.Contains(tt.want, r.Name+"?"); matched != (why == "") {
					t.Errorf("%s: matched %v, but refuses with %q", r.Name, matched, why)
				}
			}
			// Without conditions, deciding leaves nothing out.
			if got := namesOf(set.Decide(tt.ev, bot)); got != tt.want {
				t.Errorf("decided %s", got)
			}
		})
	}
}

func TestDecideLeavesOutRulesWhoseConditionDoesNotHold(t *testing.T) {
	set := compile(t, rule("holds", "issue_created", `if: 'issue.type == "Bug"'`)+rule("does-not", "issue_created", `if: 'issue.type == "Task"'`)+
		rule("does-not-slowly", "issue_created", `if: 'len(issue.type) > 5'`)+rule("asks", "issue_created", `if: 'jql("x = y")'`)+
		rule("asks-in-vain", "issue_created", `if: 'issue.type == "Task" and jql("x = y")'`)+rule("looks-up", "issue_created", `if: 'field("Points", 0) > 3'`)+
		rule("fails", "issue_created", `if: 'issue.labels[3] == "x"'`)+rule("scoped", "issue_created", "projects: [PAY]", `if: 'issue.type == "Task"'`)+rule("of-itself", "issue_created", `if: 'rule.name == "of-itself"'`))
	short := issueEvent("issue_created", "PAY-1")
	short.Issue.Short = true
	for name, tt := range map[string]struct {
		ev   *event.Event
		want string
	}{
		"what cannot be decided yet stays":             {issueEvent("issue_created", "PAY-1"), "holds asks looks-up fails of-itself"},
		"an issue that is described only in part":      {short, "holds does-not does-not-slowly asks asks-in-vain looks-up fails scoped of-itself"},
		"a scope that is not known":                    {issueEvent("issue_created", ""), "holds asks looks-up fails scoped? of-itself"},
		"an event that nobody waits for costs nothing": {issueEvent("issue_deleted", "PAY-1"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := namesOf(set.Decide(tt.ev, bot)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMatchOfSchedules(t *testing.T) {
	set := compile(t, rule("nightly", `issue_created, schedule: {cron: "@daily"}, schedule: {cron: "@hourly", jql: "project = PAY"}`, "projects: [PAY]")+
		rule("sleeping", `schedule: {cron: "@daily"}`, "mode: off"))
	tick := func(rule string, trigger int, source event.Source, key string) *event.Event {
		return &event.Event{Kind: "schedule", Source: source, Rule: rule, Trigger: trigger, Identity: "tick", Issue: event.Issue{Key: key}}
	}
	for name, tt := range map[string]struct {
		ev   *event.Event
		want string
	}{
		"a tick":                        {tick("nightly", 1, event.Tick, ""), "nightly"},
		"an issue of a tick":            {tick("nightly", 2, event.Item, "PAY-1"), "nightly"},
		"an issue out of scope":         {tick("nightly", 2, event.Item, "OPS-1"), ""},
		"an issue known by ID only":     {tick("nightly", 2, event.Item, ""), "nightly?"},
		"a trigger that is no schedule": {tick("nightly", 0, event.Tick, ""), ""},
		"a trigger that is gone":        {tick("nightly", 3, event.Tick, ""), ""},
		"a trigger that never was":      {tick("nightly", -1, event.Tick, ""), ""},
		"a rule that is gone":           {tick("gone", 0, event.Tick, ""), ""},
		"a rule that was switched off":  {tick("sleeping", 0, event.Tick, ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			matches := set.Match(tt.ev, bot)
			if got := namesOf(matches); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for _, m := range matches {
				if m.Trigger != tt.ev.Trigger || len(m.Claims) != 1 || m.Claims[0] != "nightly/tick" {
					t.Errorf("%+v", m)
				}
			}
		})
	}
	lines := set.Schedules()
	if len(lines) != 2 || lines[0].Rule != "nightly" || lines[0].Trigger != 1 || lines[1].JQL != "project = PAY" || lines[0].CatchUp != "none" {
		t.Errorf("%+v", lines)
	}
	if next := lines[0].Plan.Next(time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)); !next.Equal(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the plan ticks at %v", next)
	}
	why, _ := set.Rule("nightly")
	if got := why.Refuses(tick("other", 0, event.Tick, ""), bot); got != "no trigger fires: it is a tick of the rule other" {
		t.Error(got)
	}
}

// Data Center sends a comment twice: alone, and as an update of the issue.
func TestTheTwoFormsOfOneCommentAreClaimedOnce(t *testing.T) {
	set := compile(t, rule("comments", "commented")+rule("both", "commented, issue_updated")+rule("updates", "issue_updated"))
	alone, err := event.Decode(event.Delivery{Source: event.Webhook, Body: []byte(`{"timestamp": 1767603600000, "webhookEvent": "comment_created",
		"comment": {"self": "https://jira.example.com/rest/api/2/issue/10042/comment/20031", "id": "20031", "author": {"name": "ann"}, "body": "Hi", "created": "2026-01-05T09:00:00.000+0000", "updated": "2026-01-05T09:00:00.000+0000"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	update, err := event.Decode(event.Delivery{Source: event.Webhook, Body: []byte(`{"timestamp": 1767603600001, "webhookEvent": "jira:issue_updated", "issue_event_type_name": "issue_commented", "user": {"name": "ann"},
		"issue": {"id": "10042", "key": "PAY-7", "fields": {"status": {"name": "Open"}}},
		"comment": {"id": "20031", "author": {"name": "ann"}, "body": "Hi", "created": "2026-01-05T09:00:00.000+0000", "updated": "2026-01-05T09:00:00.000+0000"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	claims := func(ev *event.Event) map[string][]string {
		out := map[string][]string{}
		for _, m := range set.Match(ev, bot) {
			out[m.Rule.Name] = m.Claims
		}
		return out
	}
	first, second := claims(alone), claims(update)
	if len(first) != 2 || len(second) != 3 {
		t.Fatalf("%v and %v", first, second)
	}
	for _, name := range []string{"comments", "both"} {
		if len(first[name]) != 1 || len(second[name]) == 0 || first[name][0] != second[name][0] {
			t.Errorf("%s claims %v and then %v", name, first[name], second[name])
		}
	}
	if got := first["comments"][0]; got != "comments/comment/20031/created" {
		t.Errorf("the claim is %s", got)
	}
}

func TestRefusesSaysWhy(t *testing.T) {
	set := compile(t, rule("to-done", "transitioned: {to: Done}, assigned: {to: bob}, issue_created", "projects: [PAY]")+rule("sleeping", "issue_created", "mode: off"))
	toDone, _ := set.Rule("to-done")
	sleeping, _ := set.Rule("sleeping")
	byBot := issueEvent("issue_created", "PAY-1")
	byBot.Actor = bot
	for _, tt := range []struct {
		rule *rules.Rule
		ev   *event.Event
		want string
	}{
		{sleeping, issueEvent("issue_created", "PAY-1"), "the rule is off"},
		{toDone, issueEvent("issue_created", "OPS-1"), "project OPS is not in the rule's scope (PAY)"},
		{toDone, issueEvent("issue_deleted", "PAY-1"), "no trigger fires: it is no transitioned; it is no assigned; it is no issue_created"},
		{toDone, issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Done", To: "Open"}), `no trigger fires: status became "Open"; it is no assigned; it is no issue_created`},
		{toDone, byBot, "the bot did it itself, and the rule does not say on_self: true"},
		{toDone, issueEvent("issue_created", "PAY-1"), ""},
	} {
		if got := tt.rule.Refuses(tt.ev, bot); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestExplain(t *testing.T) {
	set := compile(t,
		rule("reopened", "issue_updated: {changed: status, from: Done}, assigned", "projects: [PAY]", `if: 'issue.type == "Bug" and issue.priority == "High"'`)+
			rule("always", `issue_updated, schedule: {cron: "@daily"}, hook: {name: deploy}`)+rule("fails", "issue_updated", `if: 'issue.labels[3] == "x"'`))
	reopened := issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Done", To: "Reopened"})
	high := issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Done", To: "Reopened"})
	high.Issue.Priority = "High"
	for _, tt := range []struct {
		rule  string
		ev    *event.Event
		fires bool
		runs  bool
		want  string
	}{
		{"reopened", high, true, true, "reopened runs on issue_updated: status Done → Reopened\n" +
			`  if: issue.type == "Bug" holds: issue.type is "Bug"; issue.priority == "High" holds: issue.priority is "High"`},
		{"reopened", reopened, true, false, "reopened does not run on issue_updated: status Done → Reopened\n" +
			`  if: issue.priority == "High" does not hold: issue.priority is ""`},
		{"reopened", issueEvent("issue_updated", "PAY-1", event.Change{Field: "assignee", To: "bob"}), true, false,
			"reopened does not run on assigned: assignee (nothing) → bob\n" + `  if: issue.priority == "High" does not hold: issue.priority is ""`},
		{"reopened", issueEvent("issue_updated", "CHK-1"), false, false, "reopened does not run: project CHK is not in the rule's scope (PAY)"},
		{"reopened", issueEvent("issue_updated", "PAY-1"), false, false, "reopened does not run: no trigger fires: status did not change; it is no assigned"},
		{"always", reopened, true, true, "always runs on issue_updated"},
		{"always", &event.Event{Kind: "schedule", Source: event.Tick, Rule: "always", Trigger: 1}, true, true, "always runs on schedule: @daily"},
		{"always", &event.Event{Kind: "schedule", Source: event.Tick, Rule: "other", Trigger: 1}, false, false, "always does not run: no trigger fires: it is a tick of the rule other"},
		{"always", &event.Event{Kind: "hook", Source: event.Hook, Hook: "deploy"}, true, true, "always runs on hook: deploy"},
		{"fails", reopened, true, false, "fails fails on issue_updated\n  if: cannot be decided: issue.labels[3] == \"x\": the list has no such item"},
	} {
		r, _ := set.Rule(tt.rule)
		e := r.Explain(tt.ev, bot, expression.Lookups{})
		if got := e.String(); got != tt.want || e.Fires != tt.fires || e.Runs != tt.runs || e.Rule != tt.rule || (e.Refused == "") != tt.fires {
			t.Errorf("got  %s (fires %v, runs %v)\nwant %s", got, e.Fires, e.Runs, tt.want)
		}
	}
}

func TestAnExplanationSaysThatTheEventWasFoundByASweep(t *testing.T) {
	set := compile(t, rule("always", "issue_updated"))
	found := issueEvent("issue_updated", "PAY-1")
	found.Recovered = true
	want := "always runs on issue_updated\n  the event was found by a sweep: its webhook never came"
	if got := set.Rules[0].Explain(found, bot, expression.Lookups{}).String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestJiraProjectsAreThoseOfRulesThatWaitForJira(t *testing.T) {
	scheduled := `schedule: {cron: "@daily"}`
	for _, x := range []struct {
		name  string
		rules []string
		want  string
	}{
		{"none", []string{rule("a", scheduled)}, "[] false"},
		{"each once, sorted", []string{rule("a", "commented", "projects: [PAY, CHK]"), rule("b", "issue_created", "projects: [PAY]")}, "[CHK PAY] false"},
		{"a schedule waits for nothing that Jira posts", []string{rule("a", "commented", "projects: [PAY]"), rule("b", scheduled, "projects: [OPS]")}, "[PAY] false"},
		{"a rule for all projects", []string{rule("a", "commented", "projects: [PAY]"), rule("b", "assigned")}, "[PAY] true"},
		{"a rule that is off does not count", []string{rule("a", "commented", "mode: off")}, "[] false"},
	} {
		t.Run(x.name, func(t *testing.T) {
			projects, all := compile(t, strings.Join(x.rules, "")).JiraProjects()
			if got := fmt.Sprint(projects, all); got != x.want {
				t.Errorf("%s, want %s", got, x.want)
			}
		})
	}
}
