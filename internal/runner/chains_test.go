package runner

import (
	"testing"
	"time"

	"jirabot/internal/event"
)

func TestOnlyWhatComesOfJiraFollowsFromTheBotsWork(t *testing.T) {
	bot := event.User{Name: "bot"}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	c := newChains(func() time.Time { return now })
	c.wrote("PAY-1", 4)
	issue := event.Issue{Key: "PAY-1"}
	for _, x := range []struct {
		name string
		ev   event.Event
		want int
	}{
		{"the bot's own change", event.Event{Source: event.Webhook, Actor: bot, Issue: issue}, 5},
		{"a change of which Jira does not say who made it", event.Event{Source: event.Webhook, Issue: issue}, 5},
		{"a person's change", event.Event{Source: event.Webhook, Actor: event.User{Name: "ann"}, Issue: issue}, 0},
		{"the bot's change of another issue", event.Event{Source: event.Webhook, Actor: bot, Issue: event.Issue{Key: "PAY-2"}}, 1},
		{"a schedule's issue, each minute", event.Event{Source: event.Item, Issue: issue}, 0},
		{"a hook's call", event.Event{Source: event.Hook, Issue: issue}, 0},
		{"a failure, which says itself how deep it is", event.Event{Source: event.Failed, Issue: issue, Depth: 3}, 3},
	} {
		if got := c.of(&x.ev, bot); got != x.want {
			t.Errorf("%s: depth %d, want %d", x.name, got, x.want)
		}
	}
}
