package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A world is a Jira with people at work and the bot connected to it. Project PAY has the issues PAY-1 to PAY-9, all by
// ann; PAY-7 is in progress, and the one that events are about.
type world struct {
	*jiratest.Jira
	t    testing.TB
	jira *Jira

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func workflow() *jiratest.Workflow {
	w := jiratest.DefaultWorkflow()
	w.Transitions = []jiratest.Transition{
		{Name: "Start", From: []string{"To Do"}, To: "In Progress"},
		{Name: "Send to Review", From: []string{"In Progress"}, To: "In Review", Fields: []jiratest.ScreenField{
			{Field: "resolution"}, {Field: "assignee"}, {Field: "fixVersions"},
		}},
		{Name: "Close as Told", From: []string{"In Progress"}, To: "Done", Fields: []jiratest.ScreenField{{Field: "resolution", Required: true}, {Field: "Severity", Required: true}}},
		{Name: "Close", From: []string{"In Progress"}, To: "Done", Resolution: "Done"},
		{Name: "Escalate", From: []string{"In Progress"}, To: "Waiting", Fields: []jiratest.ScreenField{{Field: "Severity", Required: true}}},
		{Name: "Note", From: []string{"In Progress"}, To: "In Progress", Fields: []jiratest.ScreenField{{Field: "Reviewer"}}},
	}
	return &w
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	w.Jira = jiratest.New(jiratest.Options{Now: w.clock})
	w.AddUser(jiratest.User{Name: "ann", DisplayName: "Ann Archer"})
	w.AddUser(jiratest.User{Name: "bob"})
	w.AddUser(jiratest.User{Name: "bot", Token: "bot-token", Groups: []string{"staff"}})
	for _, f := range []jiratest.Field{
		{Name: "Story Points", Type: "number"},
		{Name: "Severity", Type: "select", Options: []string{"Low", "High"}},
		{Name: "Place", Type: "cascading", Options: []string{"Berlin", "Berlin/Mitte", "Rome"}},
		{Name: "Reviewer", Type: "user"},
		{Name: "Approvers", Type: "multiuser"},
		{Name: "Tags", Type: "labels"},
		{Name: "Teams", Type: "multiselect", Options: []string{"Red", "Blue"}},
		{Name: "Deadline", Type: "datetime"},
		{Name: "Launch", Type: "date"},
		{Name: "Hint", Type: "text"},
		{Name: "Epic Link", Type: "epiclink"},
		{Name: "Twin", Type: "text"},
		{Name: "Twin", Type: "number"},
	} {
		w.AddField(f)
	}
	w.AddProject(jiratest.Project{Key: "PAY", Lead: "ann", Roles: map[string][]string{"Developers": {"ann", "bot"}}, Workflow: workflow()})
	w.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})
	for _, name := range []string{"Payments", "Refunds"} {
		w.AddComponent("PAY", name)
	}
	for _, name := range []string{"1.0", "1.10", "2.0"} {
		w.AddVersion("PAY", name)
	}
	ann := w.As("ann")
	for n := range 9 {
		fields := jiratest.Fields{}
		if n == 6 {
			fields = jiratest.Fields{"labels": []string{"waiting"}, "duedate": "2026-03-31", "assignee": "bob", "components": []string{"Refunds"}}
		}
		if _, err := ann.CreateIssue("PAY", "Bug", fmt.Sprintf("Issue %d", n+1), fields); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ann.CreateIssue("CHK", "Bug", "Elsewhere"); err != nil {
		t.Fatal(err)
	}
	if err := ann.Transition("PAY-7", "In Progress"); err != nil {
		t.Fatal(err)
	}
	url, err := w.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("bot-token"), Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.jira = NewJira(client, w.clock)
	return w
}

// scope is what a rule sees of an event about PAY-7 as it is now.
func (w *world) scope() *expression.Scope {
	w.t.Helper()
	issue, err := readIssue(w.t.Context(), w.jira, "PAY-7")
	if err != nil {
		w.t.Fatal(err)
	}
	return scopeOf(issue, w.clock(), func(name string) (string, error) {
		f, err := w.jira.FieldNamed(w.t.Context(), name)
		return f.ID, err
	})
}

// scopeOf is what a rule sees of an event about an issue.
func scopeOf(issue event.Issue, at time.Time, fieldID func(string) (string, error)) *expression.Scope {
	ev := &event.Event{Kind: "issue_updated", Time: at, Issue: issue, Actor: event.User{Name: "ann", DisplayName: "Ann Archer"}}
	bot := event.User{Name: "bot"}
	return expression.NewScope(expression.FromEvent(ev, expression.Rule{}, bot, expression.Lookups{FieldID: fieldID}))
}

// paper is an issue that needs no Jira, for what is pure.
func paper() *expression.Scope {
	issue := event.Issue{
		Key: "PAY-7", Type: "Bug", Summary: "Rounding", Project: event.Project{Key: "PAY"}, Labels: []string{"a", "b"},
		Reporter: event.User{Name: "ann", DisplayName: "Ann Archer"},
	}
	return scopeOf(issue, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), nil)
}

// decode reads a step as a rule file has it.
func decode(source string) (*Kind, Step, error) {
	s := strictyaml.Parse("rules.yaml", []byte(source))
	if s.Root == nil {
		return nil, nil, s.Err()
	}
	entries, ok := s.Entries(s.Root)
	if !ok || len(entries) != 1 {
		return nil, nil, fmt.Errorf("not one action: %s", source)
	}
	kind, ok := Find(entries[0].Name)
	if !ok {
		return nil, nil, fmt.Errorf("no action %q", entries[0].Name)
	}
	step := kind.New()
	s.Decode(entries[0].Value, step)
	return kind, step, s.Err()
}

// plan fills the blanks of a step written in YAML.
func plan(source string, s *expression.Scope) (Operation, error) {
	_, step, err := decode(source)
	if err != nil {
		return nil, err
	}
	return step.Plan(s)
}

func (w *world) plan(source string) Operation {
	w.t.Helper()
	op, err := plan(source, w.scope())
	if err != nil {
		w.t.Fatalf("%s: %v", source, err)
	}
	return op
}

// apply plans and applies a step, and returns what changed in Jira.
func (w *world) apply(source string, try Try) (changes string, outcome Outcome, err error) {
	w.t.Helper()
	return w.do(w.plan(source), try)
}

func (w *world) do(op Operation, try Try) (changes string, outcome Outcome, err error) {
	before := w.pictures()
	w.ForgetRequests()
	outcome, err = op.Apply(w.t.Context(), w.jira, try)
	return difference(before, w.pictures()), outcome, err
}

// pictures are all issues, each as the values that people see, by field.
func (w *world) pictures() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, i := range w.Issues() {
		lines := map[string]string{}
		for id, value := range i.Fields {
			lines[id] = brief(value)
		}
		for _, id := range []string{"updated", "created", "resolutiondate", "watches", "votes", "comment", "worklog", "issuelinks", "subtasks",
			"timetracking", "timespent", "timeestimate", "progress", "workratio",
			"aggregatetimespent", "aggregatetimeestimate", "aggregatetimeoriginalestimate", "aggregateprogress"} {
			delete(lines, id) // shown below, or follow from what is
		}
		for _, c := range i.Comments {
			lines["comments"] += strings.TrimSpace(c.Author+" "+c.Audience) + ": " + c.Body + " | "
		}
		for _, l := range i.Worklogs {
			lines["work"] += fmt.Sprintf("%s %ds %s | ", l.Author, l.Seconds, l.Comment)
		}
		for _, l := range i.Links {
			lines["links"] += l.Relation + " " + l.Key + " | "
		}
		lines["watchers"], lines["sub-tasks"] = strings.Join(i.Watchers, ", "), strings.Join(i.Subtasks, ", ")
		out[i.Key] = lines
	}
	return out
}

// brief is a value of Jira's JSON without what comes along with it.
func brief(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, brief(item))
		}
		return strings.Join(items, ", ")
	case map[string]any:
		if child, ok := v["child"]; ok {
			return fmt.Sprint(v["value"], " > ", brief(child))
		}
		for _, key := range []string{"value", "key", "name"} {
			if v["displayName"] != nil && key == "key" {
				continue // a user's key says nothing to people
			}
			if text, ok := v[key].(string); ok {
				return text
			}
		}
	case string:
		return v
	}
	b, _ := json.Marshal(value)
	return string(b)
}

// difference is one line for each value that changed: PAY-7 labels: waiting → reopened.
func difference(before, after map[string]map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(after)) {
		for _, name := range slices.Sorted(maps.Keys(merged(before[key], after[key]))) {
			was, is := before[key][name], after[key][name]
			if was != is {
				out = append(out, strings.TrimRight(fmt.Sprintf("%s %s: %s → %s", key, name, was, strings.TrimSuffix(is, " | ")), " "))
			}
		}
	}
	return strings.Join(out, "\n")
}

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}

// wrote tells what requests asked to change something.
func (w *world) wrote() []string {
	var out []string
	for _, r := range w.Writes() {
		out = append(out, r.Method+" "+strings.TrimPrefix(r.Path, "/rest/api/2")+" "+string(r.Body))
	}
	return out
}

// said is an error's text.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func denied(err error) bool { return errors.Is(err, jiraclient.ErrDenied) }
