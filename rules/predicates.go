package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"jirabot/internal/expression"
)

// Most conditions begin with comparisons of a text, such as issue.type == "Bug", and most triggers ask what a field became. Among
// thousands of rules the same things are compared again and again. So the predicates of all rules are answered together, once per
// event: with one look into a table for each thing that is compared. What is left for each rule is to test some bits.
type predicates struct {
	subjects []*subject
	count    literal
}

// A subject is what predicates are about: a place in the environment of conditions or, for triggers, what a field became.
type subject struct {
	place  expression.Place
	field  string
	truths map[string][]literal // by a text: the predicates that are true where the subject is this
	known  map[string]literal   // by all texts of the predicate
}

// A literal is a predicate, by twice its number, or its negation, by one more. Number 0 is true always.
type literal uint32

func (l literal) negated() literal { return l ^ 1 }

// A glance is what of a rule can be told from predicates alone: all of these hold, or it does not want the event. It is small, since
// thousands are read per event.
type glance [4]literal

// changed is the text that every field became that changed at all.
const changed = ""

// glanceAt makes the predicates of a rule that has this trigger alone; trigger is nil if it has several.
func (p *predicates) glanceAt(r *Rule, trigger *Trigger) (g glance) {
	n := 0
	if trigger != nil && trigger.Kind != "moved" {
		if fields := trigger.fields(); len(fields) == 1 {
			g[n] = p.became(fields[0], trigger.Change.To)
			n++
		}
	}
	for _, c := range r.If.Comparisons() {
		if n == len(g) {
			break
		}
		g[n] = p.number(subject{place: c.Place}, c.Texts)
		if c.Negated {
			g[n] = g[n].negated()
		}
		n++
	}
	return g
}

// became is the predicate that a field changed to one of some values, or to anything if there are none.
func (p *predicates) became(field string, values []string) literal {
	if len(values) == 0 {
		values = []string{changed}
	}
	folded := make([]string, len(values))
	for i, v := range values {
		folded[i] = fold(v)
	}
	return p.number(subject{field: field}, folded)
}

// number is the number of the predicate that a subject is one of some texts.
func (p *predicates) number(of subject, texts []string) literal {
	at := slices.IndexFunc(p.subjects, func(s *subject) bool { return s.place == of.place && s.field == of.field })
	if at < 0 {
		at = len(p.subjects)
		of.truths, of.known = map[string][]literal{}, map[string]literal{}
		p.subjects = append(p.subjects, &of)
	}
	s := p.subjects[at]
	same := fmt.Sprintf("%q", texts)
	l, known := s.known[same]
	if !known {
		p.count++
		l = 2 * p.count
		s.known[same] = l
		for _, text := range texts {
			s.truths[text] = append(s.truths[text], l)
		}
	}
	return l
}

// answers are what is true of an event, a bit for each predicate; nil where predicates say nothing.
type answers []uint64

// about answers for an event that the decider decides about.
func (p *predicates) about(l *look, d *decider) answers {
	if !d.decides() {
		return nil
	}
	a := make(answers, p.count/64+1)
	a.set(0)
	for _, s := range p.subjects {
		if s.field == "" {
			for _, text := range s.place.Texts(d.about()) {
				a.set(s.truths[text]...)
			}
		} else if c := l.change(s.field); c != nil {
			a.set(s.truths[changed]...)
			a.set(s.truths[fold(c.To)]...)
			a.set(s.truths[fold(c.ToID)]...)
		}
	}
	return a
}

func (a answers) set(all ...literal) {
	for _, l := range all {
		a[l/2/64] |= 1 << (l / 2 % 64)
	}
}

func (a answers) holds(l literal) bool { return a[l/2/64]>>(l/2%64)&1 != uint64(l&1) }

// next is the first glance, from i on, of a rule that may want the event; len(list) if there is none.
func (a answers) next(list []glance, i int) int {
	if a == nil {
		return i
	}
	for ; i < len(list); i++ {
		if g := &list[i]; a.holds(g[0]) && a.holds(g[1]) && a.holds(g[2]) && a.holds(g[3]) {
			break
		}
	}
	return i
}

// fold makes the same of all texts that strings.EqualFold finds equal.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}
