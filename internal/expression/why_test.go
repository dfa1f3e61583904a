package expression

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"jirabot/internal/event"
)

func TestWhyInOneLine(t *testing.T) {
	s := scopeOf(sample())
	for _, tt := range []struct{ condition, want string }{
		{`issue.type == "Task"`, `issue.type == "Task" does not hold: issue.type is "Bug"`},
		{`issue.type == "Bug"`, `issue.type == "Bug" holds: issue.type is "Bug"`},
		{`issue.type == "Bug" and issue.priority in ["Low", "None"]`, `issue.priority in ["Low", "None"] does not hold: issue.priority is "High"`},
		{`issue.type == "Task" and issue.priority == "Low"`, `issue.type == "Task" does not hold: issue.type is "Bug"`},
		{`issue.type == "Task" or issue.priority == "Low"`, `issue.type == "Task" does not hold: issue.type is "Bug"; issue.priority == "Low" does not hold: issue.priority is "High"`},
		{`issue.type == "Bug" or issue.priority == "Low"`, `issue.type == "Bug" holds: issue.type is "Bug"`},
		{`not (issue.type == "Bug")`, `issue.type == "Bug" holds: issue.type is "Bug"`},
		{`actor.name == issue.assignee.name`, `actor.name == issue.assignee.name does not hold: actor.name is "ann", issue.assignee.name is "bob"`},
		{`changed("priority")`, `changed("priority") does not hold`},
		{`len(issue.labels) > 2`, `len(issue.labels) > 2 does not hold: len(issue.labels) is 2`},
		{`"green" in issue.labels`, `"green" in issue.labels does not hold: issue.labels is red, blue`},
		{`issue.type == "Task" and field("Empty") == 1`, `issue.type == "Task" does not hold: issue.type is "Bug"`},
		{`field("Empty") == 1`, `cannot be decided: field("Empty") == 1: field "Empty" is empty on PAY-7; give a default, as in field("Empty", 0)`},
		{`issue.assignee == actor`, `issue.assignee == actor does not hold: issue.assignee is Bob B., actor is Ann A.`},
	} {
		c, mistake := NewCondition(tt.condition)
		if mistake != nil {
			t.Fatal(mistake)
		}
		if got := c.Why(s).String(); got != tt.want {
			t.Errorf("%s\n got  %s\n want %s", tt.condition, got, tt.want)
		}
	}
	if got := (Condition{}).Why(s); !got.Always() || !got.Holds || got.String() != "there is no condition" {
		t.Errorf("without a condition: %+v, %s", got, got)
	}
}

func TestWhyAsATree(t *testing.T) {
	c, _ := NewCondition(`issue.type == "Bug" and not (issue.priority == "Low" or "red" in issue.labels)`)
	got, err := json.Marshal(c.Why(scopeOf(sample())))
	want := `{"text":"issue.type == \"Bug\" and not (issue.priority == \"Low\" or \"red\" in issue.labels)","holds":false,"parts":[` +
		`{"text":"issue.type == \"Bug\"","holds":true,"values":["issue.type is \"Bug\""]},` +
		`{"text":"not (issue.priority == \"Low\" or \"red\" in issue.labels)","holds":false,"parts":[` +
		`{"text":"issue.priority == \"Low\" or \"red\" in issue.labels","holds":true,"parts":[` +
		`{"text":"issue.priority == \"Low\"","holds":false,"values":["issue.priority is \"High\""]},` +
		`{"text":"\"red\" in issue.labels","holds":true,"values":["issue.labels is red, blue"]}]}]}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestWhyAsksNothingThatTheDecisionDidNotAsk(t *testing.T) {
	asks := 0
	s := NewScope(FromEvent(sample(), Rule{}, event.User{}, Lookups{JQL: func(string, string) (bool, error) { asks++; return false, errors.New("asked") }}))
	for _, source := range []string{`issue.type == "Task" and jql("x")`, `issue.type == "Bug" or jql("x")`} {
		c, _ := NewCondition(source)
		c.Why(s)
	}
	if asks != 0 {
		t.Errorf("asked %d times", asks)
	}
}

func TestWhyShowsLongValuesShortened(t *testing.T) {
	ev := sample()
	ev.Issue.Summary = strings.Repeat("ä", 500)
	c, _ := NewCondition(`issue.summary == "x"`)
	if got := c.Why(scopeOf(ev)).String(); got != `issue.summary == "x" does not hold: issue.summary is "`+strings.Repeat("ä", 80)+`…"` {
		t.Error(got)
	}
}
