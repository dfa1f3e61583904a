package jiratest

import "time"

// apply carries the edit out and tells the webhooks. It cannot fail.
func (e *edit) apply() {
	now := e.j.now()
	var items []item
	for _, id := range e.order {
		items = append(items, e.j.change(e.issue, id, e.pending[id], now)...)
	}
	for _, revise := range e.revised {
		if err := revise(); err != nil { // checked when it was read; only a comment removed twice comes here
			e.j.options.Log.Warn("comment not changed", "issue", e.issue.key(), "error", err)
		}
	}
	for _, l := range e.links {
		e.j.connect(e.actor, l)
	}
	for _, w := range e.works {
		e.j.logWork(e.actor, e.issue, w)
	}
	var said *comment
	for _, c := range e.comments {
		said = e.j.say(e.actor, e.issue, c)
		e.j.commentEvent("comment_created", e.actor, e.issue, said)
	}
	if e.created {
		return
	}
	if len(items) > 0 || said != nil || e.moved {
		if e.event == "issue_updated" {
			e.event = eventFor(items, said)
		}
		e.j.finish(e.actor, e.issue, e.event, items, said, now)
	}
}

// eventFor is the event that Jira names an edit after.
func eventFor(items []item, said *comment) string {
	switch {
	case len(items) == 1 && items[0].field == "assignee":
		return "issue_assigned"
	case len(items) == 0 && said != nil:
		return "issue_commented"
	}
	return "issue_updated"
}

// finish writes the changelog and fires the update.
func (j *Jira) finish(u *user, i *issue, event string, items []item, said *comment, now time.Time) {
	i.values["updated"] = now
	var log *entry
	if len(items) > 0 {
		i.history = append(i.history, entry{id: j.next("change"), author: u, created: now, items: items})
		log = &i.history[len(i.history)-1]
	}
	j.reindex(i, false)
	j.issueEvent("jira:issue_updated", event, u, i, log, said)
}
