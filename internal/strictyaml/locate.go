package strictyaml

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A place is a line and a column, both counted from 1, columns in characters.
type place struct{ line, column int }

// Locate tells the place of the character at an offset in a scalar's text. The text of a scalar is not what stands in
// the file: quotes and escapes are gone, lines are folded. So the text is read along the lines of the file; where the
// two cannot be brought together, the place is the scalar's beginning.
func (s *Source) Locate(node ast.Node, offset int) (line, column int) {
	node = s.unwrap(node)
	line, column = Position(node)
	text, ok := Text(node)
	if !ok || offset < 0 {
		return line, column
	}
	value := []rune(text)
	f := follower{lines: s.lines, at: place{line, column}}
	var places []place
	switch n := node.(type) {
	case *ast.LiteralNode:
		places = f.block(value, strings.HasPrefix(n.GetToken().Value, ">"))
	default:
		switch n.GetToken().Type {
		case token.DoubleQuoteType:
			f.at.column++
			places = f.flow(value, '"')
		case token.SingleQuoteType:
			f.at.column++
			places = f.flow(value, '\'')
		default:
			places = f.flow(value, 0)
		}
	}
	if offset >= len(places) {
		return line, column
	}
	return places[offset].line, places[offset].column
}

// A follower reads a scalar's text along the lines of its file. Its answers have a place for each character of the text
// and one for its end; they are nil where file and text differ.
type follower struct {
	lines []string
	at    place
	line  []rune // line at.line, read when it was entered
	known int    // which line that is
}

func (f *follower) rest() []rune {
	if f.at.line < 1 || f.at.line > len(f.lines) {
		return nil
	}
	if f.known != f.at.line {
		f.line, f.known = []rune(f.lines[f.at.line-1]), f.at.line
	}
	return f.line[min(len(f.line), max(0, f.at.column-1)):]
}

func blank(rs []rune) bool { return strings.TrimSpace(string(rs)) == "" }

// flow follows plain text (quote 0) and text in quotes. A line break in it is a blank, an empty line is a line break.
func (f *follower) flow(value []rune, quote rune) []place {
	places := make([]place, 0, len(value)+1)
	for i := 0; i < len(value); {
		rest := f.rest()
		switch {
		case quote == '"' && len(rest) > 0 && rest[0] == '\\' && blank(rest[1:]):
			f.nextLine() // the line goes on without a blank
		case blank(rest):
			from := f.at
			breaks := f.nextLine()
			if breaks == 0 {
				return nil
			}
			for range max(1, breaks-1) {
				if i >= len(value) || (value[i] != ' ' && value[i] != '\n') {
					return nil
				}
				places = append(places, from)
				i++
			}
		default:
			width := written(rest, value[i], quote)
			if width == 0 {
				return nil
			}
			places = append(places, f.at)
			f.at.column += width
			i++
		}
	}
	return append(places, f.at)
}

// nextLine goes to the next line that is not empty, and says how many line breaks lie between; 0 if there is none.
func (f *follower) nextLine() (breaks int) {
	for line := f.at.line + 1; line <= len(f.lines); line++ {
		text := f.lines[line-1]
		if trimmed := strings.TrimLeft(text, " \t"); trimmed != "" {
			breaks = line - f.at.line
			f.at = place{line, len([]rune(text)) - len([]rune(trimmed)) + 1}
			return breaks
		}
	}
	return 0
}

// written is how many characters the file spends on one of the text; 0 if it is another one.
func written(rest []rune, want, quote rune) int {
	switch {
	case quote == '\'' && rest[0] == '\'':
		if len(rest) > 1 && rest[1] == '\'' && want == '\'' {
			return 2
		}
		return 0
	case quote == '"' && rest[0] == '\\' && len(rest) > 1:
		switch rest[1] {
		case 'x':
			return 4
		case 'u':
			return 6
		case 'U':
			return 10
		}
		return 2
	case rest[0] == want:
		return 1
	}
	return 0
}

// block follows a literal (|) or folded (>) block. Its indent is that of its first line, unless the header says less;
// whichever makes file and text agree is right.
func (f *follower) block(value []rune, folded bool) []place {
	header := f.at
	if f.nextLine() == 0 {
		return nil
	}
	for indent := f.at.column - 1; indent >= 0; indent-- {
		f.at = place{header.line + 1, indent + 1}
		if places := f.blockAt(value, indent, folded); places != nil {
			return places
		}
	}
	return nil
}

func (f *follower) blockAt(value []rune, indent int, folded bool) []place {
	places := make([]place, 0, len(value)+1)
	for i := 0; i < len(value); {
		rest := f.rest()
		if len(rest) > 0 {
			if rest[0] != value[i] {
				return nil
			}
			places = append(places, f.at)
			f.at.column++
			i++
			continue
		}
		if f.at.line > len(f.lines) {
			return nil
		}
		switch {
		case value[i] == '\n':
			places = append(places, f.at)
			i++
			if folded && (i == len(value) || value[i] != '\n') && f.emptyBelow() {
				f.at.line++ // the first of several line breaks is folded away
			}
		case folded && value[i] == ' ':
			places = append(places, f.at)
			i++
		default:
			return nil
		}
		f.at = place{f.at.line + 1, indent + 1}
	}
	return append(places, f.at)
}

func (f *follower) emptyBelow() bool {
	return f.at.line < len(f.lines) && strings.TrimSpace(f.lines[f.at.line]) == "" && f.at.line > 0
}
