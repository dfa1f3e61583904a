package expression

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// FieldNames are the fields of Jira that the conditions and texts in a value, such as a step, name in so many words: the
// "Story Points" of field("Story Points", 0), changed("Story Points") and change("Story Points").
func FieldNames(in any) []string {
	var found []string
	seen := map[string]bool{}
	walkSources(reflect.ValueOf(in), func(source string) {
		for _, name := range namedIn(source) {
			if !seen[name] {
				seen[name] = true
				found = append(found, name)
			}
		}
	})
	return found
}

var (
	conditionType = reflect.TypeFor[Condition]()
	textType      = reflect.TypeFor[Text]()
)

// walkSources visits every expression that is somewhere in a value.
func walkSources(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walkSources(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkSources(v.Index(i), visit)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			walkSources(entries.Value(), visit)
		}
	case reflect.Struct:
		switch v.Type() {
		case conditionType:
			visit(v.FieldByName("source").String())
			return
		case textType:
			text, _ := NewText(v.FieldByName("source").String())
			for _, p := range text.parts {
				if p.hole != nil {
					visit(p.hole.source)
				}
			}
			return
		}
		for i := range v.NumField() {
			walkSources(v.Field(i), visit)
		}
	}
}

// namedIn are the fields that one expression names.
func namedIn(source string) []string {
	tree, err := parser.Parse(source)
	if err != nil {
		return nil
	}
	var n fieldNamer
	ast.Walk(&tree.Node, &n)
	return n.found
}

type fieldNamer struct{ found []string }

// Visit looks at the calls.
func (n *fieldNamer) Visit(node *ast.Node) {
	call, ok := (*node).(*ast.CallNode)
	if !ok || len(call.Arguments) == 0 {
		return
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || callee.Value != "field" && callee.Value != "changed" && callee.Value != "change" {
		return
	}
	if name, ok := call.Arguments[0].(*ast.StringNode); ok {
		n.found = append(n.found, name.Value)
	}
}
