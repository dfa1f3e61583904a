package actions

import (
	"encoding/json"
	"testing"
)

func TestIsSo(t *testing.T) {
	for name, c := range map[string]struct {
		wanted, there string // JSON
		so            bool
	}{
		"the same text":                            {`"a"`, `"a"`, true},
		"another text":                             {`"a"`, `"b"`, false},
		"text in other capitals is another text":   {`"a"`, `"A"`, false},
		"Jira's line ends":                         {`"a\nb"`, `"a\r\nb"`, true},
		"blanks at the end":                        {`"a\n"`, `"a"`, true},
		"blanks at the beginning count":            {`" a"`, `"a"`, false},
		"empty text and no text":                   {`""`, `null`, true},
		"text where there is none":                 {`"a"`, `null`, false},
		"no text where there is some":              {`""`, `"a"`, false},
		"text against an object":                   {`"a"`, `{"name":"a"}`, false},
		"a name, and all that Jira says beside it": {`{"name":"High"}`, `{"name":"High","id":"2","self":"x"}`, true},
		"a name in other capitals":                 {`{"name":"high"}`, `{"name":"High"}`, true},
		"another name":                             {`{"name":"High"}`, `{"name":"Low"}`, false},
		"a name where there is nothing":            {`{"name":"High"}`, `null`, false},
		"a name against a list":                    {`{"name":"High"}`, `[{"name":"High"}]`, false},
		"a key that Jira does not tell":            {`{"key":"x"}`, `{"name":"High"}`, false},
		"an option with its child":                 {`{"value":"A","child":{"value":"B"}}`, `{"value":"A","id":"1","child":{"value":"B","id":"2"}}`, true},
		"an option with another child":             {`{"value":"A","child":{"value":"B"}}`, `{"value":"A","child":{"value":"C"}}`, false},
		"an option with a child that is missing":   {`{"value":"A","child":{"value":"B"}}`, `{"value":"A"}`, false},
		"an option alone, where a child is chosen": {`{"value":"A"}`, `{"value":"A","child":{"value":"C"}}`, false},
		"whole and broken numbers are one":         {`5`, `5.0`, true},
		"another number":                           {`5`, `6`, false},
		"a number where there is none":             {`0`, `null`, false},
		"a number against a text":                  {`5`, `"5"`, false},
		"a truth value":                            {`true`, `true`, true},
		"another truth value":                      {`true`, `false`, false},
		"nothing and null":                         {`null`, `null`, true},
		"nothing and an empty list":                {`null`, `[]`, true},
		"nothing and an empty text":                {`null`, `""`, true},
		"nothing and something":                    {`null`, `0`, false},
		"an empty list and null":                   {`[]`, `null`, true},
		"an empty list and an empty list":          {`[]`, `[]`, true},
		"an empty list and a full one":             {`[]`, `["a"]`, false},
		"a list in another order":                  {`["a","b"]`, `["b","a"]`, true},
		"a shorter list":                           {`["a"]`, `["a","b"]`, false},
		"a longer list":                            {`["a","b"]`, `["a"]`, false},
		"a repeat does not stand for another":      {`["a","a"]`, `["a","b"]`, false},
		"a repeat is no other value":               {`["a","a"]`, `["a"]`, true},
		"a list of objects":                        {`[{"name":"x"},{"name":"y"}]`, `[{"name":"y","id":"1"},{"name":"x","id":"2"}]`, true},
		"a list against a text":                    {`["a"]`, `"a"`, false},
		"a moment in another zone":                 {`"2026-03-02T09:00:00.000+0000"`, `"2026-03-02T10:00:00.000+0100"`, true},
		"another moment":                           {`"2026-03-02T09:00:00.000+0000"`, `"2026-03-02T09:00:00.000+0100"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := isSo(json.RawMessage(c.wanted), asJSON(json.RawMessage(c.there))); got != c.so {
				t.Errorf("want %s, there %s: %v", c.wanted, c.there, got)
			}
		})
	}
}

// TestIsSoTypes: a rule's values are Go's, not JSON's.
func TestIsSoTypes(t *testing.T) {
	for _, wanted := range []any{5, int64(5), 5.0, json.Number("5"), json.Number("5.0"), uint8(5)} {
		if !isSo(wanted, 5.0) || isSo(wanted, 6.0) {
			t.Errorf("%T", wanted)
		}
	}
	if !isSo([]string{"b", "a"}, []any{"a", "b"}) || isSo(func() {}, 5.0) {
		t.Error("a list of texts, or what is no JSON at all")
	}
}
