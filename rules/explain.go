package rules

import (
	"fmt"
	"strings"

	"jirabot/internal/event"
	"jirabot/internal/expression"
)

// An Explanation says why a rule runs on an event, or why it does not, with the values that decided.
type Explanation struct {
	Rule string `json:"rule"`
	// Recovered tells that a sweep found the event, as its webhook never came.
	Recovered bool `json:"recovered,omitempty"`
	// Fires tells whether the rule looks at the event at all: a trigger fires, the project is in its scope, and the
	// event is not the bot's own work. Where it does not, Refused says why.
	Fires   bool   `json:"fires"`
	Refused string `json:"refused,omitempty"`
	// Trigger is what made the rule look: `issue_updated: status Done → Reopened`.
	Trigger string `json:"trigger,omitempty"`
	// Condition is the rule's condition taken apart. It is decided only if the rule fires.
	Condition expression.Why `json:"condition"`
	// Runs is the answer: the rule fires and its condition holds.
	Runs bool `json:"runs"`
}

// Explain tells why the rule runs on an event or why it does not. It decides as a run does, but slowly.
func (r *Rule) Explain(ev *event.Event, bot event.User, ask expression.Lookups) Explanation {
	e := Explanation{Rule: r.Name, Recovered: ev.Recovered, Refused: r.Refuses(ev, bot)}
	if e.Refused != "" {
		return e
	}
	e.Fires = true
	trigger := ev.Trigger
	if ev.Source != event.Tick && ev.Source != event.Item {
		trigger = r.fires(&look{ev: ev, kinds: ev.Kinds()})
	}
	e.Trigger = r.On[trigger].describe(ev)
	e.Condition = r.If.Why(expression.NewScope(expression.FromEvent(ev, r.About(), bot, ask)))
	e.Runs = e.Condition.Holds && e.Condition.Error == ""
	return e
}

// String is the explanation for people: a line with the verdict, and one with what the condition saw.
func (e Explanation) String() string {
	text := e.verdict()
	if e.Recovered {
		text += "\n  the event was found by a sweep: its webhook never came"
	}
	return text
}

func (e Explanation) verdict() string {
	switch {
	case !e.Fires:
		return fmt.Sprintf("%s does not run: %s", e.Rule, e.Refused)
	case e.Condition.Error != "":
		return fmt.Sprintf("%s fails on %s\n  if: %s", e.Rule, e.Trigger, e.Condition)
	case !e.Runs:
		return fmt.Sprintf("%s does not run on %s\n  if: %s", e.Rule, e.Trigger, e.Condition)
	case e.Condition.Always():
		return fmt.Sprintf("%s runs on %s", e.Rule, e.Trigger)
	}
	return fmt.Sprintf("%s runs on %s\n  if: %s", e.Rule, e.Trigger, e.Condition)
}

// describe is the trigger with what made it fire.
func (t *Trigger) describe(ev *event.Event) string {
	switch t.Kind {
	case "schedule":
		return "schedule: " + t.Schedule.Cron
	case "hook":
		return "hook: " + t.Hook.Name
	case "failed":
		return "failed: " + ev.Failure.Rule
	}
	var changes []string
	for _, field := range t.fields() {
		if c, ok := ev.Changed(field); ok && t.Change.accepts(&c) {
			changes = append(changes, changeText(c))
		}
	}
	if changes == nil {
		return t.Kind
	}
	return t.Kind + ": " + strings.Join(changes, ", ")
}

// changeText is a change as people say it: status Done → Reopened.
func changeText(c event.Change) string {
	return fmt.Sprintf("%s %s → %s", c.Field, orNothing(c.From), orNothing(c.To))
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}
