package expression

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Most conditions begin with a comparison of a text, such as issue.type == "Bug", and most events are not for most
// rules. So the comparisons with which a condition begins are made without a machine: where one of them is false, the
// condition is, and nothing that follows would have been looked at.
type quick struct {
	tests []comparison
	whole bool // there is nothing else in the condition
	asks  bool // something else may have to ask Jira
}

// A comparison is path == "text", path != "text", path in ["text", …] or "text" in path.
type comparison struct {
	at    uintptr  // where in an environment the value stands
	value string   // what it is compared with
	more  []string // what else
	among bool     // the value must be one of them; otherwise none of them
	list  bool     // the value is a list that must hold the one text
}

// A Glance is the comparisons of a condition, made without touching the condition itself: among thousands of rules, most of the
// time goes into fetching them from memory. The zero value holds always.
type Glance struct {
	first comparison
	given bool
	rest  []comparison
}

// Glance is what can be told of the condition at a glance: nothing from where it asks about the rule itself, which differs from one
// condition to the next.
func (c *Condition) Glance() Glance {
	const rule = unsafe.Offsetof(Env{}.Rule)
	tests := c.quick.tests
	if i := slices.IndexFunc(tests, func(t comparison) bool { return rule <= t.at && t.at < rule+unsafe.Sizeof(Rule{}) }); i >= 0 {
		tests = tests[:i]
	}
	if len(tests) == 0 {
		return Glance{}
	}
	return Glance{tests[0], true, tests[1:]}
}

// Fails tells whether the condition does not hold, whatever else stands in it.
func (g *Glance) Fails(s *Scope) bool {
	if !g.given {
		return false
	}
	if !g.first.holds(s.Env) {
		return true
	}
	for i := range g.rest {
		if !g.rest[i].holds(s.Env) {
			return true
		}
	}
	return false
}

// quicken finds the comparisons with which a condition begins.
func quicken(source string) quick {
	tree, err := parser.Parse(source)
	if err != nil {
		return quick{}
	}
	parts := conjuncts(tree.Node)
	var q quick
	ast.Walk(&tree.Node, asking{&q.asks})
	for _, part := range parts {
		c, ok := comparisonOf(part)
		if !ok {
			break
		}
		q.tests = append(q.tests, c)
	}
	q.whole = len(q.tests) == len(parts)
	return q
}

// asking finds the functions that look something up in Jira.
type asking struct{ found *bool }

func (a asking) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && (id.Value == "field" || id.Value == "jql") {
		*a.found = true
	}
}

func conjuncts(node ast.Node) []ast.Node {
	if b, ok := node.(*ast.BinaryNode); ok && (b.Operator == "and" || b.Operator == "&&") {
		return append(conjuncts(b.Left), conjuncts(b.Right)...)
	}
	return []ast.Node{node}
}

func comparisonOf(node ast.Node) (c comparison, ok bool) {
	b, ok := node.(*ast.BinaryNode)
	if !ok {
		return c, false
	}
	if text, ok := b.Left.(*ast.StringNode); ok && b.Operator == "in" {
		c.value, c.list = text.Value, true
		c.at, ok = place(b.Right, reflect.TypeFor[[]string]())
		return c, ok
	}
	if c.at, ok = place(b.Left, reflect.TypeFor[string]()); !ok {
		return c, false
	}
	switch right := b.Right.(type) {
	case *ast.StringNode:
		c.value, c.among = right.Value, b.Operator == "=="
		return c, b.Operator == "==" || b.Operator == "!="
	case *ast.ArrayNode:
		for i, item := range right.Nodes {
			text, ok := item.(*ast.StringNode)
			if !ok {
				return c, false
			}
			if i == 0 {
				c.value = text.Value
				continue
			}
			c.more = append(c.more, text.Value)
		}
		c.among = true
		return c, b.Operator == "in" && len(right.Nodes) > 0
	}
	return c, false
}

// place is where in an environment something such as issue.assignee.name is found, if it is of the wanted type.
func place(node ast.Node, wanted reflect.Type) (at uintptr, ok bool) {
	var names []string
	for {
		m, ok := node.(*ast.MemberNode)
		if !ok {
			break
		}
		name, ok := m.Property.(*ast.StringNode)
		if !ok || m.Optional {
			return 0, false
		}
		names, node = append(names, name.Value), m.Node
	}
	first, ok := node.(*ast.IdentifierNode)
	if !ok {
		return 0, false
	}
	names = append(names, first.Value)
	slices.Reverse(names)
	t := reflect.TypeFor[Env]()
	for _, name := range names {
		if t.Kind() != reflect.Struct {
			return 0, false
		}
		i := fieldTagged(t, name)
		if i < 0 {
			return 0, false
		}
		at, t = at+t.Field(i).Offset, t.Field(i).Type
	}
	return at, t == wanted
}

func fieldTagged(t reflect.Type, name string) int {
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("expr") == name && name != "-" {
			return i
		}
	}
	return -1
}

// decide is the condition's answer, where the comparisons alone give it.
func (q *quick) decide(s *Scope) (holds, decided bool) {
	for i := range q.tests {
		if !q.tests[i].holds(s.Env) {
			return false, true
		}
	}
	return true, q.whole
}

func (c *comparison) holds(env *Env) bool {
	// What place has found is a value of this very type within Env, behind no pointer. With reflection the walk to it takes
	// longer than all the rest.
	value := unsafe.Add(unsafe.Pointer(env), c.at) //nolint:gosec // see above
	if c.list {
		return slices.Contains(*(*[]string)(value), c.value)
	}
	text := *(*string)(value)
	return (text == c.value || len(c.more) > 0 && slices.Contains(c.more, text)) == c.among
}
