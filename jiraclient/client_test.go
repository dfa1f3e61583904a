package jiraclient_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"jirabot/jiraclient"
)

const secret = "s3cr3t-t0ken"

// A call is one request that reached the server.
type call struct {
	method, uri, body string
	header            http.Header
}

// A fake answers what it is told. It stands under a context path, so that a call which forgets it fails.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

// serve starts a fake whose handler sees paths below /jira/rest/api/2, and those outside of it below /jira.
func serve(t *testing.T, handler http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.calls = append(f.calls, call{r.Method, r.URL.RequestURI(), string(body), r.Header.Clone()})
		f.mu.Unlock()
		prefix := "/jira"
		if strings.HasPrefix(r.URL.Path, "/jira/rest/api/2/") {
			prefix = "/jira/rest/api/2"
		}
		if _, inside := strings.CutPrefix(r.URL.Path, prefix+"/"); !inside {
			http.Error(w, "outside of the context path", http.StatusTeapot)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		http.StripPrefix(prefix, handler).ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call(nil), f.calls...)
}

// client connects to the fake without asking it anything.
func client(t *testing.T, f *fake, change ...func(*jiraclient.Options)) *jiraclient.Client {
	t.Helper()
	o := jiraclient.Options{URL: f.URL + "/jira", Auth: jiraclient.Token(secret)}
	for _, each := range change {
		each(&o)
	}
	c, err := jiraclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cloud(o *jiraclient.Options) { o.Deployment = jiraclient.Cloud }

// reply is a handler with one answer to everything.
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	var g, w any
	if got == "" || want == "" {
		return got == want
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("the wanted body is no JSON: %v", err)
	}
	return json.Unmarshal([]byte(got), &g) == nil && reflect.DeepEqual(g, w)
}

func TestNew(t *testing.T) {
	good := jiraclient.Token(secret)
	for _, tt := range []struct {
		name string
		o    jiraclient.Options
		want string
	}{
		{"an address is needed", jiraclient.Options{Auth: good}, "the Jira url has no http or https address: want something like https://jira.example.com/jira"},
		{"a scheme is needed", jiraclient.Options{URL: "jira.example.com", Auth: good}, "the Jira url has no http or https address: want something like https://jira.example.com/jira"},
		{"a password does not belong into the address", jiraclient.Options{URL: "https://bot:" + secret + "@jira.example.com", Auth: good}, "the Jira url holds a user name: credentials belong under auth; want something like https://jira.example.com/jira"},
		{"not even into a broken one", jiraclient.Options{URL: "https://bot:" + secret + "@jira:x", Auth: good}, "the Jira url cannot be read: want something like https://jira.example.com/jira"},
		{"a query is a mistake", jiraclient.Options{URL: "https://jira.example.com/?a=b", Auth: good}, "the Jira url has a query or a fragment: want something like https://jira.example.com/jira"},
		{"no authentication is no default", jiraclient.Options{URL: "https://jira.example.com"}, "no authentication: give a personal access token, or a user and a password"},
		{"an empty token is none", jiraclient.Options{URL: "https://jira.example.com", Auth: jiraclient.Token("")}, "the personal access token is empty"},
		{"a token file ends without a line break", jiraclient.Options{URL: "https://jira.example.com", Auth: jiraclient.Token(secret + "\n")}, "the personal access token holds a blank or a line break: is there one at the end of its file?"},
		{"an empty password is none", jiraclient.Options{URL: "https://jira.example.com", Auth: jiraclient.Basic("bot", "")}, "basic authentication needs both a user and a password"},
		{"a user with a colon cannot be", jiraclient.Options{URL: "https://jira.example.com", Auth: jiraclient.Basic("b:t", secret)}, "the user name holds a colon, which basic authentication cannot carry"},
		{"a browser's name is refused", jiraclient.Options{URL: "https://jira.example.com", Auth: good, UserAgent: "Mozilla/5.0"}, `user agent "Mozilla/5.0" looks like a browser's, and Jira refuses writes from browsers`},
		{"a deployment is one of three", jiraclient.Options{URL: "https://jira.example.com", Auth: good, Deployment: "server"}, `unknown deployment "server": want auto, data_center or cloud`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := jiraclient.New(tt.o); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	f := serve(t, reply(200, `{"id":"1"}`))
	c := client(t, f, func(o *jiraclient.Options) { o.UserAgent = "jirabot/1.2" })
	if _, err := c.Issue(t.Context(), "PAY-7", jiraclient.IssueQuery{}); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteLink(t.Context(), "5"); err != nil {
		t.Fatal(err)
	}
	basic := client(t, f, func(o *jiraclient.Options) { o.Auth = jiraclient.Basic("bot", "pass word") })
	if err := basic.AddWatcher(t.Context(), "PAY-7", jiraclient.UserRef{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	calls := f.seen()
	for i, want := range []map[string]string{
		{"User-Agent": "jirabot/1.2", "Accept": "application/json", "Authorization": "Bearer " + secret, "X-Atlassian-Token": "", "Content-Type": ""},
		{"User-Agent": "jirabot/1.2", "Accept": "application/json", "Authorization": "Bearer " + secret, "X-Atlassian-Token": "no-check", "Content-Type": ""},
		{"User-Agent": "jirabot/dev", "Accept": "application/json", "Authorization": "Basic Ym90OnBhc3Mgd29yZA==", "X-Atlassian-Token": "no-check", "Content-Type": "application/json"},
	} {
		for name, value := range want {
			if got := calls[i].header.Get(name); got != value && !(name == "User-Agent" && i == 2 && strings.HasPrefix(got, "jirabot/")) {
				t.Errorf("request %d: %s is %q, want %q", i, name, got, value)
			}
		}
	}
}
