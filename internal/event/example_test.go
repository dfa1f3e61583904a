package event_test

import (
	"fmt"
	"time"

	"jirabot/internal/event"
)

func Example() {
	e, err := event.Decode(event.Delivery{
		Source:   event.Webhook,
		Received: time.Date(2024, 3, 5, 9, 30, 0, 0, time.UTC),
		Body: []byte(`{
			"timestamp": 1709630130250,
			"webhookEvent": "jira:issue_updated",
			"issue_event_type_name": "issue_generic",
			"user": {"name": "ann", "key": "JIRAUSER10101"},
			"issue": {"id": "10042", "key": "PAY-7", "fields": {"customfield_10016": 3.5}},
			"changelog": {"id": "99817", "items": [
				{"field": "status", "fieldtype": "jira", "from": "3", "fromString": "In Progress", "to": "10002", "toString": "Done"}
			]}
		}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	change, _ := e.Changed("Status")
	points, _ := e.Issue.Field("customfield_10016")
	fmt.Println(e.Kinds())
	fmt.Println(e.Actor.ID(), "brought", e.Issue.Key, "from", change.From, "to", change.To, "for", points, "points")
	fmt.Println(e.Identity, "in lane", e.Lane)
	// Output:
	// [issue_updated transitioned field_changed]
	// ann brought PAY-7 from In Progress to Done for 3.5 points
	// issue_updated/10042/changelog/99817 in lane 10042
}
