package jiratest_test

import (
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

func TestArchivedIssuesAreOnlyLookedAt(t *testing.T) {
	j := shop(t, jiratest.Options{})
	found := func(want float64) step {
		return step{"GET", "/api/2/search?jql=project%20%3D%20CHK", "", 200, map[string]any{"total": want}}
	}
	play(t, j, "ann-token", // who leads CHK, where CHK-2 is a sub-task of CHK-1
		found(2),
		step{"PUT", "/api/2/issue/CHK-1/archive", "", 204, nil},
		found(0),
		step{"GET", "/api/2/issue/CHK-1", "", 200, map[string]any{"key": "CHK-1"}},
		step{"PUT", "/api/2/issue/CHK-2", `{"fields":{"summary":"x"}}`, 400, nil},
		step{"POST", "/api/2/issue/CHK-1/votes", "", 404, nil},
		step{"PUT", "/api/2/issue/CHK-1/restore", "", 204, nil},
		found(2),
		step{"PUT", "/api/2/issue/CHK-2", `{"fields":{"summary":"x"}}`, 204, nil},
	)
	r := request(t, "ann-token", "POST", "/api/2/issue/archive", "CHK-1\r\nPAY-9\nPAY-1\n")
	r.Header.Set("Content-Type", "text/plain")
	if a := send(j, r); a.status != 200 || a.text != "CHK-1: archived\nPAY-9: Issue Does Not Exist\nPAY-1: archived" {
		t.Error(a.status, a.text)
	}
	for _, i := range j.Issues() {
		if !i.Archived {
			t.Error(i.Key, "is not archived")
		}
	}
}

func TestPinsAreNewInJira10(t *testing.T) {
	j := shop(t, jiratest.Options{Version: "10.3.1"})
	must[string](t)(j.As("bob").Comment("PAY-1", "Read this first"))
	pin := func(body string, status int) step {
		return step{"PUT", "/api/2/issue/PAY-1/comment/10000/pin", body, status, nil}
	}
	pinned := func(want bool) {
		t.Helper()
		if i, _ := j.Issue("PAY-1"); i.Comments[0].Pinned != want {
			t.Errorf("pinned is %t", i.Comments[0].Pinned)
		}
	}
	play(t, j, "bot-token", pin(`true`, 204), pin(`"yes"`, 400))
	pinned(true)
	play(t, j, "bot-token", pin(`false`, 204))
	pinned(false)
	j.Revoke("PAY", "bot", "EDIT_ISSUES")
	play(t, j, "bot-token", pin(`true`, 404))
	pinned(false)
}

func TestMailGoesToThoseWhoMaySee(t *testing.T) {
	j := shop(t, jiratest.Options{})
	ok(t, j.As("carl").Watch("PAY-1"))
	ok(t, j.As("bob").Vote("PAY-1"))
	for _, c := range []struct{ name, body, want string }{
		{"everybody, each once", `{"to":{"reporter":true,"assignee":true,"watchers":true,"voters":true,"groups":[{"name":"devs"}]}}`, "ann bob carl"},
		{"one by name", `{"to":{"users":[{"name":"bot"}]}}`, "bot"},
		{"only of a group", `{"to":{"reporter":true,"assignee":true},"restrict":{"groups":[{"name":"devs"}]}}`, "ann"},
		{"only with a permission", `{"to":{"reporter":true,"assignee":true},"restrict":{"permissions":[{"key":"ADMINISTER_PROJECTS"}]}}`, "ann"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, j, "bot-token", step{"POST", "/api/2/issue/PAY-1/notify", c.body, 204, nil})
			sent := j.Notices()
			if got := strings.Join(sent[len(sent)-1].To, " "); got != c.want {
				t.Errorf("to %q, want %q", got, c.want)
			}
		})
	}
	j.Revoke("PAY", "bob", "BROWSE_PROJECTS")
	play(t, j, "bot-token", step{"POST", "/api/2/issue/PAY-1/notify", `{"to":{"assignee":true,"reporter":true}}`, 204, nil})
	sent := j.Notices()
	if got := strings.Join(sent[len(sent)-1].To, " "); got != "ann" {
		t.Errorf("who may not see the issue gets mail: %s", got)
	}
}
