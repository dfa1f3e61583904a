package expression

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"jirabot/internal/event"
)

// The names of what patches put into expressions. They begin with a sign that nobody can write.
const (
	isMissing = "$missing"
	bodyField = "$body"
	stepField = "$step"
)

var (
	boolType = reflect.TypeFor[bool]()
	anyType  = reflect.TypeFor[any]()
)

// missing is what a hole must not silently print and what ?? replaces.
func missing(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case time.Time:
		return v.IsZero()
	case event.User:
		return v == event.User{}
	}
	return false
}

// defaults makes ?? mean what people expect: the right side is taken for "", for an unset time and for nobody as well as
// for nil, since an absent value of an issue is the zero value and never nil. On its left, what is looked for in something
// that is not there is missing, too, and no error.
type defaults struct{ count int }

func (d *defaults) Visit(node *ast.Node) {
	b, ok := (*node).(*ast.BinaryNode)
	if !ok || b.Operator != "??" {
		return
	}
	// The left side is evaluated once and remembered: a chain of these must not double with each link.
	d.count++
	name := fmt.Sprintf("$left%d", d.count)
	left := func() ast.Node { return &ast.IdentifierNode{Value: name} }
	asked := &ast.CallNode{Callee: &ast.IdentifierNode{Value: isMissing}, Arguments: []ast.Node{left()}}
	asked.SetType(boolType)
	ast.Patch(node, &ast.VariableDeclaratorNode{
		Name: name, Value: lenient(b.Left),
		Expr: &ast.ConditionalNode{Cond: asked, Exp1: b.Right, Exp2: left()},
	})
}

// lenient makes a look into nothing give nothing.
func lenient(node ast.Node) ast.Node {
	if call, ok := node.(*ast.CallNode); ok {
		if id, ok := call.Callee.(*ast.IdentifierNode); ok && id.Value == "field" && len(call.Arguments) == 1 {
			call.Arguments = append(call.Arguments, &ast.NilNode{})
		}
		return node
	}
	if chain, ok := node.(*ast.ChainNode); ok {
		node = chain.Node
	}
	changed := false
	for at := node; ; {
		m, ok := at.(*ast.MemberNode)
		if !ok {
			break
		}
		if t := m.Node.Type(); t == nil || t.Kind() == reflect.Interface {
			m.Optional, changed = true, true
		}
		at = m.Node
	}
	if !changed {
		return node
	}
	return &ast.ChainNode{Node: node}
}

// bodies makes event.body a call, so that a body is decoded into a map only for the rules that look into it.
type bodies struct{}

func (bodies) Visit(node *ast.Node) {
	m, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	of, ok := m.Node.(*ast.IdentifierNode)
	name, named := m.Property.(*ast.StringNode)
	if ok && named && of.Value == "event" && name.Value == "body" {
		ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: bodyField}})
	}
}

// limits counts the steps through lists and bounds what variables and lists hold: a rule with a slip in it, or one that
// meets an event such as nobody thought of, must not take the bot's memory or time.
type limits struct{}

func (limits) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		n.Node = bounded(n.Node)
	case *ast.VariableDeclaratorNode:
		if !strings.HasPrefix(n.Name, "$") {
			n.Value = bounded(n.Value)
		}
	}
}

func bounded(inner ast.Node) ast.Node {
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: stepField}, Arguments: []ast.Node{inner}}
	call.SetLocation(inner.Location())
	if t := inner.Type(); t != nil && t != anyType {
		call.SetNature(*inner.Nature())
	}
	return call
}

const (
	maxSteps = 100_000 // through the lists of one expression
	maxSize  = 1 << 20 // bytes of text or elements in one value of a list or variable
)

var (
	errSteps = fmt.Errorf("more than %d steps through lists", maxSteps)
	errSize  = fmt.Errorf("a value grows beyond %d characters or elements", maxSize)
)

// counter makes the function that counts steps. It counts for all expressions of one scope, which is what one run of a
// rule can cost.
func counter() func(any) (any, error) {
	steps := 0
	return func(value any) (any, error) {
		if steps++; steps > maxSteps {
			return nil, errSteps
		}
		if size(value, maxSize) < 0 {
			return nil, errSize
		}
		return value, nil
	}
}

// size takes what a value needs from what is left; below zero it is too much. What an event brought is as large as it is.
func size(value any, left int) int {
	switch v := value.(type) {
	case string:
		return left - len(v)
	case []any:
		for left--; len(v) > 0 && left >= 0; v = v[1:] {
			left = size(v[0], left-1)
		}
	case map[string]any:
		for _, inner := range v {
			if left = size(inner, left-1); left < 0 {
				break
			}
		}
	}
	return left
}

// join and replace take the place of expr's own, which know no limit.
func join(args ...any) (any, error) {
	separator := ""
	if len(args) > 1 {
		separator, _ = args[1].(string)
	}
	list := reflect.ValueOf(args[0])
	if list.Kind() != reflect.Slice {
		return nil, errors.New("join wants a list of texts")
	}
	var b strings.Builder
	for i := range list.Len() {
		text, ok := list.Index(i).Interface().(string)
		if !ok {
			return nil, fmt.Errorf("join wants a list of texts, item %d is none", i)
		}
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(text)
		if b.Len() > maxText {
			return nil, errSize
		}
	}
	return b.String(), nil
}

func replace(args ...any) (any, error) {
	text, _ := args[0].(string)
	old, _ := args[1].(string)
	with, _ := args[2].(string)
	times := -1
	if len(args) > 3 {
		times, _ = args[3].(int)
	}
	if n := strings.Count(text, old); n > 0 && len(with) > 0 && n > maxText/len(with) {
		return nil, errSize
	}
	return strings.Replace(text, old, with, times), nil
}

// maxText is more than the largest delivery has.
const maxText = 32 << 20
