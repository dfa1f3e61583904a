package expression

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
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

// Why decides again, slowly, and says what was seen. It is for people who ask, not for the hot path.
func (c Condition) Why(s *Scope) Why {
	if c.program == nil {
		return Why{Holds: true}
	}
	tree, err := parser.Parse(c.source)
	if err != nil {
		return Why{Text: c.source, Error: err.Error()}
	}
	return whyNode(tree.Node, s)
}

func whyNode(node ast.Node, s *Scope) Why {
	w := Why{Text: node.String()}
	c, mistake := NewCondition(w.Text)
	if mistake != nil {
		w.Error = mistake.Message
		return w
	}
	var err error
	if w.Holds, err = c.Holds(s); err != nil {
		w.Error = err.Error()
	}
	switch n := node.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			left := whyNode(n.Left, s)
			w.Parts = []Why{left}
			// As in the decision itself, the right side is not looked at where the left side settles it.
			if settled := n.Operator == "or" || n.Operator == "||"; left.Error == "" && left.Holds != settled {
				w.Parts = append(w.Parts, whyNode(n.Right, s))
			}
			return w
		}
		w.Values = append(valueOf(n.Left, s), valueOf(n.Right, s)...)
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			w.Parts = []Why{whyNode(n.Node, s)}
		}
	}
	return w
}

// valueOf says what an operand was, unless it stands there in so many words.
func valueOf(node ast.Node, s *Scope) []string {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.ArrayNode, *ast.ConstantNode:
		return nil
	}
	source := node.String()
	program, mistake := compile(source)
	if mistake != nil {
		return nil
	}
	value, err := run(program, source, s)
	if err != nil {
		return []string{source + ": " + err.Error()}
	}
	if text, ok := value.(string); ok {
		return []string{fmt.Sprintf("%s is %q", source, shorten(text))}
	}
	return []string{fmt.Sprintf("%s is %s", source, shorten(Print(value)))}
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
