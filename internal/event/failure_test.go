package event_test

import (
	"encoding/json"
	"testing"
	"time"

	"jirabot/internal/event"
)

func TestAFailureIsAnEventOfItsIssue(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, x := range []struct {
		name        string
		kind, id    string
		lane        string
		short       bool
		letter, err string
	}{
		{name: "in the issue's lane, to be read", kind: "issue_updated", id: "10042", lane: "10042", short: true, letter: "3-abcdef"},
		{name: "of a deleted issue nothing more can be read", kind: "issue_deleted", id: "10042", lane: "10042", letter: "3-abcdef"},
		{name: "without an issue in the rule's lane", kind: "version_released", lane: "rule:talk", letter: "3-abcdef"},
		{name: "without a letter it is none", kind: "issue_updated", err: "decode failed: the body names no rule, or no dead letter"},
	} {
		t.Run(x.name, func(t *testing.T) {
			body := event.FailureBody{Rule: "talk", Run: "run", Letter: x.letter, Outcome: "denied", Error: "no", Kind: x.kind, Time: at}
			body.Issue.ID = x.id
			data, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			ev, err := event.Decode(event.Delivery{Source: event.Failed, Body: data})
			if x.err != "" {
				if err == nil || err.Error() != x.err {
					t.Fatalf("%v, want %s", err, x.err)
				}
				return
			}
			if err != nil || ev.Kind != "failed" || ev.Lane != x.lane || ev.Issue.Short != x.short || !ev.Time.Equal(at) || ev.Identity != "failed/run/3-abcdef" {
				t.Errorf("%+v, %v", ev, err)
			}
		})
	}
	if ev, err := event.Decode(event.Delivery{Source: event.Webhook, Body: []byte(`{"webhookEvent":"failed"}`)}); err != nil || ev.Kind != "unknown" {
		t.Errorf("a body from outside is %s, %v", ev.Kind, err)
	}
}
