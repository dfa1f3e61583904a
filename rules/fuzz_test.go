package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"jirabot/internal/event"
	"jirabot/rules"
)

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, "../rules.example.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	ev := issueEvent("issue_updated", "PAY-1", event.Change{Field: "status", From: "Open", To: "Done"})
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := rules.Compile([]rules.File{{Name: "f.yaml", Data: data}})
		if err != nil {
			lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"), "\n")
			problems := rules.Problems(err)
			if len(problems) == 0 {
				t.Fatalf("%q: %v is no list of mistakes", data, err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 || p.Message == "" {
					t.Fatalf("%q: %v lies outside of the file", data, p)
				}
			}
			return
		}
		set.Decide(ev, bot)
		for _, r := range set.Rules {
			if r.Name == "" || len(r.On) == 0 || len(r.Do) == 0 {
				t.Fatalf("%q: a rule without name, triggers or steps: %+v", data, r)
			}
			r.RunTests()
		}
	})
}
