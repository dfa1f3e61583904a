package rules

import (
	"fmt"
	"slices"
	"strings"

	"jirabot/internal/event"
	"jirabot/internal/expression"
)

// A Match is a rule that wants an event: one of its triggers fires, it may see the project, and the event is not the
// bot's own work. Whether its condition holds is not decided yet.
type Match struct {
	Rule    *Rule
	Trigger int
	// Claims are the identities under which the rule takes the event. A run is made only if one of them is new: Data
	// Center sends a comment twice, and the second time the claim is taken.
	Claims []string
	// ScopeUnknown is set while the event does not say in which project it happened.
	ScopeUnknown bool
}

// Match finds the rules that want an event, in the order of the files.
func (s *Set) Match(ev *event.Event, bot event.User) []Match {
	return s.match(ev, bot, nil)
}

// Decide is Match without the rules whose condition does not hold for what the event says. A rule stays where that
// cannot be told yet: the event describes its issue only in part, the condition asks Jira, or it fails.
func (s *Set) Decide(ev *event.Event, bot event.User) []Match {
	if ev.Issue.Short {
		return s.Match(ev, bot)
	}
	d := &decider{ev: ev, bot: bot, project: ProjectOf(ev)}
	defer d.release()
	return s.match(ev, bot, d)
}

// A decider decides conditions about one event. One environment serves all of them, so that thousands of rules cost little.
type decider struct {
	ev      *event.Event
	bot     event.User
	project string
	scope   *expression.Scope
}

// refuses tells whether the rule's condition does not hold. A nil decider refuses nothing.
func (d *decider) refuses(r *Rule) bool {
	if d == nil || !r.If.Given() || (d.project == "" && len(r.Projects) > 0) {
		return false
	}
	scope := d.about()
	scope.About(r.About())
	holds, decided := r.If.Early(scope)
	return decided && !holds
}

// decides tells whether conditions can be decided at all: in an unknown project no rule is refused that may not be meant there.
func (d *decider) decides() bool { return d != nil && d.project != "" }

func (d *decider) about() *expression.Scope {
	if d.scope == nil {
		d.scope = expression.NewScope(expression.FromEvent(d.ev, expression.Rule{}, d.bot, expression.Lookups{}))
	}
	return d.scope
}

// release gives the environment back: of a decision nothing is kept but the matches.
func (d *decider) release() {
	if d.scope != nil {
		d.scope.Release()
	}
}

func (s *Set) match(ev *event.Event, bot event.User, conditions *decider) []Match {
	if ev.Source == event.Tick || ev.Source == event.Item {
		return s.matchScheduled(ev, conditions)
	}
	look := look{ev: ev, kinds: ev.Kinds()}
	self := ev.Actor.Is(bot)
	project := ProjectOf(ev)
	var out []Match
	consider := func(kind string, list *candidates) {
		if list == nil {
			return
		}
		answers := list.about(&look, conditions)
		for i := answers.next(list.glances, 0); i < len(list.rules); i = answers.next(list.glances, i+1) {
			c := &list.rules[i]
			trigger := c.fired(&look, kind)
			if trigger < 0 {
				continue
			}
			r := c.rule
			if self && !r.OnSelf || ev.Failure.Rule == r.Name && ev.Source == event.Failed || conditions.refuses(r) {
				continue
			}
			out = append(out, Match{
				Rule: r, Trigger: trigger, Claims: r.claims(&look, trigger), ScopeUnknown: project == "" && len(r.Projects) > 0,
			})
		}
	}
	for _, kind := range look.kinds {
		sh := s.byKind[kind]
		if sh == nil {
			continue
		}
		if project == "" {
			consider(kind, &sh.all)
			continue
		}
		consider(kind, &sh.everywhere)
		consider(kind, sh.byProject[project])
	}
	slices.SortFunc(out, func(a, b Match) int { return a.Rule.place - b.Rule.place })
	return out
}

// fired is the first trigger of a candidate that fires; -1 if none does, or if the rule is considered under another of the
// event's kinds.
func (c *candidate) fired(l *look, kind string) int {
	switch {
	case c.fires:
		return 0
	case c.trigger != nil:
		if !c.trigger.accepts(l) {
			return -1
		}
		return 0
	case c.rule.firstOf(l.kinds) != kind:
		return -1
	}
	return c.rule.fires(l)
}

func (s *Set) matchScheduled(ev *event.Event, conditions *decider) []Match {
	r, trigger, ok := s.Scheduled(ev)
	if !ok {
		return nil
	}
	in, known := r.InScope(ev)
	if ev.Source == event.Item && known && !in || conditions.refuses(r) {
		return nil
	}
	return []Match{{Rule: r, Trigger: trigger, Claims: []string{r.Name + "/" + ev.Identity}, ScopeUnknown: ev.Source == event.Item && !known}}
}

// Scheduled finds the rule and the trigger that a tick, or one of its issues, is of; ok is false if the rule is gone or
// off, or has this schedule no more.
func (s *Set) Scheduled(ev *event.Event) (r *Rule, trigger int, ok bool) {
	if r, ok = s.byName[ev.Rule]; !ok || r.Mode == Off {
		return nil, 0, false
	}
	trigger = r.ticks(ev)
	return r, trigger, trigger >= 0
}

// ticks is the position of the schedule that a tick, or one of its issues, is of; -1 if the rule has it no more. The
// position that the tick names may be another's by now.
func (r *Rule) ticks(ev *event.Event) int {
	is := func(i int) bool {
		return i >= 0 && i < len(r.On) && r.On[i].Kind == "schedule" && (ev.Schedule == "" || r.On[i].Schedule.Sign == ev.Schedule)
	}
	if ev.Rule != r.Name {
		return -1
	}
	if is(ev.Trigger) {
		return ev.Trigger
	}
	if ev.Schedule != "" {
		for i := range r.On {
			if is(i) {
				return i
			}
		}
	}
	return -1
}

// firstOf is the first of an event's kinds for which the rule waits: under that one it is considered, and only once.
func (r *Rule) firstOf(kinds []string) string {
	for _, kind := range kinds {
		for i := range r.On {
			if r.On[i].Kind == kind {
				return kind
			}
		}
	}
	return ""
}

// fires is the rule's first trigger that fires; -1 if none does.
func (r *Rule) fires(l *look) int {
	for i := range r.On {
		if r.On[i].fires(l) {
			return i
		}
	}
	return -1
}

// claims are the identities of the event under all triggers that fire; those before the first need no second look.
func (r *Rule) claims(l *look, first int) []string {
	claims := []string{r.Name + "/" + l.ev.IdentityAs(r.On[first].Kind)}
	for i := first + 1; i < len(r.On); i++ {
		t := &r.On[i]
		if !t.fires(l) {
			continue
		}
		if claim := r.Name + "/" + l.ev.IdentityAs(t.Kind); !slices.Contains(claims, claim) {
			claims = append(claims, claim)
		}
	}
	return claims
}

// Refuses says in a sentence why the rule does not look at an event; "" if it does.
func (r *Rule) Refuses(ev *event.Event, bot event.User) string {
	if r.Mode == Off {
		return "the rule is off"
	}
	if in, known := r.InScope(ev); known && !in {
		return fmt.Sprintf("project %s is not in the rule's scope (%s)", ProjectOf(ev), strings.Join(r.Projects, ", "))
	}
	switch {
	case ev.Source == event.Tick || ev.Source == event.Item:
		if r.ticks(ev) < 0 {
			return fmt.Sprintf("no trigger fires: it is a tick of the rule %s", ev.Rule)
		}
	default:
		if why := r.silent(ev); why != "" {
			return why
		}
	}
	if ev.Source == event.Failed && ev.Failure.Rule == r.Name {
		return "a rule does not react to its own failures"
	}
	if ev.Actor.Is(bot) && !r.OnSelf {
		return "the bot did it itself, and the rule does not say on_self: true"
	}
	return ""
}

// silent says why none of the triggers fires; "" if one does.
func (r *Rule) silent(ev *event.Event) string {
	look := look{ev: ev, kinds: ev.Kinds()}
	var reasons []string
	for i := range r.On {
		if r.On[i].fires(&look) {
			return ""
		}
		if why := r.On[i].silence(&look); !slices.Contains(reasons, why) {
			reasons = append(reasons, why)
		}
	}
	return "no trigger fires: " + strings.Join(reasons, "; ")
}
