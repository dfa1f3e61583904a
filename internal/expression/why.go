package expression

import (
	"fmt"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// A Why is a condition taken apart: what each part was found to be, and the values that it looked at.
type Why struct {
	Text   string   `json:"text"`
	Holds  bool     `json:"holds"`
	Error  string   `json:"error,omitempty"`
	Values []string `json:"values,omitempty"` // `issue.type is "Bug"`
	Parts  []Why    `json:"parts,omitempty"`
}

// Always tells whether there was no condition to decide.
func (w Why) Always() bool { return w.Text == "" }

// Why decides again, part by part, and says what was seen. The parts are compiled when somebody asks for the first time.
func (c Condition) Why(s *Scope) Why {
	if !c.Given() {
		return Why{Holds: true}
	}
	c.parts.once.Do(func() {
		tree, err := parser.Parse(c.source)
		if err != nil { // cannot be: it was compiled
			c.parts.root = &clause{text: c.source, wrong: err.Error()}
			return
		}
		c.parts.root = takeApart(tree.Node)
	})
	return c.parts.root.why(s)
}

// parts are a condition taken apart, once, by whoever asks first.
type parts struct {
	once sync.Once
	root *clause
}

// A clause is a part of a condition that is true or false by itself.
type clause struct {
	text     string
	holds    Condition
	wrong    string    // why it cannot be decided by itself
	settles  *bool     // of and, or: what the left side must be to settle it
	inner    []*clause // of and, or, not
	operands []operand // of a comparison
}

// An operand is a value that a comparison looks at.
type operand struct {
	source  string
	program *vm.Program
}

func takeApart(node ast.Node) *clause {
	p := &clause{text: node.String()}
	var mistake *Mistake
	if p.holds, mistake = NewCondition(p.text); mistake != nil {
		p.wrong = mistake.Message
		return p
	}
	switch n := node.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			settles := n.Operator == "or" || n.Operator == "||"
			p.settles, p.inner = &settles, []*clause{takeApart(n.Left), takeApart(n.Right)}
			return p
		}
		p.operands = append(operandOf(n.Left), operandOf(n.Right)...)
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			p.inner = []*clause{takeApart(n.Node)}
		}
	}
	return p
}

// operandOf is a side of a comparison, unless it stands there in so many words.
func operandOf(node ast.Node) []operand {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.ArrayNode, *ast.ConstantNode:
		return nil
	}
	source := node.String()
	program, mistake := compile(source)
	if mistake != nil {
		return nil
	}
	return []operand{{source, program}}
}

func (c *clause) why(s *Scope) Why {
	w := Why{Text: c.text, Error: c.wrong}
	if c.wrong != "" {
		return w
	}
	var err error
	if w.Holds, err = c.holds.Holds(s); err != nil {
		w.Error = err.Error()
	}
	for _, inner := range c.inner {
		w.Parts = append(w.Parts, inner.why(s))
		// As in the decision itself, the right side is not looked at where the left side settles it.
		if left := w.Parts[0]; c.settles != nil && (left.Error != "" || left.Holds == *c.settles) {
			break
		}
	}
	for _, o := range c.operands {
		w.Values = append(w.Values, o.value(s))
	}
	return w
}

// value says what an operand was.
func (o operand) value(s *Scope) string {
	value, err := run(o.program, o.source, s)
	if err != nil {
		return o.source + ": " + err.Error()
	}
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%s is %q", o.source, shorten(text))
	}
	return fmt.Sprintf("%s is %s", o.source, shorten(Print(value)))
}

func shorten(text string) string {
	if r := []rune(text); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return text
}

// String is the explanation in one line: what did not hold comes with its values.
func (w Why) String() string {
	switch {
	case w.Always():
		return "there is no condition"
	case w.Error != "":
		return "cannot be decided: " + w.Error
	case len(w.Parts) > 0:
		var out []string
		for _, p := range w.Parts {
			if p.Holds == w.Holds || len(w.Parts) == 1 {
				out = append(out, p.String())
			}
		}
		return strings.Join(out, "; ")
	}
	verdict := "holds"
	if !w.Holds {
		verdict = "does not hold"
	}
	if len(w.Values) == 0 {
		return fmt.Sprintf("%s %s", w.Text, verdict)
	}
	return fmt.Sprintf("%s %s: %s", w.Text, verdict, strings.Join(w.Values, ", "))
}
