package runner

import (
	"fmt"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/rules"
)

func TestARememberedClaimIsTaken(t *testing.T) {
	c := newClock()
	r := recent{since: c.t, seen: map[string]time.Time{}}
	c.pass(time.Minute)
	r.add([]string{"a"}, c.t)
	for _, x := range []struct {
		name            string
		claim           string
		since           time.Time
		taken, complete bool
	}{
		{"known is taken, however far back one asks", "a", c.t.Add(-time.Hour), true, true},
		{"unknown since the memory began is free for sure", "b", c.t.Add(-time.Second), false, true},
		{"unknown from before the memory began is to be looked up", "b", c.t.Add(-time.Hour), false, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if taken, complete := r.taken(x.claim, x.since); taken != x.taken || complete != x.complete {
				t.Errorf("taken %t complete %t, want %t and %t", taken, complete, x.taken, x.complete)
			}
		})
	}
}

func TestTheMemoryOfClaimsIsBounded(t *testing.T) {
	c := newClock()
	r := recent{since: c.t, seen: map[string]time.Time{}}
	for i := range maxRecent + 10 {
		r.add([]string{fmt.Sprint(i)}, c.t)
	}
	if len(r.seen) > maxRecent {
		t.Errorf("%d claims are remembered, want at most %d", len(r.seen), maxRecent)
	}
	if _, complete := r.taken("0", c.t.Add(-time.Nanosecond)); complete {
		t.Error("after forgetting, the memory still says that it is complete")
	}
}

func TestWhichEventsMayComeInAnotherForm(t *testing.T) {
	rule := &rules.Rule{Name: "r"}
	for _, x := range []struct {
		name   string
		ev     event.Event
		claims []string
		want   bool
	}{
		{"a field change comes once", event.Event{Identity: "i"}, []string{"r/i"}, false},
		{"a comment comes twice", event.Event{Identity: "i", CommentIdentity: "i"}, []string{"r/i"}, true},
		{"a worklog may come twice", event.Event{Identity: "i", Worklog: event.Worklog{ID: "1"}}, []string{"r/i"}, true},
		{"an update that is taken for its worklog", event.Event{Identity: "i"}, []string{"r/worklog/1/created"}, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := hasTwin(&x.ev, rules.Match{Rule: rule, Claims: x.claims}); got != x.want {
				t.Errorf("got %t, want %t", got, x.want)
			}
		})
	}
}

func TestChainsGrowByTheBotsOwnEventsOnly(t *testing.T) {
	c := newClock()
	ch := chains{now: c.now, depth: map[string]link{}}
	bot := event.User{Name: "bot"}
	person := &event.Event{Actor: event.User{Name: "ann"}, Issue: event.Issue{Key: "PAY-1"}}
	own := &event.Event{Actor: bot, Issue: event.Issue{Key: "PAY-1"}}
	if d := ch.of(person, bot); d != 0 {
		t.Errorf("a person's event has depth %d", d)
	}
	ch.wrote("PAY-1", 3)
	if d := ch.of(own, bot); d != 4 {
		t.Errorf("what follows from a run of depth 3 has depth %d, want 4", d)
	}
	if d := ch.of(person, bot); d != 0 {
		t.Errorf("a person's event has depth %d, whatever the bot did before", d)
	}
	c.pass(forgotten + time.Second)
	if d := ch.of(own, bot); d != 1 {
		t.Errorf("after a long while the chain has depth %d, want 1", d)
	}
}
