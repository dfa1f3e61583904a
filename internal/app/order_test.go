package app_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// TestUpdatesOfAnIssueAreCarriedOutInTheOrderOfTheirArrival posts 1,000 updates of 20 issues from 16 connections at once,
// each issue's on one connection. Effects must come in the order in which Jira told of their causes, and never two at a
// time on one issue.
func TestUpdatesOfAnIssueAreCarriedOutInTheOrderOfTheirArrival(t *testing.T) {
	t.Parallel()
	const issues, updates, connections = 20, 50, 16
	b := start(t, options{rules: `
rules:
  - name: echo
    on: [{issue_updated: {changed: summary}}]
    recheck: false
    do: [{comment: {body: "${change('summary').to}"}}]
`})
	var keys []string
	for range issues {
		key, err := b.jira.As("ann").CreateIssue("PAY", "Bug", "begin")
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	queues := make([][]jiratest.Delivery, connections)
	want := map[string][]string{}
	for u := range updates {
		for n, key := range keys {
			summary := fmt.Sprintf("%s is at %d", key, u)
			if err := b.jira.As("ann").Edit(key, jiratest.Fields{"summary": summary}); err != nil {
				t.Fatal(err)
			}
			all := b.jira.Deliveries()
			queues[n%connections] = append(queues[n%connections], all[len(all)-1])
			want[key] = append(want[key], summary)
		}
	}
	var posts sync.WaitGroup
	for _, q := range queues {
		posts.Go(func() {
			for _, d := range q {
				if status := b.post(t, d); status != 202 {
					t.Errorf("delivery %d: status %d", d.Number, status)
				}
			}
		})
	}
	posts.Wait()
	b.settle(t)
	for key, texts := range want {
		i, _ := b.jira.Issue(key)
		var got []string
		for _, c := range i.Comments {
			got = append(got, c.Body)
		}
		if !slices.Equal(got, texts) {
			t.Errorf("%s: %d comments, in the order %q", key, len(got), got)
		}
	}
	if pairs := b.jira.OverlappingWrites(); len(pairs) > 0 {
		t.Errorf("%d pairs of writes were under way on one issue at once, such as %v", len(pairs), pairs[0])
	}
}
