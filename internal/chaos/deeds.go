package chaos

import (
	"fmt"
	"strings"
)

// rules are what the bot is to do. Each is written beside the row of the deeds' table that says, in words of its own, what
// must come of it.
const rules = `rules:
  - {name: ping, on: [commented], if: 'comment.body startsWith "ping "',
     do: [comment: {body: "pong ${split(comment.body, ' ')[1]}"}]}
  - {name: work, on: [commented], if: 'comment.body startsWith "work "',
     do: [labels: {add: ["l-${split(comment.body, ' ')[1]}"]},
          comment: {body: "working ${split(comment.body, ' ')[1]}"},
          create: {type: Sub-task, parent: "${issue.key}", summary: "sub ${split(comment.body, ' ')[1]}"}]}
  - {name: tie, on: [commented], if: 'comment.body startsWith "tie "',
     do: [link: {type: relates to, to: "${split(comment.body, ' ')[2]}"},
          comment: {body: "tied ${split(comment.body, ' ')[1]}"}]}
  - {name: move, on: [commented], if: 'comment.body startsWith "move "',
     do: [transition: {to: "${split(comment.body, ' ')[2]}"},
          comment: {body: "moved ${split(comment.body, ' ')[1]}"}]}
  - {name: book, on: [commented], if: 'comment.body startsWith "book "',
     do: [worklog: {spent: 5m, comment: "booked ${split(comment.body, ' ')[1]}"}]}
  - {name: rename, on: [issue_updated: {changed: summary}], if: 'change("summary").to startsWith "rename "',
     do: [labels: {add: ["r-${split(change('summary').to, ' ')[1]}"]}]}
  - {name: greet, projects: [PAY], on: [issue_created], if: 'issue.summary startsWith "greet "', recheck: false,
     do: [comment: {body: "welcome ${split(issue.summary, ' ')[1]}"},
          watch: {add: carl},
          labels: {add: ["g-${split(issue.summary, ' ')[1]}"]}]}
  - {name: deployed, on: [hook: {name: deployed}],
     do: [comment: {body: "deployed ${hook.body.token}"}]}
  - {name: ticket, on: [hook: {name: ticket}],
     do: [create: {project: CHK, type: Task, summary: "ticket ${hook.body.token}"}]}
  - {name: tick, on: [schedule: {cron: "* * * * *", jql: "project = OPS AND labels = nudge", catch_up: all}],
     do: [comment: {body: "tick ${event.planned.Format('2006-01-02T15:04')}"}]}
`

// A deed is one kind of thing that happens.
type deed struct {
	name string
	// wants are the effects it must have; arg is what the deed says beside the token.
	wants func(token, arg string) []string
	// sure has it posted until it is accepted, because later events build on it.
	sure bool
	// share of the load.
	share int
}

// deeds is the table of all that happens, but for the clock, which makes "tick" by itself.
var deeds = []deed{
	{name: "ping", share: 20, wants: func(token, _ string) []string { return []string{"comment: pong " + token} }},
	{name: "work", share: 12, wants: func(token, _ string) []string {
		return []string{"label: l-" + token, "comment: working " + token, "sub-task: sub " + token}
	}},
	{name: "tie", share: 8, wants: func(token, arg string) []string {
		return []string{"link: " + arg, "comment: tied " + token}
	}},
	// Which of an issue's transitions an event has made is told by their number, so none may be missing.
	{name: "move", share: 12, sure: true, wants: func(token, arg string) []string {
		return []string{"status: " + arg, "comment: moved " + token}
	}},
	{name: "book", share: 6, wants: func(token, _ string) []string { return []string{"worklog: booked " + token} }},
	{name: "rename", share: 12, wants: func(token, _ string) []string { return []string{"label: r-" + token} }},
	{name: "greet", share: 5, wants: func(token, _ string) []string {
		return []string{"comment: welcome " + token, "watcher: carl", "label: g-" + token}
	}},
	{name: "deployed", share: 10, wants: func(token, _ string) []string { return []string{"comment: deployed " + token} }},
	{name: "ticket", share: 5, wants: func(token, _ string) []string { return []string{"task: ticket " + token} }},
}

func deedNamed(name string) deed {
	for _, d := range deeds {
		if d.name == name {
			return d
		}
	}
	return deed{name: name}
}

// statusArg is the arg of the n-th transition of an issue: they go to and fro.
func statusArg(n int) (to, arg string) {
	to = "Busy"
	if n%2 == 0 {
		to = "Open"
	}
	return to, fmt.Sprintf("%s, the %d.", to, n)
}

// tokenOf finds the deed and token in what a person wrote: "ping T7", "tie T8 CHK-1". What the bot writes has no deed's name
// before the token.
func tokenOf(text string) (token string, ok bool) {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 3 || !strings.HasPrefix(words[1], "T") {
		return "", false
	}
	for _, d := range deeds {
		if d.name == words[0] && d.name != "ticket" && d.name != "deployed" {
			return words[1], true
		}
	}
	return "", false
}
