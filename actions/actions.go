// Package actions is what a rule can do. Each action is one file: how it is written in a rule, what it plans, which
// permissions it needs, and how it is carried out. All is the table of them; a new action is a file and a line there.
//
// Deciding and doing are apart. Step.Plan is pure: it fills the blanks and returns an Operation, whose sentence is what
// dry runs, rule tests, shadow mode and the run's record show. Operation.Apply asks Jira for the state and does only
// the difference.
package actions

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

// A Kind is one action: its name in rule files and all there is to know about it.
type Kind struct {
	Name    string
	Doc     string
	Example string
	// Needs are the permissions without which it cannot work; a step may need more (Needer).
	Needs []jiraclient.Permission
	// Creates tells that a second Apply would create a second thing, so that an intent is stored before the first and
	// a mark is looked for before a second.
	Creates bool
	// Once tells that a second Apply may go wrong, or further than was meant, without creating anything. It also has its
	// intent stored.
	Once bool
	// Asks says by what the action sees in Jira that it was done, if the answer to an earlier try was lost; "" if there is
	// nothing to see, and nothing wrong with doing it again.
	Asks string
	New  func() Step
}

// All is every action there is, in the order in which the documentation lists them.
var All = []*Kind{&comment, &edit, &labels, &assign, &transition, &create, &link, &watch, &worklog, &logLine}

// Find looks an action up by its name.
func Find(name string) (*Kind, bool) {
	for _, k := range All {
		if k.Name == name {
			return k, true
		}
	}
	return nil, false
}

// Names are the names of all actions.
func Names() []string {
	out := make([]string, len(All))
	for i, k := range All {
		out[i] = k.Name
	}
	return out
}

// Schema is the JSON Schema of what stands behind the action's name.
func (k *Kind) Schema() map[string]any {
	return strictyaml.Schema(reflect.TypeOf(k.New()).Elem())
}

// Options are the keys that may stand behind the action's name.
func (k *Kind) Options() []strictyaml.Field {
	return strictyaml.Fields(reflect.TypeOf(k.New()).Elem())
}

// A Step is an action as a rule uses it, with blanks.
type Step interface {
	// Plan fills the blanks. It asks nobody.
	Plan(s *expression.Scope) (Operation, error)
}

// A Needer needs more than its kind does, depending on how the rule uses it.
type Needer interface {
	Needs() []jiraclient.Permission
}

// Needs are all permissions that a step needs.
func Needs(k *Kind, s Step) []jiraclient.Permission {
	all := append([]jiraclient.Permission(nil), k.Needs...)
	if n, ok := s.(Needer); ok {
		all = append(all, n.Needs()...)
	}
	return all
}

// An Operation is a step with every blank filled in.
type Operation interface {
	// String is the sentence that says what will be done: "comment on PAY-7: Thanks".
	String() string
	// Target is the key of the issue that is written to, "" if there is none.
	Target() string
	// Apply does what is not done yet.
	Apply(ctx context.Context, jira *Jira, try Try) (Outcome, error)
}

// A Try is one attempt to apply an operation.
type Try struct {
	// Mark is the same on every attempt of one step of one run.
	Mark string
	// Again is set when an earlier attempt may have had its effect, and Jira shall be asked: a creating action then looks
	// for its mark first.
	Again bool
	// Saw is what the operation has seen in Jira before the first attempt, if it is a Looker.
	Saw string
}

// A Looker is an operation that leaves no mark, and sees whether it was done only by what has changed in Jira. What it saw
// is stored with the intent.
type Looker interface {
	Look(ctx context.Context, jira *Jira) (string, error)
}

// An Outcome is how a step ended well.
type Outcome string

// The outcomes that are no errors.
const (
	Done    Outcome = "done"
	Already Outcome = "already so"
)

// on is what most steps share: the issue that they act on.
type on struct {
	Issue expression.Text `yaml:"issue" doc:"The key of another issue to act on; by default the issue of the event."`
}

func (o on) target(s *expression.Scope) (string, error) {
	if o.Issue.Given() {
		return filled("issue", o.Issue, s)
	}
	if s.Issue.Key == "" {
		return "", errors.New("this event has no issue to act on; name one with issue: KEY")
	}
	return s.Issue.Key, nil
}

// filled renders a text that makes no sense empty. Blanks around it are none of its meaning: a block in YAML ends with a
// line break.
func filled(name string, t expression.Text, s *expression.Scope) (string, error) {
	text, err := t.Render(s)
	if text = strings.TrimSpace(text); err == nil && text == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// done is the outcome of the write that ends an operation.
func done(err error) (Outcome, error) {
	if err != nil {
		return "", err
	}
	return Done, nil
}

// readIssue asks Jira for an issue's fields as they are now.
func readIssue(ctx context.Context, jira *Jira, key string, fields ...string) (event.Issue, error) {
	found, err := jira.Issue(ctx, key, jiraclient.IssueQuery{Fields: fields})
	if err != nil {
		return event.Issue{}, err
	}
	return event.DecodeIssue(found.Raw)
}
