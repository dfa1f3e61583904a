package event

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeLength is the length of the escape sequence at the beginning of s, 0 if it is none.
func escapeLength(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(s) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 reads the number of a \uXXXX at the beginning of s, -1 if there is none.
func hex4(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var n rune
	for _, c := range s[2:6] {
		switch {
		case isDigit(c):
			n = n<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
			n = n<<4 | rune(c|' '-'a'+10)
		default:
			return -1
		}
	}
	return n
}

// unescape resolves the escapes of a text that quoted has checked. Half a surrogate pair becomes U+FFFD.
func unescape(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for len(s) > 0 {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(out, s...)
		}
		out, s = append(out, s[:i]...), s[i:]
		if s[1] != 'u' {
			out, s = append(out, plainEscape(s[1])), s[2:]
			continue
		}
		c := hex4(s)
		s = s[6:]
		if utf16.IsSurrogate(c) {
			pair := utf16.DecodeRune(c, hex4(s))
			if pair != utf8.RuneError {
				s = s[6:]
			}
			c = pair
		}
		out = utf8.AppendRune(out, c)
	}
	return out
}

func plainEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
