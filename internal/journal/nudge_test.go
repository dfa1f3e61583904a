package journal

import (
	"testing"

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
		{"<=", false}, {"<<", false}, {"<<", false}, {"<<", true},
		{"=<", false}, {"=<", false}, {"=<", false}, {"=<", true},
	} {
		if got := l.late(in, copies(x.seen)); got != x.want {
			t.Errorf("look %d, %s: late %t, want %t", i, x.seen, got, x.want)
		}
	}
}

func TestACopyIsCompleteWhenSeveralLooksSaySo(t *testing.T) {
	c := &crew{}
	for i, x := range []struct{ abreast, whole, now bool }{
		{true, false, false}, {false, false, false}, {true, false, false}, {true, false, false}, {true, true, true}, // a moment after a cut says nothing
		{false, true, false}, {true, true, true}, {true, true, true}, {false, true, true}, {true, true, true}, // nor does one record
		{false, true, true}, {false, true, false}, {false, true, false},
	} {
		c.compare(x.abreast)
		whole, err := c.copies()
		if whole != x.whole || (err == nil) != x.now {
			t.Errorf("look %d: whole %t, %v; want %t, %t", i, whole, err, x.whole, x.now)
		}
	}
}
