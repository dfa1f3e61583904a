package event

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The methods here read one value each and take what Jira's versions have been seen to send for it. A value of any
// other type is skipped and counts as absent.

// text reads a text.
func (r *reader) text() string {
	if r.peek() != '"' {
		r.skip()
		return ""
	}
	s, escaped := r.quoted()
	if escaped {
		s = unescape(s)
	}
	if utf8.Valid(s) {
		return string(s)
	}
	// Broken bytes must not travel on: the journal's records and the pages of the console are valid UTF-8.
	var b strings.Builder
	for _, c := range string(s) {
		b.WriteRune(c)
	}
	return b.String()
}

// id reads a text or a number: Jira writes the same ID in both ways.
func (r *reader) id() string {
	if c := r.peek(); c == '-' || isDigit(c) {
		return string(r.number())
	}
	return r.text()
}

// flag reads a boolean, also one written as a text.
func (r *reader) flag() bool {
	switch r.peek() {
	case 't':
		r.literal("true")
		return r.err == nil
	case '"':
		return r.text() == "true"
	}
	r.skip()
	return false
}

// integer reads a whole number, also one written as a text or with an exponent.
func (r *reader) integer() int64 {
	return whole(r.id())
}

func whole(s string) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && -1e18 < f && f < 1e18 {
		return int64(f)
	}
	return 0
}

// time reads a moment: milliseconds since 1970 as a number or a text, or a date as a text. The answer is UTC, in whole
// milliseconds.
func (r *reader) time() time.Time {
	if r.peek() == '"' {
		return moment(r.text())
	}
	return millis(r.integer())
}

// millis refuses what lies outside the years that a date in JSON can name.
func millis(n int64) time.Time {
	if n <= 0 || n >= 253402300800000 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// moment understands Jira's own form, and the forms that loggers on the way have put in its place. A date without a
// zone is taken as UTC.
func moment(s string) time.Time {
	for _, layout := range [...]string{
		"2006-01-02T15:04:05.999-0700", // Jira
		time.RFC3339,
		"2006-1-2 15:04:05",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return millis(t.UnixMilli())
		}
	}
	// "6/13/2019, 12:51:58 PM,687": Go's layouts know no fraction there.
	if head, fraction, found := cutLast(s, ','); found {
		if t, err := time.Parse("1/2/2006, 3:04:05 PM", head); err == nil {
			return millis(t.UnixMilli() + whole(fraction))
		}
	}
	if isNumber := s != "" && isDigit(s[0]) && isDigit(s[len(s)-1]); isNumber {
		return millis(whole(s))
	}
	return time.Time{}
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// texts reads a list of texts.
func (r *reader) texts() []string {
	var list []string
	r.array(func() {
		if s := r.text(); s != "" {
			list = append(list, s)
		}
	})
	return list
}

// member reads one text out of an object: the name of a priority, the key of a parent.
func (r *reader) member(name string) string {
	var value string
	r.object(func(key []byte) {
		if string(key) == name {
			value = r.text()
		}
	})
	return value
}

// members reads the same text out of each object of a list.
func (r *reader) members(name string) []string {
	var list []string
	r.array(func() {
		if s := r.member(name); s != "" {
			list = append(list, s)
		}
	})
	return list
}
