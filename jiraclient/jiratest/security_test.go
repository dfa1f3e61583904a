package jiratest_test

import (
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// TestAHiddenIssueIsNowhere: PAY-1 gets a security level that leaves the bot out. Whatever the bot asks then is answered as
// if there were no PAY-1, and a registration with the bot's eyes is told nothing of it.
func TestAHiddenIssueIsNowhere(t *testing.T) {
	j := shop(t, jiratest.Options{})
	j.AddSecurityLevel("PAY", "Confidential", "ann", "group:auditors")
	link := must[string](t)(j.As("ann").Link("Blocks", "PAY-1", "CHK-1"))
	file := must[string](t)(j.As("ann").Attach("PAY-1", "a.txt", []byte("a")))
	said := must[string](t)(j.As("ann").Comment("PAY-1", "Shh"))
	must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Open to all"))
	for _, as := range []string{"bot", "ann", ""} {
		must[string](t)(j.Webhook(jiratest.Registration{Name: "as " + as, As: as, RecordOnly: true}))
	}
	told := func(webhook string, from int) (events []string) {
		for _, d := range j.Deliveries()[from:] {
			if d.Webhook == webhook {
				events = append(events, d.Event)
				if webhook == "as bot" && strings.Contains(string(d.Body), "PAY-1") {
					t.Errorf("a body for the bot names PAY-1: %s", d.Body)
				}
			}
		}
		return events
	}
	seen := func(token string) (got []int) {
		for _, path := range []string{
			"/api/2/issue/PAY-1", "/api/2/issue/10000", "/api/2/issue/PAY-1/comment", "/api/2/issue/PAY-1/transitions",
			"/api/2/issue/PAY-1/editmeta", "/api/2/mypermissions?issueKey=PAY-1", "/api/2/attachment/" + file, "/api/2/issueLink/" + link,
			"/api/2/comment/" + said + "/properties",
		} {
			got = append(got, ask(t, j, token, "GET", path, nil).status)
		}
		return got
	}
	found := func(token, jql string) any {
		return at(t, ask(t, j, token, "POST", "/api/2/search", map[string]string{"jql": jql}).text, "total")
	}

	all := func(want int, got []int) {
		t.Helper()
		for _, status := range got {
			if status != want {
				t.Errorf("got %v, want %d each time", got, want)
				return
			}
		}
	}
	all(200, seen("bot-token"))
	ok(t, j.As("ann").Edit("PAY-1", jiratest.Fields{"Security Level": "Confidential"}))
	before := len(j.Deliveries())
	ok(t, j.As("ann").Edit("PAY-1", jiratest.Fields{"summary": "Worse"}))
	must[string](t)(j.As("ann").Comment("PAY-1", "Shh again"))
	ok(t, j.As("ann").Edit("CHK-1", jiratest.Fields{"summary": "Tidier"}))

	all(404, seen("bot-token"))
	all(404, seen("carl-token")) // an administrator is nobody special
	all(200, seen("ann-token"))
	if got := found("bot-token", "project = PAY"); got != 1.0 {
		t.Errorf("the bot finds %v issues", got)
	}
	if got := found("ann-token", "project = PAY"); got != 2.0 {
		t.Errorf("ann finds %v issues", got)
	}
	if a := ask(t, j, "bot-token", "POST", "/api/2/search", `{"jql":"key = PAY-1"}`); a.status != 400 || !strings.Contains(a.text, "does not exist") {
		t.Error("the bot is told that PAY-1 exists:", a)
	}
	if a := ask(t, j, "bot-token", "GET", "/api/2/issue/CHK-1", nil); strings.Contains(a.text, "PAY-1") {
		t.Error("CHK-1 names PAY-1:", a.text)
	}
	if a := ask(t, j, "ann-token", "GET", "/api/2/issue/CHK-1", nil); !strings.Contains(a.text, "PAY-1") {
		t.Error("CHK-1 hides PAY-1 from ann:", a.text)
	}
	if a := ask(t, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"x"}`); a.status != 404 {
		t.Error(a)
	}
	if got := strings.Join(told("as bot", before), " "); got != "jira:issue_updated" {
		t.Errorf("for the bot: %s", got)
	}
	for _, who := range []string{"as ann", "as "} {
		if got := strings.Join(told(who, before), " "); got != "jira:issue_updated comment_created jira:issue_updated jira:issue_updated" {
			t.Errorf("%s: %s", who, got)
		}
	}

	j.AddUser(jiratest.User{Name: "bot", Token: "bot-token", Groups: []string{"auditors"}})
	all(200, seen("bot-token"))
}

func TestSecurityLevelsAreSetByThoseWhoMay(t *testing.T) {
	j := shop(t, jiratest.Options{})
	id := j.AddSecurityLevel("PAY", "Confidential", "ann", "bot")
	set := func() answer {
		return ask(t, j, "bot-token", "PUT", "/api/2/issue/PAY-1", `{"fields":{"security":{"id":"`+id+`"}}}`)
	}
	j.Revoke("PAY", "bot", "SET_ISSUE_SECURITY")
	if a := set(); a.status != 400 || !strings.Contains(a.text, "not on the appropriate screen") {
		t.Error(a)
	}
	if meta := ask(t, j, "bot-token", "GET", "/api/2/issue/PAY-1/editmeta", nil); strings.Contains(meta.text, "Confidential") {
		t.Error(meta.text)
	}
	if a := ask(t, j, "ann-token", "PUT", "/api/2/issue/CHK-1", `{"fields":{"security":{"id":"`+id+`"}}}`); a.status != 400 {
		t.Error("another project's level:", a)
	}
	j2 := shop(t, jiratest.Options{})
	j2.AddSecurityLevel("PAY", "Confidential", "ann", "bot")
	if a := ask(t, j2, "bot-token", "PUT", "/api/2/issue/PAY-1", `{"fields":{"security":{"name":"Confidential"}}}`); a.status != 204 {
		t.Error(a)
	}
	if a := ask(t, j2, "bot-token", "GET", "/api/2/issue/PAY-1", nil); at(t, a.text, "fields.security.name") != "Confidential" {
		t.Error(a.text)
	}
}
