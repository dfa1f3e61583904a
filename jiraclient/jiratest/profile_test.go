package jiratest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// visit asks a Jira of a version as somebody, the way that version lets people in.
func visit(t *testing.T, j *jiratest.Jira, version, who, method, path string, body any) answer {
	t.Helper()
	r := request(t, who+"-token", method, path, body)
	if version == "Cloud" {
		r.URL.Path = "/rest" + strings.SplitN(path, "?", 2)[0]
		r.SetBasicAuth(who+"@example.com", who+"-token")
	}
	return send(j, r)
}

// TestVersions asks each version for what not all of them have. Want is the status in 8.20, 9.12, 10.3, 11.2 and Cloud.
func TestVersions(t *testing.T) {
	for _, c := range []struct {
		name, who, method, path string
		body                    string
		want                    [5]int
	}{
		{"webhooks are registered at the old place", "carl", "GET", "/webhooks/1.0/webhook", "", [5]int{200, 200, 404, 404, 200}},
		{"webhooks are registered at the new place", "carl", "GET", "/jira-webhook/1.0/webhooks", "", [5]int{404, 404, 200, 200, 404}},
		{"createmeta in one answer", "bot", "GET", "/api/2/issue/createmeta?projectKeys=PAY", "", [5]int{200, 404, 404, 404, 200}},
		{"createmeta in pages", "bot", "GET", "/api/2/issue/createmeta/PAY/issuetypes", "", [5]int{200, 200, 200, 200, 200}},
		{"the search that counts", "bot", "POST", "/api/2/search", `{"jql":"project = PAY"}`, [5]int{200, 200, 200, 200, 410}},
		{"the search by tokens", "bot", "POST", "/api/2/search/jql", `{"jql":"project = PAY"}`, [5]int{404, 404, 404, 404, 200}},
		{"a search for everything", "bot", "POST", "/api/2/search/jql", `{"jql":"order by key"}`, [5]int{404, 404, 404, 404, 400}},
		{"a count", "bot", "POST", "/api/2/search/approximate-count", `{"jql":"project = PAY"}`, [5]int{404, 404, 404, 404, 200}},
		{"permissions without saying which", "bot", "GET", "/api/2/mypermissions", "", [5]int{200, 200, 200, 200, 400}},
		{"a permission by its key", "bot", "GET", "/api/2/mypermissions?permissions=EDIT_ISSUES", "", [5]int{200, 200, 200, 200, 200}},
		{"a permission that there is not", "bot", "GET", "/api/2/mypermissions?permissions=FLY", "", [5]int{200, 200, 200, 200, 400}},
		{"an issue into the archive", "carl", "PUT", "/api/2/issue/PAY-1/archive", "", [5]int{204, 204, 204, 204, 404}},
		{"a list into the archive as text", "carl", "POST", "/api/2/issue/archive", "PAY-1", [5]int{415, 415, 415, 415, 404}},
		{"a list into the archive as JSON", "carl", "PUT", "/api/2/issue/archive", `{"issueIdsOrKeys":["PAY-1","PAY-9"]}`, [5]int{404, 404, 404, 404, 200}},
		{"a list of nothing into the archive", "carl", "PUT", "/api/2/issue/archive", `{"issueIdsOrKeys":["PAY-9"]}`, [5]int{404, 404, 404, 404, 400}},
		{"a list out of the archive", "carl", "PUT", "/api/2/issue/unarchive", `{"issueIdsOrKeys":["PAY-1"]}`, [5]int{404, 404, 404, 404, 400}},
		{"a list into the archive by no administrator", "bot", "PUT", "/api/2/issue/archive", `{"issueIdsOrKeys":["PAY-1"]}`, [5]int{404, 404, 404, 404, 403}},
		{"a file", "bot", "GET", "/api/2/attachment/content/10000?redirect=false", "", [5]int{404, 404, 404, 404, 200}},
		{"where a file lies", "bot", "GET", "/api/2/attachment/content/10000", "", [5]int{404, 404, 404, 404, 303}},
		{"a worklog's property", "carl", "PUT", "/api/2/issue/PAY-1/worklog/10000/properties/a", "1", [5]int{404, 404, 404, 404, 201}},
		{"a session", "", "POST", "/auth/1/session", `{"username":"bot","password":"secret"}`, [5]int{200, 200, 200, 403, 404}},
		{"access tokens", "bot", "GET", "/pat/latest/tokens", "", [5]int{200, 200, 200, 200, 404}},
		{"OAuth 2.0's tokens", "", "POST", "/oauth2/latest/token", "grant_type=x", [5]int{404, 401, 401, 401, 404}},
		{"a pinned comment", "bot", "PUT", "/api/2/issue/PAY-1/comment/10000/pin", "true", [5]int{404, 404, 204, 204, 404}},
		{"the read-only mode", "bot", "GET", "/api/2/readonly-mode", "", [5]int{404, 404, 200, 404, 404}},
		{"somebody by name", "bot", "GET", "/api/2/user?username=ann", "", [5]int{200, 200, 200, 200, 404}},
		{"an assignee by name", "bot", "PUT", "/api/2/issue/PAY-1/assignee", `{"name":"ann"}`, [5]int{204, 204, 204, 204, 400}},
		{"a watcher by name", "bot", "POST", "/api/2/issue/PAY-1/watchers", `"ann"`, [5]int{204, 204, 204, 204, 400}},
	} {
		for n, version := range jiratest.Versions() {
			t.Run(c.name+"/"+version, func(t *testing.T) {
				j, _ := newJira(t, jiratest.Options{Version: version})
				must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
				must[string](t)(j.As("ann").Comment("PAY-1", "Agreed"))
				must[string](t)(j.As("ann").Attach("PAY-1", "a.txt", []byte("abc")))
				must[string](t)(j.As("ann").LogWork("PAY-1", "1h", "x"))
				if c.who == "" {
					c.who = "nobody"
				}
				r := request(t, c.who+"-token", c.method, c.path, c.body)
				if c.who == "nobody" {
					r.Header.Del("Authorization")
				}
				if strings.HasPrefix(c.body, "grant_type") {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				if version == "Cloud" {
					r.URL.Path = strings.TrimPrefix(r.URL.Path, "/jira")
					if c.who != "nobody" {
						r.SetBasicAuth(c.who+"@example.com", c.who+"-token")
					}
				}
				if a := send(j, r); a.status != c.want[n] {
					t.Errorf("%d %s, want %d", a.status, a.text, c.want[n])
				}
			})
		}
	}
}

// TestRefusals: who may see and nothing else is refused with the status that each version describes.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		dataCenter, cloud        int
	}{
		{"to assign", "PUT", "/api/2/issue/PAY-1/assignee", `{"name":"ann","accountId":"ANN"}`, 401, 403},
		{"to let others watch", "POST", "/api/2/issue/PAY-1/watchers", `"ANN"`, 401, 403},
		{"to log work", "POST", "/api/2/issue/PAY-1/worklog", `{"timeSpent":"1h"}`, 403, 400},
		{"to edit the work of others", "PUT", "/api/2/issue/PAY-1/worklog/10000", `{"timeSpent":"2h"}`, 403, 400},
		{"to delete the work of others", "DELETE", "/api/2/issue/PAY-1/worklog/10000", "", 403, 400},
		{"to go where no transition leads", "POST", "/api/2/issue/PAY-1/transitions", `{"transition":{"id":"99"}}`, 500, 400},
		{"to set a property", "PUT", "/api/2/issue/PAY-1/properties/a", "1", 403, 403},
		{"to delete a property", "DELETE", "/api/2/issue/PAY-1/properties/a", "", 403, 404},
		{"to add a version", "POST", "/api/2/version", `{"project":"PAY","name":"3.0"}`, 403, 404},
		{"to change a version", "PUT", "/api/2/version/10000", `{"name":"1.1"}`, 403, 400},
		{"to merge versions", "PUT", "/api/2/version/10000/mergeto/10001", "", 403, 401},
		{"to move a version", "POST", "/api/2/version/10000/move", `{"position":"Last"}`, 403, 401},
		{"to remove a version", "POST", "/api/2/version/10000/removeAndSwap", `{}`, 403, 404},
	} {
		for version, want := range map[string]int{"10.3": c.dataCenter, "11.2": c.dataCenter, "Cloud": c.cloud} {
			t.Run(c.name+"/"+version, func(t *testing.T) {
				j, _ := newJira(t, jiratest.Options{Version: version})
				j.AddUser(jiratest.User{Name: "dan", Token: "dan-token"})
				for _, name := range []string{"1.0", "2.0"} {
					j.AddVersion("PAY", name)
				}
				must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
				must[string](t)(j.As("ann").LogWork("PAY-1", "1h", "x"))
				j.Revoke("PAY", "dan", "ASSIGN_ISSUES", "MANAGE_WATCHERS", "WORK_ON_ISSUES", "EDIT_ISSUES", "EDIT_ALL_WORKLOGS", "DELETE_ALL_WORKLOGS", "ADMINISTER_PROJECTS")
				ann := "ann"
				if version == "Cloud" {
					ann = j.AddUser(jiratest.User{Name: "ann", Token: "ann-token"})
				}
				if a := visit(t, j, version, "dan", c.method, c.path, strings.ReplaceAll(c.body, "ANN", ann)); a.status != want {
					t.Errorf("%d %s, want %d", a.status, a.text, want)
				}
			})
		}
	}
}

// TestPeopleOfVersions: Data Center knows people by name and says whom it takes one for, Cloud knows account IDs.
func TestPeopleOfVersions(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			j, _ := newJira(t, jiratest.Options{Version: version})
			id := j.AddUser(jiratest.User{Name: "bob", Token: "bob-token"})
			me := visit(t, j, version, "bob", "GET", "/api/2/myself", nil)
			if me.status != 200 {
				t.Fatal(me)
			}
			cloud := version == "Cloud"
			if as := me.header.Get("X-AUSERNAME"); cloud != (as == "") {
				t.Errorf("X-AUSERNAME is %q", as)
			}
			if got := at(t, me.text, "accountId"); cloud != (got == id) {
				t.Errorf("account ID %v, key %s", got, id)
			}
			if got := at(t, me.text, "name"); cloud == (got == "bob") {
				t.Errorf("name %v", got)
			}
			must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
			body := map[string]string{"name": "bob"}
			if cloud {
				body = map[string]string{"accountId": id}
			}
			if a := visit(t, j, version, "bob", "PUT", "/api/2/issue/PAY-1/assignee", body); a.status != 204 {
				t.Error(a)
			}
			if i, _ := j.Issue("PAY-1"); i.Assignee != "bob" {
				t.Errorf("assigned to %q", i.Assignee)
			}
		})
	}
}

// TestWaysInOfCloud: e-mail address and API token, and nothing else.
func TestWaysInOfCloud(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{Version: "Cloud"})
	for name, c := range map[string]struct {
		user, password, bearer string
		want                   int
	}{
		"e-mail and API token":         {"bot@example.com", "bot-token", "", 200},
		"the name instead":             {"bot", "bot-token", "", 401},
		"the password instead":         {"bot@example.com", "secret", "", 401},
		"the token as a bearer's":      {"", "", "bot-token", 401},
		"a wrong token locks nobody":   {"bot@example.com", "no", "", 401},
		"the e-mail in other letters":  {"Bot@Example.com", "bot-token", "", 200},
		"somebody without any account": {"eve@example.com", "", "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/rest/api/2/myself", nil)
			if r.SetBasicAuth(c.user, c.password); c.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+c.bearer)
			}
			for range 5 { // Data Center would ask for a CAPTCHA by now
				if a := send(j, r); a.status != c.want {
					t.Errorf("%d %s", a.status, a.text)
				}
			}
		})
	}
}

// TestSearchByToken: a token leads through the pages, nobody counts, and without fields there are only IDs.
func TestSearchByToken(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{Version: "Cloud"})
	for range 3 {
		must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
	}
	search := func(body string) answer {
		t.Helper()
		a := visit(t, j, "Cloud", "bot", "POST", "/api/2/search/jql", body)
		if a.status != 200 {
			t.Fatal(a)
		}
		return a
	}
	first := search(`{"jql":"project = PAY order by key asc","maxResults":2,"fields":["summary"]}`)
	token, _ := at(t, first.text, "nextPageToken").(string)
	if at(t, first.text, "issues.1.key") != "PAY-2" || at(t, first.text, "isLast") != false || at(t, first.text, "total") != nil || token == "" {
		t.Error(first.text)
	}
	last := search(`{"jql":"project = PAY order by key asc","maxResults":2,"fields":["summary"],"nextPageToken":"` + token + `"}`)
	if at(t, last.text, "issues.0.key") != "PAY-3" || at(t, last.text, "isLast") != true || at(t, last.text, "nextPageToken") != nil {
		t.Error(last.text)
	}
	if bare := search(`{"jql":"project = PAY"}`); at(t, bare.text, "issues.0.fields") != nil || at(t, bare.text, "issues.0.id") == nil {
		t.Error(bare.text)
	}
}

// TestAnyOtherVersion behaves as the one of its major version, or as the newest that is older.
func TestAnyOtherVersion(t *testing.T) {
	for version, newer := range map[string]bool{"8.14.0": false, "9.4.1": false, "10.0.0": true, "10.3.0": true, "10.6.1": true, "11.0.0": true, "12.0.0": true} {
		j, _ := newJira(t, jiratest.Options{Version: version})
		if a := ask(t, j, "carl-token", "GET", "/jira-webhook/1.0/webhooks", nil); (a.status == 200) != newer {
			t.Errorf("%s: %d", version, a.status)
		}
		if a := ask(t, j, "", "GET", "/api/2/serverInfo", nil); at(t, a.text, "version") != version {
			t.Errorf("%s: %s", version, a.text)
		}
	}
}

func TestReadOnlyMode(t *testing.T) {
	j, _ := newJira(t, jiratest.Options{})
	must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
	for _, on := range []bool{true, false} {
		j.SetReadOnly(on)
		if a := ask(t, j, "bot-token", "GET", "/api/2/readonly-mode", nil); at(t, a.text, "enabled") != on {
			t.Error(a)
		}
		if a := ask(t, j, "bot-token", "POST", "/api/2/issue/PAY-1/comment", `{"body":"x"}`); (a.status == 403) != on {
			t.Error(a)
		}
		if a := ask(t, j, "bot-token", "POST", "/api/2/search", `{"jql":""}`); a.status != 200 {
			t.Error(a)
		}
	}
}
