package speed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
)

func TestEachUpdateIsAnEventOfItsOwn(t *testing.T) {
	u, err := newUpdate(Wanted)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(u.request) - u.body; n < 6_500 || n > 6_900 {
		t.Errorf("the body has %d bytes, want about 6,700", n)
	}
	b := u.batch(41, 3)
	identities, lanes, request := map[string]bool{}, map[string]bool{}, bytes.Clone(u.request)
	for i := range b.n {
		b.fill(request, i)
		e, err := event.Decode(event.Delivery{Source: event.Webhook, Body: bytes.Clone(request[u.body:]), Received: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		identities[e.StoreID()], lanes[e.Lane] = true, true
		if age := time.Since(e.Time); !e.Timed || age < -time.Second || age > time.Minute {
			t.Errorf("the event happened %v ago, want just now: an old one would have to be looked up", age)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(request[u.body:])
		if want := "X-Hub-Signature: sha256=" + hex.EncodeToString(mac.Sum(nil)) + "\r\n"; !strings.Contains(string(request), want) {
			t.Errorf("event %d is not signed as the bot will check it", i)
		}
	}
	if len(identities) != b.n || len(lanes) != b.n {
		t.Errorf("%d events have %d identities in %d lanes", b.n, len(identities), len(lanes))
	}
}

func TestNoRuleWaitsForTheOtherProject(t *testing.T) {
	u, err := newUpdate(Unwanted)
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Decode(event.Delivery{Source: event.Webhook, Body: u.request[u.body:], Received: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(e.Issue.Key, "CHK-") || e.Issue.Project.Key != "CHK" {
		t.Errorf("issue %s of project %s, want CHK", e.Issue.Key, e.Issue.Project.Key)
	}
}
