package sweep

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// cloudAnswers are what Cloud says about one issue, of whose changelog and comments it sends the first page along.
const (
	cloudIssue = `{"id":"10042","key":"PAY-7","self":"https://jira.example.com/rest/api/2/issue/10042","fields":{
		"summary":"now","status":{"id":"3","name":"Done"},"created":"2026-11-01T10:00:00.000+0000","updated":"2026-11-24T11:40:00.000+0000",
		"creator":{"accountId":"5b:1","displayName":"Ann"},"reporter":null,"labels":[],"assignee":null,
		"comment":{"total":2,"comments":[{"id":"1","body":"one","author":{"accountId":"5b:1"},"updateAuthor":{"accountId":"5b:1"},
			"created":"2026-11-24T11:00:00.000+0000","updated":"2026-11-24T11:00:00.000+0000"}]}},
		"changelog":{"total":3,"histories":[` + cloudEntry3 + `]}}`
	cloudEntry1 = `{"id":"501","author":{"accountId":"5b:1"},"created":"2026-11-02T10:00:00.000+0000","items":[{"field":"summary","fieldId":"summary","fieldtype":"jira","from":null,"fromString":"first","to":null,"toString":"second"}]}`
	cloudEntry2 = `{"id":"502","author":{"accountId":"5b:2"},"created":"2026-11-24T11:20:00.000+0000","items":[{"field":"summary","fieldId":"summary","fieldtype":"jira","from":null,"fromString":"second","to":null,"toString":"third"}]}`
	cloudEntry3 = `{"id":"503","author":{"accountId":"5b:2"},"created":"2026-11-24T11:40:00.000+0000","items":[{"field":"assignee","fieldId":"assignee","fieldtype":"jira","from":"5b:1","fromString":"Ann","to":null,"toString":null},
		{"field":"summary","fieldId":"summary","fieldtype":"jira","from":null,"fromString":"third","to":null,"toString":"now"}]}`
	cloudComments = `{"startAt":0,"maxResults":100,"total":2,"comments":[
		{"id":"1","body":"one","author":{"accountId":"5b:1"},"updateAuthor":{"accountId":"5b:1"},"created":"2026-11-24T11:00:00.000+0000","updated":"2026-11-24T11:00:00.000+0000"},
		{"id":"2","body":"two","author":{"accountId":"5b:2"},"updateAuthor":{"accountId":"5b:1"},"created":"2026-11-24T11:30:00.000+0000","updated":"2026-11-24T11:35:00.000+0000"}]}`
)

func TestOnCloudACommentIsOneEventAndLongListsAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	var queries []string
	mux := http.NewServeMux()
	answer := func(pattern string, body func(r *http.Request) string) {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, body(r))
		})
	}
	text := func(s string) func(*http.Request) string { return func(*http.Request) string { return s } }
	answer("GET /rest/api/2/serverInfo", text(`{"version":"1001.0.0","deploymentType":"Cloud","serverTime":"2026-11-24T12:00:00.000+0000"}`))
	answer("POST /rest/api/2/search/jql", func(r *http.Request) string {
		body, _ := io.ReadAll(r.Body)
		queries = append(queries, string(body))
		if strings.Contains(string(body), "nextPageToken") {
			return `{"issues":[{"id":"10042","key":"PAY-7","fields":{"updated":"2026-11-24T11:40:00.000+0000"}}],"isLast":true}`
		}
		return `{"issues":[],"nextPageToken":"t"}`
	})
	answer("GET /rest/api/2/issue/10042", text(cloudIssue))
	answer("GET /rest/api/2/issue/10042/comment", text(cloudComments))
	answer("GET /rest/api/2/issue/10042/changelog", func(r *http.Request) string {
		page := map[string]string{"0": cloudEntry1 + "," + cloudEntry2, "2": cloudEntry3}[r.URL.Query().Get("startAt")]
		return fmt.Sprintf(`{"total":3,"isLast":false,"values":[%s]}`, page)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	client, err := jiraclient.New(jiraclient.Options{URL: server.URL, Auth: jiraclient.Token("token"), Deployment: jiraclient.Cloud, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	w.options.Jira = client
	w.restart()
	if _, err := w.Sweep(t.Context(), Request{Since: 80 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range w.stored() {
		got = append(got, fmt.Sprintf("%s by %s: %s, %s", e.Identity, e.Actor.AccountID, e.Issue.Summary, e.Issue.Assignee.AccountID))
	}
	if want := []string{
		"comment/1/created by 5b:1: second, 5b:1",
		"issue_updated/10042/changelog/502 by 5b:2: third, 5b:1",
		"comment/2/created by 5b:2: third, 5b:1",
		"comment/2/updated/1795520100000 by 5b:1: third, 5b:1",
		"issue_updated/10042/changelog/503 by 5b:2: now, ",
	}; !slices.Equal(got, want) {
		t.Errorf("recovered\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(queries) != 2 || !strings.Contains(queries[0], "updated >= -82m ORDER BY key ASC") {
		t.Errorf("searches: %q", queries)
	}
}
