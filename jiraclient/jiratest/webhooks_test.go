package jiratest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

// A receiver keeps the webhooks that it gets.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []string // webhookEvent
	urls []string
	macs []string
	body [][]byte
}

func newReceiver(t *testing.T, meanwhile func()) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		var event struct{ WebhookEvent string }
		_ = json.Unmarshal(body, &event) // an excluded body stays without a name
		if meanwhile != nil {
			meanwhile()
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.urls, r.body = append(r.got, event.WebhookEvent), append(r.urls, request.URL.String()), append(r.body, body)
		r.macs = append(r.macs, request.Header.Get("X-Hub-Signature"))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) events() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func delivered(t *testing.T, j *jiratest.Jira) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ok(t, j.WaitDelivered(ctx))
}

// TestWebhookBodies compares every kind of body with one that was checked by hand against recordings of Data Center.
func TestWebhookBodies(t *testing.T) {
	id := must[string](t)
	for name, do := range map[string]func(j *jiratest.Jira){
		"issue_created": func(j *jiratest.Jira) { id(j.As("ann").CreateIssue("PAY", "Task", "New")) },
		"issue_updated": func(j *jiratest.Jira) {
			ok(t, j.As("ann").Edit("PAY-1", jiratest.Fields{
				"labels": []string{"b", "a"}, "priority": "High", "fixVersions": []string{"2.0"}, "Story Points": 3,
				"duedate": "2026-04-01", "description": "Why?", "Severity": "Major",
			}))
		},
		"assigned":           func(j *jiratest.Jira) { ok(t, j.As("ann").Assign("PAY-1", "ann")) },
		"unassigned":         func(j *jiratest.Jira) { ok(t, j.As("ann").Assign("PAY-1", "")) },
		"transitioned":       func(j *jiratest.Jira) { ok(t, j.As("bob").Transition("PAY-1", "In Progress")) },
		"moved":              func(j *jiratest.Jira) { id(j.As("ann").Move("PAY-1", "CHK")) },
		"deleted":            func(j *jiratest.Jira) { ok(t, j.As("ann").Delete("PAY-1")) },
		"commented":          func(j *jiratest.Jira) { id(j.As("ann").Comment("PAY-1", "Hello\nworld", "role:Developers")) },
		"comment_edited":     func(j *jiratest.Jira) { ok(t, j.As("ann").EditComment("CHK-1", "10000", "Hallo")) },
		"comment_deleted":    func(j *jiratest.Jira) { ok(t, j.As("ann").DeleteComment("CHK-1", "10000")) },
		"worklog_created":    func(j *jiratest.Jira) { id(j.As("bob").LogWork("PAY-1", "1h 30m", "Looked")) },
		"linked":             func(j *jiratest.Jira) { id(j.As("ann").Link("Blocks", "PAY-1", "CHK-1")) },
		"attachment_created": func(j *jiratest.Jira) { id(j.As("ann").Attach("PAY-1", "a b.txt", []byte("text"))) },
		"version_released":   func(j *jiratest.Jira) { ok(t, j.As("ann").ReleaseVersion("10000")) },
		"version_merged": func(j *jiratest.Jira) {
			if a := ask(t, j, "ann-token", "PUT", "/api/2/version/10000/mergeto/10001", nil); a.status != 204 {
				t.Error(a)
			}
		},
		"project_created": func(j *jiratest.Jira) {
			ok(t, j.As("carl").CreateProject(jiratest.Project{Key: "OPS", Name: "Operations", Lead: "bob"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := shop(t, jiratest.Options{})
			id(j.As("ann").Comment("CHK-1", "Hi"))
			id(j.Webhook(jiratest.Registration{Name: "all", RecordOnly: true}))
			do(j)
			got := summary(t, j.Deliveries())
			file := filepath.Join("testdata", "webhooks", name+".json")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				ok(t, os.WriteFile(file, got, 0o644))
			}
			want := must[[]byte](t)(os.ReadFile(file))
			if string(got) != string(want) {
				t.Errorf("the bodies differ from %s:\n%s", file, got)
			}
		})
	}
}

// summary writes deliveries for people: what repeats in every issue is said once, by its key.
func summary(t *testing.T, deliveries []jiratest.Delivery) []byte {
	var out []any
	for n, d := range deliveries {
		var body map[string]any
		ok(t, json.Unmarshal(d.Body, &body))
		if i, is := body["issue"].(map[string]any); is && n > 0 {
			body["issue"] = "as in the recording of issue_created, with key " + i["key"].(string)
		}
		out = append(out, map[string]any{"url": d.URL, "body": body})
	}
	text := must[[]byte](t)(json.MarshalIndent(out, "", " "))
	return append(text, '\n')
}

func TestWebhooksArriveInOrderAndSigned(t *testing.T) {
	for _, how := range []jiratest.Sending{jiratest.OneByOne, jiratest.InRequest} {
		j := shop(t, jiratest.Options{Webhooks: how})
		r := newReceiver(t, func() { j.Keys() }) // a receiver may ask Jira while it is told
		must[string](t)(j.Webhook(jiratest.Registration{Name: "bot", URL: r.URL + "/hooks?secret=1", Secret: "s3cret"}))
		for range 20 {
			ask(t, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"grüße"}`)
		}
		if n := len(r.events()); how == jiratest.InRequest && n != 40 {
			t.Errorf("a synchronous Jira answered after %d webhooks", n)
		}
		delivered(t, j)
		events := r.events()
		if len(events) != 40 || events[0] != "comment_created" || events[1] != "jira:issue_updated" {
			t.Fatal(events)
		}
		for n, d := range j.Deliveries() {
			mac := hmac.New(sha256.New, []byte("s3cret"))
			mac.Write(r.body[n])
			if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); r.macs[n] != want || string(d.Body) != string(r.body[n]) || d.Status != 200 {
				t.Fatalf("delivery %d is not what was sent: %+v", n, d)
			}
			if r.urls[n] != "/hooks?secret=1&user_id=bot&user_key=JIRAUSER10003" {
				t.Fatal(r.urls[n])
			}
		}
	}
}

func TestRegistrationsChoose(t *testing.T) {
	j := shop(t, jiratest.Options{})
	add := func(r jiratest.Registration) {
		r.RecordOnly = true
		must[string](t)(j.Webhook(r))
	}
	add(jiratest.Registration{Name: "comments", Events: []string{"comment_created"}})
	add(jiratest.Registration{Name: "checkout", JQL: "project = CHK"})
	add(jiratest.Registration{Name: "bare", Events: []string{"jira:issue_updated"}, ExcludeBody: true, URL: "http://x.example.com/${issue.key}/{project.id}"})
	must[string](t)(j.As("ann").Comment("PAY-1", "x"))
	must[string](t)(j.As("ann").Link("Relates", "PAY-1", "CHK-1"))
	ok(t, j.As("ann").Transition("CHK-1", "Waiting"))
	var got []string
	for _, d := range j.Deliveries() {
		got = append(got, d.Webhook+" "+d.Event)
		if d.Webhook == "bare" && (len(d.Body) != 0 || !strings.HasPrefix(d.URL, "http://x.example.com/") || strings.Contains(d.URL, "{")) {
			t.Error("a bare webhook has only its URL:", d.URL, string(d.Body))
		}
	}
	want := "comments comment_created, bare jira:issue_updated, checkout issuelink_created, checkout jira:issue_updated, bare jira:issue_updated"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if _, err := j.Webhook(jiratest.Registration{Name: "wrong", URL: "http://x", JQL: "colour = red"}); err == nil {
		t.Error("a filter that is wrong was accepted")
	}
}

func TestWebhooksAreLostAndDoubled(t *testing.T) {
	j := shop(t, jiratest.Options{})
	r := newReceiver(t, nil)
	events := []string{"comment_created"}
	must[string](t)(j.Webhook(jiratest.Registration{Name: "lossy", URL: r.URL, Events: events, DropEvery: 3}))
	must[string](t)(j.Webhook(jiratest.Registration{Name: "double", URL: r.URL, Events: events, Duplicate: 1}))
	for range 6 {
		must[string](t)(j.As("ann").Comment("PAY-1", "x"))
	}
	delivered(t, j)
	if n := len(r.events()); n != 4+12 {
		t.Errorf("%d webhooks came", n)
	}
	lost := slices.DeleteFunc(j.Deliveries(), func(d jiratest.Delivery) bool { return d.Lost != "dropped" })
	if len(lost) != 2 {
		t.Errorf("%d are known to be lost", len(lost))
	}
}

func TestAFailedWebhookIsNotRepeated(t *testing.T) {
	j := shop(t, jiratest.Options{})
	calls := 0
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer down.Close()
	must[string](t)(j.Webhook(jiratest.Registration{Name: "down", URL: down.URL, Events: []string{"comment_created"}}))
	must[string](t)(j.As("ann").Comment("PAY-1", "x"))
	delivered(t, j)
	if d := j.Deliveries(); calls != 1 || d[0].Status != 503 {
		t.Errorf("%d calls, %+v", calls, d)
	}
}

func TestAFullQueueLosesWebhooks(t *testing.T) {
	j := shop(t, jiratest.Options{QueueSize: 2})
	release, entered := make(chan struct{}), make(chan struct{}, 10)
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-release }))
	defer slow.Close()
	must[string](t)(j.Webhook(jiratest.Registration{Name: "slow", URL: slow.URL, Events: []string{"comment_created"}}))
	for n := range 5 {
		must[string](t)(j.As("ann").Comment("PAY-1", "x"))
		if n == 0 {
			<-entered // the first one is on its way and no longer waits
		}
	}
	close(release)
	delivered(t, j)
	var lost []int
	for _, d := range j.Deliveries() {
		if d.Lost == "queue full" {
			lost = append(lost, d.Number)
		}
	}
	if !slices.Equal(lost, []int{4, 5}) {
		t.Error("lost are", lost)
	}
}

func TestWebhooksAreRegisteredOverREST(t *testing.T) {
	for _, c := range []struct{ version, path, body, filter string }{
		{"9.12.0", "/webhooks/1.0/webhook", `{"name":"bot","url":"http://b.example.com","events":["jira:issue_updated"],"filters":{"issue-related-events-section":"project = PAY"}}`, "filters"},
		{"10.3.0", "/jira-webhook/1.0/webhooks", `{"name":"bot","url":"http://b.example.com","events":["jira:issue_updated"],"configuration":{"FILTERS":"project = PAY","SECRET":"x"}}`, "configuration"},
	} {
		j, _ := newJira(t, jiratest.Options{Version: c.version})
		made := ask(t, j, "carl-token", "POST", c.path, c.body)
		if made.status != 201 || !strings.Contains(made.text, "project = PAY") || strings.Contains(made.text, "SECRET") {
			t.Fatal(made)
		}
		if _, isObject := at(t, made.text, c.filter).(map[string]any); !isObject {
			t.Error("no", c.filter, made.text)
		}
		if a := ask(t, j, "carl-token", "PUT", c.path+"/1", `{"name":"renamed"}`); a.status != 200 || at(t, a.text, "name") != "renamed" {
			t.Error(a)
		}
		if a := ask(t, j, "carl-token", "GET", c.path, nil); at(t, a.text, "0.url") != "http://b.example.com" {
			t.Error(a)
		}
		if a := ask(t, j, "carl-token", "DELETE", c.path+"/1", nil); a.status != 204 {
			t.Error(a)
		}
		if a := ask(t, j, "carl-token", "GET", c.path+"/1", nil); a.status != 404 {
			t.Error(a)
		}
	}
	j, _ := newJira(t, jiratest.Options{Version: "10.3.0"})
	if a := ask(t, j, "carl-token", "POST", "/webhooks/1.0/webhook", `{"name":"x","url":"http://x"}`); a.status != 404 {
		t.Error("Jira 10 still knows the old path:", a)
	}
}
