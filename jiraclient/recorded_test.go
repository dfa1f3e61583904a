package jiraclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jirabot/jiraclient"
)

// A recording is what a real server answered once, and the call that reads it. They lie beside the repository, where there
// are any.
type recording struct {
	file string
	read func(context.Context, *jiraclient.Client) (any, error)
	want string

	at    string // the path that gets the body, where others are asked for as well
	wrap  string // what is around a recording that is only a part, with @ in its place
	cloud bool
}

// TestRecordedAnswers: each call reads what was recorded of it.
func TestRecordedAnswers(t *testing.T) {
	dir := recordings(t)
	for _, r := range slices.Concat(issueRecordings(), projectRecordings()) {
		t.Run(r.file, func(t *testing.T) {
			body := recorded(t, dir, r.file)
			if r.wrap != "" {
				body = strings.Replace(r.wrap, "@", body, 1)
			}
			f := serve(t, func(w http.ResponseWriter, request *http.Request) {
				if r.at != "" && request.URL.Path != r.at {
					reply(404, `{}`)(w, request)
					return
				}
				reply(200, body)(w, request)
			})
			c := client(t, f)
			if r.cloud {
				c = client(t, f, cloud)
			}
			got, err := r.read(t.Context(), c)
			if text := sprint("%v", got); err != nil || text != r.want {
				t.Errorf("got %v, %v; want %s", text, err, r.want)
			}
		})
	}
}

// A recordedError is an answer that says no, and what people are told of it.
type recordedError struct {
	file   string
	status int // unless the recording has one
	want   string
	is     error
}

func recordedErrors() []recordedError {
	const captcha = " (Jira demands a CAPTCHA after several failed logins, and until then not even the right password helps: log in once in the browser as the bot user at "
	return []recordedError{
		// Taken for a missing permission by the word alone; no call of ours is answered like this.
		{"go-jira/no_permissionscheme.json", 400, "400: Permission scheme 101001 does not exist", jiraclient.ErrDenied},
		{"go-jira/no_permissionschemes.json", 404, "404: not found (missing, or not visible to the bot user; the answer is not Jira's own, so the address may be wrong)", jiraclient.ErrNotFound},
		{"go-jira/no_role.json", 400, "400: Role with given id not found.", nil},
		{"go-jira/no_roles.json", 400, "400: bad request", nil},
		{"jira-ruby/issue__10002.invalid.put.json", 400, "400: invalid: Field 'invalid' is not valid for this operation.", nil},
		{"jira-ruby/issue__10002.put.missing_field_update.json", 400, "400: one of 'fields' or 'update' required", nil},
		{"jira-ruby/component__10000.invalid.put.json", 400, `400: Unrecognized field "invalid" (Class com.atlassian.jira.rest.v2.issue.component.ComponentBean), not marked as ignorable`, nil},
		{"jira-ruby/version__10000.invalid.put.json", 400, `400: Unrecognized field "chump" (Class com.atlassian.jira.rest.v2.issue.version.VersionBean), not marked as ignorable`, nil},
		{"observed-headers/captcha-403-nginx-2018-01.json", 0, "403: forbidden" + captcha + ".........)", jiraclient.ErrUnauthorized},
		{"observed-headers/captcha-myself-2018-04.json", 403, "403: forbidden" + captcha + "https://jira.ncdc.pl/jira/login.jsp)", jiraclient.ErrUnauthorized},
		{"observed-headers/cloud-401-seraph-2017-06.json", 0, "401: unauthorized (wrong user or password)", jiraclient.ErrUnauthorized},
		{"observed-headers/session-200-but-denied-2015-02.json", 0, "200: ok" + captcha + "Jira's login page)", jiraclient.ErrUnauthorized},
		{"observed-headers/xsrf-403.json", 0, "403: XSRF check failed (Jira took the call for a browser's: something on the way drops X-Atlassian-Token or changes the User-Agent)", nil},
	}
}

// TestRecordedErrors: whatever the body looks like, the error has the words that a person needs, and means the right thing.
func TestRecordedErrors(t *testing.T) {
	dir := recordings(t)
	for _, tt := range recordedErrors() {
		t.Run(tt.file, func(t *testing.T) {
			whole := recorded(t, dir, tt.file)
			status, body, headers := tt.status, whole, []string(nil)
			if strings.HasPrefix(tt.file, "observed-headers/") {
				status, body, headers = observed(t, whole, tt.status)
			}
			_, err := client(t, serve(t, reply(status, body, headers...))).Fields(t.Context())
			if err == nil || err.Error() != "GET /rest/api/2/field: "+tt.want || meaning(err) != tt.is {
				t.Errorf("got  %v, which is %v\nwant …%s, which is %v", err, meaning(err), tt.want, tt.is)
			}
			if jiraclient.Uncertain(err) {
				t.Error("a call that reads counts as a write that may have happened")
			}
		})
	}
}

// observed takes a recording apart that has status and headers.
func observed(t *testing.T, whole string, otherwise int) (status int, body string, headers []string) {
	t.Helper()
	var o struct {
		Status  *int
		Headers map[string]any
		Body    json.RawMessage
		Text    string `json:"body_text"`
	}
	if err := json.Unmarshal([]byte(whole), &o); err != nil {
		t.Fatal(err)
	}
	if status = otherwise; o.Status != nil {
		status = *o.Status
	}
	for name, value := range o.Headers {
		if text, ok := value.(string); ok && name != "Transfer-Encoding" && name != "transfer-encoding" {
			headers = append(headers, name, text)
		}
	}
	return status, string(o.Body) + o.Text, headers
}

// TestEveryRecordingIsUsed: a recording is read by a call, or there is a reason why not.
func TestEveryRecordingIsUsed(t *testing.T) {
	dir := recordings(t)
	used := map[string]int{}
	for _, r := range slices.Concat(issueRecordings(), projectRecordings()) {
		used[r.file]++
	}
	for _, r := range recordedErrors() {
		used[r.file]++
	}
	for reason, files := range notOurs() {
		if reason == "" {
			t.Error("a list without a reason")
		}
		for file := range strings.FieldsSeq(files) {
			used[file]++
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		file := filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator)))
		if err != nil || d.IsDir() || d.Name() == "LIST.md" {
			return err
		}
		switch used[file] {
		case 1:
		case 0:
			t.Errorf("%s is read by no call, and nothing says why", file)
		default:
			t.Errorf("%s stands in several lists, or twice in one", file)
		}
		delete(used, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for file := range used {
		t.Errorf("%s is not there", file)
	}
}

// notOurs are recordings that no call of this client reads, by the reason why.
func notOurs() map[string]string {
	return map[string]string{
		"saved filters: rules have JQL of their own":                                          `go-jira/all_filters.json go-jira/favourite_filters.json go-jira/filter.json go-jira/my_filters.json go-jira/search_filters.json`,
		"permission schemes: they take an administrator, and MyPermissions tells what we may": `go-jira/all_permissionschemes.json go-jira/permissionscheme.json`,
		"one of a list that is read whole": `jira-ruby/field__1.json jira-ruby/issuetype__5.json jira-ruby/priority__1.json jira-ruby/resolution__1.json
			jira-ruby/status__1.json jira-ruby/issueLinkType__10000.json`,
		"categories of statuses: each status names its own":  `go-jira/all_statuscategories.json go-jira/status_category.json jira-ruby/statuscategory.json jira-ruby/statuscategory__1.json`,
		"a predecessor of boards that no supported Jira has": `jira-ruby/rapidview.json jira-ruby/rapidview__SAMPLEPROJECT.json jira-ruby/rapidview__SAMPLEPROJECT.issues.json`,
		"made by somebody else's program and not by Jira":    `port-ocean-jira-server/after_mapping.json go-jira/all_issuelinktypes.json`,
		"a request, and for documents in the place of text":  `php-jira-rest-client/issueFieldV3.json`,
		"read by TestRecordedAgileAnswers": `go-jira/all_boards.json go-jira/all_boards_filtered.json go-jira/board_configuration.json go-jira/sprints.json
			go-jira/sprints_filtered.json go-jira/issues_in_sprint.json jira-cli/boards.json jira-cli/epic.json jira-cli/sprint-get.json jira-cli/sprints.json
			jira-ruby/board__1.json jira-ruby/board__1_issues.json jira-ruby/sprint__1.json jira-ruby/sprint__1_issues.json go-jira/role.json
			go-jira/component_get.json jira-ruby/component__10000.json jira-ruby/component.post.json jira-ruby/version__10000.json jira-ruby/version.post.json
			jira-cli/releases.json jira-cli/users.json go-jira/all_resolutions.json jira-ruby/resolution.json`,
		"further pages of sprints, like jira-cli/sprints.json":  `jira-cli/sprints-0.json jira-cli/sprints-2.json jira-cli/sprints-3.json`,
		"answers to changes of which nothing is read":           `jira-ruby/component__10000.put.json jira-ruby/version__10000.put.json`,
		"lists of all projects and roles: a rule names its own": `go-jira/all_projects.json jira-cli/projects.json jira-ruby/project.json go-jira/all_roles.json`,
	}
}

func recordings(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join("..", "..", "shared", "jira", "responses")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no recorded answers in %s", dir)
	}
	// WalkDir does not follow a link at its beginning.
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func recorded(t *testing.T, dir, file string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
