package expression

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/vm"
)

// maxLength bounds an expression: beyond it nobody reads it, and a parser could be driven too deep.
const maxLength = 4000

// compile never panics.
func compile(source string, options ...expr.Option) (*vm.Program, *Mistake) {
	if strings.TrimSpace(source) == "" {
		return nil, &Mistake{Message: "the expression is empty"}
	}
	if n := utf8.RuneCountInString(source); n > maxLength {
		return nil, &Mistake{Offset: maxLength, Message: fmt.Sprintf("an expression has at most %d characters, this one has %d", maxLength, n)}
	}
	if mistake := check(source); mistake != nil {
		return nil, mistake
	}
	program, err := expr.Compile(source, append(append(language(),
		expr.Patch(&defaults{}), expr.Patch(bodies{}), expr.Patch(limits{})), options...)...)
	if err != nil {
		return nil, mistakeOf(source, err)
	}
	tree := program.Node()
	if t := tree.Type(); t != nil && t.Kind() == reflect.Func {
		return nil, &Mistake{Message: callIt(strings.TrimSpace(source))}
	}
	ast.Walk(&tree, untyped{})
	return program, nil
}

// untyped takes the types off a tree. The program keeps its tree, and with it the checker's tables of all that an expression can
// name: with thousands of rules that is most of the memory in use, and each collection looks through it.
type untyped struct{}

func (untyped) Visit(node *ast.Node) { (*node).SetNature(nature.Nature{}) }

// language is what every expression is compiled with.
func language() []expr.Option {
	return []expr.Option{
		expr.Env(Env{}),
		expr.DisableBuiltin("now"), // ours is the event's time
		expr.Function(isMissing, func(args ...any) (any, error) { return missing(args[0]), nil }, new(func(any) bool)),
		expr.Function("join", join, new(func([]any) string), new(func([]any, string) string), new(func([]string) string), new(func([]string, string) string)),
		expr.Function("replace", replace, new(func(string, string, string) string), new(func(string, string, string, int) string)),
	}
}

// check finds the mistakes before anything is patched: as soon as there are patches, the compiler checks several times
// and forgets what it found in the arguments of calls.
func check(source string) *Mistake {
	config := conf.CreateNew()
	for _, option := range language() {
		option(config)
	}
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	tree, err := checker.ParseCheck(source, config)
	if err != nil {
		return mistakeOf(source, err)
	}
	alone := bareEvent{}
	ast.Walk(&tree.Node, alone)
	for node := range alone {
		return &Mistake{Offset: node.Location().From, Message: "event cannot stand alone; name what you want of it, such as event.kind"}
	}
	return nil
}

// bareEvent collects where the event as a whole is used. Its body is decoded only for those who name it, so a whole
// event would lack it in silence.
type bareEvent map[ast.Node]bool

func (b bareEvent) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "event" {
			b[n] = true
		}
	case *ast.MemberNode:
		delete(b, n.Node) // children are visited first
	}
}

var machines = sync.Pool{New: func() any { return new(vm.VM) }}

// run evaluates; what goes wrong is said in one line.
func run(program *vm.Program, source string, s *Scope) (any, error) {
	machine := s.machine
	if s.machine = nil; machine == nil { // none, or it is at work on the expression that asks for this one
		machine = machines.Get().(*vm.VM)
	}
	value, err := machine.Run(program, s.Env)
	if cap(machine.Scopes) > 0 {
		s.machine = machine
	} else { // what it holds of this event is wiped
		clear(machine.Stack[:cap(machine.Stack)])
		clear(machine.Variables)
		machines.Put(machine)
	}
	if err != nil {
		return nil, &failure{source, err}
	}
	return value, nil
}
