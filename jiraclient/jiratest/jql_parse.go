package jiratest

import "strings"

// A clause is one comparison: field, operator, operands.
type clause struct {
	field    string
	operator string // = != < <= > >= ~ !~ in, not in, is, is not
	operands []operand
}

// An operand is a value, or a function call.
type operand struct {
	value    string
	quoted   bool
	function bool
	args     []string
	list     bool
}

// An expression is a tree of clauses: exactly one of its members is set.
type expression struct {
	all    []expression
	any    []expression
	not    *expression
	clause *clause
}

type ordering struct {
	field string
	down  bool
}

// A parser reads JQL by recursive descent. Jira's own grammar binds NOT before AND before OR.
type parser struct {
	tokens []token
	next   int
	depth  int
}

// maxDepth stops queries that are nothing but parentheses.
const maxDepth = 200

func parseJQL(s string) (*expression, []ordering, error) {
	tokens, err := lex(s)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{tokens: tokens}
	var tree *expression
	if !p.peek().end() && !p.peek().is("order") {
		e, err := p.or()
		if err != nil {
			return nil, nil, err
		}
		tree = &e
	}
	order, err := p.order()
	if err != nil {
		return nil, nil, err
	}
	if t := p.peek(); !t.end() {
		return nil, nil, jqlError("Expecting either 'OR' or 'AND' but got '%s'. (line 1, character %d)", t.text, t.at+1)
	}
	return tree, order, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if !t.end() {
		p.next++
	}
	return t
}

func (p *parser) skip(words ...string) bool {
	for _, w := range words {
		if p.peek().is(w) {
			p.take()
			return true
		}
	}
	return false
}

func (p *parser) or() (expression, error) {
	return p.chain(p.and, func(list []expression) expression { return expression{any: list} }, "or", "||")
}

func (p *parser) and() (expression, error) {
	return p.chain(p.term, func(list []expression) expression { return expression{all: list} }, "and", "&&")
}

func (p *parser) chain(one func() (expression, error), join func([]expression) expression, words ...string) (expression, error) {
	first, err := one()
	if err != nil {
		return first, err
	}
	list := []expression{first}
	for p.skip(words...) {
		next, err := one()
		if err != nil {
			return next, err
		}
		list = append(list, next)
	}
	if len(list) == 1 {
		return first, nil
	}
	return join(list), nil
}

func (p *parser) term() (expression, error) {
	if p.depth++; p.depth > maxDepth {
		return expression{}, jqlError("The query is nested too deeply.")
	}
	defer func() { p.depth-- }()
	switch {
	case p.skip("not", "!"):
		inner, err := p.term()
		return expression{not: &inner}, err
	case p.skip("("):
		inner, err := p.or()
		if err != nil {
			return inner, err
		}
		if t := p.peek(); !p.skip(")") {
			return inner, jqlError("Expecting ')' but got %s. (line 1, character %d)", shown(t), t.at+1)
		}
		return inner, nil
	}
	c, err := p.clause()
	return expression{clause: c}, err
}

func shown(t token) string {
	if t.end() {
		return "the end of the query"
	}
	return "'" + t.text + "'"
}

func (p *parser) clause() (*clause, error) {
	f := p.take()
	if f.end() || f.symbol || !f.quoted && reserved(f.text) {
		return nil, jqlError("Expecting a field name but got %s. (line 1, character %d)", shown(f), f.at+1)
	}
	c := &clause{field: f.text}
	t := p.take()
	switch {
	case t.is("not") && p.skip("in"):
		c.operator = "not in"
	case t.is("in"):
		c.operator = "in"
	case t.is("is"):
		c.operator = "is"
		if p.skip("not") {
			c.operator = "is not"
		}
	case t.symbol && strings.ContainsAny(t.text, "=<>~"):
		c.operator = t.text
	default:
		return nil, jqlError("Expecting operator but got %s. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', "+
			"'IN', 'NOT IN', 'IS' and 'IS NOT'. (line 1, character %d)", shown(t), t.at+1)
	}
	var err error
	if c.operator == "in" || c.operator == "not in" {
		c.operands, err = p.list()
	} else {
		var one operand
		one, err = p.operand()
		c.operands = []operand{one}
	}
	return c, err
}

func reserved(word string) bool {
	switch strings.ToLower(word) {
	case "and", "or", "not", "in", "is", "order", "by", "empty", "null":
		return true
	}
	return false
}

func (p *parser) list() ([]operand, error) {
	if !p.skip("(") {
		one, err := p.operand() // a function may stand without parentheses: assignee in membersOf("x")
		one.list = true
		return []operand{one}, err
	}
	var out []operand
	for {
		one, err := p.operand()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
		if p.skip(")") {
			return out, nil
		}
		if t := p.peek(); !p.skip(",") {
			return nil, jqlError("Expecting ',' or ')' but got %s. (line 1, character %d)", shown(t), t.at+1)
		}
	}
}

func (p *parser) operand() (operand, error) {
	t := p.take()
	if t.end() || t.symbol {
		return operand{}, jqlError("Expecting either a value, list or function but got %s. (line 1, character %d)", shown(t), t.at+1)
	}
	o := operand{value: t.text, quoted: t.quoted}
	if t.quoted || !p.skip("(") {
		return o, nil
	}
	o.function = true
	for !p.skip(")") {
		arg := p.take()
		if arg.end() || arg.symbol {
			return o, jqlError("Expecting ')' but got %s. (line 1, character %d)", shown(arg), arg.at+1)
		}
		o.args = append(o.args, arg.text)
		p.skip(",")
	}
	return o, nil
}

func (p *parser) order() ([]ordering, error) {
	if !p.skip("order") {
		return nil, nil
	}
	if t := p.peek(); !p.skip("by") {
		return nil, jqlError("Expecting 'by' but got %s. (line 1, character %d)", shown(t), t.at+1)
	}
	var out []ordering
	for {
		f := p.take()
		if f.end() || f.symbol {
			return nil, jqlError("Expecting a field name but got %s. (line 1, character %d)", shown(f), f.at+1)
		}
		o := ordering{field: f.text}
		if p.skip("desc") {
			o.down = true
		} else {
			p.skip("asc")
		}
		out = append(out, o)
		if !p.skip(",") {
			return out, nil
		}
	}
}
