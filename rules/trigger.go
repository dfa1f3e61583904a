package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/event"
	"jirabot/internal/schedule"
	"jirabot/internal/strictyaml"
)

// A Trigger is one thing that makes a rule look: an event's kind and, for some kinds, what must have changed.
type Trigger struct {
	Kind     string
	Change   ChangeFilter
	Schedule Schedule
	Hook     HookFilter
	Failed   FailedFilter
}

// A ChangeFilter narrows a trigger to certain changes. Values are what people read, or IDs; case does not matter.
type ChangeFilter struct {
	Changed names `yaml:"changed" doc:"Field names or IDs; one of them must have changed."`
	From    names `yaml:"from" doc:"What it was, one of these."`
	To      names `yaml:"to" doc:"What it is now, one of these."`
	Added   names `yaml:"added" doc:"For fields with several values: one of these was added."`
	Removed names `yaml:"removed" doc:"For fields with several values: one of these was removed."`
}

// A MoveFilter narrows a trigger whose field is known, such as transitioned.
type MoveFilter struct {
	From names `yaml:"from" doc:"What it was, one of these."`
	To   names `yaml:"to" doc:"What it is now, one of these."`
}

// A Schedule makes a rule run by the clock.
type Schedule struct {
	Cron    string           `yaml:"cron,required" doc:"Five fields (minute hour day month weekday) or @daily and the like."`
	Zone    string           `yaml:"zone" doc:"IANA time zone such as Europe/Berlin; UTC by default."`
	JQL     string           `yaml:"jql" doc:"The rule runs once for each issue that this finds; without it, once without an issue."`
	CatchUp schedule.CatchUp `yaml:"catch_up" doc:"What to do about ticks missed while the bot was down: none (the default), last, or all."`
	Plan    schedule.Plan    `yaml:"-"`
	// Sign tells the schedule apart from every other of its rule, wherever in the list it stands.
	Sign string `yaml:"-"`
}

// A HookFilter names the address /hooks/NAME.
type HookFilter struct {
	Name string `yaml:"name,required" doc:"The NAME in /hooks/NAME; bot.yaml says who may call it."`
}

// A FailedFilter names the rules whose failures are meant.
type FailedFilter struct {
	Rules names `yaml:"rules" doc:"Only failures of these rules; by default of every other rule."`

	at yaml.Node // of the names
}

// A TriggerKind is one row of the table of all triggers.
type TriggerKind struct {
	Name    string
	Doc     string
	Example string
	// field is the changelog field that from and to speak of; "*" if the trigger names it itself.
	field string
	// options decodes what stands behind the kind; nil if nothing may.
	options func(t *Trigger) any
}

func changeOptions(t *Trigger) any { return &t.Change }

// moveOptions decodes from and to only.
type moveOptions struct{ filter *ChangeFilter }

func (m moveOptions) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	var f MoveFilter
	s.Decode(node, &f)
	m.filter.From, m.filter.To = f.From, f.To
}

func fromTo(t *Trigger) any { return &moveOptions{&t.Change} }

// special are the triggers that are more than a kind of event.
var special = []TriggerKind{
	{Name: "issue_updated", Example: `issue_updated: {changed: status, from: Done, to: [Reopened, "In Progress"]}`, field: "*", options: changeOptions},
	{Name: "field_changed", Example: `field_changed: {changed: Story Points}`, field: "*", options: changeOptions},
	{Name: "transitioned", Example: `transitioned: {from: Open, to: [In Progress, In Review]}`, field: "status", options: fromTo},
	{Name: "assigned", Example: `assigned: {to: bob}`, field: "assignee", options: fromTo},
	{Name: "moved", Example: `moved: {from: PAY, to: CHK}`, field: "project", options: fromTo},
	{Name: "schedule", Doc: "By the clock, with or without JQL.", Example: `schedule: {cron: "0 9 * * MON-FRI", zone: Europe/Berlin, jql: "status = Waiting", catch_up: last}`,
		options: func(t *Trigger) any { return &t.Schedule }},
	{Name: "hook", Doc: "An authenticated POST to /hooks/NAME; the issue is the payload's issue.key, if it has one.", Example: `hook: {name: deploy-finished}`,
		options: func(t *Trigger) any { return &t.Hook }},
	{Name: "failed", Doc: "A run of another rule failed, or was denied, and became a dead letter; the issue is the run's.", Example: `failed: {rules: [reopened-bug-goes-back]}`,
		options: func(t *Trigger) any { return &t.Failed }},
}

// TriggerKinds is the table of all triggers: Jira's kinds, the derived ones, schedule, hook and failed.
func TriggerKinds() []TriggerKind {
	var all []TriggerKind
	add := func(name, doc string) {
		k := TriggerKind{Name: name, Doc: doc, Example: name}
		for _, sp := range special {
			if sp.Name == name {
				k.Example, k.field, k.options = sp.Example, sp.field, sp.options
			}
		}
		all = append(all, k)
	}
	for _, k := range event.JiraKinds {
		add(k.Name, k.Doc)
	}
	for _, k := range event.DerivedKinds {
		add(k.Name, k.Doc)
	}
	for _, sp := range special {
		if sp.Doc != "" {
			all = append(all, sp)
		}
	}
	return all
}

func triggerKind(name string) (TriggerKind, bool) {
	for _, k := range TriggerKinds() {
		if k.Name == name {
			return k, true
		}
	}
	return TriggerKind{}, false
}

// DecodeYAML reads `issue_created` or `issue_updated: {changed: status}`.
func (t *Trigger) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	if name, ok := strictyaml.Text(node); ok {
		kind, known := t.named(s, node, name)
		if known && (kind.Name == "schedule" || kind.Name == "hook") {
			s.Problem(node, "%s needs to be told more, as in %s", kind.Name, kind.Example)
		}
		return
	}
	entries, ok := s.Entries(node)
	if !ok || len(entries) == 0 {
		s.Wrong(node, t.Describe())
		return
	}
	if len(entries) > 1 {
		if _, another := triggerKind(entries[1].Name); another {
			s.Problem(entries[1].Key, "one item, one trigger: begin a new item with \"- %s\"", entries[1].Name)
			return
		}
		s.Problem(entries[1].Key, "%q stands beside %s; put it into braces behind it: %[2]s: {%[1]s: …}", entries[1].Name, entries[0].Name)
		return
	}
	kind, known := t.named(s, entries[0].Key, entries[0].Name)
	if !known {
		return
	}
	if kind.options == nil {
		s.Problem(entries[0].Value, "%s takes no filter; write the condition under \"if\"", kind.Name)
		return
	}
	s.Decode(entries[0].Value, kind.options(t))
	t.check(s, kind, entries[0].Value)
}

func (t *Trigger) named(s *strictyaml.Source, node yaml.Node, name string) (TriggerKind, bool) {
	kind, known := triggerKind(strings.TrimPrefix(name, "jira:"))
	if !known {
		var all []string
		for _, k := range TriggerKinds() {
			all = append(all, k.Name)
		}
		hint := strictyaml.Suggest(name, all)
		if hint == "" {
			hint = "; bot actions lists all triggers"
		}
		s.Problem(node, "unknown trigger %q%s", name, hint)
		return kind, false
	}
	t.Kind = kind.Name
	return kind, true
}

func (t *Trigger) check(s *strictyaml.Source, kind TriggerKind, node yaml.Node) {
	at := keys(s, node)
	switch c := t.Change; {
	case kind.field == "*" && at["changed"] == nil && len(c.From)+len(c.To)+len(c.Added)+len(c.Removed) > 0:
		s.Problem(node, "say which field: %s: {changed: status, to: …}", kind.Name)
	case empty(s, at["changed"]):
		s.Problem(at["changed"], "an empty list of fields: leave the key out to take any change, or name some")
	case kind.Name == "hook":
		if name, ok := strictyaml.Text(at["name"]); ok && !hookName.MatchString(name) {
			s.Problem(at["name"], "%q cannot stand in an address; use letters, digits and hyphens", name)
		}
	case kind.Name == "schedule":
		t.Schedule.check(s, at)
	case kind.Name == "failed":
		t.Failed.at = at["rules"]
		if empty(s, at["rules"]) {
			s.Problem(at["rules"], "an empty list of rules: leave the key out to see every rule's failures, or name some")
		}
	}
}

var hookName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (c *Schedule) check(s *strictyaml.Source, at map[string]yaml.Node) {
	zone := c.Zone
	if _, err := schedule.Parse("@daily", zone); err != nil {
		_, message, _ := strings.Cut(err.Error(), ": ")
		s.Problem(at["zone"], "%s", message)
		zone = ""
	}
	if _, given := strictyaml.Text(s.Resolve(at["cron"])); given {
		var err error
		sum := sha256.Sum256([]byte(c.Cron + "\x00" + c.Zone + "\x00" + c.JQL))
		c.Sign = hex.EncodeToString(sum[:6])
		if c.Plan, err = schedule.Parse(c.Cron, zone); err != nil {
			s.Problem(at["cron"], "%v", err)
		}
	}
	switch c.CatchUp {
	case "":
		c.CatchUp = "none"
	case "none", "last", "all":
	default:
		s.Problem(at["catch_up"], "%q is none of the values for this key; there are: all, last, none", c.CatchUp)
	}
	if jql, given := strictyaml.Text(s.Resolve(at["jql"])); given && strings.TrimSpace(jql) == "" {
		s.Problem(at["jql"], "an empty JQL would find every issue; leave the key out to run without an issue")
	}
}

// Describe says what is wanted where a trigger stands.
func (t Trigger) Describe() string {
	return "a trigger such as issue_created, or one with its filter such as issue_updated: {changed: status}"
}

// Schema is the JSON Schema of all triggers.
func (t Trigger) Schema() map[string]any {
	var plain []string
	forms := []any{}
	for _, k := range TriggerKinds() {
		if k.Name != "schedule" && k.Name != "hook" {
			plain = append(plain, k.Name)
		}
		if k.options == nil {
			continue
		}
		forms = append(forms, map[string]any{
			"type": "object", "description": k.Doc, "required": []string{k.Name}, "additionalProperties": false,
			"properties": map[string]any{k.Name: optionsSchema(k)},
		})
	}
	return map[string]any{"anyOf": append([]any{map[string]any{"enum": plain}}, forms...)}
}

func optionsSchema(k TriggerKind) map[string]any {
	switch k.options(new(Trigger)).(type) {
	case *moveOptions:
		return strictyaml.SchemaOf[MoveFilter]()
	case *Schedule:
		out := strictyaml.SchemaOf[Schedule]()
		if properties, ok := out["properties"].(map[string]any); ok {
			properties["catch_up"] = map[string]any{"enum": []string{"none", "last", "all"}, "default": "none"}
		}
		return out
	case *HookFilter:
		return strictyaml.SchemaOf[HookFilter]()
	case *FailedFilter:
		return strictyaml.SchemaOf[FailedFilter]()
	}
	return strictyaml.SchemaOf[ChangeFilter]()
}
