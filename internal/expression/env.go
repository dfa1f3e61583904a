// Package expression is what a rule may say about an event: conditions, texts with holes and typed values. Everything
// is compiled when a rule file is loaded, so that a misspelt field is found then, with line and caret, and not at night.
//
// It is the only package that knows expr-lang/expr.
package expression

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/expr-lang/expr/vm"

	"jirabot/internal/event"
)

// An Env is all that an expression can name. It holds values, not pointers: what an event does not say is the zero
// value, so issue.assignee.name is "" for an issue without assignee.
type Env struct {
	Event      Event            `expr:"event" doc:"What happened."`
	Issue      event.Issue      `expr:"issue" doc:"The issue it happened to."`
	Actor      event.User       `expr:"actor" doc:"Who did it."`
	Comment    event.Comment    `expr:"comment" doc:"The comment that was written, edited or deleted."`
	Worklog    event.Worklog    `expr:"worklog" doc:"The work that was logged."`
	Link       event.Link       `expr:"link" doc:"The issue link."`
	Attachment event.Attachment `expr:"attachment" doc:"The file."`
	Property   event.Property   `expr:"property" doc:"The entity property."`
	Version    event.Version    `expr:"version" doc:"The version (release)."`
	MergedInto event.Version    `expr:"mergedInto" doc:"The version that a deleted version was merged into."`
	Project    event.Project    `expr:"project" doc:"The project of the event or of its issue."`
	Sprint     event.Sprint     `expr:"sprint" doc:"The sprint."`
	OldSprint  event.Sprint     `expr:"oldSprint" doc:"The sprint before it was updated."`
	Board      event.Board      `expr:"board" doc:"The board."`
	User       event.User       `expr:"user" doc:"Whom a user event is about."`
	Hook       Hook             `expr:"hook" doc:"The call of /hooks/NAME."`
	Failure    event.Failure    `expr:"failure" doc:"The run that failed, of a failed trigger."`
	Rule       Rule             `expr:"rule" doc:"The rule that runs."`
	Bot        event.User       `expr:"bot" doc:"The bot's own user."`

	Changed func(string) bool                 `expr:"changed" doc:"changed(\"status\"): did this field change?"`
	Change  func(string) Change               `expr:"change" doc:"change(\"status\"): its change, with from, to, added, removed and author."`
	Field   func(string, ...any) (any, error) `expr:"field" doc:"field(\"Story Points\", 0): a field by name or ID, with what to take if it is empty."`
	JQL     func(string) (bool, error)        `expr:"jql" doc:"jql(\"fixVersion = 1.0\"): does this issue match, asked of Jira."`
	Now     func() time.Time                  `expr:"now" doc:"now(): when the event happened."`

	Body func() any             `expr:"$body"` // what event.body becomes
	Step func(any) (any, error) `expr:"$step"` // counts the steps through lists
}

// Event is what an expression sees of the event itself.
type Event struct {
	Kind      string         `expr:"kind"`
	Name      string         `expr:"name"` // Jira's webhookEvent
	Type      string         `expr:"type"` // Jira's issue_event_type_name
	Time      time.Time      `expr:"time"`
	Source    string         `expr:"source"` // webhook, tick, item, hook, manual, failed
	Recovered bool           `expr:"recovered"`
	Planned   time.Time      `expr:"planned"` // of a schedule: when it was due
	Changes   []event.Change `expr:"changes"`
	Body      any            `expr:"body"` // the body as it came; decoded when asked for
}

// Hook is a call of /hooks/NAME.
type Hook struct {
	Name string `expr:"name"`
	Body any    `expr:"body"`
}

// Rule is what a rule may say about itself.
type Rule struct {
	Name    string `expr:"name"`
	Purpose string `expr:"purpose"`
	Owner   string `expr:"owner"`
}

// A Change is one change of the event, with whoever made it.
type Change struct {
	event.Change
	Author string `expr:"author"` // the actor's name, or account ID on Cloud
}

// Lookups is what an environment can only learn from Jira.
type Lookups struct {
	// FieldID finds a field's ID by its name; what is no field is an error.
	FieldID func(name string) (string, error)
	// JQL tells whether the issue matches.
	JQL func(issue, jql string) (bool, error)
}

// environments are those that were released, and empty.
var environments = sync.Pool{New: func() any { return new(Env) }}

// FromEvent is the environment in which rules see an event. The event stays as it is while the environment is in use.
func FromEvent(ev *event.Event, rule Rule, bot event.User, ask Lookups) *Env {
	env := environments.Get().(*Env)
	env.Event = Event{
		Kind: ev.Kind, Name: ev.Name, Type: ev.Type, Time: ev.Time, Source: string(ev.Source),
		Recovered: ev.Recovered, Planned: ev.Planned, Changes: ev.Changes,
	}
	env.Actor, env.User, env.Comment, env.Worklog = ev.Actor, ev.User, ev.Comment, ev.Worklog
	env.Link, env.Attachment, env.Property, env.Version, env.MergedInto = ev.Link, ev.Attachment, ev.Property, ev.Version, ev.Merged
	env.Project, env.Sprint, env.OldSprint, env.Board = ev.Project, ev.Sprint, ev.OldSprint, ev.Board
	env.Failure, env.Rule, env.Bot = ev.Failure, rule, bot
	if env.Project.Key == "" {
		env.Project = ev.Issue.Project
	}
	env.Body = sync.OnceValue(func() (body any) {
		_ = json.Unmarshal(ev.Raw, &body) // what is no JSON is nil, as any other missing value
		return body
	})
	if ev.Source == event.Hook {
		env.Hook = Hook{Name: ev.Hook, Body: env.Body()}
	}
	env.Changed = func(field string) bool { _, ok := ev.Changed(field); return ok }
	env.Change = func(field string) Change {
		c, ok := ev.Changed(field)
		if !ok {
			return Change{}
		}
		return Change{Change: c, Author: ev.Actor.ID()}
	}
	env.Now = func() time.Time { return ev.Time }
	return env.WithIssue(&ev.Issue, ask)
}

// WithIssue puts the issue as it is now into the environment: a run reads it afresh before it acts. The issue stays as it is while
// the environment is in use.
func (e *Env) WithIssue(issue *event.Issue, ask Lookups) *Env {
	e.Issue = *issue
	if issue.Project.Key != "" {
		e.Project = issue.Project
	}
	e.Field = func(name string, fallback ...any) (any, error) { return fieldValue(issue, name, fallback, ask) }
	e.JQL = func(jql string) (bool, error) {
		if ask.JQL == nil {
			return false, fmt.Errorf("jql(%q) needs a Jira to ask", jql)
		}
		if issue.Key == "" {
			return false, fmt.Errorf("jql(%q) needs an issue, and this event has none", jql)
		}
		return ask.JQL(issue.Key, jql)
	}
	return e
}

func fieldValue(issue *event.Issue, name string, fallback []any, ask Lookups) (any, error) {
	id := name
	value, ok := issue.Field(id)
	if !ok && ask.FieldID != nil && !strings.HasPrefix(name, "customfield_") {
		var err error
		if id, err = ask.FieldID(name); err != nil {
			return nil, err
		}
		value, ok = issue.Field(id)
	}
	if value = plain(value); ok && !missing(value) {
		return value, nil
	}
	if len(fallback) > 0 {
		return fallback[0], nil
	}
	return nil, fmt.Errorf("field %q is empty on %s; give a default, as in field(%q, 0)", name, issue.Key, name)
}

// plain turns Jira's objects into what people call the value: the option's text, the version's name. A user stays an
// object, since its name, e-mail and display name are all wanted.
func plain(value any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	case map[string]any:
		if _, user := v["displayName"]; user {
			return v
		}
		if option, ok := v["value"].(string); ok {
			return option
		}
		if name, ok := v["name"].(string); ok {
			return name
		}
	}
	return value
}

// A Scope is an environment made ready for the expressions of one run. It is not for several goroutines at once.
type Scope struct {
	*Env // expr takes an interface, and making one of the struct would copy it each time
	// machine is one that went through a list. It remembers the list, so it serves this scope alone, and is gone with it.
	machine *vm.VM
}

// NewScope makes an environment ready. What its caller left out answers as if the event said nothing.
func NewScope(env *Env) *Scope {
	env.Step = counter()
	if env.Field == nil {
		issue := env.Issue
		env.WithIssue(&issue, Lookups{})
	}
	if env.Changed == nil {
		env.Changed, env.Change = func(string) bool { return false }, func(string) Change { return Change{} }
	}
	if env.Now == nil {
		env.Now = func() time.Time { return env.Event.Time }
	}
	if env.Body == nil {
		env.Body = func() any { return nil }
	}
	return &Scope{Env: env}
}

// Release says that the scope, and whatever an expression made of it, is no longer in use. It need not be said.
func (s *Scope) Release() {
	*s.Env = Env{}
	environments.Put(s.Env)
	s.Env, s.machine = nil, nil
}

// About makes the scope another rule's.
func (s *Scope) About(rule Rule) { s.Rule = rule }
