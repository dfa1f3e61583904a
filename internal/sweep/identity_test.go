package sweep

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// live lets people do everything to issues that Jira posts webhooks about and that leaves a trace.
func live(t *testing.T, w *world) {
	severity := w.jira.AddField(jiratest.Field{Name: "Severity", Type: "select", Options: []string{"Minor", "Major"}})
	points := w.jira.AddField(jiratest.Field{Name: "Points", Type: "number"})
	tester := w.jira.AddField(jiratest.Field{Name: "Tester", Type: "user"})
	note := w.jira.AddField(jiratest.Field{Name: "Note", Type: "text"})
	due := w.jira.AddField(jiratest.Field{Name: "Promised", Type: "date"})
	tags := w.jira.AddField(jiratest.Field{Name: "Tags", Type: "labels"})
	ann, bob := w.jira.As("ann"), w.jira.As("bob")
	step := func() { w.clock.pass(7*time.Second + 13*time.Millisecond) }

	pay := must(ann.CreateIssue("PAY", "Bug", "It broke", jiratest.Fields{"labels": []string{"one", "two"}, "priority": "High", points: 3}))(t)
	step()
	chk := must(ann.CreateIssue("CHK", "Task", "Look at it"))(t)
	step()
	other := must(bob.CreateIssue("OPS", "Task", "Another"))(t)
	step()
	edit := func(key string, f jiratest.Fields) {
		t.Helper()
		check(t, ann.Edit(key, f))
		step()
	}
	edit(pay, jiratest.Fields{"summary": "It broke again", "description": "Badly."})
	check(t, ann.Assign(pay, "bob"))
	step()
	edit(pay, jiratest.Fields{"priority": "Low", "labels": []string{"two", "three"}, "duedate": "2026-12-24"})
	edit(pay, jiratest.Fields{severity: "Minor", points: 5, tester: "bob", note: "first", due: "2026-12-01", tags: []string{"a", "b"}})
	edit(pay, jiratest.Fields{severity: "Major", points: 8, tester: "ann", note: "second", due: "2026-12-02", tags: []string{"b"}})
	edit(pay, jiratest.Fields{severity: "", tester: ""})
	check(t, bob.Transition(pay, "In Progress"))
	step()
	check(t, bob.Transition(pay, "Done"))
	step()
	check(t, ann.Transition(pay, "Reopened"))
	step()
	check(t, ann.Assign(pay, ""))
	step()
	hello := must(bob.Comment(pay, "Hello"))(t)
	step()
	must(ann.Comment(chk, "For staff", "group:staff"))(t)
	step()
	must(bob.Comment(pay, "Two of them"))(t)
	step()
	check(t, bob.EditComment(pay, hello, "Hello there"))
	step()
	must(ann.LogWork(pay, "1h", "looked"))(t)
	step()
	must(ann.Link("Blocks", pay, other))(t)
	step()
	must(ann.Attach(pay, "log.txt", []byte("text")))(t)
	step()
	check(t, w.client.EditIssue(t.Context(), pay, jiraclient.Edit{
		Fields: map[string]any{"summary": "Said and done"},
		Update: map[string][]map[string]any{"comment": {{"add": map[string]any{"body": "in one action"}}}},
	}))
	step()
	must(ann.Attach(pay, "second.txt", []byte("text")))(t)
	step()
	must(ann.Move(chk, "OPS"))(t)
	step()
	edit(chk, jiratest.Fields{"summary": "Moved"})
}

// key tells events apart.
func key(e event.Event) string { return e.StoreID() }

func TestARecoveredEventIsTheEventThatTheWebhookWouldHaveBrought(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep() // the bot's first; from here on it is away
	w.restart()
	w.clock.pass(time.Minute)
	live(t, w)
	w.clock.pass(time.Minute)
	report := w.sweep()

	recovered := map[string]event.Event{}
	for _, e := range w.stored() {
		if !e.Recovered {
			t.Errorf("%s is not marked as recovered", key(e))
		}
		if _, twice := recovered[key(e)]; twice {
			t.Errorf("%s is stored twice", key(e))
		}
		recovered[key(e)] = e
	}
	if report.Recovered != len(recovered) || report.Missed != 0 {
		t.Errorf("the report tells of %d recovered and %d missed (%v), want %d and none", report.Recovered, report.Missed, report.Gaps, len(recovered))
	}
	for _, want := range w.posted() {
		got, found := recovered[key(want)]
		if want.Name == "jira:worklog_updated" { // its twin is worklog_created, and no rule can wait for it
			continue
		}
		if !found {
			t.Errorf("%s (%s) was posted and is not recovered", key(want), want.Name)
			continue
		}
		delete(recovered, key(want))
		t.Run(want.Name+" "+key(want), func(t *testing.T) { alike(t, got, want) })
	}
	for id := range recovered {
		t.Errorf("%s is recovered and was never posted", id)
	}
}

// alike compares a recovered event with the webhook's.
func alike(t *testing.T, got, want event.Event) {
	for _, kind := range append(want.Kinds(), "commented", "comment_edited", "attached", "work_logged") {
		if got.IdentityAs(kind) != want.IdentityAs(kind) {
			t.Errorf("as %s it is %s, want %s", kind, got.IdentityAs(kind), want.IdentityAs(kind))
		}
	}
	if !slices.Equal(got.Kinds(), want.Kinds()) {
		t.Errorf("it is %v, want %v", got.Kinds(), want.Kinds())
	}
	if want.Issue.ID != "" && got.Lane != want.Lane {
		t.Errorf("its lane is %s, want %s", got.Lane, want.Lane)
	}
	for _, x := range []struct {
		what      string
		got, want any
	}{
		{"time", got.Time, want.Time},
		{"actor", got.Actor.ID(), want.Actor.ID()},
		{"changes", got.Changes, want.Changes},
		{"worklog", got.Worklog, want.Worklog},
		{"link", got.Link, want.Link},
		{"attachment", got.Attachment, want.Attachment},
		{"type", got.Type, want.Type},
	} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("%s: %v, want %v", x.what, x.got, x.want)
		}
	}
	said := want.Comment
	if got.Comment.Body != said.Body { // it was edited later
		said.Body = got.Comment.Body
	}
	if !reflect.DeepEqual(got.Comment, said) {
		t.Errorf("comment: %+v, want %+v", got.Comment, want.Comment)
	}
	if want.Issue.Short || want.Issue.ID == "" { // Data Center's comments do not describe the issue; ours do
		return
	}
	if got.Issue.Short {
		t.Error("the issue is described in part")
	}
	was, is := plainIssue(want.Issue), plainIssue(got.Issue)
	if !reflect.DeepEqual(is, was) {
		t.Errorf("issue:\n%+v, want\n%+v", is, was)
	}
	var before, now map[string]any
	check(t, json.Unmarshal(want.Issue.Fields, &before), json.Unmarshal(got.Issue.Fields, &now))
	for id, value := range before {
		if strings.HasPrefix(id, "customfield_") || id == "timespent" || id == "resolutiondate" || id == "updated" {
			if a, b := essence(value), essence(now[id]); !reflect.DeepEqual(a, b) {
				t.Errorf("%s: %v, want %v", id, b, a)
			}
		}
	}
}

// plainIssue leaves out what is compared elsewhere.
func plainIssue(i event.Issue) event.Issue {
	i.Fields = nil
	i.Project = event.Project{ID: i.Project.ID, Key: i.Project.Key, Name: i.Project.Name}
	for n := range i.Links {
		i.Links[n].Status = ""
	}
	return i
}

// essence is a value without addresses and pictures.
func essence(v any) any {
	if m, ok := v.(map[string]any); ok {
		for _, key := range []string{"id", "value", "name"} {
			if m[key] != nil {
				return m[key]
			}
		}
	}
	return v
}
