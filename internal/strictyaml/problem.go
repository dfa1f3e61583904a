package strictyaml

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// A Problem is one mistake, with the place where it stands.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	// Source is the line itself, shown with a caret.
	Source string `json:"source,omitempty"`
}

func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Source == "" {
		return b.String()
	}
	number := fmt.Sprint(p.Line)
	fmt.Fprintf(&b, "\n  %s | %s\n  %s | %s^", number, p.Source, strings.Repeat(" ", len(number)), caretIndent(p.Source, p.Column))
	return b.String()
}

// caretIndent keeps tabs, so that the caret stands below its character however wide a tab is shown.
func caretIndent(line string, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	for b.Len() > 0 && utf8.RuneCountInString(b.String()) < column-1 {
		b.WriteByte(' ')
	}
	return b.String()
}

// Problems is every mistake that was found, as one error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil if there are no problems. They come in the order of the file.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sort.SliceStable(p, func(i, j int) bool {
		a, b := p[i], p[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return p
}

// Suggest ends a message about an unknown name: with the name that was probably meant, or with all there are if they
// are few enough to read.
func Suggest(got string, known []string) string {
	if best := nearest(got, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 || len(known) > 16 {
		return ""
	}
	sorted := append([]string(nil), known...)
	sort.Strings(sorted)
	return "; there are: " + strings.Join(sorted, ", ")
}

// nearest is the known name that differs least, if it differs by less than a third; "" if none comes close.
func nearest(got string, known []string) string {
	best, distance := "", max(1, len(got)/3)+1
	for _, name := range known {
		d := edits(strings.ToLower(got), strings.ToLower(name))
		if d < distance || (d == distance && best != "" && name < best) {
			best, distance = name, d
		}
	}
	return best
}

// edits counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}
