package rules_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"jirabot/rules"
)

// update writes the mistakes that are found into the files, to be read and judged by a person.
var update = flag.Bool("update", false, "write what is found into testdata/bad")

// Each file in testdata/bad is broken in the way its name says, and begins with the mistakes that must be found:
//
//	# want: 7:9: unknown action "coment"; did you mean "comment"?
func TestMistakesAreFoundWithTheirPlace(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(names) < 34 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = rules.Compile([]rules.File{{Name: filepath.Base(name), Data: data}})
			if err == nil {
				t.Fatal("nothing is wrong with this file")
			}
			var got []string
			for _, p := range rules.Problems(err) {
				got = append(got, fmt.Sprintf("# want: %d:%d: %s", p.Line, p.Column, p.Message))
				checkShown(t, string(data), p.String(), p.Line, p.Column)
				if leak := goWords.FindString(p.Message); leak != "" {
					t.Errorf("the message %q says %q", p.Message, leak)
				}
			}
			want, body := wanted(string(data))
			if *update {
				rewrite(t, name, body)
				return
			}
			if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

// goWords are words that only programmers of this bot know.
var goWords = regexp.MustCompile(`\*\w+\.|\binterface\b|map\[|\[\](string|any)|\bstruct\b|\bexpression\.|\bevent\.[A-Z]|\bint\b|\bfloat64\b|\bbool\b|<nil>|func\(|jirabot`)

// wanted takes a file's first comment lines off.
func wanted(file string) (want []string, body string) {
	for {
		line, rest, _ := strings.Cut(file, "\n")
		if !strings.HasPrefix(line, "# want: ") {
			return want, file
		}
		want, file = append(want, line), rest
	}
}

// checkShown demands that a problem is shown with its line, and with the caret below its column.
func checkShown(t *testing.T, file, shown string, line, column int) {
	t.Helper()
	source := strings.Split(file, "\n")[line-1]
	lines := strings.Split(shown, "\n")
	if source == "" {
		return
	}
	prefix := fmt.Sprintf("  %d | ", line)
	if len(lines) != 3 || lines[1] != prefix+source {
		t.Errorf("shown as\n%s\nand not with the line %q", shown, source)
		return
	}
	below := []rune(strings.TrimPrefix(lines[2], strings.Repeat(" ", len(prefix)-2)+"| "))
	if len(below) != column || below[column-1] != '^' {
		t.Errorf("the caret is not below column %d:\n%s", column, shown)
	}
}

// rewrite puts the mistakes in front. They move the file's lines, so this is done until nothing moves any more.
func rewrite(t *testing.T, name, body string) {
	t.Helper()
	head := ""
	for range 3 {
		_, err := rules.Compile([]rules.File{{Name: filepath.Base(name), Data: []byte(head + body)}})
		head = ""
		for _, p := range rules.Problems(err) {
			head += fmt.Sprintf("# want: %d:%d: %s\n", p.Line, p.Column, p.Message)
		}
	}
	if err := os.WriteFile(name, []byte(head+body), 0o600); err != nil {
		t.Fatal(err)
	}
}
