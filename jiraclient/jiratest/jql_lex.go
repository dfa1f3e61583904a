package jiratest

import (
	"fmt"
	"strings"
	"unicode"
)

// A token of JQL: a word, a quoted text, or a symbol.
type token struct {
	text   string
	quoted bool
	symbol bool
	at     int // where it begins, in characters
}

// is tells whether the token is this keyword or symbol; quoting a keyword makes it a value.
func (t token) is(s string) bool { return !t.quoted && strings.EqualFold(t.text, s) }

func (t token) end() bool { return t.text == "" && !t.quoted }

// lex cuts JQL into tokens; the last one is empty.
func lex(s string) ([]token, error) {
	runes := []rune(s)
	var out []token
	for n := 0; n < len(runes); {
		r := runes[n]
		switch {
		case unicode.IsSpace(r):
			n++
		case r == '"' || r == '\'':
			t, next, err := lexQuoted(runes, n)
			if err != nil {
				return nil, err
			}
			out, n = append(out, t), next
		case strings.ContainsRune("()=!<>~,", r):
			symbol := string(r)
			if n+1 < len(runes) {
				switch pair := symbol + string(runes[n+1]); pair {
				case "!=", "<=", ">=", "!~", "&&", "||":
					symbol = pair
				}
			}
			out = append(out, token{text: symbol, symbol: true, at: n})
			n += len([]rune(symbol))
		default:
			from := n
			for n < len(runes) && !unicode.IsSpace(runes[n]) && !strings.ContainsRune("()=!<>~,\"'", runes[n]) {
				n++
			}
			out = append(out, token{text: string(runes[from:n]), at: from})
		}
	}
	return append(out, token{at: len(runes)}), nil
}

func lexQuoted(runes []rune, from int) (token, int, error) {
	var b strings.Builder
	for n := from + 1; n < len(runes); n++ {
		switch {
		case runes[n] == '\\' && n+1 < len(runes):
			n++
			b.WriteRune(runes[n])
		case runes[n] == runes[from]:
			return token{text: b.String(), quoted: true, at: from}, n + 1, nil
		default:
			b.WriteRune(runes[n])
		}
	}
	return token{}, 0, jqlError("The quoted string '%s' has not been completed. (line 1, character %d)", string(runes[from+1:]), from+1)
}

// jqlError is an error in the query itself, with Jira's prefix.
func jqlError(format string, args ...any) error {
	return refuse(400, "Error in the JQL Query: %s", fmt.Sprintf(format, args...))
}
