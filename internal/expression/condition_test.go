package expression

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expr-lang/expr"

	"jirabot/internal/event"
)

func TestConditionsThatHold(t *testing.T) {
	s := scopeOf(sample())
	for _, source := range []string{
		`true`, `issue.type == "Bug"`, `issue.type in ["Bug", "Task"] and not (issue.priority == "Low")`, `issue.resolution == ""`,
		`issue.reporter.name == ""`, `actor.name != issue.assignee.name`, `"red" in issue.labels`, `any(issue.labels, # startsWith "b")`,
		`len(issue.labels) == 2`, `issue.key matches "^PAY-[0-9]+$"`, `now() - issue.created > duration("47h")`, `now() == event.time`,
		`event.time.Weekday().String() == "Monday"`, `date("2026-03-01") < now()`, `issue.updated.IsZero()`, `event.name == "jira:issue_updated"`,
		`changed("status")`, `changed("Status") and not changed("priority")`, `change("status").from == "Done"`, `change("priority").to == ""`,
		`change("status").author == "ann"`, `change("priority").author == ""`, `"blue" in change("labels").added`, `len(event.changes) == 2`,
		`field("Points") == 5`, `field("customfield_1") + 1 == 6`, `field("Region") == "EU"`, `field("Releases") == ["1.0", "1.1"]`, `field("Tester").displayName == "Carl C."`,
		`field("Empty", 3) == 3`, `field("Absent", "none") == "none"`, `(field("Blank") ?? "none") == "none"`, `(field("Empty") ?? field("Points")) == 5`,
		`jql("labels = red")`, `not jql("labels = green")`, `event.body.timestamp == 7`, `event.body.deep.list[1] == "two"`, `event["body"].timestamp == 7`,
		`(event.body.none.at.all ?? "x") == "x"`, `(event.body?.none?.at ?? "x") == "x"`, `hook.body == nil`, `rule.name == "the-rule" and rule.purpose == "" and bot.name == "bot"`,
		`project.key == "PAY"`, `(issue.resolution ?? "open") == "open"`, `(issue.updated ?? issue.created) == issue.created`, `(issue.reporter ?? issue.assignee).name == "bob"`,
		`(issue.resolution ?? comment.body ?? issue.reporter.name ?? "last") == "last"`, `changed(issue.resolution ?? "status")`,
		`let who = actor.name; who == "ann"`, `issue.links[0].key == "PAY-9"`, `replace(issue.key, "-", "") == "PAY7"`, `join(issue.labels, "+") == "red+blue"`,
		`(issue.labels | map(upper(#)) | filter(# != "RED") | join(" ")) == "BLUE"`, `issue.type == "größe" or issue.type == "Bug"`, `actor.ID() == "ann"`,
	} {
		if got, err := holds(t, source, s); err != nil || !got {
			t.Errorf("%s: %v, %v", source, got, err)
		}
	}
}

func TestTheZeroConditionHolds(t *testing.T) {
	var c Condition
	if got, err := c.Holds(NewScope(&Env{})); err != nil || !got || c.Given() {
		t.Errorf("%v, %v, given %v", got, err, c.Given())
	}
}

// Each line is an expression and its exact mistake.
func TestMistakes(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(mistakes), "\n") {
		source, want, _ := strings.Cut(line, " → ")
		_, mistake := NewCondition(source)
		got := "no mistake"
		if mistake != nil {
			got = fmt.Sprintf("%d: %s", mistake.Offset, mistake.Message)
		}
		if got != want {
			t.Errorf("%s\n got  %s\n want %s", source, got, want)
		}
	}
}

const mistakes = `
issue.tpye == "Bug" → 6: issue has no "tpye"; did you mean "type"?
issue["tpye"] == "Bug" → 6: issue has no "tpye"; did you mean "type"?
isue.type == "Bug" → 0: unknown name "isue"; did you mean "issue"?
"größe" == isue.type → 11: unknown name "isue"; did you mean "issue"?
issue.type == Bug → 14: unknown name "Bug"; if it is meant as text, write it in quotes: "Bug"
changed(status) → 8: unknown name "status"; if it is meant as text, write it in quotes: "status"
change(upper(foo)).to == "" → 13: unknown name "foo"; if it is meant as text, write it in quotes: "foo"
issue.type → 0: a condition is true or false, this is text; compare it with something
issue.assignee → 0: a condition is true or false, this is a user; compare it with something
event.body.x → 0: a condition is true or false, this is a value of any kind; compare it with something
["a"] → 0: a condition is true or false, this is a list; compare it with something
{"a": 1} → 0: a condition is true or false, this is a mapping; compare it with something
changed → 0: this is a function, and a condition is true or false; call it with ( ) and compare what it gives
issue.type = "Bug" → 11: "=" is no comparison; write "=="
issue.type == 3 → 11: "==" does not go with text and a number; write the number in quotes
issue.labels == "x" → 13: "==" does not go with a list of texts and text; to look into a list, write "x" in list
issue == "x" → 6: "==" does not go with an issue and text
"a" in issue.type → 4: "in" does not go with text and text; to look into a text, write contains
issue.created < "2026-01-01" → 14: "<" does not go with a time and text; make a time of the text with date("2026-01-31")
not issue.type → 0: "not" does not go with text
issue.type == "Bug → 14: a text begins here with " and does not end
issue.type == "Bug" and → 22: the expression ends too early
(issue.type == "Bug" → 0: "(" without its ")"
issue.type in ["a", "b" → 14: "[" without its "]"
issue.type == "Bug") → 19: ")" cannot stand here
issue.type == "Bug" AND changed("x") → 20: "AND" is not known here; did you mean and?
issue.type is "Bug" → 11: "is" is not known here; did you mean ==?
issue.type == null → 14: unknown name "null"; did you mean nil?
issue.type ?? "x" == "y" → 18: beside other operators ?? stands in brackets: (a ?? b) == c
changed() → 0: changed wants more arguments, as in changed("status")
changed("a", "b") → 0: changed wants fewer arguments, as in changed("status")
jql(3) → 4: jql wants text here, not a number
len(issue) → 0: len does not go with an issue
issue.foo() → 6: issue has no "foo"
issue.type() → 6: this is text and no function; leave the ( ) out
issue.links[0].typ == "" → 15: issue link has no "typ"; did you mean "type"?
issue.labels["x"] == "" → 13: a list's items are picked by number: [0] is the first
any(issue.labels, .foo == 3) → 19: text has no "foo"
event.time.Foo() == 1 → 11: a time has no "Foo"
issue.type matches "(" → 11: this is no regular expression: missing closing ): ` + "`(`" + `
issue.type == "a\q" → 17: a backslash in a text is written twice: \\
rule.x == "" → 5: rule has no "x"; there are: name, owner, purpose
change("status").form == "" → 17: change has no "form"; did you mean "from"?
toJSON(event) == "" → 7: event cannot stand alone; name what you want of it, such as event.kind
@ → 0: '@' cannot stand here
{ → 0: a mapping is written {"key": value}`

func TestAnExpressionThatIsTooLongIsRefused(t *testing.T) {
	for name, source := range map[string]string{
		"empty":        "  ",
		"long":         strings.Repeat("true or ", 600) + "true",
		"deep":         strings.Repeat("(", 100_000) + "true" + strings.Repeat(")", 100_000),
		"deep list":    strings.Repeat("[", 100_000),
		"deep but not": strings.Repeat("not ", 100_000) + "true",
	} {
		if _, mistake := NewCondition(source); mistake == nil {
			t.Errorf("%s: no mistake", name)
		}
	}
}

// Each line is an expression and the exact error it ends with.
func TestConditionsThatCannotBeDecided(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(failing), "\n") {
		source, want, _ := strings.Cut(line, " → ")
		if _, err := holds(t, source, scopeOf(sample())); err == nil || err.Error() != source+": "+want {
			t.Errorf("%s\n got  %v\n want %s", source, err, want)
		}
	}
}

const failing = `
field("Empty") > 3 → field "Empty" is empty on PAY-7; give a default, as in field("Empty", 0)
field("Nope") > 3 → this Jira has no field Nope
field("Region") > 3 → ">" does not go with text and a number; write the number in quotes
event.body.none.x == 1 → there is nothing that could have "x"; with ?? you can say what to take instead
issue.links[3].key == "" → the list has no such item
map(1..1000000000, 1) == [] → it takes more memory than an expression may
repeat("x", 1000000000) == "" → it takes more memory than an expression may
reduce(1..100, #acc + #acc, "x") == "" → a value grows beyond 1048576 characters or elements
reduce(1..100, [#acc, #acc], "x") == [] → a value grows beyond 1048576 characters or elements
reduce(1..100, toJSON([#acc, #acc]), "x") == "" → a value grows beyond 1048576 characters or elements
sum(map(1..900, sum(map(1..900, sum(1..900, # + 1))))) == 1 → more than 100000 steps through lists
join(map(1..90000, repeat("x", 900)), "") == "" → it takes more memory than an expression may
replace(repeat("x", 100000), "x", repeat("y", 100000)) == "" → a value grows beyond 1048576 characters or elements`

func TestRunawayExpressionsEndSoon(t *testing.T) {
	start := time.Now()
	TestConditionsThatCannotBeDecided(t)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestTheCauseOfAFailureCanBeFound(t *testing.T) {
	away := errors.New("jira is away")
	s := NewScope(FromEvent(sample(), Rule{}, event.User{}, Lookups{JQL: func(string, string) (bool, error) { return false, away }}))
	if _, err := holds(t, `issue.type == "Bug" and jql("x")`, s); !errors.Is(err, away) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestAQuickAnswerIsTheAnswer(t *testing.T) {
	s := scopeOf(sample())
	for _, source := range []string{
		`issue.type == "Bug"`, `issue.type == "Task"`, `issue.type != "Bug"`, `issue.type != "Task" and issue.key in ["PAY-7", "PAY-8"]`, `issue.key in []`,
		`issue.assignee.name == "bob" && field("Empty", 1) == 1`, `issue.type == "Task" and field("Empty") == 1`, `issue.type == "Bug" or field("Empty") == 1`,
		`issue.type == "Task" or issue.type == "Bug" and issue.key == "PAY-7"`, `(issue.type == "Bug" and issue.key == "x") or actor.name == "ann"`,
		`not (issue.type == "Bug" and issue.key == "x")`, `issue.type == "Bug" and not changed("status")`, `project["key"] == "PAY"`, `"red" in issue.labels and "blue" in issue.labels`, `"green" in issue.labels`, `"x" in issue.subtasks`, `event.source == "webhook"`, `issue.resolution == ""`,
	} {
		c, mistake := NewCondition(source)
		if mistake != nil {
			t.Fatal(mistake)
		}
		slow := c
		slow.quick = quick{}
		if slow.program, mistake = compile(source, expr.AsBool()); mistake != nil {
			t.Fatal(mistake)
		}
		quickly, err1 := c.Holds(s)
		slowly, err2 := slow.Holds(s)
		if quickly != slowly || err1 != nil || err2 != nil {
			t.Errorf("%s: %v quickly, %v slowly (%v, %v)", source, quickly, slowly, err1, err2)
		}
	}
}

func TestJQLNeedsAJiraAndAnIssue(t *testing.T) {
	for want, s := range map[string]*Scope{
		`jql("a = b"): jql("a = b") needs a Jira to ask`:                     NewScope(&Env{}),
		`jql("a = b"): jql("a = b") needs an issue, and this event has none`: NewScope(FromEvent(&event.Event{}, Rule{}, event.User{}, asked)),
	} {
		if _, err := holds(t, `jql("a = b")`, s); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTheBodyIsDecodedOnlyForThoseWhoAskAndOnce(t *testing.T) {
	ev := sample()
	s := scopeOf(ev)
	if got, err := holds(t, `issue.type == "Bug"`, s); err != nil || !got {
		t.Fatal(got, err)
	}
	ev.Raw = []byte(`{"timestamp": 8}`) // not read yet
	if got, err := holds(t, `event.body.timestamp == 8`, s); err != nil || !got {
		t.Errorf("the body was decoded before anybody asked: %v, %v", got, err)
	}
	ev.Raw = []byte(`{"timestamp": 9}`)
	if got, err := holds(t, `event.body.timestamp == 8`, s); err != nil || !got {
		t.Errorf("the body was decoded again: %v, %v", got, err)
	}
}

func TestABodyThatIsNoJSONIsMissing(t *testing.T) {
	ev := sample()
	ev.Raw = []byte("no json")
	if got, err := holds(t, `event.body == nil and (event.body.x ?? 1) == 1`, scopeOf(ev)); err != nil || !got {
		t.Error(got, err)
	}
}

func TestAHookHasABody(t *testing.T) {
	ev := &event.Event{Kind: "hook", Source: event.Hook, Hook: "deploy", Raw: []byte(`{"version": "1.2"}`)}
	if got, err := holds(t, `hook.name == "deploy" and hook.body.version == "1.2" and event.body.version == "1.2"`, scopeOf(ev)); err != nil || !got {
		t.Error(got, err)
	}
}

func TestWithIssueSeesTheIssueAsItIsNow(t *testing.T) {
	env := FromEvent(sample(), Rule{}, event.User{}, asked).WithIssue(&event.Issue{Key: "CHK-1", Status: "Done", Project: event.Project{Key: "CHK"}, Fields: []byte(`{"customfield_1": 9}`)}, asked)
	if got, err := holds(t, `issue.status == "Done" and project.key == "CHK" and field("Points") == 9 and changed("status") and not jql("labels = red")`, NewScope(env)); err != nil || !got {
		t.Error(got, err)
	}
}

func TestAScopeCanBeGivenToAnotherRule(t *testing.T) {
	s := scopeOf(sample())
	s.About(Rule{Name: "other"})
	if got, err := holds(t, `rule.name == "other"`, s); err != nil || !got {
		t.Error(got, err)
	}
}

func TestOneConditionServesManyGoroutines(t *testing.T) {
	c, mistake := NewCondition(`any(issue.labels, # == actor.name) and (issue.resolution ?? "x") == "x" and (let n = actor.name; n == issue.key) and event.body.n == actor.name`)
	if mistake != nil {
		t.Fatal(mistake)
	}
	text, _ := NewText("${issue.key}: ${issue.labels | filter(# != 'x') | join('+')}")
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for round := range 200 {
				who := fmt.Sprintf("u%d-%d", worker, round)
				ev := &event.Event{Actor: event.User{Name: who}, Issue: event.Issue{Key: who, Labels: []string{"x", who}}, Raw: []byte(`{"n": "` + who + `"}`)}
				s := scopeOf(ev)
				if got, err := c.Holds(s); err != nil || !got {
					t.Errorf("%s: %v, %v", who, got, err)
				}
				if got, err := text.Render(s); err != nil || got != who+": "+who {
					t.Errorf("%s: %q, %v", who, got, err)
				}
			}
		})
	}
	all.Wait()
}

func TestAFailureLeavesNothingBehind(t *testing.T) {
	s := scopeOf(sample())
	for range 50 {
		if _, err := holds(t, `let a = issue.labels; any(a, field("Empty") == #)`, s); err == nil {
			t.Fatal("no error")
		}
		if got, err := holds(t, `let a = 1; a == 1 and issue.type == "Bug"`, s); err != nil || !got {
			t.Fatal(got, err)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, line := range strings.Split(mistakes+failing, "\n") {
		source, _, _ := strings.Cut(line, " → ")
		f.Add(source)
	}
	f.Add(`issue.type in ["Bug"] and any(issue.labels, (# ?? "x") == "y") or (event.body?.a.b ?? field("x") ?? 1) == 1`)
	f.Fuzz(func(t *testing.T, source string) {
		defer inTime(t, source, time.Now())
		c, mistake := NewCondition(source)
		if mistake != nil {
			if mistake.Offset < 0 || mistake.Offset > len([]rune(source)) || mistake.Message == "" {
				t.Fatalf("%q: mistake %q at %d", source, mistake.Message, mistake.Offset)
			}
			if leak := anyTypes().FindString(mistake.Message); leak != "" && !strings.Contains(source, leak) {
				t.Fatalf("%q: the message names a Go type: %s", source, mistake.Message)
			}
			return
		}
		s := NewScope(&Env{})
		holds, err := c.Holds(s)
		slow := c
		slow.quick = quick{}
		if slow.program, mistake = compile(source, expr.AsBool()); mistake != nil {
			t.Fatal(mistake)
		}
		if slowly, err2 := slow.Holds(NewScope(&Env{})); slowly != holds || (err == nil) != (err2 == nil) {
			t.Fatalf("%q: %v quickly, %v slowly (%v, %v)", source, holds, slowly, err, err2)
		}
		if why := c.Why(s); err == nil && why.Error == "" && why.Holds != holds {
			t.Fatalf("%q: holds %v, explained as %v", source, holds, why)
		}
	})
}

// inTime fails where an expression took so long that somebody would notice.
func inTime(t *testing.T, source string, start time.Time) {
	if took := time.Since(start); took > 3*time.Second {
		t.Fatalf("%q took %v", source, took)
	}
}
