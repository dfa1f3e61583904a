package journal

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func TestOnlyACopyThatLagsForLongIsHelped(t *testing.T) {
	copies := func(marks string) []*jetstream.PeerInfo {
		var all []*jetstream.PeerInfo
		for i, m := range marks {
			all = append(all, &jetstream.PeerInfo{Name: string(rune('a' + i)), Current: m == '=', Offline: m == 'x'})
		}
		return all
	}
	l := laggards{}
	for i, x := range []struct {
		seen string // of each copy: = has all, < lags, x is away
		want bool
	}{
		{"==", false}, {"<=", false}, {"<=", false}, {"<=", false}, {"==", false}, // caught up by itself
		{"<=", false}, {"<=", false}, {"x=", false}, {"<=", false}, {"<=", false}, {"<=", false}, {"<=", true}, // counted from when it was back
		{"<<", true}, {"=<", false}, {"=<", false}, {"=<", true}, {"==", false},
	} {
		if got := l.late(in, copies(x.seen)); got != x.want {
			t.Errorf("look %d, %s: late %t, want %t", i, x.seen, got, x.want)
		}
	}
}

func TestACopyIsCompleteWhenLooksHaveSaidSoForAWhile(t *testing.T) {
	c := &crew{pace: times{beat: time.Second}}
	at := instant{awake: time.Hour, wall: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	for i, x := range []struct {
		pass    time.Duration
		abreast bool
		want    bool
	}{
		{0, true, false}, {1, true, false}, {1, true, false}, {1, true, true}, // from the start on
		{1, false, false}, {1, true, false}, {1, true, false}, {1, true, true}, // what was lacking has come
		{5, true, false}, {1, true, false}, {1, true, false}, {1, true, true}, // a look that took long, as those do that nobody answers
	} {
		at.awake += x.pass * time.Second
		at.wall = at.wall.Add(x.pass * time.Second)
		c.compare(x.abreast, at)
		if got := c.complete(at); got != x.want || c.whole != (i >= 3) {
			t.Errorf("look %d: complete %t, at least once %t; want %t", i, got, c.whole, x.want)
		}
	}
	at.awake += 4 * time.Second
	if c.complete(at) {
		t.Error("nobody has looked for long, and it is complete")
	}
}
