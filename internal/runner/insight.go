package runner

import (
	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/rules"
)

// An Insight is what an event means and which rules may want it, as it was found when the delivery was accepted. A delivery
// that is worked on at once still has it, and need not be decoded and decided a second time.
type Insight struct {
	Event   *event.Event
	Matches []rules.Match

	rules *rules.Set
	bot   event.User
}

// Understand finds the rules that may want an event. Conditions may ask who the bot is: before Jira has said so they are left
// for later, since what is kept off the lanes is never looked at again.
func (r *Runner) Understand(ev *event.Event) *Insight {
	in := &Insight{Event: ev, rules: r.opts.Rules(), bot: r.Bot()}
	if in.bot.ID() == "" {
		in.Matches = in.rules.Match(in.Event, in.bot)
	} else {
		in.Matches = in.rules.Decide(in.Event, in.bot)
	}
	return in
}

// understood is the event of a task, and the insight into it, if it has one.
func understood(t *journal.Task) (*event.Event, *Insight, error) {
	if in, ok := t.Known.(*Insight); ok {
		return in.Event, in, nil
	}
	ev, err := event.Decode(t.Delivery)
	return ev, nil, err
}

// wanted are the rules that want the event. What was found before holds for the same rules and the same bot user.
func (h *handling) wanted() []rules.Match {
	set, bot := h.r.opts.Rules(), h.r.Bot()
	if in := h.insight; in != nil && in.rules == set && in.bot == bot && bot.ID() != "" {
		return in.Matches
	}
	return set.Decide(h.ev, bot)
}
