package chaos

import (
	"fmt"
	"slices"
	"strings"

	"jirabot/jiraclient/jiratest"
)

// botUser is the bot's name in the simulated Jira.
const botUser = "bot"

// effectsIn reads off the simulated Jira everything that the bot user has done in it.
func effectsIn(issues []jiratest.Issue) []Effect {
	var out []Effect
	for _, i := range issues {
		add := func(at int64, format string, args ...any) {
			out = append(out, Effect{i.Key, fmt.Sprintf(format, args...), at})
		}
		switch {
		case i.Parent != "":
			out = append(out, Effect{i.Parent, "sub-task: " + i.Summary, i.Created.UnixNano()})
		case strings.HasPrefix(i.Summary, "ticket "):
			out = append(out, Effect{i.Project, "task: " + i.Summary, i.Created.UnixNano()})
		}
		for _, c := range i.Comments {
			if c.Author == botUser {
				add(c.Created.UnixNano(), "comment: %s", c.Body)
			}
		}
		for _, w := range i.Worklogs {
			if w.Author == botUser {
				add(0, "worklog: %s", w.Comment) // when it was written down is not told, only when the work began
			}
		}
		for _, w := range i.Watchers {
			if w == watcher {
				add(0, "watcher: %s", w)
			}
		}
		out = append(out, changes(i)...)
	}
	return out
}

// watcher is the person whom only the bot makes watch something.
const watcher = "carl"

// changes are what an issue's changelog says the bot has done.
func changes(i jiratest.Issue) []Effect {
	var out []Effect
	moves := 0
	for _, h := range i.History {
		if h.Author != botUser {
			continue
		}
		add := func(format string, args ...any) {
			out = append(out, Effect{i.Key, fmt.Sprintf(format, args...), h.Time.UnixNano()})
		}
		switch h.Field {
		case "labels":
			before, after := strings.Fields(h.From), strings.Fields(h.To)
			for _, label := range after {
				if !slices.Contains(before, label) {
					add("label: %s", label)
				}
			}
			for _, label := range before {
				if !slices.Contains(after, label) {
					add("label removed: %s", label)
				}
			}
		case "status":
			moves++
			add("status: %s, the %d.", h.To, moves)
		case "Link":
			// The other end's changelog tells of it too; links lead out of the project where people work.
			if key, outward := strings.CutPrefix(h.To, "This issue relates to "); outward && i.Project == workplace {
				add("link: %s", key)
			}
		}
	}
	return out
}
