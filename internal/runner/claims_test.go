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
	r := newRecent(c.t)
	c.pass(time.Minute)
	r.add("1-abc", []string{"a"}, c.t)
	for _, x := range []struct {
		name            string
		claim, delivery string
		since           time.Time
		taken, complete bool
	}{
		{"a delivery whose end was not stored has not met itself", "a", "1-abc", c.t, false, true},
		{"known is taken, however far back one asks", "a", "2-def", c.t.Add(-time.Hour), true, true},
		{"unknown since the memory began is free for sure", "b", "2-def", c.t.Add(-time.Second), false, true},
		{"unknown from before the memory began is to be looked up", "b", "2-def", c.t.Add(-time.Hour), false, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			if taken, complete := r.taken(x.delivery, x.claim, x.since); taken != x.taken || complete != x.complete {
				t.Errorf("taken %t complete %t, want %t and %t", taken, complete, x.taken, x.complete)
			}
		})
	}
}

func TestTheMemoryOfClaimsIsBounded(t *testing.T) {
	c := newClock()
	r := newRecent(c.t)
	start := c.t
	var middle time.Time
	for i := range maxRecent + 10 {
		if i == maxRecent/2 {
			middle = c.t
		}
		r.add("1-abc", []string{fmt.Sprint(i)}, c.t)
		c.pass(time.Millisecond)
	}
	if n := len(r.seen) + len(r.before); n > maxRecent {
		t.Errorf("%d claims are remembered, want at most %d", n, maxRecent)
	}
	if taken, complete := r.taken("2-def", "0", start); taken || complete {
		t.Errorf("after forgetting the first claim, taken %t complete %t, want neither", taken, complete)
	}
	if taken, _ := r.taken("2-def", fmt.Sprint(maxRecent/2), start); !taken {
		t.Error("a claim of the younger half is forgotten")
	}
	if _, complete := r.taken("2-def", "another", middle); !complete {
		t.Error("the memory of the younger half is not taken for complete")
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
	ch := newChains(c.now)
	bot := event.User{Name: "bot"}
	person := &event.Event{Source: event.Webhook, Actor: event.User{Name: "ann"}, Issue: event.Issue{Key: "PAY-1"}}
	own := &event.Event{Source: event.Webhook, Actor: bot, Issue: event.Issue{Key: "PAY-1"}}
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

func TestAChainIsFoundAgainAfterAsManyOthersAsPeopleChangeAtOnce(t *testing.T) {
	c := newClock()
	ch := newChains(c.now)
	bot := event.User{Name: "bot"}
	own := &event.Event{Source: event.Webhook, Actor: bot, Issue: event.Issue{Key: "PAY-1"}}
	ch.wrote("PAY-1", 3)
	for i := range generation {
		ch.wrote(fmt.Sprintf("OPS-%d", i), 0)
	}
	if d := ch.of(own, bot); d != 4 {
		t.Errorf("what follows from a run of depth 3 has depth %d, want 4", d)
	}
	for i := range 2 * generation {
		ch.wrote(fmt.Sprintf("CHK-%d", i), 0)
	}
	if n := len(ch.depth) + len(ch.before); n > 2*generation {
		t.Errorf("%d links are remembered, want at most %d", n, 2*generation)
	}
}

// BenchmarkWrote is part of each effect; it must not grow with the number of effects.
func BenchmarkWrote(b *testing.B) {
	for _, n := range []int{1_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ch := newChains(time.Now)
			keys := make([]string, n)
			for i := range keys {
				keys[i] = fmt.Sprintf("PAY-%d", i)
				ch.wrote(keys[i], 0)
			}
			i := 0
			for b.Loop() {
				ch.wrote(keys[i%n], 0)
				i++
			}
		})
	}
}
