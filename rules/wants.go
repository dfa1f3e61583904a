package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"jirabot/internal/event"
)

// A look is an event while many triggers look at it: what several of them ask is found out once.
type look struct {
	ev      *event.Event
	kinds   []string
	changes map[string]*event.Change // by the field's name as rules have it; nil for one that did not change

	// What was asked last. Many rules in a row ask for the same.
	field string
	last  *event.Change
}

func (l *look) change(field string) *event.Change {
	if field != l.field || field == "" {
		l.last, l.field = l.find(field), field
	}
	return l.last
}

func (l *look) find(field string) *event.Change {
	c, known := l.changes[field]
	if known {
		return c
	}
	if found, ok := l.ev.Changed(field); ok {
		c = &found
	}
	if l.changes == nil {
		l.changes = map[string]*event.Change{}
	}
	l.changes[field] = c
	return c
}

// Wants tells whether an event fires the trigger; why says what was missing.
func (t *Trigger) Wants(ev *event.Event) (wants bool, why string) {
	l := &look{ev: ev, kinds: ev.Kinds()}
	if t.fires(l) {
		return true, ""
	}
	return false, t.silence(l)
}

func (t *Trigger) fires(l *look) bool {
	return slices.Contains(l.kinds, t.Kind) && t.accepts(l)
}

// accepts tells whether an event of the trigger's kind fires it.
func (t *Trigger) accepts(l *look) bool {
	switch t.Kind {
	case "hook":
		return l.ev.Hook == t.Hook.Name
	case "failed":
		return among(t.Failed.Rules, l.ev.Failure.Rule)
	case "moved":
		from, to := l.move()
		return among(t.Change.From, from...) && among(t.Change.To, to...)
	}
	if field := t.field(); field != "" { // no list is made for these, which are most
		c := l.change(field)
		return c != nil && t.Change.accepts(c)
	}
	for _, field := range t.Change.Changed {
		if c := l.change(field); c != nil && t.Change.accepts(c) {
			return true
		}
	}
	return len(t.Change.Changed) == 0
}

// silence says why the trigger does not fire.
func (t *Trigger) silence(l *look) string {
	switch {
	case !slices.Contains(l.kinds, t.Kind):
		return "it is no " + t.Kind
	case t.Kind == "hook":
		return fmt.Sprintf("it is the hook %s, not %s", l.ev.Hook, t.Hook.Name)
	case t.Kind == "failed":
		return "it is the rule " + l.ev.Failure.Rule + " that failed"
	case t.Kind == "moved":
		from, to := l.move()
		if !among(t.Change.From, from...) {
			return "it came from " + cmp.Or(append(from, "an unnamed project")...)
		}
		return "it went to " + cmp.Or(append(to, "an unnamed project")...)
	}
	for _, field := range t.fields() {
		if c := l.change(field); c != nil {
			return t.Change.refusal(c)
		}
	}
	return fmt.Sprintf("%s did not change", strings.Join(t.fields(), " or "))
}

// move is where an issue came from and went to: the projects' keys, names and IDs.
func (l *look) move() (from, to []string) {
	project, _ := l.ev.Changed("project")
	key, _ := l.ev.Changed("Key")
	before, _, _ := strings.Cut(key.From, "-")
	after, _, _ := strings.Cut(key.To, "-")
	return []string{before, project.From, project.FromID}, []string{after, project.To, project.ToID}
}

// fields are the fields of which the trigger wants at least one to have changed.
func (t *Trigger) fields() []string {
	if field := t.field(); field != "" {
		return []string{field}
	}
	return t.Change.Changed
}

// field is the field that the trigger's kind speaks of; "" if the trigger names its own.
func (t *Trigger) field() string {
	switch t.Kind {
	case "transitioned":
		return "status"
	case "assigned":
		return "assignee"
	case "moved":
		return "project"
	}
	return ""
}

// accepts tells whether a change is the one that was wanted.
func (f *ChangeFilter) accepts(c *event.Change) bool {
	return among(f.From, c.From, c.FromID) && among(f.To, c.To, c.ToID) && overlap(f.Added, c.Added) && overlap(f.Removed, c.Removed)
}

// refusal says why a change is not the one that was wanted.
func (f *ChangeFilter) refusal(c *event.Change) string {
	switch {
	case !among(f.From, c.From, c.FromID):
		return fmt.Sprintf("%s was %q", c.Field, c.From)
	case !among(f.To, c.To, c.ToID):
		return fmt.Sprintf("%s became %q", c.Field, c.To)
	case !overlap(f.Added, c.Added):
		return fmt.Sprintf("%s did not get %s", c.Field, strings.Join(f.Added, " or "))
	}
	return fmt.Sprintf("%s did not lose %s", c.Field, strings.Join(f.Removed, " or "))
}

// overlap tells whether one of the values that came or went is wanted.
func overlap(wanted, values []string) bool {
	return len(wanted) == 0 || len(values) > 0 && among(wanted, values...)
}

// among tells whether one of a thing's names is wanted; wanting nothing in particular is content with anything. The
// wish for "" is the wish that the thing has no name at all: a field that is empty has neither text nor ID.
func among(wanted []string, names ...string) bool {
	if len(wanted) == 0 {
		return true
	}
	for _, w := range wanted {
		if w == "" {
			if strings.Join(names, "") == "" {
				return true
			}
			continue
		}
		for _, n := range names {
			if strings.EqualFold(w, n) {
				return true
			}
		}
	}
	return false
}
