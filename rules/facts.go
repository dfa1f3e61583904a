package rules

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/event"
	"jirabot/internal/strictyaml"
)

// Facts are what a test gives: an event told in a few words. Whatever is left out is empty.
type Facts struct {
	Kind string `yaml:"-"`

	Actor   Person          `yaml:"actor" doc:"Who did it: a name, or {name, displayName, email, key, accountId}."`
	Issue   IssueFacts      `yaml:"issue" doc:"The issue."`
	Changes []ChangeFact    `yaml:"changes" doc:"What changed: [{field: status, from: Open, to: Done}]."`
	Comment CommentFacts    `yaml:"comment" doc:"The comment: {body, author, role, group}."`
	Worklog WorklogFacts    `yaml:"worklog" doc:"The work logged: {spent, seconds, comment, author}."`
	Link    LinkFacts       `yaml:"link" doc:"The link: {type}."`
	Version NamedFacts      `yaml:"version" doc:"The version: {name, released, archived}."`
	Sprint  NamedFacts      `yaml:"sprint" doc:"The sprint: {name, state, goal}."`
	Board   NamedFacts      `yaml:"board" doc:"The board: {name, type}."`
	Project NamedFacts      `yaml:"project" doc:"The project: {key, name}."`
	User    Person          `yaml:"user" doc:"Whom a user event is about."`
	Body    any             `yaml:"body" doc:"The body of a hook's call, or what event.body is to be."`
	Failure FailureFacts    `yaml:"failure" doc:"The run that failed: {rule, error, step, outcome}."`
	At      string          `yaml:"at" doc:"When it happened: 2026-01-31 or 2026-01-31T09:30:00Z."`
	JQL     map[string]bool `yaml:"jql" doc:"What jql(\"…\") answers in this test."`
}

// A Person is a user, by name or with more.
type Person struct{ event.User }

// DecodeYAML reads a name or a mapping.
func (p *Person) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	if name, ok := strictyaml.Text(node); ok {
		p.User = event.User{Name: name, Key: name, DisplayName: name, Active: true}
		return
	}
	var f struct {
		Name        string `yaml:"name"`
		Key         string `yaml:"key"`
		AccountID   string `yaml:"accountId"`
		Email       string `yaml:"email"`
		DisplayName string `yaml:"displayName"`
	}
	s.Decode(node, &f)
	p.User = event.User{Name: f.Name, Key: f.Key, AccountID: f.AccountID, Email: f.Email, DisplayName: f.DisplayName, Active: true}
}

// Describe says what is wanted.
func (p Person) Describe() string {
	return "a user's name, or a mapping such as {name: ann, displayName: Ann}"
}

// Schema is the JSON Schema.
func (p Person) Schema() map[string]any { return map[string]any{"type": []string{"string", "object"}} }

// IssueFacts describe an issue.
type IssueFacts struct {
	Key         string         `yaml:"key"`
	Type        string         `yaml:"type"`
	Status      string         `yaml:"status"`
	Summary     string         `yaml:"summary"`
	Description string         `yaml:"description"`
	Priority    string         `yaml:"priority"`
	Resolution  string         `yaml:"resolution"`
	Assignee    Person         `yaml:"assignee"`
	Reporter    Person         `yaml:"reporter"`
	Creator     Person         `yaml:"creator"`
	Labels      []string       `yaml:"labels"`
	Components  []string       `yaml:"components"`
	FixVersions []string       `yaml:"fixVersions"`
	Versions    []string       `yaml:"affectsVersions"`
	Parent      string         `yaml:"parent"`
	Subtasks    []string       `yaml:"subtasks"`
	Due         string         `yaml:"due"`
	Created     string         `yaml:"created"`
	Updated     string         `yaml:"updated"`
	Fields      map[string]any `yaml:"fields" doc:"Other fields by the name by which the rule asks for them."`
}

// A ChangeFact is one change.
type ChangeFact struct {
	Field   string `yaml:"field,required"`
	From    string `yaml:"from"`
	To      string `yaml:"to"`
	Added   names  `yaml:"added"`
	Removed names  `yaml:"removed"`
}

// CommentFacts describe a comment.
type CommentFacts struct {
	Body   string `yaml:"body"`
	Author Person `yaml:"author"`
	Role   string `yaml:"role"`
	Group  string `yaml:"group"`
}

// WorklogFacts describe a worklog.
type WorklogFacts struct {
	Spent   string `yaml:"spent"`
	Seconds int    `yaml:"seconds"`
	Comment string `yaml:"comment"`
	Author  Person `yaml:"author"`
}

// LinkFacts describe a link.
type LinkFacts struct {
	Type string `yaml:"type"`
}

// NamedFacts describe a version, sprint, board or project.
type NamedFacts struct {
	Key      string `yaml:"key"`
	Name     string `yaml:"name"`
	Type     string `yaml:"type"`
	State    string `yaml:"state"`
	Goal     string `yaml:"goal"`
	Released bool   `yaml:"released"`
	Archived bool   `yaml:"archived"`
}

// FailureFacts describe a run that failed.
type FailureFacts struct {
	Rule    string `yaml:"rule"`
	Error   string `yaml:"error"`
	Step    string `yaml:"step"`
	Outcome string `yaml:"outcome"`
}

// DecodeYAML reads {issue_updated: {actor: ann, …}}.
func (f *Facts) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	entries, ok := s.Entries(node)
	if !ok || len(entries) == 0 {
		s.Wrong(node, f.Describe())
		return
	}
	if len(entries) > 1 {
		s.Problem(entries[1].Key, "one test, one event: %q belongs into the braces behind %s", entries[1].Name, entries[0].Name)
		return
	}
	var t Trigger
	if kind, known := t.named(s, entries[0].Key, entries[0].Name); known {
		f.Kind = kind.Name
	}
	type plain Facts
	s.Decode(entries[0].Value, (*plain)(f))
	given := keys(s, entries[0].Value)
	checkTime(s, given["at"])
	issue := keys(s, given["issue"])
	checkTime(s, issue["created"])
	checkTime(s, issue["updated"])
}

func checkTime(s *strictyaml.Source, node yaml.Node) {
	if text, ok := strictyaml.Text(s.Resolve(node)); ok {
		if _, err := parseMoment(text); err != nil {
			s.Problem(node, "%q is no time; write 2026-01-31 or 2026-01-31T09:30:00Z", text)
		}
	}
}

// Describe says what is wanted.
func (f Facts) Describe() string {
	return "one event with its facts, such as {issue_updated: {actor: ann, issue: {key: PAY-7}}}"
}

// Schema is the JSON Schema.
func (f Facts) Schema() map[string]any {
	type plain Facts
	return map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": strictyaml.SchemaOf[plain]()}
}

func parseMoment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, text)
}

// event is the event that the facts tell of.
func (f *Facts) event(r *Rule) (*event.Event, error) {
	ev := &event.Event{
		Kind: f.Kind, Name: f.Kind, Source: event.Webhook, Actor: f.Actor.User,
		Identity: "test", Timed: true, Hook: "", Rule: r.Name,
		Comment: event.Comment{Body: f.Comment.Body, Author: f.Comment.Author.User, Editor: f.Comment.Author.User,
			Visibility: visibilityOf(f.Comment)},
		Worklog: event.Worklog{Spent: f.Worklog.Spent, Seconds: f.Worklog.Seconds, Comment: f.Worklog.Comment, Author: f.Worklog.Author.User},
		Link:    event.Link{Type: f.Link.Type},
		Version: event.Version{Name: f.Version.Name, Released: f.Version.Released, Archived: f.Version.Archived},
		Sprint:  event.Sprint{Name: f.Sprint.Name, State: f.Sprint.State, Goal: f.Sprint.Goal},
		Board:   event.Board{Name: f.Board.Name, Type: f.Board.Type},
		Project: event.Project{Key: f.Project.Key, Name: f.Project.Name},
		User:    f.User.User,
	}
	var err error
	if ev.Time, err = parseMoment(f.At); err != nil {
		return nil, err
	}
	if ev.Time.IsZero() {
		ev.Time = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	}
	if ev.Issue, err = f.Issue.issue(); err != nil {
		return nil, err
	}
	for _, c := range f.Changes {
		ev.Changes = append(ev.Changes, event.Change{Field: c.Field, From: c.From, To: c.To, Added: c.Added, Removed: c.Removed})
	}
	if ev.Raw, err = json.Marshal(f.Body); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	f.asTriggered(ev, r)
	return ev, nil
}

// asTriggered makes the event one that the named trigger can fire on: a test may name what people think in
// (transitioned, commented) as well as Jira's kind.
func (f *Facts) asTriggered(ev *event.Event, r *Rule) {
	switch f.Kind {
	case "schedule":
		ev.Source = event.Tick
		if ev.Issue.Key != "" {
			ev.Source = event.Item
		}
		ev.Planned = ev.Time
		for i, t := range r.On {
			if t.Kind == "schedule" {
				ev.Trigger = i
				return
			}
		}
		ev.Trigger = -1 // the rule has no schedule, so nothing fires
	case "hook":
		ev.Source = event.Hook
		for _, t := range r.On {
			if t.Kind == "hook" {
				ev.Hook = t.Hook.Name
			}
		}
	case "failed":
		ev.Source = event.Failed
		ev.Failure = event.Failure{Rule: f.Failure.Rule, Error: f.Failure.Error, Step: f.Failure.Step, Outcome: f.Failure.Outcome, Issue: ev.Issue.Key}
	default:
		ev.Kind = underlying(f.Kind)
		ev.Name = ev.Kind
		if strings.HasPrefix(ev.Kind, "comment_") {
			ev.Comment.ID = "1"
		}
	}
}

// underlying is the event that Jira sends when something happens that people have a word of their own for.
func underlying(kind string) string {
	switch kind {
	case "commented":
		return "comment_created"
	case "comment_edited":
		return "comment_updated"
	case "comment_removed":
		return "comment_deleted"
	case "linked":
		return "issuelink_created"
	case "unlinked":
		return "issuelink_deleted"
	case "attached":
		return "attachment_created"
	case "work_logged":
		return "worklog_created"
	}
	for _, k := range event.DerivedKinds {
		if k.Name == kind {
			return "issue_updated"
		}
	}
	return kind
}

func visibilityOf(c CommentFacts) event.Visibility {
	switch {
	case c.Role != "":
		return event.Visibility{Type: "role", Value: c.Role}
	case c.Group != "":
		return event.Visibility{Type: "group", Value: c.Group}
	}
	return event.Visibility{}
}

func (f IssueFacts) issue() (event.Issue, error) {
	fields, err := json.Marshal(f.Fields)
	if err != nil {
		return event.Issue{}, fmt.Errorf("fields: %w", err)
	}
	i := event.Issue{
		ID: f.Key, Key: f.Key, Type: f.Type, Status: f.Status, Summary: f.Summary, Description: f.Description,
		Priority: f.Priority, Resolution: f.Resolution, Assignee: f.Assignee.User, Reporter: f.Reporter.User,
		Creator: f.Creator.User, Labels: f.Labels, Components: f.Components, FixVersions: f.FixVersions,
		Versions: f.Versions, Parent: f.Parent, Subtasks: f.Subtasks, Due: f.Due, Fields: fields,
	}
	if project, _, ok := strings.Cut(f.Key, "-"); ok {
		i.Project = event.Project{Key: project}
	}
	if i.Created, err = parseMoment(f.Created); err != nil {
		return i, err
	}
	i.Updated, err = parseMoment(f.Updated)
	return i, err
}
