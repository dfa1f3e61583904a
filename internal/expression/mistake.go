package expression

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/expr-lang/expr/file"

	"jirabot/internal/strictyaml"
)

// A Mistake is what is wrong in an expression; Offset counts characters from its beginning.
type Mistake struct {
	Offset  int
	Message string
}

func (m *Mistake) Error() string { return m.Message }

// mistakeOf says expr's error in the words of rule files.
func mistakeOf(source string, err error) *Mistake {
	var at *file.Error
	if !errors.As(err, &at) {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return &Mistake{Message: explain(first)}
	}
	if at.Message == "literal not terminated" || strings.HasPrefix(at.Message, "unexpected token EOF") || at.Message == "unexpected end of expression" {
		if offset, what := unclosed(source); what != "" {
			return &Mistake{Offset: offset, Message: what}
		}
	}
	offset := at.From
	if strings.HasPrefix(at.Message, "type ") || strings.HasPrefix(at.Message, "unknown name") {
		offset = afterDot(source, offset)
	}
	return &Mistake{Offset: offset, Message: explain(at.Message)}
}

// afterDot skips the dot and bracket with which expr's place of a member begins.
func afterDot(source string, offset int) int {
	rs := []rune(source)
	for offset < len(rs)-1 && strings.ContainsRune(".?[", rs[offset]) {
		offset++
	}
	return offset
}

// unclosed finds the quote or bracket that is not closed.
func unclosed(source string) (offset int, message string) {
	type open struct {
		at   int
		char rune
	}
	var stack []open
	var quote open
	rs := []rune(source)
	closing := map[rune]rune{'(': ')', '[': ']', '{': '}'}
	for i := 0; i < len(rs); i++ {
		switch c := rs[i]; {
		case quote.char != 0 && c == '\\' && quote.char != '`':
			i++
		case quote.char != 0 && c == quote.char:
			quote = open{}
		case quote.char != 0:
		case c == '"' || c == '\'' || c == '`':
			quote = open{i, c}
		case closing[c] != 0:
			stack = append(stack, open{i, c})
		case len(stack) > 0 && c == closing[stack[len(stack)-1].char]:
			stack = stack[:len(stack)-1]
		}
	}
	if quote.char != 0 {
		return quote.at, fmt.Sprintf("a text begins here with %c and does not end", quote.char)
	}
	if len(stack) > 0 {
		last := stack[len(stack)-1]
		return last.at, fmt.Sprintf(`"%c" without its "%c"`, last.char, closing[last.char])
	}
	return 0, ""
}

// A phrase says one of expr's messages in other words; $1 and so on are translated if they are types.
type phrase struct {
	pattern *regexp.Regexp
	say     func(m []string) string
}

func says(format string, groups ...int) func([]string) string {
	return func(m []string) string {
		args := make([]any, len(groups))
		for i, g := range groups {
			args[i] = m[g]
		}
		return fmt.Sprintf(format, args...)
	}
}

var phrases = sync.OnceValue(func() []phrase {
	return []phrase{
		{regexp.MustCompile(`^type (.+) has no field (\w+)$`), noField},
		{regexp.MustCompile(`^type (.+) has no method (\w+)$`), noField},
		{regexp.MustCompile(`^unknown name (.+)$`), noName},
		{regexp.MustCompile(`^expected bool, but got (.+)$`), func(m []string) string {
			if strings.HasPrefix(m[1], "func(") {
				return "this is a function, and a condition is true or false; call it with ( ) and compare what it gives"
			}
			return fmt.Sprintf("a condition is true or false, this is %s; compare it with something", typeWord(m[1]))
		}},
		{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`), mismatch},
		{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`), func(m []string) string {
			return fmt.Sprintf("%q does not go with %s", m[1], typeWord(m[2]))
		}},
		{regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\w+) ?$`), func(m []string) string {
			return fmt.Sprintf("%s wants %s here, not %s", m[3], typeWord(m[2]), typeWord(m[1]))
		}},
		{regexp.MustCompile(`^invalid argument for (\w+) \(type (.+)\)$`), func(m []string) string {
			return fmt.Sprintf("%s does not go with %s", m[1], typeWord(m[2]))
		}},
		{regexp.MustCompile(`^(not enough|too many) arguments to call (\w+)$`), func(m []string) string {
			word := map[string]string{"not enough": "more", "too many": "fewer"}[m[1]]
			return fmt.Sprintf("%s wants %s arguments%s", m[2], word, usage(m[2]))
		}},
		{regexp.MustCompile(`^invalid number of arguments \(expected (\d+), got (\d+)\)$`), says("%[1]s arguments are wanted here, not %[2]s", 1, 2)},
		{regexp.MustCompile(`^(.+) is not callable$`), func(m []string) string {
			return fmt.Sprintf("this is %s and no function; leave the ( ) out", typeWord(m[1]))
		}},
		{regexp.MustCompile(`^type (.+) does not support indexing$`), func(m []string) string { return fmt.Sprintf("%s has no parts to pick from", typeWord(m[1])) }},
		{regexp.MustCompile(`^type (.+)\[(.+)\] is undefined$`), func(m []string) string { return fmt.Sprintf("%s cannot be picked from like this", typeWord(m[1])) }},
		{regexp.MustCompile(`^array elements can only be selected using an integer`), says("a list's items are picked by number: [0] is the first")},
		{regexp.MustCompile(`^unexpected token EOF`), says("the expression ends too early")},
		{regexp.MustCompile(`^unexpected end of expression`), says("the expression ends too early")},
		{regexp.MustCompile(`^unexpected token \w+\("(.*)"\)`), unexpected},
		{regexp.MustCompile(`^a map key must be`), says(`a mapping is written {"key": value}`)},
		{regexp.MustCompile(`^unrecognized character: \S+ ('.*')`), says("%s cannot stand here", 1)},
		{regexp.MustCompile(`^invalid char escape`), says(`a backslash in a text is written twice: \\`)},
		{regexp.MustCompile(`^error parsing regexp: (.*)`), says("this is no regular expression: %s", 1)},
		{regexp.MustCompile(`coalesce expressions`), says("beside other operators ?? stands in brackets: (a ?? b) == c")},
		{regexp.MustCompile(`nodes`), says("the expression has too many parts")},
	}
})

// explain says a message in the words of rule files, with what was probably meant.
func explain(message string) string {
	for _, p := range phrases() {
		if m := p.pattern.FindStringSubmatch(message); m != nil {
			return p.say(m)
		}
	}
	return anyTypes().ReplaceAllStringFunc(message, typeWord)
}

func noField(m []string) string {
	if t, ok := ownTypes()[m[1]]; ok {
		return fmt.Sprintf("%s has no %q%s", strings.ToLower(spaced(t.Name())), m[2], strictyaml.Suggest(m[2], exprNames(t)))
	}
	return fmt.Sprintf("%s has no %q", typeWord(m[1]), m[2])
}

var lookAsIf = map[string]string{"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "NULL": "nil", "null": "nil", "None": "nil", "none": "nil", "is": "==", "IS": "==", "EMPTY": `""`, "=": "==", "<>": "!=", "&": "and", "|": "or"}

func noName(m []string) string {
	if instead, ok := lookAsIf[m[1]]; ok {
		return fmt.Sprintf("unknown name %q; did you mean %s?", m[1], instead)
	}
	hint := strictyaml.Suggest(m[1], topLevel())
	if hint == "" {
		hint = fmt.Sprintf("; if it is meant as text, write it in quotes: %q", m[1])
	}
	return fmt.Sprintf("unknown name %q%s", m[1], hint)
}

func unexpected(m []string) string {
	switch instead, ok := lookAsIf[m[1]]; {
	case m[1] == "=":
		return `"=" is no comparison; write "=="`
	case ok:
		return fmt.Sprintf("%q is not known here; did you mean %s?", m[1], instead)
	}
	return fmt.Sprintf("%q cannot stand here", m[1])
}

func mismatch(m []string) string {
	operator, left, right := m[1], typeWord(m[2]), typeWord(m[3])
	hint := ""
	switch {
	case operator == "in" && left == "text" && right == "text":
		hint = "; to look into a text, write contains"
	case left == right:
	case strings.HasPrefix(left, "a list") && (operator == "==" || operator == "!=" || operator == "contains"):
		hint = `; to look into a list, write "x" in list`
	case left == "a time" && right == "text":
		hint = `; make a time of the text with date("2026-01-31")`
	case left == "text" && right == "a number":
		hint = "; write the number in quotes"
	}
	return fmt.Sprintf("%q does not go with %s and %s%s", operator, left, right, hint)
}

// usage is how a function of ours is called.
func usage(name string) string {
	t := reflect.TypeFor[Env]()
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("expr") == name {
			example, _, _ := strings.Cut(f.Tag.Get("doc"), ": ")
			return ", as in " + example
		}
	}
	return ""
}

func callIt(name string) string {
	return fmt.Sprintf("%s is a function; call it%s", name, usage(name))
}
