package jiraclient

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzError: whatever a body holds, what is told of it is short, on one line, and printable.
func FuzzError(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"errorMessages":["a"],"errors":{"f":"t"}}`, `{"errors":[]}`, `{"errors":{"f":{"message":["x",1]}}}`,
		`{"message":{"message":{"message":"deep"}}}`, `["a",{"message":"b"}]`, `<html><head><title>T</title></head></html>`,
		`<status><status-code>404</status-code><message>null for uri</message></status>`, `<!-- x`, `<script>`, "plain\x00text\u2028\u202e", "\xff\xfe",
		"\ufeff{\"message\":\"bom\"}", `"text"`, `<title></title>&lt;b&gt;`,
		`{"errors":[{"failedElementNumber":1e99,"elementErrors":{"errorMessages":["a"],"errors":{"f":"t"}}},"text",{"errors":{"g":"u"}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := parseError(body)
		e := &Error{Status: 400, Method: "GET", Path: "/rest/api/2/field", Messages: s.messages, Fields: s.fields}
		text := e.Error()
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 700 || text != e.Error() {
			t.Errorf("%q", text)
		}
		if len(s.messages) > maxMessages || len(s.fields) > maxBulk {
			t.Errorf("%d messages, %d fields", len(s.messages), len(s.fields))
		}
	})
}
