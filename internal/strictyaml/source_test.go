package strictyaml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"jirabot/internal/strictyaml"
)

// find is the first text of a file that contains a word, as the parser has it.
type find struct {
	word  string
	node  ast.Node
	value string
}

func (f *find) Visit(node ast.Node) ast.Visitor {
	if text, ok := strictyaml.Text(node); ok && f.node == nil && strings.Contains(text, f.word) {
		f.node, f.value = node, text
	}
	return f
}

func TestLocateFindsAWordWhereItStandsInTheFile(t *testing.T) {
	for name, file := range map[string]string{
		"plain":                                     "key: one two HERE",
		"plain in a list":                           "- a\n- b HERE",
		"plain in brackets":                         "[a, b HERE, c]",
		"plain on the next line":                    "key:\n  one HERE",
		"plain over lines":                          "key: one\n  two\n    three HERE\nother: x",
		"plain over an empty line":                  "key: one\n\n\n  two HERE\n",
		"plain after umlauts":                       "größe: äöü HERE",
		"double quotes":                             `key: "one HERE"`,
		"double quotes with escapes":                `key: "a\"b\\\n\t\u00e9\x41 HERE"`,
		"double quotes over lines":                  "key: \"one\n  two\n\n  three HERE\"",
		"double quotes with a joined line":          "key: \"one \\\n    two HERE\"",
		"double quotes that end with a blank":       "key: \"HERE \"",
		"single quotes":                             `key: 'it''s ''HERE'`,
		"single quotes over lines":                  "key: 'one\n  it''s HERE'",
		"literal block":                             "key: |\n  one\n  two HERE\n",
		"literal block with inner indent":           "key: |\n  one\n    two\n\n   HERE\n",
		"literal block after a comment":             "key: | # why\n  one HERE\n",
		"literal block with a given indent":         "- |2\n   one\n  HERE\n",
		"literal block that begins empty":           "key: |\n\n\n  HERE\n",
		"literal block without a line end":          "key: |-\n  one\n  HERE",
		"folded block":                              "key: >\n  one\n  two HERE\n",
		"folded block with an empty line":           "key: >-\n  one\n\n  two HERE\n",
		"folded block with empty lines":             "key: >-\n  one\n\n\n\n  two HERE\n",
		"folded block with a line further in":       "key: >\n  one\n    two\n  HERE\n",
		"folded block that begins empty":            "key: >\n\n  one\n  HERE\n",
		"behind an anchor":                          "key: &a one HERE",
		"lines that end as on Windows":              "key: |\r\n  one\r\n  HERE\r\n",
		"after a text over several lines":           "a: \"x\n  y\"\nkey: one HERE",
		"in brackets after a text over lines":       "{a: \"x\n  y\", key: \"one HERE\"}",
		"after a block":                             "a: |\n  x\n  y\nkey: HERE",
		"in a list in brackets over lines":          "key: [a,\n  \"b\",\n  \"c HERE\"]",
		"deep down":                                 "a:\n  - b:\n      - c: 'x HERE'",
		"in quotes with a mark at the file's start": "\ufeffkey: \"HERE\"",
	} {
		t.Run(name, func(t *testing.T) {
			s := strictyaml.Parse("f", []byte(file))
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			f := &find{word: "HERE"}
			ast.Walk(f, s.Root)
			line, column := s.Locate(f.node, utf8.RuneCountInString(f.value[:strings.Index(f.value, "HERE")]))
			lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(file, "\ufeff"), "\r\n", "\n"), "\n")
			if got := []rune(lines[line-1]); !strings.HasPrefix(string(got[min(column-1, len(got)):]), "HERE") {
				t.Errorf("%d:%d is %q, of %q", line, column, string(got[min(column-1, len(got)):]), f.value)
			}
		})
	}
}

func TestProblemIsShownWithItsLineAndACaret(t *testing.T) {
	s := strictyaml.Parse("rules.yaml", []byte("a: b\nkey: \"\tä wrong\""))
	s.ProblemAt(2, 10, "this is %s", "wrong")
	s.ProblemAt(1, 1, "first")
	want := "rules.yaml:1:1: first\n  1 | a: b\n    | ^\nrules.yaml:2:10: this is wrong\n  2 | key: \"\tä wrong\"\n    |       \t  ^"
	if got := s.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var problems strictyaml.Problems
	if !errors.As(fmt.Errorf("load: %w", s.Err()), &problems) || len(problems) != 2 {
		t.Errorf("the single problems are lost in a wrapped error: %v", problems)
	}
}

func TestAProblemOutsideTheFileIsShownAtItsEdge(t *testing.T) {
	s := strictyaml.Parse("f", []byte("ab"))
	s.ProblemAt(7, 99, "far away")
	if p := s.Problems()[0]; p.Line != 1 || p.Column != 3 {
		t.Errorf("at %d:%d", p.Line, p.Column)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: |\n  x\n", "a: >-\n  x\n\n  y\n", `a: "\u00e9\n"`, "a: 'it''s'", "a: &x [*x]", "<<: [*a, {b: c}]", "text: a\nlist: [a,\n b]",
		"? x\n: y", "---\na: b\n---\n", "%YAML 1.2\n---\n", "- - - x", "inner: {name: a, size: 0x1f}", "a: \"x\n  y \\\n  z\"", "\ufeffa: b\r\n",
	} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, offset int) {
		s := strictyaml.Parse("f", []byte(text))
		lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\n")
		inside := func(line, column int) {
			if line < 1 || line > len(lines) || column < 1 || column > utf8.RuneCountInString(lines[line-1])+1 {
				t.Fatalf("%d:%d lies outside of %q", line, column, text)
			}
		}
		if s.Root != nil {
			var out sample
			s.Decode(s.Root, &out)
			s.Any(s.Root)
			ast.Walk(visit(func(n ast.Node) {
				if _, ok := strictyaml.Text(n); ok {
					s.Locate(n, offset)
				}
			}), s.Root)
		}
		for _, p := range s.Problems() {
			inside(p.Line, p.Column)
			_ = p.String()
		}
	})
}

type visit func(ast.Node)

func (v visit) Visit(node ast.Node) ast.Visitor { v(node); return v }
