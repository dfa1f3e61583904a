package jiratest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

// library is a Jira with six issues made on six days; the last was made today.
func library(t testing.TB) *jiratest.Jira {
	j, c := newJira(t, jiratest.Options{})
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	j.AddField(jiratest.Field{Name: "Severity", Type: "select", Options: []string{"Minor", "Major"}})
	j.AddField(jiratest.Field{Name: "Customer", Type: "text"})
	j.AddVersion("PAY", "1.0")
	j.AddComponent("PAY", "api")
	ann, key := j.As("ann"), must[string](t)
	make := func(project, kind, summary string, f jiratest.Fields) string {
		k := key(ann.CreateIssue(project, kind, summary, f))
		c.move(24 * time.Hour)
		return k
	}
	make("PAY", "Bug", "Card is declined", jiratest.Fields{"priority": "High", "assignee": "bob", "labels": []string{"urgent", "card"}})
	make("PAY", "Story", "Pay by invoice", jiratest.Fields{"components": []string{"api"}, "fixVersions": []string{"1.0"}, "Story Points": 5})
	make("PAY", "Task", "Update keys", jiratest.Fields{"assignee": "ann", "Severity": "Major", "duedate": "2026-04-01"})
	make("PAY", "Sub-task", "Rotate keys", jiratest.Fields{"parent": "PAY-3", "Story Points": 2})
	make("CHK", "Bug", "Basket is empty", jiratest.Fields{"priority": "Lowest", "Customer": "Acme Ltd"})
	c.move(-24 * time.Hour)
	ok(t, ann.Transition("PAY-1", "In Progress"))
	ok(t, ann.Transition("PAY-1", "Done"))
	key(ann.Comment("CHK-1", "Cannot reproduce this at all"))
	return j
}

func TestJQLFindsIssues(t *testing.T) {
	j := library(t)
	for jql, want := range map[string]string{
		``:                                       "PAY-4 PAY-3 PAY-2 PAY-1 CHK-1",
		`project = PAY`:                          "PAY-4 PAY-3 PAY-2 PAY-1",
		`project = payments AND issuetype = Bug`: "PAY-1",
		`project in (PAY, CHK) and type = Bug`:   "PAY-1 CHK-1",
		`project != PAY`:                         "CHK-1",
		`NOT project = PAY`:                      "CHK-1",
		`key = PAY-3`:                            "PAY-3",
		`key in (PAY-3, "CHK-1")`:                "PAY-3 CHK-1",
		`key > PAY-2 ORDER BY key`:               "PAY-3 PAY-4",
		`id = 10000`:                             "PAY-1",
		`status = done`:                          "PAY-1",
		`status != Done`:                         "PAY-4 PAY-3 PAY-2 CHK-1",
		`statusCategory = Done`:                  "PAY-1",
		`statusCategory = new and project = CHK`: "CHK-1",
		`priority = High`:                        "PAY-1",
		`priority > Medium`:                      "PAY-1",
		`priority < Medium`:                      "CHK-1",
		`resolution = Unresolved`:                "PAY-4 PAY-3 PAY-2 CHK-1",
		`resolution is EMPTY`:                    "PAY-4 PAY-3 PAY-2 CHK-1",
		`resolution is not empty`:                "PAY-1",
		`resolution = Done`:                      "PAY-1",
		`assignee = currentUser()`:               "PAY-3",
		`assignee is EMPTY`:                      "PAY-4 PAY-2 CHK-1",
		`assignee != bob`:                        "PAY-3",
		`not assignee = bob`:                     "PAY-4 PAY-3 PAY-2 CHK-1",
		`assignee in (EMPTY, bob)`:               "PAY-4 PAY-2 PAY-1 CHK-1",
		`assignee not in (bob)`:                  "PAY-3",
		`assignee in membersOf("devs")`:          "PAY-3",
		`reporter = ann and creator = ann and project=CHK`: "CHK-1",
		`labels = urgent`:                                          "PAY-1",
		`labels in (card, other)`:                                  "PAY-1",
		`labels is empty and project = CHK`:                        "CHK-1",
		`component = api`:                                          "PAY-2",
		`fixVersion = "1.0"`:                                       "PAY-2",
		`parent = PAY-3`:                                           "PAY-4",
		`created >= -2d`:                                           "PAY-4 PAY-3 CHK-1",
		`created < "2026-03-03"`:                                   "PAY-1",
		`created < "2026/03/03 09:00" ORDER BY key ASC`:            "PAY-1",
		`updated >= startOfDay()`:                                  "PAY-1 CHK-1",
		`updated <= now() and key = CHK-1`:                         "CHK-1",
		`resolved >= -10m`:                                         "PAY-1",
		`due <= 2026-04-01`:                                        "PAY-3",
		`duedate is not EMPTY`:                                     "PAY-3",
		`summary ~ keys`:                                           "PAY-4 PAY-3",
		`summary ~ "upd*"`:                                         "PAY-3",
		`summary !~ keys and project = PAY`:                        "PAY-2 PAY-1",
		`text ~ "reproduce"`:                                       "CHK-1",
		`comment ~ "cannot all"`:                                   "CHK-1",
		`text ~ "\"is declined\""`:                                 "PAY-1",
		`cf[10000] = 5`:                                            "PAY-2",
		`"Story Points" > 1`:                                       "PAY-4 PAY-2",
		`"Story Points" is EMPTY and project = PAY`:                "PAY-3 PAY-1",
		`Severity = Major`:                                         "PAY-3",
		`Customer ~ acme`:                                          "CHK-1",
		`project = PAY AND type = Bug OR project = CHK`:            "PAY-1 CHK-1",
		`project = PAY AND (type = Bug OR type = Story)`:           "PAY-2 PAY-1",
		`project = PAY && !(type = Bug || type = Story)`:           "PAY-4 PAY-3",
		`project = PAY ORDER BY priority DESC, created ASC`:        "PAY-1 PAY-2 PAY-3 PAY-4",
		`project = PAY order by "Story Points" desc, key`:          "PAY-1 PAY-3 PAY-2 PAY-4",
		`order by updated asc, key asc`:                            "PAY-2 PAY-3 PAY-4 CHK-1 PAY-1",
		`ORDER BY assignee, id DESC`:                               "PAY-3 PAY-1 PAY-4 PAY-2 CHK-1",
		`project = "PAY" AND status in ("To Do", 'In Review')`:     "PAY-4 PAY-3 PAY-2",
		`issuetype in (Bug) AND NOT NOT project = PAY`:             "PAY-1",
		`project is not EMPTY AND text ~ "basket" and "key"=CHK-1`: "CHK-1",
	} {
		t.Run(jql, func(t *testing.T) {
			a := ask(t, j, "ann-token", "GET", "/api/2/search?fields=summary&jql="+url.QueryEscape(jql), nil)
			if a.status != 200 {
				t.Fatalf("%d: %s", a.status, a.text)
			}
			var keys []string
			for _, i := range at(t, a.text, "issues").([]any) {
				keys = append(keys, i.(map[string]any)["key"].(string))
			}
			if got := strings.Join(keys, " "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestJQLSaysWhatIsWrong(t *testing.T) {
	j := library(t)
	for jql, want := range map[string]string{
		`colour = red`:        "Field 'colour' does not exist or you do not have permission to view it.",
		`project = NOPE`:      "The value 'NOPE' does not exist for the field 'project'.",
		`assignee = zed`:      "The value 'zed' does not exist for the field 'assignee'.",
		`Severity = Cosmic`:   "The value 'Cosmic' does not exist for the field 'Severity'.",
		`assignee = boss()`:   "Unable to find JQL function 'boss()'.",
		`created > tomorrow`:  "Date value 'tomorrow' for field 'created' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.",
		`key = PAY-99`:        "An issue with key 'PAY-99' does not exist for field 'key'.",
		`project ~ PAY`:       "The operator '~' is not supported by the 'project' field.",
		`summary = keys`:      "The operator '=' is not supported by the 'summary' field.",
		`status is Done`:      "The operator 'is' only supports 'EMPTY' and 'NULL'.",
		`project PAY`:         "Error in the JQL Query: Expecting operator but got 'PAY'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'. (line 1, character 9)",
		`project =`:           "Error in the JQL Query: Expecting either a value, list or function but got the end of the query. (line 1, character 10)",
		`project = PAY type`:  "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'type'. (line 1, character 15)",
		`(project = PAY`:      "Error in the JQL Query: Expecting ')' but got the end of the query. (line 1, character 15)",
		`summary ~ "open`:     "Error in the JQL Query: The quoted string 'open' has not been completed. (line 1, character 11)",
		`and project = PAY`:   "Error in the JQL Query: Expecting a field name but got 'and'. (line 1, character 1)",
		`order by comment`:    "Not able to sort using field 'comment'.",
		`project in (PAY CHK`: "Error in the JQL Query: Expecting ',' or ')' but got 'CHK'. (line 1, character 17)",
		`order key`:           "Error in the JQL Query: Expecting 'by' but got 'key'. (line 1, character 7)",
	} {
		t.Run(jql, func(t *testing.T) {
			a := ask(t, j, "ann-token", "POST", "/api/2/search", map[string]any{"jql": jql})
			if a.status != 400 {
				t.Fatalf("%d: %s", a.status, a.text)
			}
			if got := at(t, a.text, "errorMessages.0"); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestSearchPagesAndWarns(t *testing.T) {
	j := library(t)
	a := ask(t, j, "ann-token", "POST", "/api/2/search", `{"jql":"project = PAY order by key","startAt":1,"maxResults":2,"fields":["status"]}`)
	if at(t, a.text, "total") != 4.0 || at(t, a.text, "issues.0.key") != "PAY-2" || at(t, a.text, "issues.1.key") != "PAY-3" {
		t.Error(a.text)
	}
	if strings.Contains(a.text, "summary") {
		t.Error("a field came that was not asked for:", a.text)
	}
	a = ask(t, j, "ann-token", "POST", "/api/2/search", `{"jql":"project = NOPE","validateQuery":false}`)
	if a.status != 200 || at(t, a.text, "warningMessages.0") != "The value 'NOPE' does not exist for the field 'project'." {
		t.Error(a.status, a.text)
	}
	a = ask(t, j, "ann-token", "GET", "/api/2/search?maxResults=5000&jql=", nil)
	if at(t, a.text, "maxResults") != 1000.0 {
		t.Error("no cap on pages:", at(t, a.text, "maxResults"))
	}
	j.Revoke("CHK", "ann", "BROWSE_PROJECTS")
	a = ask(t, j, "ann-token", "GET", "/api/2/search?jql=type=Bug", nil)
	if at(t, a.text, "total") != 1.0 {
		t.Error("ann finds what she may not see:", a.text)
	}
}

func TestSearchLagsBehindTheDatabase(t *testing.T) {
	c := newClock()
	j, _ := newJira(t, jiratest.Options{IndexLag: time.Minute, Now: c.now})
	key := must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "late"))
	found := func(jql string) any {
		return at(t, ask(t, j, "ann-token", "GET", "/api/2/search?jql="+url.QueryEscape(jql), nil).text, "total")
	}
	if found("") != 0.0 {
		t.Error("a new issue is found at once")
	}
	c.move(time.Minute)
	if found("") != 1.0 {
		t.Error("a new issue is not found after the lag")
	}
	ok(t, j.As("ann").Transition(key, "In Progress"))
	if found(`status = "In Progress"`) != 0.0 || found(`status = "To Do"`) != 1.0 {
		t.Error("the index knows the new status at once")
	}
	c.move(time.Minute)
	if found(`status = "In Progress"`) != 1.0 {
		t.Error("the index does not know the new status after the lag")
	}
	ok(t, j.As("ann").Delete(key))
	if a := ask(t, j, "ann-token", "GET", "/api/2/search?jql=", nil); at(t, a.text, "total") != 1.0 || len(at(t, a.text, "issues").([]any)) != 0 {
		t.Error("a deleted issue is counted until the lag is over, and not shown:", a.text)
	}
}

func FuzzJQL(f *testing.F) {
	j := library(f)
	for _, seed := range []string{
		`project = PAY AND (type != Bug OR labels in (a, "b c")) ORDER BY key DESC, created`, `created >= -14d`, `cf[10000] > 3`,
		`assignee in membersOf("devs")`, `summary ~ "\"a b\""`, `not not (status is not EMPTY)`, `"Story Points" = `, `((((`, "\"", `a!b`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jql string) {
		a := ask(t, j, "ann-token", "POST", "/api/2/search", map[string]any{"jql": jql, "maxResults": 1})
		if a.status != 200 && a.status != 400 {
			t.Fatalf("%d for %q: %s", a.status, jql, a.text)
		}
		if a.status == 400 && at(t, a.text, "errorMessages.0") == "" {
			t.Errorf("no reason for refusing %q", jql)
		}
	})
}
