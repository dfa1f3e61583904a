package expression

import (
	"errors"
	"testing"
	"time"

	"jirabot/internal/event"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// sample is an event in which something of everything is set, and something is missing.
func sample() *event.Event {
	return &event.Event{
		Kind: "issue_updated", Name: "jira:issue_updated", Source: event.Webhook, Time: noon,
		Actor: event.User{Name: "ann", DisplayName: "Ann A."},
		Issue: event.Issue{
			Key: "PAY-7", Type: "Bug", Status: "Reopened", Priority: "High", Labels: []string{"red", "blue"},
			Assignee: event.User{Name: "bob", DisplayName: "Bob B."}, Project: event.Project{Key: "PAY"},
			Created: noon.Add(-48 * time.Hour), Links: []event.IssueLink{{Relation: "blocks", Key: "PAY-9"}},
			Fields: []byte(`{"customfield_1": 5, "customfield_2": {"value": "EU"}, "customfield_3": null, "customfield_4": [{"name": "1.0"}, {"name": "1.1"}],
				"customfield_5": {"name": "carl", "displayName": "Carl C."}, "customfield_6": ""}`),
		},
		Changes: []event.Change{
			{Field: "status", From: "Done", To: "Reopened"},
			{Field: "labels", From: "red", To: "red blue", Added: []string{"blue"}},
		},
		Raw: []byte(`{"timestamp": 7, "deep": {"list": [1, "two"]}}`),
	}
}

var fieldIDs = map[string]string{"Points": "customfield_1", "Region": "customfield_2", "Empty": "customfield_3", "Releases": "customfield_4", "Tester": "customfield_5", "Blank": "customfield_6", "Absent": "customfield_7"}

var asked = Lookups{
	FieldID: func(name string) (string, error) {
		if id, ok := fieldIDs[name]; ok {
			return id, nil
		}
		return "", errors.New("this Jira has no field " + name)
	},
	JQL: func(issue, jql string) (bool, error) { return issue == "PAY-7" && jql == "labels = red", nil },
}

func scopeOf(ev *event.Event) *Scope {
	return NewScope(FromEvent(ev, Rule{Name: "the-rule", Owner: "team"}, event.User{Name: "bot"}, asked))
}

func holds(t *testing.T, source string, s *Scope) (bool, error) {
	t.Helper()
	c, mistake := NewCondition(source)
	if mistake != nil {
		t.Fatalf("%s: %v", source, mistake)
	}
	return c.Holds(s)
}
