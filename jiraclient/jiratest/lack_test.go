package jiratest_test

import (
	"fmt"
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

func TestCallsMayBeMissing(t *testing.T) {
	for name, c := range map[string]struct {
		how    jiratest.Absence
		status int
		kind   string
	}{
		"as Jira says it":        {jiratest.NotFound, 404, "application/json"},
		"as web servers say it":  {jiratest.NotFoundPage, 404, "text/html"},
		"the method is missing":  {jiratest.NotAllowed, 405, ""},
		"a proxy answers itself": {jiratest.SomePage, 200, "text/html"},
	} {
		t.Run(name, func(t *testing.T) {
			j := shop(t, jiratest.Options{})
			ok(t, j.Lack(c.how, "GET /api/2/mypermissions", "GET /api/2/issue/{issue}", "GET /createmeta/{project}/issuetypes"))
			for path, missing := range map[string]bool{
				"/api/2/mypermissions?permissions=EDIT_ISSUES": true, "/api/latest/mypermissions": true, "/api/2/issue/PAY-1": true,
				"/api/2/issue/createmeta/PAY/issuetypes": true,
				"/api/2/issue/PAY-1/comment":             false, "/api/2/myself": false, "/api/2/issueLinkType": false,
			} {
				a := ask(t, j, "bot-token", "GET", path, nil)
				if !missing && a.status != 200 || missing && (a.status != c.status || !strings.HasPrefix(a.header.Get("Content-Type"), c.kind)) {
					t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
				}
			}
			j.ClearFaults()
			if a := ask(t, j, "bot-token", "GET", "/api/2/issue/PAY-1", nil); a.status != 200 {
				t.Error("still missing:", a)
			}
		})
	}
}

func TestAllButSomeCallsMayBeMissing(t *testing.T) {
	j := shop(t, jiratest.Options{})
	ok(t, j.LackAllBut(jiratest.NotFound, "GET /api/2/myself", "POST /api/2/issue/{issue}/comment"))
	var got []int
	got = append(got, ask(t, j, "bot-token", "GET", "/api/2/myself", nil).status)
	got = append(got, ask(t, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"x"}`).status)
	got = append(got, ask(t, j, "bot-token", "GET", "/api/2/issue/PAY-1/comment", nil).status)
	got = append(got, ask(t, j, "bot-token", "GET", "/api/2/serverInfo", nil).status)
	if fmt.Sprint(got) != "[200 201 404 404]" {
		t.Error(got)
	}
	if err := j.Lack(jiratest.NotFound, "GET /api/2/mypermision"); err == nil || !strings.Contains(err.Error(), "mypermision") {
		t.Error("a call that there is not was taken away:", err)
	}
}
