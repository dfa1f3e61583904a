package jiratest_test

import (
	"strings"
	"testing"

	"jirabot/jiraclient/jiratest"
)

// shop is a Jira with PAY-1, a bug of ann's assigned to bob, and CHK-1 with a sub-task.
func shop(t testing.TB, o jiratest.Options) *jiratest.Jira {
	j, _ := newJira(t, o)
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
	j.AddField(jiratest.Field{Name: "Severity", Type: "select", Options: []string{"Minor", "Major"}})
	j.AddField(jiratest.Field{Name: "Region", Type: "cascading", Options: []string{"Europe/Berlin", "Europe/Paris", "Asia"}})
	j.AddField(jiratest.Field{Name: "Reviewers", Type: "multiuser"})
	j.AddVersion("PAY", "1.0")
	j.AddVersion("PAY", "2.0")
	j.AddComponent("PAY", "api")
	key := must[string](t)
	key(j.As("ann").CreateIssue("PAY", "Bug", "Card is declined", jiratest.Fields{"assignee": "bob", "labels": []string{"old"}}))
	key(j.As("ann").CreateIssue("CHK", "Task", "Tidy up"))
	key(j.As("ann").CreateIssue("CHK", "Sub-task", "Sweep", jiratest.Fields{"parent": "CHK-1"}))
	return j
}

func TestJiraRefuses(t *testing.T) {
	const onScreen = "It is not on the appropriate screen, or unknown."
	for name, c := range map[string]struct {
		prepare            func(*jiratest.Jira)
		token              string // bot-token by default, "-" for anonymous
		method, path, body string
		status             int
		want               string
	}{
		"an issue that does not exist":   {method: "GET", path: "/api/2/issue/PAY-99", status: 404, want: "Issue Does Not Exist"},
		"an issue that one may not see":  {prepare: revoke("PAY", "BROWSE_PROJECTS"), method: "GET", path: "/api/2/issue/PAY-1", status: 404, want: "Issue Does Not Exist"},
		"an anonymous reader":            {token: "-", method: "GET", path: "/api/2/issue/PAY-1", status: 404, want: "Issue Does Not Exist"},
		"an anonymous look at oneself":   {token: "-", method: "GET", path: "/api/2/myself", status: 401, want: "You are not authenticated."},
		"anonymous permissions":          {token: "-", method: "GET", path: "/api/2/mypermissions", status: 401, want: "You are not authenticated."},
		"an edit that says nothing":      {method: "PUT", path: "/api/2/issue/PAY-1", body: `{}`, status: 400, want: "one of 'fields' or 'update' required"},
		"an edit that is no JSON":        {method: "PUT", path: "/api/2/issue/PAY-1", body: `{`, status: 400, want: "Unexpected character"},
		"an edit without permission":     {prepare: revoke("PAY", "EDIT_ISSUES"), method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"summary":"x"}}`, status: 400, want: "You do not have permission to edit issues in this project."},
		"an unknown field":               {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"customfield_99":1}}`, status: 400, want: "Field 'customfield_99' cannot be set. " + onScreen},
		"a field that is not on screen":  {prepare: func(j *jiratest.Jira) { j.SetScreen("PAY", jiratest.EditScreen, "Summary") }, method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"labels":[]}}`, status: 400, want: "Field 'labels' cannot be set. " + onScreen},
		"a status set like a field":      {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"status":{"name":"Done"}}}`, status: 400, want: "Field 'status' cannot be set. " + onScreen},
		"a resolution on the edit page":  {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"resolution":{"name":"Done"}}}`, status: 400, want: "Field 'resolution' cannot be set. " + onScreen},
		"a reporter without permission":  {prepare: revoke("PAY", "MODIFY_REPORTER"), method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"reporter":{"name":"bob"}}}`, status: 400, want: "Field 'reporter' cannot be set. " + onScreen},
		"a field in both halves":         {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"labels":["a"]},"update":{"labels":[{"add":"b"}]}}`, status: 400, want: "Field 'labels' cannot appear in both 'fields' and 'update'."},
		"adding to a single value":       {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"update":{"summary":[{"add":"b"}]}}`, status: 400, want: "Field 'summary' is not valid for this operation."},
		"an empty summary":               {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"summary":""}}`, status: 400, want: "You must specify a summary of the issue."},
		"a summary that is too long":     {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"summary":"` + strings.Repeat("x", 256) + `"}}`, status: 400, want: "Summary must be less than 255 characters."},
		"a label with a space":           {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"labels":["a b"]}}`, status: 400, want: "The label 'a b' contains spaces which is invalid."},
		"an unknown user":                {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"assignee":{"name":"zed"}}}`, status: 400, want: "User 'zed' does not exist."},
		"an unknown priority":            {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"priority":{"name":"Huge"}}}`, status: 400, want: "Priority name 'Huge' is not valid"},
		"a priority that is no object":   {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"priority":"High"}}`, status: 400, want: "data was not an object"},
		"labels that are no list":        {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"labels":"a"}}`, status: 400, want: "data was not an array"},
		"an unknown component":           {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"update":{"components":[{"add":{"name":"ui"}}]}}`, status: 400, want: "Component name 'ui' is not valid"},
		"another project's version":      {method: "PUT", path: "/api/2/issue/CHK-1", body: `{"fields":{"fixVersions":[{"name":"1.0"}]}}`, status: 400, want: "Version name '1.0' is not valid"},
		"a number as text":               {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"customfield_10000":"5"}}`, status: 400, want: "Operation value must be a number"},
		"an unknown option":              {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"customfield_10001":{"value":"Cosmic"}}}`, status: 400, want: "Option value 'Cosmic' is not valid"},
		"a child of another parent":      {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"customfield_10002":{"value":"Asia","child":{"value":"Paris"}}}}`, status: 400, want: "Option value 'Paris' is not valid"},
		"a date that is none":            {method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"duedate":"tomorrow"}}`, status: 400, want: "Error parsing date string: tomorrow"},
		"silence without being admin":    {method: "PUT", path: "/api/2/issue/PAY-1?notifyUsers=false", body: `{"fields":{"summary":"x"}}`, status: 403, want: "To discard the user notification"},
		"an assignment without leave":    {prepare: revoke("PAY", "ASSIGN_ISSUES"), method: "PUT", path: "/api/2/issue/PAY-1/assignee", body: `{"name":"ann"}`, status: 401, want: "You do not have permission to assign issues."},
		"an assignee who may not be one": {prepare: func(j *jiratest.Jira) { j.Revoke("PAY", "ann", "ASSIGNABLE_USER") }, method: "PUT", path: "/api/2/issue/PAY-1/assignee", body: `{"name":"ann"}`, status: 400, want: "User 'ann' cannot be assigned issues."},
		"a comment without leave":        {prepare: revoke("PAY", "ADD_COMMENTS"), method: "POST", path: "/api/2/issue/PAY-1/comment", body: `{"body":"x"}`, status: 400, want: "bot, you do not have the permission to comment on this issue."},
		"an empty comment":               {method: "POST", path: "/api/2/issue/PAY-1/comment", body: `{"body":" "}`, status: 400, want: "Comment body can not be empty!"},
		"a comment for others' eyes":     {method: "POST", path: "/api/2/issue/CHK-1/comment", body: `{"body":"x","visibility":{"type":"role","value":"Developers"}}`, status: 400, want: "You are currently not a member of the project role: Developers."},
		"a comment for an unknown role":  {method: "POST", path: "/api/2/issue/PAY-1/comment", body: `{"body":"x","visibility":{"type":"role","value":"Clowns"}}`, status: 400, want: "Role: Clowns does not exist."},
		"others' comments in an edit":    {prepare: func(j *jiratest.Jira) { _, _ = j.As("bob").Comment("PAY-1", "mine") }, method: "PUT", path: "/api/2/issue/PAY-1", body: `{"update":{"comment":[{"remove":{"id":"10000"}}]}}`, status: 400, want: "You do not have the permission to change this comment."},
		"an unknown comment":             {method: "GET", path: "/api/2/issue/PAY-1/comment/1", status: 404, want: "Can not find a comment for the id: 1."},
		"a worklog without time":         {method: "POST", path: "/api/2/issue/PAY-1/worklog", body: `{"comment":"x"}`, status: 400, want: "You must indicate the time spent working on this issue."},
		"a worklog without leave":        {prepare: revoke("PAY", "WORK_ON_ISSUES"), method: "POST", path: "/api/2/issue/PAY-1/worklog", body: `{"timeSpent":"1h"}`, status: 403, want: "You do not have permission to associate a worklog to this issue."},
		"a link without leave":           {prepare: revoke("PAY", "LINK_ISSUES"), method: "POST", path: "/api/2/issueLink", body: `{"type":{"name":"Blocks"},"inwardIssue":{"key":"PAY-1"},"outwardIssue":{"key":"CHK-1"}}`, status: 401, want: "No Link Issue Permission for issue 'PAY-1'"},
		"a link of an unknown type":      {method: "POST", path: "/api/2/issueLink", body: `{"type":{"name":"Hugs"},"inwardIssue":{"key":"PAY-1"},"outwardIssue":{"key":"CHK-1"}}`, status: 404, want: "No issue link type with name 'Hugs' found."},
		"a deletion without leave":       {prepare: revoke("PAY", "DELETE_ISSUES"), method: "DELETE", path: "/api/2/issue/PAY-1", status: 403, want: "You do not have permission to delete issues in this project."},
		"a deletion with sub-tasks":      {method: "DELETE", path: "/api/2/issue/CHK-1", status: 400, want: "You must specify the 'deleteSubtasks' parameter"},
		"an issue without a summary":     {method: "POST", path: "/api/2/issue", body: `{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Bug"}}}`, status: 400, want: "You must specify a summary of the issue."},
		"an issue of no project":         {method: "POST", path: "/api/2/issue", body: `{"fields":{"summary":"x"}}`, status: 400, want: "project is required"},
		"an issue of an unknown type":    {method: "POST", path: "/api/2/issue", body: `{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Ode"},"summary":"x"}}`, status: 400, want: "The issue type selected is invalid."},
		"a sub-task of nothing":          {method: "POST", path: "/api/2/issue", body: `{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Sub-task"},"summary":"x"}}`, status: 400, want: "Issue type is a sub-task but parent issue key or id not specified."},
		"creating without leave":         {prepare: revoke("PAY", "CREATE_ISSUES"), method: "POST", path: "/api/2/issue", body: `{"fields":{"project":{"key":"PAY"},"issuetype":{"name":"Bug"},"summary":"x"}}`, status: 400, want: "You do not have permission to create issues in this project."},
		"a watcher put by others":        {prepare: revoke("PAY", "MANAGE_WATCHERS"), method: "POST", path: "/api/2/issue/PAY-1/watchers", body: `"bob"`, status: 401, want: "User 'bot' is not allowed to manage watchers of issue 'PAY-1'."},
		"a watcher nobody knows":         {method: "POST", path: "/api/2/issue/PAY-1/watchers", body: `"zed"`, status: 400, want: "User 'zed' does not exist."},
		"a vote for one's own issue":     {token: "ann-token", method: "POST", path: "/api/2/issue/PAY-1/votes", status: 404, want: "You cannot vote for an issue you have reported."},
		"a version by a plain user":      {method: "POST", path: "/api/2/version", body: `{"name":"3.0","project":"PAY"}`, status: 403, want: "You must have global or project administrator rights in order to modify versions."},
		"a version twice":                {token: "ann-token", method: "POST", path: "/api/2/version", body: `{"name":"1.0","project":"PAY"}`, status: 400, want: "A version with this name already exists in this project."},
		"a property that is no JSON":     {method: "PUT", path: "/api/2/issue/PAY-1/properties/mark", body: `{`, status: 400, want: "The property value is no valid JSON."},
		"a property without leave":       {prepare: revoke("PAY", "EDIT_ISSUES"), method: "PUT", path: "/api/2/issue/PAY-1/properties/mark", body: `1`, status: 403, want: "You do not have permission to edit the entity of the property."},
		"a property that is not there":   {method: "GET", path: "/api/2/issue/PAY-1/properties/mark", status: 404, want: "The property with key 'mark' does not exist."},
		"a webhook by a plain user":      {method: "POST", path: "/jira-webhook/1.0/webhooks", body: `{}`, status: 403, want: "You must be a Jira administrator to manage webhooks."},
		"an unknown resource":            {method: "GET", path: "/api/2/nonsense", status: 404, want: "null for uri: /jira/rest/api/2/nonsense"},
		"mail to nobody":                 {method: "POST", path: "/api/2/issue/PAY-1/notify", body: `{"subject":"x"}`, status: 400, want: "No recipients were defined for notification."},
		"mail to nobody at all":          {method: "POST", path: "/api/2/issue/PAY-1/notify", body: `{"to":{"reporter":false}}`, status: 400, want: "No recipients were defined for notification."},
		"mail to an unknown group":       {method: "POST", path: "/api/2/issue/PAY-1/notify", body: `{"to":{"groups":[{"name":"clowns"}]}}`, status: 400, want: "Group 'clowns' does not exist."},
		"mail with mail switched off":    {prepare: (*jiratest.Jira).SwitchMailOff, method: "POST", path: "/api/2/issue/PAY-1/notify", body: `{"to":{"reporter":true}}`, status: 403, want: "Outgoing emails are disabled."},
		"archiving without leave":        {method: "PUT", path: "/api/2/issue/PAY-1/archive", status: 403, want: "You do not have permission to archive issues in this project."},
		"archiving twice":                {prepare: archived, token: "ann-token", method: "PUT", path: "/api/2/issue/PAY-1/archive", status: 403, want: "Issue PAY-1 is already archived."},
		"restoring what is there":        {token: "ann-token", method: "PUT", path: "/api/2/issue/PAY-1/restore", status: 403, want: "Issue PAY-1 is not archived."},
		"an edit of an archived issue":   {prepare: archived, method: "PUT", path: "/api/2/issue/PAY-1", body: `{"fields":{"summary":"x"}}`, status: 400, want: "You do not have permission to edit issues in this project."},
		"a comment on an archive":        {prepare: archived, token: "ann-token", method: "POST", path: "/api/2/issue/PAY-1/comment", body: `{"body":"x"}`, status: 400, want: "you do not have the permission to comment on this issue."},
		"archiving many without leave":   {method: "POST", path: "/api/2/issue/archive", body: "PAY-1\nCHK-1", status: 403, want: "You do not have permission to archive issues in this project."},
		"a manual estimate of an edit":   {prepare: worked, method: "PUT", path: "/api/2/issue/PAY-1/worklog/10000?adjustEstimate=manual", body: `{"timeSpent":"1h"}`, status: 400, want: "'manual' is not a valid value for 'adjustEstimate'."},
		"a worklog edit of nothing":      {prepare: worked, token: "ann-token", method: "PUT", path: "/api/2/issue/PAY-1/worklog/10000", body: `{}`, status: 400, want: "At least one field of the worklog must be given."},
		"a remote link by a name":        {method: "GET", path: "/api/2/issue/PAY-1/remotelink/x", status: 400, want: "'x' is no valid number of a remote link."},
		"another issue's remote link":    {prepare: remoteLinked, method: "GET", path: "/api/2/issue/CHK-1/remotelink/10000", status: 400, want: "The remote link with id '10000' does not belong to issue 'CHK-1'."},
		"a remote link to nowhere":       {prepare: remoteLinked, method: "PUT", path: "/api/2/issue/PAY-1/remotelink/10000", body: `{"object":{"title":"X"}}`, status: 400, want: "'url' is required."},
		"a link to where one may not":    {prepare: linkedAndRevoked, method: "DELETE", path: "/api/2/issueLink/10001", status: 401, want: "No Link Issue Permission for issue 'CHK-1'"},
	} {
		t.Run(name, func(t *testing.T) {
			j := shop(t, jiratest.Options{})
			if c.prepare != nil {
				c.prepare(j)
			}
			token := map[string]string{"": "bot-token", "-": ""}[c.token]
			if strings.HasSuffix(c.token, "-token") {
				token = c.token
			}
			var body any
			if c.body != "" {
				body = c.body
			}
			r := request(t, token, c.method, c.path, body)
			if strings.HasSuffix(c.path, "/issue/archive") {
				r.Header.Set("Content-Type", "text/plain")
			}
			a := send(j, r)
			if a.status != c.status || !strings.Contains(a.text, c.want) {
				t.Errorf("got %d %s, want %d %s", a.status, a.text, c.status, c.want)
			}
		})
	}
}

// revoke takes permissions from the bot.
func revoke(project string, permissions ...string) func(*jiratest.Jira) {
	return func(j *jiratest.Jira) { j.Revoke(project, "bot", permissions...) }
}

func archived(j *jiratest.Jira) { _ = j.As("ann").Archive("PAY-1") }

func worked(j *jiratest.Jira) { _, _ = j.As("ann").LogWork("PAY-1", "1h", "x") }

func remoteLinked(j *jiratest.Jira) {
	_, _ = j.As("ann").LinkAway("PAY-1", "http://x.example.com", "X")
}

func linkedAndRevoked(j *jiratest.Jira) {
	_, _ = j.As("ann").Link("Blocks", "PAY-1", "CHK-1")
	j.Revoke("CHK", "bot", "LINK_ISSUES")
}

func TestAnEditIsAllOrNothing(t *testing.T) {
	j := shop(t, jiratest.Options{})
	a := ask(t, j, "bot-token", "PUT", "/api/2/issue/PAY-1", `{"fields":{"summary":"new","priority":{"name":"Huge"},"duedate":"x"}}`)
	if a.status != 400 || len(at(t, a.text, "errors").(map[string]any)) != 2 {
		t.Error("all that is wrong should be said at once:", a.text)
	}
	if i, _ := j.Issue("PAY-1"); i.Summary != "Card is declined" || len(i.History) != 0 {
		t.Errorf("half an edit was made: %+v", i)
	}
}

func TestPermissionsAreAnsweredForTheIssueAtHand(t *testing.T) {
	j := shop(t, jiratest.Options{})
	j.Grant("PAY", "EDIT_ISSUES", "assignee", "role:Developers", "group:devs")
	j.Grant("CHK", "BROWSE_PROJECTS", "anyone")
	has := func(token, query, key string) any {
		t.Helper()
		return at(t, ask(t, j, token, "GET", "/api/2/mypermissions"+query, nil).text, "permissions."+key+".havePermission")
	}
	for name, c := range map[string]struct {
		token, query, key string
		want              bool
	}{
		"the assignee may edit this issue":           {"bob-token", "?issueKey=PAY-1", "EDIT_ISSUES", true},
		"some issue might be carl's, so the project": {"carl-token", "?projectKey=PAY", "EDIT_ISSUES", true},
		"but this issue is not":                      {"carl-token", "?issueKey=PAY-1", "EDIT_ISSUES", false},
		"a role counts":                              {"bot-token", "?issueKey=PAY-1", "EDIT_ISSUES", true},
		"the lead administers":                       {"ann-token", "?projectKey=PAY", "ADMINISTER_PROJECTS", true},
		"others do not":                              {"bot-token", "?projectKey=PAY", "ADMINISTER_PROJECTS", false},
		"only carl administers Jira":                 {"ann-token", "", "ADMINISTER", false},
		"carl administers Jira":                      {"carl-token", "", "ADMINISTER", true},
	} {
		if got := has(c.token, c.query, c.key); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if a := ask(t, j, "", "GET", "/api/2/issue/CHK-1", nil); a.status != 200 || a.header.Get("X-AUSERNAME") != "anonymous" {
		t.Error("a public project is hidden:", a.status, a.text)
	}
}
