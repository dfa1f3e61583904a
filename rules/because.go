package rules

import (
	"jirabot/internal/event"
	"jirabot/internal/expression"
)

// Because says in one line why the rule runs on an event that it wants: what fired, and what its condition saw.
func (r *Rule) Because(m Match, ev *event.Event, scope *expression.Scope) string {
	if m.Trigger < 0 || m.Trigger >= len(r.On) {
		return ""
	}
	trigger := r.On[m.Trigger].describe(ev)
	if !r.If.Given() {
		return trigger
	}
	return trigger + "; " + r.If.Why(scope).String()
}
