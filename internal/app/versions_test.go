package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jirabot/internal/app"
	"jirabot/jiraclient/jiratest"
)

// everyday is what a bot is for: rules that label, edit, assign, watch, move, log work, create, link and comment.
const everyday = `
rules:
  - name: triage
    projects: [PAY]
    on: [issue_created]
    if: issue.type == "Bug" and jql("project = PAY")
    do:
      - labels: {add: [triage]}
      - edit: {set: {Priority: High, Story Points: 3, Reviewers: "${[issue.reporter]}"}}
      - assign: {to: "${issue.reporter}"}
      - watch: {add: ["${issue.reporter}"]}
      - transition: {to: In Progress}
      - worklog: {spent: 30m, comment: Looked at it}
      - create: {type: Sub-task, parent: "${issue.key}", summary: "Test ${issue.key}", fields: {Assignee: "${issue.reporter}"}}
      - link: {type: relates to, to: CHK-1}
      - comment: {body: "Thanks, ${issue.reporter.displayName}."}
  - name: pong
    projects: [PAY]
    on: [commented]
    if: comment.body == "ping"
    do: [{comment: {body: "pong to ${actor.displayName} on ${issue.key}"}}]
  - name: handed-over
    projects: [PAY]
    on: [assigned]
    do: [{comment: {body: "${issue.assignee.displayName} has it from ${actor.displayName}."}}]
  - name: closed
    projects: [PAY]
    on: [{transitioned: {to: Done}}]
    do: [{comment: {body: "${actor.displayName} moved it from ${change('status').from} to ${change('status').to}."}}]
`

// office is where the everyday rules work.
func office(j *jiratest.Jira) {
	for _, name := range []string{"bob", "carl"} {
		j.AddUser(jiratest.User{Name: name})
	}
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	j.AddField(jiratest.Field{Name: "Reviewers", Type: "multiuser"})
	j.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})
}

// day is what people do; the bot works in between.
func (b *bench) day(t *testing.T) {
	t.Helper()
	for _, happens := range []func() error{
		func() error { _, err := b.jira.As("ann").CreateIssue("CHK", "Task", "Checkout"); return err },
		func() error { _, err := b.jira.As("ann").CreateIssue("PAY", "Bug", "Totals are wrong"); return err },
		func() error { _, err := b.jira.As("bob").Comment("PAY-1", "ping"); return err },
		func() error { return b.jira.As("bob").Assign("PAY-1", "carl") },
		func() error { return b.jira.As("carl").Transition("PAY-1", "Done") },
	} {
		if err := happens(); err != nil {
			t.Fatal(err)
		}
		b.quiet(t)
	}
}

// evening is what has become of the issues.
func (b *bench) evening() string {
	var out []string
	for _, i := range b.jira.Issues() {
		points := i.Fields["customfield_10000"]
		reviewers, _ := i.Fields["customfield_10001"].([]any)
		out = append(out, fmt.Sprintf("%s %s: %s, %s, for %s, labels %v, points %v, %d reviewers, watched by %v, spent %d, sub-tasks %v",
			i.Key, i.Summary, i.Status, i.Priority, i.Assignee, i.Labels, points, len(reviewers), i.Watchers, i.Spent, i.Subtasks))
		for _, l := range i.Links {
			out = append(out, "  "+l.Relation+" "+l.Key)
		}
		for _, c := range i.Comments {
			out = append(out, "  "+c.Author+": "+c.Body)
		}
	}
	return strings.Join(out, "\n")
}

const evening = `CHK-1 Checkout: To Do, Medium, for , labels [], points <nil>, 0 reviewers, watched by [], spent 0, sub-tasks []
  relates to PAY-1
PAY-1 Totals are wrong: Done, High, for carl, labels [triage], points 3, 1 reviewers, watched by [ann], spent 1800, sub-tasks [PAY-2]
  relates to CHK-1
  bot: Thanks, Ann.
  bob: ping
  bot: pong to Bob on PAY-1
  bot: Carl has it from Bob.
  bot: Carl moved it from In Progress to Done.
PAY-2 Test PAY-1: To Do, Medium, for ann, labels [], points <nil>, 0 reviewers, watched by [], spent 0, sub-tasks []`

// TestTheSameHappensInEveryVersion: the bot is registered as an administrator would do it, Jira posts as this version does, and
// the day ends the same everywhere.
func TestTheSameHappensInEveryVersion(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{
				rules: everyday, furnish: office, live: true,
				jira: jiratest.Options{Version: version, Webhooks: jiratest.ByVersion},
			})
			b.day(t)
			if got := b.evening(); got != evening {
				t.Errorf("got\n%s\nwant\n%s", got, evening)
			}
			if pairs := b.jira.OverlappingWrites(); len(pairs) > 0 {
				t.Errorf("%d pairs of writes were under way on one issue at once", len(pairs))
			}
			for _, r := range b.jira.Requests() {
				// Data Center keeps no properties of worklogs, and the bot finds out by asking.
				if r.User == "bot" && r.Status >= 400 && !strings.HasSuffix(r.Path, "/properties/jirabot.mark") {
					t.Errorf("%s %s: %d", r.Method, r.Path, r.Status)
				}
			}
			for _, d := range b.jira.Deliveries() {
				if d.Status != 202 && d.Status != 200 {
					t.Errorf("%s was answered %d %v", d.Event, d.Status, d.Err)
				}
			}
			_, checks := b.bot.Ready()
			if at := slices.IndexFunc(checks, func(c app.Check) bool { return !c.OK }); at >= 0 {
				t.Errorf("%s is not well: %s", checks[at].What, checks[at].Why)
			}
		})
	}
}
