// Package strictyaml decodes YAML files that people write by hand: an unknown key, a wrong type, a missing value or a
// key given twice is a mistake with a line, a column and a caret, and all mistakes of a file are found in one go.
//
// goccy/go-yaml parses; its own strict decoder stops at the first mistake, which is why the walk from the syntax tree
// to Go values is done here. The same struct tags give the JSON Schema (see Schema).
package strictyaml

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A Source is one file while it is decoded; it collects the file's problems.
type Source struct {
	File     string
	Root     ast.Node // nil for an empty file
	lines    []string
	anchors  map[string]ast.Node
	aliases  int
	noted    int
	problems Problems
	discreet bool
}

// maxAliases bounds what aliases can blow up: nobody writes thousands by hand.
const maxAliases = 1000

// Parse reads the syntax of one file. If it cannot be read at all the source has a problem and no Root.
func Parse(file string, data []byte) *Source {
	return parse(&Source{File: file}, data)
}

// ParseDiscreet is Parse for a file that may hold secrets: problems say where they are, and show neither lines nor values.
func ParseDiscreet(file string, data []byte) *Source {
	return parse(&Source{File: file, discreet: true}, data)
}

func parse(s *Source, data []byte) *Source {
	s.anchors = map[string]ast.Node{}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	s.lines = strings.Split(text, "\n")
	if !s.readable() {
		return s
	}
	tree, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		s.syntax(err)
		return s
	}
	for _, doc := range tree.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); doc.Body == nil || directive {
			continue
		}
		if s.Root != nil {
			s.Problem(doc.Body, "a second document in one file; split it into files")
			break
		}
		s.Root = doc.Body
	}
	if s.Root != nil {
		ast.Walk(survey{s}, s.Root)
	}
	return s
}

// readable refuses what no editor shows: the parser would take it along in silence.
func (s *Source) readable() bool {
	for i, line := range s.lines {
		column := 1
		for at, r := range line {
			if bad := r < ' ' && r != '\t' || r == 0x7f; bad || (r == utf8.RuneError && !strings.HasPrefix(line[at:], "\ufffd")) {
				s.ProblemAt(i+1, column, "a character that is no text; the file must be UTF-8 without control characters")
				return false
			}
			column++
		}
	}
	return true
}

// A survey goes through the whole tree once, before anything is decoded.
type survey struct{ s *Source }

func (c survey) Visit(node ast.Node) ast.Visitor {
	switch n := node.(type) {
	case *ast.AnchorNode:
		if n.Name != nil {
			c.s.anchors[n.Name.GetToken().Value] = n.Value
		}
	case *ast.TagNode:
		c.s.Problem(n, "tags such as %s are not used here; leave it out, and write what is meant as text in quotes", n.GetToken().Value)
	case *ast.StringNode:
		// The parser drops a tab in a plain text.
		if t := n.GetToken(); t.Type == token.StringType && strings.Contains(strings.Trim(t.Origin, " \t\n"), "\t") {
			c.s.Problem(n, "a tab in a text without quotes; write the text in quotes, or use blanks")
		}
	}
	return c
}

func (s *Source) syntax(err error) {
	var syntax interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &syntax) && syntax.GetToken() != nil && syntax.GetToken().Position != nil {
		at := syntax.GetToken().Position
		s.ProblemAt(at.Line, at.Column, "not valid YAML: %s", syntax.GetMessage())
		return
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	s.ProblemAt(1, 1, "not valid YAML: %s", message)
}

// Problem notes a mistake at a node.
func (s *Source) Problem(node ast.Node, format string, args ...any) {
	line, column := Position(node)
	s.ProblemAt(line, column, format, args...)
}

// ProblemAt notes a mistake at a line and column, both counted from 1.
func (s *Source) ProblemAt(line, column int, format string, args ...any) {
	line = min(max(1, line), len(s.lines))
	text := s.lines[line-1]
	column = min(max(1, column), utf8.RuneCountInString(text)+1)
	p := Problem{File: s.File, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
	if !s.discreet {
		p.Source = text
	}
	s.noted++
	// What an alias repeats, or what is looked at twice, is one mistake.
	if !slices.Contains(s.problems, p) {
		s.problems = append(s.problems, p)
	}
}

// Count grows with every problem that is noted, also with one that was noted before.
func (s *Source) Count() int { return s.noted }

// Problems are the mistakes found so far.
func (s *Source) Problems() Problems { return s.problems }

// Err is all mistakes of the file as one error, or nil.
func (s *Source) Err() error { return s.problems.Err() }

// Position is where a node begins. A mapping's own token is its first colon, so its first key is asked.
func Position(node ast.Node) (line, column int) {
	switch n := node.(type) {
	case nil:
		return 1, 1
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return Position(n.Values[0])
		}
	case *ast.MappingValueNode:
		return Position(n.Key)
	}
	t := node.GetToken()
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}

// Resolve follows anchors and aliases to the node that holds the value; nil if they lead nowhere, which is then noted.
func (s *Source) Resolve(node ast.Node) ast.Node {
	for range 20 {
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			return nil // noted by the survey
		case *ast.AliasNode:
			s.aliases++
			name := n.Value.GetToken().Value
			target, ok := s.anchors[name]
			if !ok {
				s.Problem(n, "no anchor &%s in this file", name)
				return nil
			}
			if s.aliases > maxAliases {
				if s.aliases == maxAliases+1 {
					s.Problem(n, "more than %d aliases in one file", maxAliases)
				}
				return nil
			}
			node = target
		default:
			return node
		}
	}
	s.Problem(node, "an anchor that contains itself")
	return nil
}

// unwrap is Resolve without complaints.
func (s *Source) unwrap(node ast.Node) ast.Node {
	count, noted, problems := s.aliases, s.noted, len(s.problems)
	resolved := s.Resolve(node)
	s.aliases, s.noted, s.problems = count, noted, s.problems[:problems]
	if resolved == nil {
		return node
	}
	return resolved
}
