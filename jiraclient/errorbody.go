package jiraclient

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessages = 20
	maxMessage  = 1000 // characters of one message, roughly
)

// said is what an error body says, whoever wrote it: Jira, one of its plugins, the login layer or a proxy.
type said struct {
	messages []string
	fields   map[string]string
	json     bool // it was JSON, so it was probably Jira
	html     bool
}

// parseError reads a body that may be Jira's {"errorMessages":[…],"errors":{…}} with either half missing or malformed,
// a plugin's {"message":…}, a login page, a proxy's page, or a line of text. It never fails.
func parseError(body []byte) said {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 {
		return said{}
	}
	var s said
	switch {
	case json.Valid(body):
		var v any
		if json.Unmarshal(body, &v) != nil {
			break
		}
		s.json = true
		s.read(v)
	case body[0] == '<':
		s.html = true
		s.add(pageText(string(body)))
	default:
		s.add(string(body))
	}
	return s
}

func (s *said) read(v any) {
	switch v := v.(type) {
	case string:
		s.add(v)
	case []any:
		for _, each := range v {
			s.read(each)
		}
	case map[string]any:
		s.readObject(v)
	}
}

func (s *said) readObject(o map[string]any) {
	for _, key := range []string{"errorMessages", "errorMessage", "message", "error_description", "error", "detail"} {
		if o[key] != nil {
			s.read(o[key])
		}
	}
	if list, ok := o["errors"].([]any); ok {
		s.readList(list)
		return
	}
	fields, ok := o["errors"].(map[string]any)
	if !ok {
		s.read(o["errors"])
		return
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text, ok := fields[name].(string)
		if !ok {
			var inner said
			inner.read(fields[name])
			text = strings.Join(inner.messages, "; ")
		}
		if len(s.fields) >= maxMessages {
			return
		}
		if s.fields == nil {
			s.fields = map[string]string{}
		}
		s.fields[clip(oneLine(name), 100)] = clip(oneLine(text), maxMessage)
	}
}

// readList reads errors that are a list: [] in old versions, texts in some plugins, and one for each element where several
// issues were to be made. The latter are kept apart from one another, whatever their number.
func (s *said) readList(list []any) {
	for _, each := range list {
		o, ok := each.(map[string]any)
		number, numbered := o["failedElementNumber"].(float64)
		if !ok || !numbered {
			s.read(each)
			continue
		}
		var inner said
		inner.read(o["elementErrors"])
		for _, name := range slices.Sorted(maps.Keys(inner.fields)) {
			inner.messages = append(inner.messages, name+": "+inner.fields[name])
		}
		if s.fields == nil {
			s.fields = map[string]string{}
		}
		if len(s.fields) < maxBulk {
			s.fields[element(int(number))] = clip(strings.Join(inner.messages, "; "), maxMessage)
		}
	}
}

func (s *said) add(text string) {
	text, _, _ = strings.Cut(oneLine(text), " at [Source: ") // where in Jira's memory the JSON was helps nobody
	text = clip(text, maxMessage)
	if text != "" && len(s.messages) < maxMessages && !slices.Contains(s.messages, text) {
		s.messages = append(s.messages, text)
	}
}

// text is all that was said, for deciding what it means.
func (s said) text() string {
	return strings.Join(slices.AppendSeq(slices.Clone(s.messages), maps.Values(s.fields)), "\n")
}

// clean takes the secrets out, should somebody have echoed them.
func (s said) clean(hide func(string) string) said {
	for i, m := range s.messages {
		s.messages[i] = hide(m)
	}
	for k, v := range s.fields {
		s.fields[k] = hide(v)
	}
	return s
}

// pageText gives a page's title, or its text where it has none.
func pageText(page string) string {
	if title := titles.FindStringSubmatch(page); title != nil {
		if text := tagless(title[1]); text != "" {
			return text
		}
	}
	return clip(tagless(unseen.ReplaceAllString(page, " ")), 300)
}

var (
	titles = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	unseen = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)\s*>|<!--.*?-->`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
)

func tagless(page string) string {
	return oneLine(html.UnescapeString(tags.ReplaceAllString(page, " ")))
}

// oneLine makes text safe for a log line: one line, no control characters, valid UTF-8.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.Join(strings.Fields(text), " ")
}

// clip shortens text to n bytes and says so, without cutting a character in two.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}
