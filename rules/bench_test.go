package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"jirabot/internal/event"
	"jirabot/rules"
)

// BenchmarkDecide is what each event costs before anything is done: which rules want it, and does their condition hold?
func BenchmarkDecide(b *testing.B) {
	ev := issueEvent("issue_updated", "PAY-7", event.Change{Field: "status", From: "Open", To: "Done"})
	ev.Issue.Priority, ev.Issue.Labels = "Low", []string{"red"}
	for _, shape := range []struct {
		name string
		rule func(i int) string
	}{
		{"others name another project", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), "issue_updated", fmt.Sprintf("projects: [OTHER%d]", i%100), `if: 'issue.type == "Task"'`)
		}},
		{"others name another event", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), []string{"issue_created", "commented", "version_released"}[i%3], `if: 'issue.type == "Task"'`)
		}},
		{"no index helps, one comparison", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), "issue_updated", fmt.Sprintf(`if: 'issue.type == "Type %d"'`, i))
		}},
		{"no index helps, three parts", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), "issue_updated", fmt.Sprintf(`if: 'issue.type == "Bug" and issue.priority in ["High", "Highest"] and "%d" in issue.labels'`, i))
		}},
		{"no index helps, change filter", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), fmt.Sprintf("transitioned: {to: Status %d}", i))
		}},
		{"no index helps, machine needed", func(i int) string {
			return rule(fmt.Sprintf("r-%d", i), "issue_updated", fmt.Sprintf(`if: 'any(issue.labels, # == "%d")'`, i))
		}},
	} {
		for _, n := range []int{10, 1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", shape.name, n), func(b *testing.B) {
				var text strings.Builder
				text.WriteString("rules:\n" + rule("wanted", "issue_updated", "projects: [PAY]", `if: 'issue.type == "Bug"'`))
				for i := range n {
					text.WriteString(shape.rule(i))
				}
				set, err := rules.Compile([]rules.File{{Name: "f.yaml", Data: []byte(text.String())}})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if got := set.Decide(ev, bot); len(got) != 1 {
						b.Fatal(namesOf(got))
					}
				}
			})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	var text strings.Builder
	text.WriteString("rules:\n")
	for i := range 1_000 {
		text.WriteString(rule(fmt.Sprintf("r-%d", i), "issue_updated", `if: 'issue.type == "Bug" and changed("status")'`))
	}
	for b.Loop() {
		if _, err := rules.Compile([]rules.File{{Name: "f.yaml", Data: []byte(text.String())}}); err != nil {
			b.Fatal(err)
		}
	}
}
