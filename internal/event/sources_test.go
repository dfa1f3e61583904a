package event

import (
	"errors"
	"testing"
	"time"
)

func TestSourcesOtherThanWebhooks(t *testing.T) {
	tests := []struct {
		name                                        string
		d                                           Delivery
		kind, identity, lane, rule, issue, hook, by string
	}{
		{name: "a tick",
			d:    Delivery{Source: Tick, Body: []byte(`{"rule":"nudge","trigger":1,"planned":"2024-03-05T09:00:00+01:00"}`)},
			kind: "schedule", identity: "tick/nudge/1/1709625600000", lane: "rule:nudge", rule: "nudge"},
		{name: "a tick's item",
			d:    Delivery{Source: Item, Body: []byte(`{"rule":"nudge","trigger":1,"planned":"2024-03-05T08:00:00Z","issue":{"id":"10042","key":"PAY-7"}}`)},
			kind: "schedule", identity: "item/nudge/1/1709625600000/10042", lane: "10042", rule: "nudge", issue: "10042 PAY-7"},
		{name: "a hook about an issue",
			d:    Delivery{Source: Hook, Name: "deployed", Key: "build-7", Body: []byte(`{"issue":{"key":"PAY-7"},"build":7}`), UserID: "ann"},
			kind: "hook", identity: "hook/deployed/build-7", lane: "hook:deployed", issue: " PAY-7", hook: "deployed", by: "ann"},
		{name: "a hook without a key is another event each time",
			d:    Delivery{Source: Hook, Name: "deployed"},
			kind: "hook", identity: "hook/deployed/at/1709631000000000000", lane: "hook:deployed", hook: "deployed"},
		{name: "a hook with any JSON",
			d:    Delivery{Source: Hook, Name: "deployed", Key: "a b", Body: []byte(`[1, "issue"]`)},
			kind: "hook", identity: "hook/deployed/sha256-c8687a08aa5d6ed2044328fa6a697ab8", lane: "hook:deployed", hook: "deployed"},
		{name: "a manual run on an issue",
			d:    Delivery{Source: Manual, UserKey: "JIRAUSER10101", Body: []byte(`{"rule":"nudge","id":"r-1","issue":{"id":"10042"},"inputs":{"n":2},"requested":"2024-03-05T08:00:00Z"}`)},
			kind: "manual", identity: "manual/r-1", lane: "10042", rule: "nudge", issue: "10042 ", by: "JIRAUSER10101"},
		{name: "a manual run without issue and ID",
			d:    Delivery{Source: Manual, Body: []byte(`{"rule":"nudge"}`)},
			kind: "manual", identity: "manual/nudge/at/1709631000000000000", lane: "rule:nudge", rule: "nudge"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.d.Received = received
			e, err := Decode(test.d)
			if err != nil {
				t.Fatal(err)
			}
			issue := ""
			if e.Issue.ref() != "" {
				issue = e.Issue.ID + " " + e.Issue.Key
			}
			check(t, "kind", e.Kind, test.kind)
			check(t, "identity", e.Identity, test.identity)
			check(t, "store ID", e.StoreID(), test.identity)
			check(t, "lane", e.Lane, test.lane)
			check(t, "rule", e.Rule, test.rule)
			check(t, "issue", issue, test.issue)
			check(t, "hook", e.Hook, test.hook)
			check(t, "actor", e.Actor.ID(), test.by)
			if e.Issue.Short != (issue != "") {
				t.Errorf("short is %v", e.Issue.Short)
			}
		})
	}
}

func TestATicksTimeIsTheMomentItWasDue(t *testing.T) {
	e, err := Decode(Delivery{Source: Tick, Received: received, Body: []byte(`{"rule":"nudge","trigger":2,"planned":"2024-03-05T09:00:00+01:00"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2024, 3, 5, 8, 0, 0, 0, time.UTC); !e.Time.Equal(want) || !e.Timed || !e.Planned.Equal(want) || e.Trigger != 2 {
		t.Errorf("time %v (%v), planned %v, trigger %d", e.Time, e.Timed, e.Planned, e.Trigger)
	}
}

func TestAManualRunsInputsKeepTheirTypes(t *testing.T) {
	e, err := Decode(Delivery{Source: Manual, Body: []byte(`{"rule":"nudge","inputs":{"days":2,"who":"ann"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if e.Inputs["days"] != 2.0 || e.Inputs["who"] != "ann" {
		t.Errorf("inputs are %v", e.Inputs)
	}
}

func TestErrorsSayWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		name       string
		source     Source
		body, want string
		pos        int
	}{
		{"an empty body", Webhook, "", `decode webhook: body is empty: the webhook's registration has "exclude body" switched on; switch it off, the event is in the body`, 0},
		{"blanks only", Webhook, " \n", `decode webhook: body is empty: the webhook's registration has "exclude body" switched on; switch it off, the event is in the body`, 0},
		{"a list", Webhook, ` [1]`, "decode webhook: body is not readable at byte 1: expected one JSON object", 1},
		{"a form", Webhook, `payload=%7B%7D`, "decode webhook: body is not readable at byte 0: expected one JSON object", 0},
		{"two objects", Webhook, `{} {}`, "decode webhook: body is not readable at byte 3: expected the end after one JSON value", 3},
		{"cut off", Webhook, `{"issue":{"id":"1`, "decode webhook: body is not readable at byte 17: unexpected end", 17},
		{"no colon", Webhook, `{"issue" 1}`, "decode webhook: body is not readable at byte 9: expected a colon after the key", 9},
		{"a hook that sends no JSON", Hook, `done!`, "decode hook: body is not readable at byte 0: expected a value", 0},
		{"an empty tick", Tick, ``, "decode tick: body is not readable at byte 0: unexpected end", 0},
		{"a manual run that is a list", Manual, `[]`, "decode manual: body is not readable at byte 0: expected one JSON object", 0},
		{"a tick of no rule", Tick, `{}`, "decode tick: the body names no rule", -1},
		{"an item of no issue", Item, `{"rule":"nudge"}`, "decode item: the body names no issue", -1},
		{"a source of another age", "pigeon", `{}`, `decode pigeon: unknown source "pigeon"`, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Decode(Delivery{Source: test.source, Body: []byte(test.body), Received: received})
			if err == nil {
				t.Fatal("no error")
			}
			check(t, "error", err.Error(), test.want)
			var unreadable *Unreadable
			if errors.As(err, &unreadable) != (test.pos >= 0) {
				t.Fatalf("unreadable is %v", unreadable)
			}
			if unreadable != nil && unreadable.Pos != test.pos {
				t.Errorf("position %d, want %d", unreadable.Pos, test.pos)
			}
		})
	}
}

func TestActor(t *testing.T) {
	comment := `"comment":{"id":"1","author":{"name":"ann","displayName":"Ann"},"updateAuthor":{"name":"bob","displayName":"Bob"}}`
	tests := []struct{ name, body, userKey, userID, want string }{
		{"the user named in the body", `{"webhookEvent":"comment_updated","user":{"name":"carl"},` + comment + `}`, "x", "x", "name carl"},
		{"the author of a new comment", `{"webhookEvent":"comment_created",` + comment + `}`, "", "", "name ann, called Ann"},
		{"the editor of an edited comment", `{"webhookEvent":"comment_updated",` + comment + `}`, "", "", "name bob, called Bob"},
		{"nobody for a deleted comment", `{"webhookEvent":"comment_deleted",` + comment + `}`, "", "", ""},
		{"who deleted it by the address", `{"webhookEvent":"comment_deleted",` + comment + `}`, "JIRAUSER1", "carl", "name carl, key JIRAUSER1"},
		{"the address before the author", `{"webhookEvent":"comment_created",` + comment + `}`, "JIRAUSER1", "carl", "name carl, key JIRAUSER1"},
		{"the better description of the same person", `{"webhookEvent":"comment_created",` + comment + `}`, "", "ann", "name ann, called Ann"},
		{"an account ID in the address", `{"webhookEvent":"issuelink_created"}`, "", "5b10a2844c20165700ede21b", "account 5b10a2844c20165700ede21b"},
		{"the newer form of account ID", `{"webhookEvent":"issuelink_created"}`, "", "557058:aa-bb", "account 557058:aa-bb"},
		{"the author of an attachment", `{"webhookEvent":"attachment_created","attachment":{"author":{"name":"ann"}}}`, "", "", "name ann"},
		{"the author of a worklog", `{"webhookEvent":"worklog_created","worklog":{"author":{"name":"ann"},"updateAuthor":{"name":"bob"}}}`, "", "", "name ann"},
		{"the editor of a worklog", `{"webhookEvent":"worklog_updated","worklog":{"author":{"name":"ann"},"updateAuthor":{"name":"bob"}}}`, "", "", "name bob"},
		{"whom a user event is about did not do it", `{"webhookEvent":"user_updated","user":{"name":"ann"}}`, "", "bob", "name bob"},
		{"nobody for a version", `{"webhookEvent":"jira:version_created","version":{"id":1}}`, "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := Decode(Delivery{Source: Webhook, Body: []byte(test.body), UserKey: test.userKey, UserID: test.userID})
			if err != nil {
				t.Fatal(err)
			}
			check(t, "actor", renderUser(e.Actor), test.want)
		})
	}
}
