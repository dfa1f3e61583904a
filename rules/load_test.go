package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jirabot/rules"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadReadsTheFilesOfAllPatternsOnceAndInOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "b.yaml", "rules:\n"+rule("second", "issue_created"))
	write(t, dir, "a.yaml", "rules:\n"+rule("first", "issue_created"))
	write(t, dir, "c.yml", "rules:\n"+rule("third", "issue_created"))
	set, err := rules.Load([]string{filepath.Join(dir, "*.yaml"), filepath.Join(dir, "c.yml"), filepath.Join(dir, "a.*")})
	if err != nil {
		t.Fatal(err)
	}
	if got := namesOf(set.Match(issueEvent("issue_created", "PAY-1"), bot)); got != "first second third" {
		t.Error(got)
	}
	if r, ok := set.Rule("second"); !ok || filepath.Base(r.File) != "b.yaml" || r.Line != 2 {
		t.Errorf("%+v", r)
	}
	if _, ok := set.Rule("fourth"); ok {
		t.Error("there is a fourth")
	}
}

func TestLoadRefusesPatternsThatFindNothing(t *testing.T) {
	dir := t.TempDir()
	good := write(t, dir, "a.yaml", "rules:\n"+rule("first", "issue_created"))
	for pattern, want := range map[string]string{
		filepath.Join(dir, "none-*.yaml"): "there are none",
		filepath.Join(dir, "[a.yaml"):     "syntax error in pattern",
		dir:                               "is a directory",
	} {
		if _, err := rules.Load([]string{good, pattern}); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "rule file") {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestMistakesOfAllFilesAreFoundAtOnce(t *testing.T) {
	_, err := rules.Compile([]rules.File{
		{Name: "a.yaml", Data: []byte("rules:\n" + rule("one", "issue_craeted"))},
		{Name: "b.yaml", Data: []byte("rules:\n" + rule("two", "issue_created") + rule("one", "issue_created"))},
		{Name: "c.yaml", Data: nil},
	})
	want := `a.yaml:2:20: unknown trigger "issue_craeted"; did you mean "issue_created"?
  2 | - {name: one, on: [issue_craeted], do: [log: {message: seen}]}
    |                    ^
b.yaml:3:10: a rule named "one" stands already in a.yaml:2
  3 | - {name: one, on: [issue_created], do: [log: {message: seen}]}
    |          ^
c.yaml:1:1: the file is empty; it begins with "rules:"`
	if len(rules.Problems(err)) != 3 {
		t.Errorf("%d single mistakes", len(rules.Problems(err)))
	}
	if err == nil || err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

func TestARevisionChangesWithTheText(t *testing.T) {
	load := func(text string) (set, one string) {
		s := compile(t, text)
		return s.Revision, s.Rules[0].Revision
	}
	set, one := load("- name: a-rule\n  on: [&kind issue_created]\n  do: [log: {message: seen}]\n")
	for name, tt := range map[string]struct {
		text      string
		set, rule bool // what changes
	}{
		"nothing":         {"- name: a-rule\n  on: [&kind issue_created]\n  do: [log: {message: seen}]\n", false, false},
		"a comment":       {"- name: a-rule # why\n  on: [&kind issue_created]\n  do: [log: {message: seen}]\n", true, false},
		"a step":          {"- name: a-rule\n  on: [&kind issue_created]\n  do: [log: {message: Seen}]\n", true, true},
		"a rule below it": {"- name: a-rule\n  on: [&kind issue_created]\n  do: [log: {message: seen}]\n" + rule("b", "issue_created"), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := load(tt.text)
			if (s != set) != tt.set || (r != one) != tt.rule {
				t.Errorf("the set changes: %v, the rule changes: %v", s != set, r != one)
			}
		})
	}
	alias := func(message string) string {
		s := compile(t, "- name: a\n  on: [issue_created]\n  do: [log: {message: &m "+message+"}]\n- name: b\n  on: [issue_created]\n  do: [log: {message: *m}]\n")
		return s.Rules[1].Revision
	}
	if alias("one") == alias("two") {
		t.Error("a rule stays the same when what its alias stands for changes")
	}
}

func TestDefaultsOfARule(t *testing.T) {
	r := compile(t, rule("a-rule", "issue_created")).Rules[0]
	if r.Mode != rules.Live || !r.Recheck || r.OnSelf || r.OnError != rules.Stop || r.If.Given() || len(r.Projects) != 0 {
		t.Errorf("%+v", r)
	}
	r = compile(t, rule("a-rule", "issue_created", "mode: shadow", "recheck: false", "on_self: true", "on_error: continue", "projects: PAY")).Rules[0]
	if r.Mode != rules.Shadow || r.Recheck || !r.OnSelf || r.OnError != rules.Continue || len(r.Projects) != 1 {
		t.Errorf("%+v", r)
	}
}
