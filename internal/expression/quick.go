package expression

import (
	"reflect"
	"slices"

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
	path   []int
	values []string
	among  bool // the value must be one of them; otherwise none of them
	list   bool // path leads to a list that must hold the one text
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
		c.values, c.list = []string{text.Value}, true
		c.path, ok = pathTo(b.Right, reflect.TypeFor[[]string]())
		return c, ok
	}
	if c.path, ok = pathTo(b.Left, reflect.TypeFor[string]()); !ok {
		return c, false
	}
	switch right := b.Right.(type) {
	case *ast.StringNode:
		c.values, c.among = []string{right.Value}, b.Operator == "=="
		return c, b.Operator == "==" || b.Operator == "!="
	case *ast.ArrayNode:
		for _, item := range right.Nodes {
			text, ok := item.(*ast.StringNode)
			if !ok {
				return c, false
			}
			c.values = append(c.values, text.Value)
		}
		c.among = true
		return c, b.Operator == "in"
	}
	return c, false
}

// pathTo is where in an environment something such as issue.assignee.name is found, if it is of the wanted type.
func pathTo(node ast.Node, wanted reflect.Type) ([]int, bool) {
	var names []string
	for {
		m, ok := node.(*ast.MemberNode)
		if !ok {
			break
		}
		name, ok := m.Property.(*ast.StringNode)
		if !ok || m.Optional {
			return nil, false
		}
		names, node = append(names, name.Value), m.Node
	}
	first, ok := node.(*ast.IdentifierNode)
	if !ok {
		return nil, false
	}
	names = append(names, first.Value)
	slices.Reverse(names)
	t := reflect.TypeFor[Env]()
	var path []int
	for _, name := range names {
		if t.Kind() != reflect.Struct {
			return nil, false
		}
		i := fieldTagged(t, name)
		if i < 0 {
			return nil, false
		}
		path, t = append(path, i), t.Field(i).Type
	}
	return path, t == wanted
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
		c := &q.tests[i]
		v := s.values.Field(c.path[0])
		for _, i := range c.path[1:] {
			v = v.Field(i)
		}
		if !c.holds(v) {
			return false, true
		}
	}
	return true, q.whole
}

func (c *comparison) holds(v reflect.Value) bool {
	if c.list {
		for i := range v.Len() {
			if v.Index(i).String() == c.values[0] {
				return true
			}
		}
		return false
	}
	return slices.Contains(c.values, v.String()) == c.among
}
