package expression

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/expr-lang/expr/file"
)

// A failure is an expression that could not be evaluated. It keeps the cause: whether Jira was away is read from that.
type failure struct {
	source string
	cause  error
}

func (f *failure) Error() string { return f.source + ": " + explainFailure(f.cause) }

func (f *failure) Unwrap() error {
	var at *file.Error
	if errors.As(f.cause, &at) {
		return at.Prev
	}
	return f.cause
}

// explainFailure says what went wrong while an expression was evaluated.
func explainFailure(err error) string {
	var at *file.Error
	if !errors.As(err, &at) {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return first
	}
	message := at.Message
	if at.Prev != nil {
		message = at.Prev.Error()
	}
	for _, p := range failures() {
		if m := p.pattern.FindStringSubmatch(message); m != nil {
			return p.say(m)
		}
	}
	return message
}

var failures = sync.OnceValue(func() []phrase {
	return []phrase{
		{regexp.MustCompile(`^cannot fetch (\S+) from <nil>`), says("there is nothing that could have %q; with ?? you can say what to take instead", 1)},
		{regexp.MustCompile(`^cannot (?:fetch|get) (\S+) from (.+)$`), func(m []string) string { return fmt.Sprintf("%s has no %q", typeWord(m[2]), m[1]) }},
		{regexp.MustCompile(`^invalid operation: (.+) (\S+) (.+)$`), func(m []string) string {
			return mismatch([]string{"", m[2], m[1], m[3]})
		}},
		{regexp.MustCompile(`^interface conversion: .* is ([^,]+), not (.+)$`), func(m []string) string {
			return fmt.Sprintf("%s was wanted, and it is %s", typeWord(m[2]), typeWord(m[1]))
		}},
		{regexp.MustCompile(`index out of range`), says("the list has no such item")},
		{regexp.MustCompile(`^memory budget exceeded`), says("it takes more memory than an expression may")},
		{regexp.MustCompile(`^invalid argument for (\w+) \(type (.+)\)$`), func(m []string) string { return fmt.Sprintf("%s does not go with %s", m[1], typeWord(m[2])) }},
		{regexp.MustCompile(`^(?:runtime error: |reflect|operator |cannot )`), says("it cannot be computed for the values that it met")},
	}
})
