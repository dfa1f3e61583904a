package expression

import (
	"testing"

	"jirabot/internal/event"
)

func BenchmarkCondition(b *testing.B) {
	for name, source := range map[string]string{
		"one comparison": `issue.type == "Bug"`,
		"three parts":    `issue.type == "Bug" and actor.name != issue.assignee.name and issue.priority in ["Highest", "High"]`,
		"a list":         `any(issue.labels, # startsWith "b")`,
		"a field":        `field("customfield_1", 0) > 3`,
	} {
		b.Run(name, func(b *testing.B) {
			c, mistake := NewCondition(source)
			if mistake != nil {
				b.Fatal(mistake)
			}
			ev := sample()
			b.ReportAllocs()
			s := scopeOf(ev)
			for i := 0; b.Loop(); i++ {
				if i%10_000 == 0 {
					s = scopeOf(ev) // the steps through lists are counted
				}
				if _, err := c.Holds(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	text, _ := NewText(`${actor.displayName} reopened ${issue.key}; ${issue.resolution ?? "no"} resolution.`)
	s := scopeOf(sample())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := text.Render(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScope(b *testing.B) {
	ev := sample()
	b.ReportAllocs()
	for b.Loop() {
		NewScope(FromEvent(ev, Rule{Name: "r"}, event.User{}, Lookups{}))
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, mistake := NewCondition(`issue.type == "Bug" and actor.name != issue.assignee.name`); mistake != nil {
			b.Fatal(mistake)
		}
	}
}
