package strictyaml_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"jirabot/internal/strictyaml"
)

type inner struct {
	Name string `yaml:"name,required" doc:"A name."`
	Size int    `yaml:"size"`
}

type sample struct {
	Text     string            `yaml:"text"`
	Flag     bool              `yaml:"flag"`
	Number   int               `yaml:"number"`
	Long     int64             `yaml:"long"`
	Ratio    float64           `yaml:"ratio"`
	Wait     time.Duration     `yaml:"wait"`
	List     []string          `yaml:"list"`
	Items    []inner           `yaml:"items"`
	Map      map[string]int    `yaml:"map"`
	Inner    inner             `yaml:"inner"`
	Pointer  *inner            `yaml:"pointer"`
	Any      any               `yaml:"any"`
	Texts    map[string]string `yaml:"texts"`
	Hidden   string            `yaml:"-"`
	Untagged string
}

func decode(text string) (sample, string) {
	s := strictyaml.Parse("f.yaml", []byte(text))
	var out sample
	if s.Root != nil {
		s.Decode(s.Root, &out)
	}
	var lines []string
	_ = s.Err()
	for _, p := range s.Problems() {
		lines = append(lines, fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message))
	}
	return out, strings.Join(lines, "\n")
}

func TestDecode(t *testing.T) {
	for name, tt := range map[string]struct {
		yaml string
		want sample
	}{
		"plain text":                              {"text: a b", sample{Text: "a b"}},
		"text in double quotes":                   {`text: "a\nb \u00e9"`, sample{Text: "a\nb é"}},
		"text in single quotes":                   {`text: 'it''s'`, sample{Text: "it's"}},
		"a literal block":                         {"text: |\n  a\n   b\n", sample{Text: "a\n b\n"}},
		"a folded block":                          {"text: >-\n  a\n  b\n", sample{Text: "a b"}},
		"the words on, off and yes are text":      {"list: [on, off, yes, no]", sample{List: []string{"on", "off", "yes", "no"}}},
		"a date is text":                          {"text: 2026-01-31", sample{Text: "2026-01-31"}},
		"a number too large for an integer":       {"any: 99999999999999999999", sample{Any: "99999999999999999999"}},
		"true":                                    {"flag: true", sample{Flag: true}},
		"a negative number":                       {"number: -5", sample{Number: -5}},
		"the largest number":                      {"long: 9223372036854775807", sample{Long: math.MaxInt64}},
		"a hexadecimal number":                    {"number: 0x1f", sample{Number: 31}},
		"a whole number where any number will do": {"ratio: 3", sample{Ratio: 3}},
		"a number with a fraction":                {"ratio: 3.5", sample{Ratio: 3.5}},
		"a duration in days and hours":            {"wait: 1d12h", sample{Wait: 36 * time.Hour}},
		"an empty list":                           {"list: []", sample{List: []string{}}},
		"a list of mappings":                      {"items: [{name: a}, {name: b, size: 2}]", sample{Items: []inner{{Name: "a"}, {"b", 2}}}},
		"a mapping with free keys":                {"map: {a: 1, 2: 3, true: 4}", sample{Map: map[string]int{"a": 1, "2": 3, "true": 4}}},
		"a pointer":                               {"pointer: {name: a}", sample{Pointer: &inner{Name: "a"}}},
		"anything": {"any: {a: [1, 2.5, true, null, x], b: {c: d}}",
			sample{Any: map[string]any{"a": []any{1, 2.5, true, nil, "x"}, "b": map[string]any{"c": "d"}}}},
		"an alias":                        {"list: [&x a, *x]", sample{List: []string{"a", "a"}}},
		"an alias for a mapping":          {"inner: &i {name: a}\npointer: *i", sample{Inner: inner{Name: "a"}, Pointer: &inner{Name: "a"}}},
		"an alias above its anchor":       {"pointer: *i\ninner: &i {name: a}", sample{Inner: inner{Name: "a"}, Pointer: &inner{Name: "a"}}},
		"a merge":                         {"inner: &i {name: a, size: 1}\npointer: {<<: *i, size: 2}", sample{Inner: inner{"a", 1}, Pointer: &inner{"a", 2}}},
		"a merge of several, first wins":  {"any: [&a {x: 1}, &b {x: 2, y: 3}]\nmap: {<<: [*a, *b]}", sample{Any: []any{map[string]any{"x": 1}, map[string]any{"x": 2, "y": 3}}, Map: map[string]int{"x": 1, "y": 3}}},
		"a merge of a merge":              {"any: [&a {x: 1}, &b {<<: *a, y: 2}]\nmap: {<<: *b}", sample{Any: []any{map[string]any{"x": 1}, map[string]any{"x": 1, "y": 2}}, Map: map[string]int{"x": 1, "y": 2}}},
		"lines that end as on Windows":    {"text: a\r\nlist:\r\n  - b\r\n", sample{Text: "a", List: []string{"b"}}},
		"a byte order mark":               {"\ufefftext: a", sample{Text: "a"}},
		"a version directive":             {"%YAML 1.2\n---\ntext: a\n", sample{Text: "a"}},
		"keys beyond ASCII":               {"texts: {größe: ß}", sample{Texts: map[string]string{"größe": "ß"}}},
		"a comment at the end of a value": {"text: a # b", sample{Text: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, problems := decode(tt.yaml)
			if problems != "" {
				t.Fatalf("problems:\n%s", problems)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestDecodeKeepsDefaults(t *testing.T) {
	out := sample{Text: "old", Number: 7, List: []string{"old"}, Inner: inner{Size: 9}, Pointer: &inner{Size: 3}}
	s := strictyaml.Parse("f", []byte("list: [new]\ninner: {name: a}\npointer: {name: b}"))
	s.Decode(s.Root, &out)
	want := sample{Text: "old", Number: 7, List: []string{"new"}, Inner: inner{"a", 9}, Pointer: &inner{"b", 3}}
	if s.Err() != nil || !reflect.DeepEqual(out, want) {
		t.Errorf("got %+v, %v; want %+v", out, s.Err(), want)
	}
}

func TestDecodeProblems(t *testing.T) {
	for name, tt := range map[string]struct{ yaml, want string }{
		"a number for a text":                         {"text: 5", `1:7: wanted text, got the number 5; write it in quotes`},
		"a truth value for a text":                    {"text: true", `1:7: wanted text, got the truth value true; write it in quotes`},
		"a list for a text":                           {"text: [a]", `1:7: wanted text, got a list`},
		"a mapping for a text":                        {"text: {a: b}", `1:7: wanted text, got a mapping`},
		"a mapping in lines for a text":               {"text:\n  a: b", `2:3: wanted text, got a mapping`},
		"nothing for a text":                          {"text:\nflag: true", `1:6: no value is given here, wanted text`},
		"a text for a truth value":                    {"flag: yes", `1:7: wanted true or false, got the text "yes"`},
		"a text for a number":                         {"number: five", `1:9: wanted a whole number, got the text "five"`},
		"a fraction for a whole number":               {"number: 1.5", `1:9: wanted a whole number, got the number 1.5`},
		"a huge number for a whole number":            {"number: 99999999999999999999", `1:9: wanted a whole number, got the text "99999999999999999999"`},
		"a text for any number":                       {"ratio: x", `1:8: wanted a number, got the text "x"`},
		"a bad duration":                              {"wait: soon", `1:7: wanted a duration such as "90s", "15m", "12h" or "7d", got the text "soon"`},
		"a number for a duration":                     {"wait: 15", `1:7: wanted a duration such as "90s", "15m", "12h" or "7d", got the number 15`},
		"one text for a list":                         {"list: a", `1:7: wanted a list, got one text; in brackets it is a list of one: [a]`},
		"a mapping for a list":                        {"list: {a: b}", `1:7: wanted a list of texts, got a mapping`},
		"a number in a list of texts":                 {"list: [a, 2]", `1:11: wanted text, got the number 2; write it in quotes`},
		"a list for a mapping":                        {"map: [a]", `1:6: wanted a mapping, got a list`},
		"a text for a structure":                      {"inner: a", `1:8: wanted a mapping with the keys name, size, got the text "a"`},
		"an unknown key with a near one":              {"tetx: a", `1:1: unknown key "tetx"; did you mean "text"?`},
		"an unknown key with few others":              {"inner: {name: a, colour: red}", `1:18: unknown key "colour"; there are: name, size`},
		"a missing key":                               {"inner: {size: 1}", `1:8: "name" is missing: text`},
		"a key given with a mistake is not missing":   {"inner: {name: [a]}", `1:15: wanted text, got a list`},
		"a misspelt key is not missing on top":        {"inner: {nmae: a}", `1:9: unknown key "nmae"; did you mean "name"?`},
		"a key given twice":                           {"text: a\nflag: true\ntext: b", `3:1: key "text" stands twice in this mapping, first in line 1`},
		"a key given twice in one line":               {"map: {a: 1, a: 2}", `1:13: key "a" stands twice in this mapping, first in line 1`},
		"an unknown alias":                            {"text: *x", `1:7: no anchor &x in this file`},
		"an anchor that contains itself":              {"any: &a [*a]", `1:10: more than 1000 aliases in one file`},
		"a merge of a text":                           {"inner: {<<: a, name: b}", `1:13: << takes over the keys of a mapping; this is the text "a"`},
		"a merge of an unknown alias":                 {"inner: {<<: *x, name: b}", `1:13: no anchor &x in this file`},
		"a merge with itself":                         {"inner: &a {<<: *a, name: b}", `1:16: << merges a mapping into itself`},
		"a list as a key":                             {"? [a]\n: b", `2:1: not valid YAML: found an invalid key for this map`},
		"nothing as a key":                            {"~: b", `1:1: a key is a text, this is nothing`},
		"a tag":                                       {"text: !!str 5", `1:7: tags such as !!str are not used here; leave it out, and write what is meant as text in quotes`},
		"no number":                                   {"any: .nan", `1:6: .nan is not used here; write it in quotes if it is meant as text`},
		"a tab within a text":                         {"text: a\tb", `1:7: a tab in a text without quotes; write the text in quotes, or use blanks`},
		"a tab as indent":                             {"inner:\n\tname: a", `2:1: not valid YAML: found character '	' that cannot start any token`},
		"an open bracket":                             {"list: [a, b", `1:7: not valid YAML: sequence end token ']' not found`},
		"a control character":                         {"text: a\x00b", `1:8: a character that is no text; the file must be UTF-8 without control characters`},
		"what is no UTF-8":                            {"text: ä\xff", `1:8: a character that is no text; the file must be UTF-8 without control characters`},
		"a second document":                           {"text: a\n---\ntext: b", `3:1: a second document in one file; split it into files`},
		"every mistake at once":                       {"tetx: a\nflag: 3\ninner: {}", "1:1: unknown key \"tetx\"; did you mean \"text\"?\n2:7: wanted true or false, got the number 3\n3:8: \"name\" is missing: text"},
		"columns count characters":                    {"texts: {größe: ä, ü: 5}", `1:22: wanted text, got the number 5; write it in quotes`},
		"a mark at the beginning takes no column":     {"\ufefftetx: a", `1:1: unknown key "tetx"; did you mean "text"?`},
		"what is reached by two aliases is said once": {"any: &i {name: [a]}\ninner: *i\npointer: *i", `1:16: wanted text, got a list`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := decode(tt.yaml); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	for _, tt := range []struct {
		text string
		want time.Duration
	}{
		{"90s", 90 * time.Second}, {"7d", 168 * time.Hour}, {"2w", 336 * time.Hour}, {"1w1d1h1m", 193*time.Hour + time.Minute},
		{"1.5h", 90 * time.Minute}, {"0s", 0}, {"0", 0}, {"1d0.5h", 24*time.Hour + 30*time.Minute}, {"15000w", 15000 * 168 * time.Hour},
	} {
		if got, err := strictyaml.ParseDuration(tt.text); err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "d", "1", "soon", "-5m", "-1d", "1d-5m", "2d1w", "1.5d", "15251w", "15000w4000d", "106751d24h", "1dd", "1w 1d", "99999999999999999999d"} {
		want := fmt.Sprintf("%q is no duration such as 90s, 15m, 12h or 7d", text)
		if got, err := strictyaml.ParseDuration(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v; want the error %s", text, got, err, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"comment", "edit", "labels", "assign", "transition", "log", "link"}
	for _, tt := range []struct{ got, want string }{
		{"coment", `; did you mean "comment"?`},
		{"Comment", `; did you mean "comment"?`},
		{"lables", `; did you mean "labels"?`}, // two neighbours swapped
		{"lnk", `; did you mean "link"?`},
		{"lig", `; did you mean "log"?`}, // as near as link is to nothing
		{"transit", `; there are: assign, comment, edit, labels, link, log, transition`},
		{"", `; there are: assign, comment, edit, labels, link, log, transition`},
	} {
		if got := strictyaml.Suggest(tt.got, known); got != tt.want {
			t.Errorf("Suggest(%q) = %s, want %s", tt.got, got, tt.want)
		}
	}
	if got := strictyaml.Suggest("x", nil); got != "" {
		t.Errorf("with nothing known: %q", got)
	}
	if got := strictyaml.Suggest("something", strings.Split("a b c d e f g h i j k l m n o p q", " ")); got != "" {
		t.Errorf("a list too long to read is shown: %q", got)
	}
}
