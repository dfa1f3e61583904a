package event

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestField(t *testing.T) {
	issue, err := DecodeIssue([]byte(`{"id":"1","key":"PAY-1","fields":{
		"customfield_1": 3.5, "customfield_2": {"value":"Major"}, "customfield_3": null, "customfield_4": ["a", 1, true],
		"customfield_5": "first", "customfield_5": "last", "Customfield_1": "another", "custom\u0066ield_6": "escaped", "customfield_8": 1E700}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		id   string
		want any
		ok   bool
	}{
		{"customfield_1", 3.5, true},
		{"Customfield_1", "another", true},
		{"customfield_2", map[string]any{"value": "Major"}, true},
		{"customfield_3", nil, true},
		{"customfield_4", []any{"a", 1.0, true}, true},
		{"customfield_5", "last", true},
		{"customfield_6", "escaped", true},
		{"customfield_7", nil, false},
		{"customfield_8", nil, false},
		{"", nil, false},
	}
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			got, ok := issue.Field(test.id)
			if ok != test.ok || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v %v, want %v %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestFieldOfAnIssueThatWasNotDescribed(t *testing.T) {
	for name, issue := range map[string]Issue{"zero": {}, "broken": {Fields: json.RawMessage(`{"a":`)}, "list": {Fields: json.RawMessage(`[]`)}} {
		if value, ok := issue.Field("a"); ok || value != nil {
			t.Errorf("%s: %v %v", name, value, ok)
		}
	}
}

func TestDecodeIssueReadsWhatAWebhookHolds(t *testing.T) {
	body := fixtures(t)["dc_issue_updated_status"]
	var parts struct{ Issue json.RawMessage }
	if err := json.Unmarshal(body, &parts); err != nil {
		t.Fatal(err)
	}
	issue, err := DecodeIssue(parts.Issue)
	if err != nil {
		t.Fatal(err)
	}
	if want := decodeBody(t, string(body)).Issue; !reflect.DeepEqual(issue, want) {
		t.Errorf("got %+v\nwant %+v", issue, want)
	}
	if issue.Short {
		t.Error("the issue is complete")
	}
}

func TestAnIssueThatIsNotNamedIsStillDescribed(t *testing.T) {
	e := decodeBody(t, `{"webhookEvent":"worklog_created","issue":{"fields":{"summary":"Card is charged twice"}},"worklog":{"issueId":7}}`)
	check(t, "issue", e.Issue.ID+" "+e.Issue.Summary, "7 Card is charged twice")
}

func TestDecodeIssueErrors(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"nothing", ``, "read an issue: body is not readable at byte 0: unexpected end"},
		{"a list", `[]`, "read an issue: body is not readable at byte 0: expected one JSON object"},
		{"two", `{"id":"1"}{}`, "read an issue: body is not readable at byte 10: expected the end after one JSON value"},
		{"an error of Jira", `{"errorMessages":["Issue does not exist"]}`, "read an issue: it has neither id nor key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := DecodeIssue([]byte(test.raw))
			if err == nil {
				t.Fatal("no error")
			}
			check(t, "error", err.Error(), test.want)
		})
	}
}

func TestShort(t *testing.T) {
	tests := []struct {
		name, body string
		want       bool
	}{
		{"an issue with all fields", `{"issue":{"id":"1","fields":{"status":{},"created":"x","updated":null}}}`, false},
		{"an issue with some fields", `{"issue":{"id":"1","fields":{"status":{},"summary":"a"}}}`, true},
		{"an issue without fields", `{"issue":{"id":"1"}}`, true},
		{"fields that are no object", `{"issue":{"id":"1","fields":[]}}`, true},
		{"an issue known by its number", `{"webhookEvent":"worklog_created","worklog":{"issueId":"1"}}`, true},
		{"no issue", `{"issue":null}`, false},
		{"an issue with the link's ID alone", `{"webhookEvent":"issuelink_created","issue":null,"issueLink":{"sourceIssueId":1}}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := decodeBody(t, test.body).Issue.Short; got != test.want {
				t.Errorf("short is %v", got)
			}
		})
	}
}
