package expression

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/event"
	"jirabot/internal/strictyaml"
)

// A Text is text with holes: "Thanks, ${issue.reporter.name}". A literal "${" is written "$${".
type Text struct {
	source string
	parts  []part
}

// A part is a piece of literal text or a hole.
type part struct {
	literal string
	hole    *hole
}

type hole struct {
	source   string
	program  *vm.Program
	defaults bool // the hole says itself what to take where everything is missing
}

// NewText compiles a text and finds all mistakes in its holes.
func NewText(source string) (Text, []*Mistake) {
	t := Text{source: source}
	var mistakes []*Mistake
	rest, offset := source, 0
	for rest != "" {
		literal, begin := untilHole(rest)
		if literal != "" {
			t.parts = append(t.parts, part{literal: literal})
		}
		offset += utf8.RuneCountInString(rest[:begin])
		rest = rest[begin:]
		if rest == "" {
			break
		}
		end := holeEnd(rest)
		if end < 0 {
			return t, append(mistakes, &Mistake{Offset: offset, Message: `"${" without its "}"`})
		}
		inner := rest[2:end]
		program, mistake := compile(inner)
		if mistake != nil {
			mistake.Offset += offset + 2
			mistakes = append(mistakes, mistake)
		}
		t.parts = append(t.parts, part{hole: &hole{source: strings.TrimSpace(inner), program: program, defaults: endsInDefault(inner)}})
		offset += utf8.RuneCountInString(rest[:end+1])
		rest = rest[end+1:]
	}
	return t, mistakes
}

// untilHole is the literal text before the next hole, and where that hole begins.
func untilHole(s string) (literal string, begin int) {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "$${"):
			b.WriteString("${")
			i += 3
		case strings.HasPrefix(s[i:], "${"):
			return b.String(), i
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String(), len(s)
}

// holeEnd finds the brace that closes the hole at the beginning of s: not one in a text or in a map of the expression.
func holeEnd(s string) int {
	depth := 0
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		case '"', '\'', '`':
			i = quoteEnd(s, i)
		}
	}
	return -1
}

func quoteEnd(s string, begin int) int {
	for i := begin + 1; i < len(s); i++ {
		if s[i] == '\\' && s[begin] != '`' {
			i++
			continue
		}
		if s[i] == s[begin] {
			return i
		}
	}
	return len(s)
}

// DecodeYAML compiles the text that stands in a rule file.
func (t *Text) DecodeYAML(s *strictyaml.Source, node yaml.Node) {
	source, ok := strictyaml.Text(node)
	if !ok {
		s.Wrong(node, t.Describe())
		return
	}
	var mistakes []*Mistake
	*t, mistakes = NewText(source)
	for _, m := range mistakes {
		line, column := s.Locate(node, m.Offset)
		s.ProblemAt(line, column, "%s", m.Message)
	}
}

// Describe says what is wanted where a text stands.
func (t Text) Describe() string { return "text" }

// Schema is the text's JSON Schema.
func (t Text) Schema() map[string]any { return map[string]any{"type": "string"} }

// String is the text as it was written.
func (t Text) String() string { return t.source }

// Given tells whether there is any text.
func (t Text) Given() bool { return t.source != "" }

// Literal is the text itself if it has no holes.
func (t Text) Literal() (string, bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].hole == nil:
		return t.parts[0].literal, true
	}
	return "", false
}

// Render fills the holes.
func (t Text) Render(s *Scope) (string, error) {
	if len(t.parts) == 1 && t.parts[0].hole == nil {
		return t.parts[0].literal, nil
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole == nil {
			b.WriteString(p.literal)
			continue
		}
		value, err := p.hole.eval(s)
		if err != nil {
			return "", err
		}
		b.WriteString(Print(value))
	}
	return b.String(), nil
}

// endsInDefault tells whether an expression ends in a ?? with a value that stands there in so many words. Where the last
// choice is itself looked up, it may be missing as well.
func endsInDefault(source string) bool {
	tree, err := parser.Parse(source)
	if err != nil {
		return false
	}
	b, ok := tree.Node.(*ast.BinaryNode)
	if !ok || b.Operator != "??" {
		return false
	}
	switch b.Right.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.ArrayNode, *ast.MapNode:
		return true
	}
	return false
}

// eval refuses to hand out a missing value in silence.
func (h *hole) eval(s *Scope) (any, error) {
	value, err := run(h.program, h.source, s)
	if err != nil {
		return nil, err
	}
	if !h.defaults && missing(value) {
		return nil, fmt.Errorf("${%s} is empty%s; give a default, as in ${%s ?? \"none\"}", h.source, on(s), h.source)
	}
	return value, nil
}

func on(s *Scope) string {
	if s.Issue.Key == "" {
		return ""
	}
	return " on " + s.Issue.Key
}

// Print is a value as a text shows it.
func Print(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format("2006-01-02 15:04")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case event.User:
		if v.DisplayName != "" {
			return v.DisplayName
		}
		return v.ID()
	case fmt.Stringer:
		return v.String()
	}
	switch r := reflect.ValueOf(value); r.Kind() {
	case reflect.Slice:
		items := make([]string, r.Len())
		for i := range items {
			items[i] = Print(r.Index(i).Interface())
		}
		return strings.Join(items, ", ")
	case reflect.Map, reflect.Struct:
		if encoded, err := json.Marshal(value); err == nil {
			return string(encoded)
		}
	}
	return fmt.Sprint(value)
}
