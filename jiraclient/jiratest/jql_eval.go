package jiratest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A filter tells whether an issue matches.
type filter func(*issue) bool

// A query is JQL that was found to be right.
type query struct {
	match   filter
	compare func(a, b *issue) int
}

// compile checks a query for a user: fields, functions and values must exist.
func (j *Jira) compile(jql string, u *user) (*query, error) {
	tree, order, err := parseJQL(jql)
	if err != nil {
		return nil, err
	}
	c := &compiler{j: j, user: u, now: j.now()}
	q := &query{match: func(*issue) bool { return true }}
	if tree != nil {
		q.match = c.expression(*tree)
	}
	q.compare = c.ordering(order)
	if len(c.errors) > 0 {
		return nil, &problem{status: 400, messages: c.errors}
	}
	return q, nil
}

type compiler struct {
	j      *Jira
	user   *user
	now    time.Time
	errors []string
}

// complain notes an error and gives a filter that matches nothing.
func (c *compiler) complain(err error) filter {
	if p := asProblem(err); p != nil {
		c.errors = append(c.errors, p.messages...)
	}
	return func(*issue) bool { return false }
}

func (c *compiler) expression(e expression) filter {
	switch {
	case e.not != nil:
		inner := c.expression(*e.not)
		return func(i *issue) bool { return !inner(i) }
	case e.clause != nil:
		return c.clause(e.clause)
	}
	parts, stop := e.all, false
	if e.any != nil {
		parts, stop = e.any, true
	}
	filters := make([]filter, len(parts))
	for n, p := range parts {
		filters[n] = c.expression(p)
	}
	return func(i *issue) bool {
		for _, f := range filters {
			if f(i) == stop {
				return stop
			}
		}
		return !stop
	}
}

func (c *compiler) clause(cl *clause) filter {
	f := c.j.searchField(cl.field)
	if f == nil {
		return c.complain(refuse(400, "Field '%s' does not exist or you do not have permission to view it.", cl.field))
	}
	negative := false
	operator := cl.operator
	switch operator {
	case "!=", "!~", "not in", "is not":
		negative = true
		operator = map[string]string{"!=": "=", "!~": "~", "not in": "in", "is not": "is"}[operator]
	}
	if !slices.Contains(f.operators(), operator) {
		return c.complain(refuse(400, "The operator '%s' is not supported by the '%s' field.", cl.operator, cl.field))
	}
	var tests []func(any) bool
	matchesEmpty := false
	for _, o := range cl.operands {
		if o.empty() || f.isUnresolved(o) {
			matchesEmpty = true
			continue
		}
		if operator == "is" {
			return c.complain(refuse(400, "The operator '%s' only supports 'EMPTY' and 'NULL'.", cl.operator))
		}
		test, err := c.test(f, cl, operator, o)
		if err != nil {
			return c.complain(err)
		}
		tests = append(tests, test)
	}
	return func(i *issue) bool {
		values := f.values(i)
		if len(values) == 0 {
			return matchesEmpty != negative && (matchesEmpty || len(tests) == 0)
		}
		hit := slices.ContainsFunc(values, func(v any) bool {
			return slices.ContainsFunc(tests, func(t func(any) bool) bool { return t(v) })
		})
		return hit != negative
	}
}

func (o operand) empty() bool {
	return !o.quoted && !o.function && (strings.EqualFold(o.value, "empty") || strings.EqualFold(o.value, "null"))
}

// ordering compares issues; without an ORDER BY the newest key comes first.
func (c *compiler) ordering(order []ordering) func(a, b *issue) int {
	byKey := func(a, b *issue) int { return compareKeys(b.key(), a.key()) }
	var steps []func(a, b *issue) int
	for _, o := range order {
		f := c.j.searchField(o.field)
		if f == nil || f.text {
			c.complain(refuse(400, "Not able to sort using field '%s'.", o.field))
			continue
		}
		steps = append(steps, func(a, b *issue) int {
			va, vb := f.values(a), f.values(b)
			var result int
			switch {
			case len(va) == 0 || len(vb) == 0: // the empty ones come last going up
				result = cmp.Compare(len(vb), len(va))
			default:
				result = f.compare(va[0], vb[0])
			}
			if o.down {
				return -result
			}
			return result
		})
	}
	return func(a, b *issue) int {
		for _, step := range steps {
			if n := step(a, b); n != 0 {
				return n
			}
		}
		return byKey(a, b)
	}
}
