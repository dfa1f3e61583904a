package expression

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/strictyaml"
)

func TestTextIsRendered(t *testing.T) {
	s := scopeOf(sample())
	for _, tt := range []struct{ text, want string }{
		{"plain", "plain"},
		{"", ""},
		{"${issue.key}", "PAY-7"},
		{"a ${issue.key} b ${actor.name} c", "a PAY-7 b ann c"},
		{"${issue.key}${issue.key}", "PAY-7PAY-7"},
		{"$${issue.key} costs $5 or $$", "${issue.key} costs $5 or $$"},
		{"$$${issue.key}", "$${issue.key}"},
		{`${{"a": {"b": "c"}}.a.b}`, "c"},
		{`${"}" + '}' + "\"}" + "{"}`, `}}"}{`},
		{"${`}`}", "}"},
		{"${ issue.key }", "PAY-7"},
		{"größe ${issue.key} ß", "größe PAY-7 ß"},
		{`${issue.resolution ?? "open"}`, "open"},
		{`${issue.resolution ?? ""}`, ""},
		{`${issue.resolution ?? issue.type}`, "Bug"},
		{`${issue.updated ?? "never"}`, "never"},
		{`${issue.reporter ?? "nobody"}`, "nobody"},
		{`${field("Empty") ?? "none"}`, "none"},
		{`${event.body.x.y ?? "none"}`, "none"},
		{"${issue.assignee}", "Bob B."},
		{"${issue.labels}", "red, blue"},
		{"${issue.created}", "2026-02-28 12:00"},
		{"${event.time.Format('02.01.2006')}", "02.03.2026"},
		{"${field('Points') * 1.5}", "7.5"},
		{"${field('Releases')}", "1.0, 1.1"},
		{"${1 == 1}", "true"},
		{"${now() - issue.created}", "48h0m0s"},
		{"line one\nline two ${issue.key}\n", "line one\nline two PAY-7\n"},
	} {
		text, mistakes := NewText(tt.text)
		if mistakes != nil {
			t.Errorf("%s: %v", tt.text, mistakes)
			continue
		}
		if got, err := text.Render(s); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.text, got, err, tt.want)
		}
		if text.String() != tt.text || text.Given() != (tt.text != "") {
			t.Errorf("%s: String %q, Given %v", tt.text, text, text.Given())
		}
	}
}

func TestMistakesInTexts(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"${isue.key}", `2: unknown name "isue"; did you mean "issue"?`},
		{"größe ${issue.kye}", `14: issue has no "kye"; did you mean "key"?`},
		{"${isue.key} and ${actr}", `2: unknown name "isue"; did you mean "issue"? | 18: unknown name "actr"; did you mean "actor"?`},
		{"a ${issue.key", `2: "${" without its "}"`},
		{`${"}`, `0: "${" without its "}"`},
		{`${{"a": 1}`, `0: "${" without its "}"`},
		{"${}", `2: the expression is empty`},
		{"a ${ } b", `4: the expression is empty`},
		{"${changed}", `2: changed is a function; call it, as in changed("status")`},
		{"$${isue} ${isue}", `11: unknown name "isue"; did you mean "issue"?`},
	} {
		_, mistakes := NewText(tt.text)
		got := make([]string, len(mistakes))
		for i, m := range mistakes {
			got[i] = fmt.Sprintf("%d: %s", m.Offset, m.Message)
		}
		if strings.Join(got, " | ") != tt.want {
			t.Errorf("%s\n got  %s\n want %s", tt.text, strings.Join(got, " | "), tt.want)
		}
	}
}

func TestAMissingValueIsAnErrorInAText(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"for ${issue.resolution}.", `${issue.resolution} is empty on PAY-7; give a default, as in ${issue.resolution ?? "none"}`},
		{"${issue.reporter}", `${issue.reporter} is empty on PAY-7; give a default, as in ${issue.reporter ?? "none"}`},
		{"${issue.updated}", `${issue.updated} is empty on PAY-7; give a default, as in ${issue.updated ?? "none"}`},
		{"${event.body.none}", `${event.body.none} is empty on PAY-7; give a default, as in ${event.body.none ?? "none"}`},
		{"${comment.body ?? issue.resolution}", `${comment.body ?? issue.resolution} is empty on PAY-7; give a default, as in ${comment.body ?? issue.resolution ?? "none"}`},
		{"${field('Empty')}", `field('Empty'): field "Empty" is empty on PAY-7; give a default, as in field("Empty", 0)`},
	} {
		text, mistakes := NewText(tt.text)
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		if got, err := text.Render(scopeOf(sample())); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %q, %v\nwant %s", tt.text, got, err, tt.want)
		}
	}
	text, _ := NewText("${comment.body}")
	if _, err := text.Render(NewScope(&Env{})); err == nil || err.Error() != `${comment.body} is empty; give a default, as in ${comment.body ?? "none"}` {
		t.Errorf("without an issue: %v", err)
	}
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{"": "", "plain": "plain", "$${x}": "${x}", "a ${issue.key}": "no", "${issue.key}": "no"} {
		parsed, _ := NewText(text)
		got, ok := parsed.Literal()
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

type words []string

func (w words) String() string { return "words" }

func TestPrint(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {"x", "x"}, {true, "true"}, {7, "7"}, {int64(7), "7"}, {2.0, "2"}, {2.5, "2.5"}, {1e21, "1000000000000000000000"},
		{noon, "2026-03-02 12:00"}, {time.Time{}, ""}, {time.Hour, "1h0m0s"}, {time.March, "March"}, {words{"a"}, "words"},
		{event.User{Name: "ann", DisplayName: "Ann"}, "Ann"}, {event.User{Name: "ann"}, "ann"}, {event.User{AccountID: "5:a"}, "5:a"}, {event.User{}, ""},
		{[]string{"a", "b"}, "a, b"}, {[]any{1, "b", nil}, "1, b, "}, {[]event.User{{Name: "ann"}, {Name: "bob"}}, "ann, bob"}, {[]any{}, ""},
		{map[string]any{"b": 1, "a": "x"}, `{"a":"x","b":1}`}, {event.Visibility{Type: "role", Value: "Users"}, `{"Type":"role","Value":"Users"}`},
	} {
		if got := Print(tt.value); got != tt.want {
			t.Errorf("%#v: got %q, want %q", tt.value, got, tt.want)
		}
	}
}

// decode reads a piece of YAML as a rule file would.
func decode[T any](t *testing.T, text string) (T, error) {
	t.Helper()
	var out struct {
		It T `yaml:"it"`
	}
	s := strictyaml.Parse("f", []byte("it: "+text))
	if s.Root == nil {
		t.Fatal(s.Err())
	}
	s.Decode(s.Root, &out)
	return out.It, s.Err()
}

func TestValuesKeepTheirType(t *testing.T) {
	for _, tt := range []struct {
		yaml string
		want any
	}{
		{"5", 5}, {"2.5", 2.5}, {"true", true}, {"text", "text"}, {"null", nil}, {`"5"`, "5"},
		{`"${field('Points')}"`, 5.0}, {`"${issue.labels}"`, []string{"red", "blue"}}, {`"${issue.assignee}"`, sample().Issue.Assignee},
		{`"${issue.created}"`, noon.Add(-48 * time.Hour)}, {`"${[]}"`, []any{}}, {`"x ${field('Points')}"`, "x 5"}, {`"${field('Empty') ?? nil}"`, nil},
		{`[1, "${issue.key}", [two]]`, []any{1, "PAY-7", []any{"two"}}},
		{`{a: "${field('Points') * 2}", b: {c: "${issue.key}"}}`, map[string]any{"a": 10.0, "b": map[string]any{"c": "PAY-7"}}},
		{"[]", []any{}}, {"{}", map[string]any{}},
	} {
		v, err := decode[Value](t, tt.yaml)
		if err != nil {
			t.Errorf("%s: %v", tt.yaml, err)
			continue
		}
		if got, err := v.Eval(scopeOf(sample())); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, %v; want %#v", tt.yaml, got, err, tt.want)
		}
	}
	if got, err := NewValue(7).Eval(NewScope(&Env{})); err != nil || got != 7 {
		t.Errorf("NewValue: %v, %v", got, err)
	}
}

func TestAMissingValueIsAnErrorInAValue(t *testing.T) {
	for _, text := range []string{`"${issue.resolution}"`, `["${issue.resolution}"]`, `{a: "x ${issue.resolution}"}`} {
		v, err := decode[Value](t, text)
		if err != nil {
			t.Fatal(err)
		}
		want := `${issue.resolution} is empty on PAY-7; give a default, as in ${issue.resolution ?? "none"}`
		if _, err := v.Eval(scopeOf(sample())); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestValuesKeepTheOrderOfTheFile(t *testing.T) {
	v, err := decode[Values](t, `{Zeta: 1, Alpha: "${issue.key}", Mid: "${issue.resolution}"}`)
	if err != nil || !reflect.DeepEqual(v.Names, []string{"Zeta", "Alpha", "Mid"}) {
		t.Fatal(v.Names, err)
	}
	if got, err := v.Eval("Alpha", scopeOf(sample())); err != nil || got != "PAY-7" {
		t.Errorf("%v, %v", got, err)
	}
	want := `Mid: ${issue.resolution} is empty on PAY-7; give a default, as in ${issue.resolution ?? "none"}`
	if _, err := v.Eval("Mid", scopeOf(sample())); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestTexts(t *testing.T) {
	for _, tt := range []struct {
		yaml     string
		want     []string
		literals []string
	}{
		{"one", []string{"one"}, []string{"one"}},
		{"[b, a, b, ' a ']", []string{"b", "a"}, []string{" a ", "a", "b", "b"}},
		{`"${issue.labels}"`, []string{"red", "blue"}, nil},
		{`[x, "${issue.labels}", "${issue.key}-${actor.name}", red]`, []string{"x", "red", "blue", "PAY-7-ann"}, []string{"red", "x"}},
		{`["${[1, 2]}", "${issue.resolution ?? ''}"]`, []string{"1", "2"}, nil},
		{"[]", nil, nil},
	} {
		v, err := decode[Texts](t, tt.yaml)
		if err != nil {
			t.Errorf("%s: %v", tt.yaml, err)
			continue
		}
		if got, err := v.Render(scopeOf(sample())); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %q, %v; want %q", tt.yaml, got, err, tt.want)
		}
		if got := v.Literals(); !reflect.DeepEqual(got, tt.literals) {
			t.Errorf("%s: literals %q, want %q", tt.yaml, got, tt.literals)
		}
	}
}

func TestMistakesAreFoundInYAML(t *testing.T) {
	all := func(text string) string {
		var lines []string
		_, c := decode[Condition](t, text)
		_, x := decode[Text](t, text)
		_, v := decode[Values](t, text)
		_, l := decode[Texts](t, text)
		for _, err := range []error{c, x, v, l} {
			line := "fine"
			var problems strictyaml.Problems
			if errors.As(err, &problems) {
				line = fmt.Sprintf("%d:%d %s", problems[0].Line, problems[0].Column, problems[0].Message)
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, " | ")
	}
	for _, tt := range []struct{ yaml, want string }{
		{"5", `1:5 wanted a condition such as issue.type == "Bug", got the number 5 | 1:5 wanted text, got the number 5; write it in quotes | 1:5 wanted a mapping of names to values, got the number 5 | 1:5 wanted text, got the number 5; write it in quotes`},
		{"[a, {b: c}]", `1:5 wanted a condition such as issue.type == "Bug", got a list | 1:5 wanted text, got a list | 1:5 wanted a mapping of names to values, got a list | 1:9 wanted text, got a mapping`},
		{`{a: ["${x}"]}`, `1:5 wanted a condition such as issue.type == "Bug", got a mapping | 1:5 wanted text, got a mapping | 1:13 unknown name "x"; if it is meant as text, write it in quotes: "x" | 1:5 wanted text, got a mapping`},
	} {
		if got := all(tt.yaml); got != tt.want {
			t.Errorf("%s\n got  %s\n want %s", tt.yaml, got, tt.want)
		}
	}
	if c, err := decode[Condition](t, "true"); err != nil || c.String() != "true" {
		t.Errorf("a truth value is a condition: %v, %v", c, err)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"a ${issue.key} b", "$${x} ${y ?? '}'}", `${{"a": 1}.a}`, "${", "${}", "$", "$$", "${`}`}", "ä${\"\\\"\"}ö", "${issue.labels | map(# + '}')}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		defer inTime(t, source, time.Now())
		text, mistakes := NewText(source)
		for _, m := range mistakes {
			if m.Offset < 0 || m.Offset > len([]rune(source)) || m.Message == "" {
				t.Fatalf("%q: mistake %q at %d", source, m.Message, m.Offset)
			}
		}
		if mistakes != nil {
			return
		}
		got, err := text.Render(NewScope(&Env{}))
		if literal, ok := text.Literal(); ok && (err != nil || got != literal || got != strings.ReplaceAll(source, "$${", "${")) {
			t.Fatalf("%q: literal %q, rendered %q, %v", source, literal, got, err)
		}
	})
}
