package actions

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/jiraclient"
)

// cloud is a Jira Cloud that answers by path and keeps what it was sent.
func cloud(t *testing.T, answers map[string]string) (jira *Jira, wrote func() string) {
	t.Helper()
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/rest/api/2")
		if r.Method != http.MethodGet {
			body, _ := io.ReadAll(r.Body)
			if r.URL.RawQuery != "" {
				path += "?" + r.URL.RawQuery
			}
			sent = append(sent, r.Method+" "+path+" "+string(body))
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, "{}")
			return
		}
		answer, ok := answers[path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = `{"errorMessages":["nothing here"]}`
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	client, err := jiraclient.New(jiraclient.Options{URL: server.URL, Deployment: jiraclient.Cloud, Auth: jiraclient.Token("t")})
	if err != nil {
		t.Fatal(err)
	}
	return NewJira(client, time.Now), func() string { return strings.Join(sent, "\n") }
}

// TestCloud: there people go by account IDs.
func TestCloud(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/issue/PAY-7": `{"id":"1","key":"PAY-7","fields":{
			"assignee":{"accountId":"5b:10","displayName":"Bob"},"customfield_10000":[{"accountId":"5b:10"}]}}`,
		"/issue/PAY-7/watchers": `{"watchers":[{"accountId":"5b:10"}]}`,
		"/field":                `[{"id":"customfield_10000","name":"Approvers","custom":true,"schema":{"type":"array","items":"user"}}]`,
	}
	issue := event.Issue{Key: "PAY-7", Project: event.Project{Key: "PAY"}, Reporter: event.User{AccountID: "5a:07", DisplayName: "Ann"}}
	for step, want := range map[string]string{
		`assign: {to: "${issue.reporter}"}`:               `PUT /issue/PAY-7/assignee {"accountId":"5a:07"}`,
		`assign: {to: "5b:10"}`:                           "",
		`assign: {to: nobody}`:                            `PUT /issue/PAY-7/assignee {"accountId":null}`,
		`assign: {to: automatic}`:                         `PUT /issue/PAY-7/assignee {"accountId":"-1"}`,
		`watch: {add: ["${issue.reporter}", "5b:10"]}`:    `POST /issue/PAY-7/watchers "5a:07"`,
		`watch: {remove: ["${issue.reporter}", "5b:10"]}`: `DELETE /issue/PAY-7/watchers?accountId=5b%3A10 `,
		`edit: {set: {Reporter: "${issue.reporter}"}}`:    `PUT /issue/PAY-7 {"fields":{"reporter":{"accountId":"5a:07"}}}`,
		`edit: {set: {Assignee: "5b:10"}}`:                "",
		`edit: {add: {Approvers: ["5b:10", "5a:07"]}}`:    `PUT /issue/PAY-7 {"update":{"customfield_10000":[{"add":{"accountId":"5a:07"}}]}}`,
		`edit: {set: {Approvers: "${[issue.reporter]}"}}`: `PUT /issue/PAY-7 {"fields":{"customfield_10000":[{"accountId":"5a:07"}]}}`,
		`create: {type: Bug, summary: x, fields: {Assignee: "5b:10"}}`: `POST /issue {"fields":{"assignee":{"accountId":"5b:10"},"issuetype":{"name":"Bug"},` +
			`"project":{"key":"PAY"},"summary":"x"},"properties":[{"key":"jirabot.mark","value":"m1"}]}`,
		`worklog: {spent: 30m}`: `POST /issue/PAY-7/worklog {"comment":"","properties":[{"key":"jirabot.mark","value":"m1"}],` +
			`"started":"2026-03-02T09:00:00.000+0000","timeSpent":"30m"}`,
	} {
		jira, wrote := cloud(t, answers)
		op, err := plan(step, scopeOf(issue, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), nil))
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := op.Apply(t.Context(), jira, Try{Mark: "m1"})
		if got := wrote(); err != nil || got != want || (outcome == Already) != (want == "") {
			t.Errorf("%s: %q %v\n got %s\nwant %s", step, outcome, err, got, want)
		}
	}
}

// TestWorklogAgain: where worklogs keep marks, a mark decides; where they do not, the same work at the same time does.
func TestWorklogAgain(t *testing.T) {
	t.Parallel()
	const work = `{"id":"1","timeSpentSeconds":1800,"started":"2026-03-02T09:00:00.000+0000","comment":"Triage"%s}`
	for name, c := range map[string]struct {
		there string
		want  Outcome
	}{
		"ours by its mark, whatever else somebody made of it": {`{"id":"1","timeSpentSeconds":60,"properties":[{"key":"jirabot.mark","value":"m1"}]}`, Already},
		"the same work of another step":                       {fmt.Sprintf(work, `,"properties":[{"key":"jirabot.mark","value":"m2"}]`), Done},
		"the same work whose mark was not written any more":   {fmt.Sprintf(work, `,"properties":[]`), Already},
		"the same work where there are no marks":              {fmt.Sprintf(work, ``), Already},
		"other work":                                          {`{"id":"1","timeSpentSeconds":60,"started":"2026-03-02T09:00:00.000+0000","comment":"Triage"}`, Done},
	} {
		t.Run(name, func(t *testing.T) {
			jira, wrote := cloud(t, map[string]string{"/issue/PAY-7/worklog": `{"total":1,"worklogs":[` + c.there + `]}`})
			op, err := plan(`worklog: {spent: 30m, comment: Triage}`, paper())
			if err != nil {
				t.Fatal(err)
			}
			outcome, err := op.Apply(t.Context(), jira, Try{Mark: "m1", Again: true})
			if err != nil || outcome != c.want || (wrote() == "") != (c.want == Already) {
				t.Errorf("%q %v %s", outcome, err, wrote())
			}
		})
	}
}

// TestWire is about what the simulator has no fields for: rarer kinds, and plug-ins' fields, which get what the rule gives
// as JSON that says the same.
func TestWire(t *testing.T) {
	t.Parallel()
	jira, _ := cloud(t, nil)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		kind  string
		value any
		want  string
	}{
		{"project", "PAY", `{"key":"PAY"}`},
		{"issuelink", "PAY-7", `{"key":"PAY-7"}`},
		{"group", "staff", `{"name":"staff"}`},
		{"securitylevel", "Internal", `{"name":"Internal"}`},
		{"string", at, `"2026-03-02 09:00"`},
		{"string", true, `"true"`},
		{"datetime", "2026-03-02T09:00:00.5+0100", `"2026-03-02T09:00:00.500+0100"`},
		{"date", at, `"2026-03-02"`},
		{"user", map[string]any{"key": "JIRAUSER1"}, `{"key":"JIRAUSER1"}`},
		{"priority", nil, `null`},
		{"number", json.Number("1.10"), `1.10`},
		{"any", json.Number("1.10"), `1.10`},
		{"any", "a", `"a"`},
		{"any", []string{"a", "b"}, `["a","b"]`},
		{"", true, `true`},
		{"", map[string]any{"x": 1}, `{"x":1}`},
		{"any", at, `"2026-03-02T09:00:00.000+0100"`},
		{"any", event.User{AccountID: "5a:07", DisplayName: "Ann"}, `{"accountId":"5a:07"}`},
	} {
		got, err := wire(jira, jiraclient.Field{ID: "customfield_1", Name: "Odd", Schema: jiraclient.Schema{Type: c.kind}}, c.value)
		sent, marshalErr := json.Marshal(got)
		if err != nil || marshalErr != nil || string(sent) != c.want {
			t.Errorf("%s %v became %s, %v, %v; want %s", c.kind, c.value, sent, err, marshalErr, c.want)
		}
	}
}
