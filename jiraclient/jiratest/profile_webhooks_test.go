package jiratest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// TestWebhooksOfVersions: what arrives for one comment and one assignment.
func TestWebhooksOfVersions(t *testing.T) {
	for version, want := range map[string]struct {
		events string // for the comment
		issue  bool   // in comment_created
		actor  bool   // in the URL
		signed bool
		url    string
	}{
		"8.20":  {"comment_created jira:issue_updated", false, true, false, "/PAY-1/{issue.key}"},
		"9.12":  {"comment_created jira:issue_updated", false, true, false, "/PAY-1/{issue.key}"},
		"10.3":  {"comment_created jira:issue_updated", false, true, true, "/$PAY-1/PAY-1"},
		"11.2":  {"comment_created jira:issue_updated", false, false, true, "/$PAY-1/PAY-1"},
		"Cloud": {"comment_created", true, true, true, "/PAY-1/{issue.key}"},
	} {
		t.Run(version, func(t *testing.T) {
			j, _ := newJira(t, jiratest.Options{Version: version})
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
			must[string](t)(j.Webhook(jiratest.Registration{Name: "all", URL: "/${issue.key}/{issue.key}", Secret: "s3cret", RecordOnly: true}))
			must[string](t)(j.As("bob").Comment("PAY-1", "Hi"))
			var events []string
			for _, d := range j.Deliveries() {
				events = append(events, d.Event)
			}
			if got := strings.Join(events, " "); got != want.events {
				t.Fatal("events:", got)
			}
			d := j.Deliveries()[0]
			if got := strings.Contains(string(d.Body), `"issue":{`); got != want.issue {
				t.Errorf("names its issue: %v in %s", got, d.Body)
			}
			path, query, _ := strings.Cut(d.URL, "?")
			if path != want.url || strings.HasPrefix(query, "user_id=") != want.actor {
				t.Errorf("URL %s", d.URL)
			}
			if got := d.Header.Get("X-Hub-Signature") != ""; got != want.signed {
				t.Errorf("signed: %v", got)
			}
			ok(t, j.As("ann").Assign("PAY-1", "bob"))
			d = j.Deliveries()[len(j.Deliveries())-1]
			if got := strings.Contains(string(d.Body), `"fieldId":"assignee"`); got != (version == "Cloud") {
				t.Errorf("names the field's ID: %v in %s", got, d.Body)
			}
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Sums"))
			d = j.Deliveries()[len(j.Deliveries())-1]
			if got := strings.Contains(string(d.Body), `"changelog":{`); got != (version == "Cloud") {
				t.Errorf("tells initial values as changes: %v", got)
			}
		})
	}
}

// TestNewerJirasPromiseNoOrder: the first webhook is answered only when the second has arrived, which up to Jira 9 never
// happens, and the request that causes them waits for none of them.
func TestNewerJirasPromiseNoOrder(t *testing.T) {
	for _, version := range []string{"10.3", "11.2", "Cloud"} {
		t.Run(version, func(t *testing.T) {
			j, _ := newJira(t, jiratest.Options{Version: version, Webhooks: jiratest.ByVersion})
			second := make(chan struct{})
			receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/PAY-1":
					<-second
				case "/PAY-2":
					close(second)
				}
			}))
			t.Cleanup(receiver.Close)
			name := "{issue.key}"
			if version == "Cloud" {
				name = "$" + name
			}
			must[string](t)(j.Webhook(jiratest.Registration{Name: "bot", URL: receiver.URL + "/" + name, Events: []string{"jira:issue_created"}}))
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "first"))
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "second"))
			delivered(t, j)
			for _, d := range j.Deliveries() {
				if d.Status != 200 {
					t.Errorf("%+v", d)
				}
			}
		})
	}
}

// TestOlderJirasWaitForTheirWebhooks: the request that causes a webhook is answered after it.
func TestOlderJirasWaitForTheirWebhooks(t *testing.T) {
	for _, version := range []string{"8.20", "9.12"} {
		j, _ := newJira(t, jiratest.Options{Version: version, Webhooks: jiratest.ByVersion})
		r := newReceiver(t, func() {})
		must[string](t)(j.Webhook(jiratest.Registration{Name: "bot", URL: r.URL}))
		for n := range 5 {
			ask(t, j, "bot-token", "POST", "/api/2/issue", map[string]any{"fields": map[string]any{
				"project": map[string]string{"key": "PAY"}, "issuetype": map[string]string{"name": "Bug"}, "summary": "x",
			}})
			if got := len(r.events()); got != n+1 {
				t.Errorf("%s: %d webhooks after %d requests", version, got, n+1)
			}
		}
	}
}

// TestCloudRetriesWebhooks: five times, under one identifier, and only what may go better the next time.
func TestCloudRetriesWebhooks(t *testing.T) {
	for _, c := range []struct {
		version string
		status  int
		want    string // X-Atlassian-Webhook-Retry of each time
	}{
		{"Cloud", 503, ",1,2,3,4,5"},
		{"Cloud", 429, ",1,2,3,4,5"},
		{"Cloud", 400, ""},
		{"Cloud", 202, ""},
		{"11.2", 503, ""},
	} {
		t.Run(fmt.Sprint(c.version, " ", c.status), func(t *testing.T) {
			j, _ := newJira(t, jiratest.Options{Version: c.version})
			var mu sync.Mutex
			var tries []string
			identifiers := map[string]bool{}
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				tries = append(tries, r.Header.Get("X-Atlassian-Webhook-Retry"))
				identifiers[r.Header.Get("X-Atlassian-Webhook-Identifier")] = true
				w.WriteHeader(c.status)
			}))
			t.Cleanup(receiver.Close)
			must[string](t)(j.Webhook(jiratest.Registration{Name: "bot", URL: receiver.URL}))
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
			delivered(t, j)
			for range 8 {
				j.RetryWebhooks()
				delivered(t, j)
			}
			mu.Lock()
			defer mu.Unlock()
			if got := strings.Join(tries, ","); got != c.want || len(identifiers) != 1 {
				t.Errorf("tries %q under %d identifiers", got, len(identifiers))
			}
		})
	}
}
