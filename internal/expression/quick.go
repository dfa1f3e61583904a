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
	tests []Comparison
	whole bool // there is nothing else in the condition
	asks  bool // something else may have to ask Jira
}

// A Comparison is place == "text", place != "text", place in ["text", …] or "text" in place.
type Comparison struct {
	Place   Place
	Texts   []string // one of them must stand there
	Negated bool     // it must not
}

// A Place is where in an environment a text stands, or a list of texts.
type Place struct {
	at   uintptr
	list bool
}

// Comparisons are those with which the condition begins and of which one that is false makes it false, up to the first that is
// about the rule itself: the others say the same for every rule.
func (c *Condition) Comparisons() []Comparison {
	const rule = unsafe.Offsetof(Env{}.Rule)
	tests := c.quick.tests
	if i := slices.IndexFunc(tests, func(t Comparison) bool { return rule <= t.Place.at && t.Place.at < rule+unsafe.Sizeof(Rule{}) }); i >= 0 {
		tests = tests[:i]
	}
	return tests
}

// Texts are what stands there.
func (p Place) Texts(s *Scope) []string {
	// What placeOf has found is a value of this very type within Env, behind no pointer. With reflection the walk to it takes
	// longer than all the rest.
	value := unsafe.Add(unsafe.Pointer(s.Env), p.at) //nolint:gosec // see above
	if p.list {
		return *(*[]string)(value)
	}
	return unsafe.Slice((*string)(value), 1)
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

func comparisonOf(node ast.Node) (c Comparison, ok bool) {
	b, ok := node.(*ast.BinaryNode)
	if !ok {
		return c, false
	}
	if text, ok := b.Left.(*ast.StringNode); ok && b.Operator == "in" {
		c.Texts = []string{text.Value}
		c.Place, ok = placeOf(b.Right, reflect.TypeFor[[]string]())
		return c, ok
	}
	if c.Place, ok = placeOf(b.Left, reflect.TypeFor[string]()); !ok {
		return c, false
	}
	switch right := b.Right.(type) {
	case *ast.StringNode:
		c.Texts, c.Negated = []string{right.Value}, b.Operator == "!="
		return c, b.Operator == "==" || b.Operator == "!="
	case *ast.ArrayNode:
		for _, item := range right.Nodes {
			text, ok := item.(*ast.StringNode)
			if !ok {
				return c, false
			}
			c.Texts = append(c.Texts, text.Value)
		}
		return c, b.Operator == "in" && len(right.Nodes) > 0
	}
	return c, false
}

// placeOf is where in an environment something such as issue.assignee.name is found, if it is of the wanted type.
func placeOf(node ast.Node, wanted reflect.Type) (p Place, ok bool) {
	var names []string
	for {
		m, ok := node.(*ast.MemberNode)
		if !ok {
			break
		}
		name, ok := m.Property.(*ast.StringNode)
		if !ok || m.Optional {
			return p, false
		}
		names, node = append(names, name.Value), m.Node
	}
	first, ok := node.(*ast.IdentifierNode)
	if !ok {
		return p, false
	}
	names = append(names, first.Value)
	slices.Reverse(names)
	t := reflect.TypeFor[Env]()
	for _, name := range names {
		if t.Kind() != reflect.Struct {
			return p, false
		}
		i := fieldTagged(t, name)
		if i < 0 {
			return p, false
		}
		p.at, t = p.at+t.Field(i).Offset, t.Field(i).Type
	}
	p.list = wanted.Kind() == reflect.Slice
	return p, t == wanted
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
		if !q.tests[i].holds(s) {
			return false, true
		}
	}
	return true, q.whole
}

func (c *Comparison) holds(s *Scope) bool {
	return slices.ContainsFunc(c.Place.Texts(s), func(text string) bool { return slices.Contains(c.Texts, text) }) != c.Negated
}
