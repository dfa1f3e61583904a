package jiraclient_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestWhatBecameOfDeliveries is told by Jira from 10 on, for each registration.
func TestWhatBecameOfDeliveries(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/refuses") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(receiver.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			j, c := entering(t, version)
			for name, url := range map[string]string{
				"takes": receiver.URL, "refuses": receiver.URL + "/refuses/t0ken", "gone": gone.URL + "/t0ken", "idle": receiver.URL + "/idle",
			} {
				events := []string{"jira:issue_created"}
				if name == "idle" {
					events = []string{"sprint_started"}
				}
				if _, err := c.SaveWebhook(t.Context(), jiraclient.Webhook{Name: name, URL: url, Events: events}); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				if _, err := j.As("ann").CreateIssue("PAY", "Bug", "Totals"); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.WaitDelivered(t.Context()); err != nil {
				t.Fatal(err)
			}
			list, err := c.Webhooks(t.Context())
			if err != nil || len(list) != 4 {
				t.Fatalf("%+v %v", list, err)
			}
			want := map[string]string{
				"takes": "{3 0 0 }", "refuses": "{0 3 0 failure: 401}", "idle": "{0 0 0 }",
				"gone": "{0 0 3 error: dial tcp " + gone.Listener.Addr().String() + ": connect: connection refused}",
			}
			for _, h := range list {
				switch older := version != "10.3" && version != "11.2"; {
				case older && h.Posted != nil:
					t.Errorf("%s: %+v, which this version does not tell", h.Name, *h.Posted)
				case !older && h.Posted == nil:
					t.Errorf("%s: nothing is told", h.Name)
				case !older && fmt.Sprint(*h.Posted) != want[h.Name]:
					t.Errorf("%s: %v, want %s", h.Name, *h.Posted, want[h.Name])
				}
			}
		})
	}
}

// TestTheLastErrorIsReadInWhateverFormItComes, and shows no token of the address.
func TestTheLastErrorIsReadInWhateverFormItComes(t *testing.T) {
	const address = "https://bot.example.com/webhooks/jira/t0ken"
	for name, c := range map[string]struct{ told, want string }{
		"an invocation":                        {`{"id":"1","request":{"method":"POST","url":"` + address + `"},"result":{"outcome":"ERROR","description":"Connection refused"}}`, "error: Connection refused"},
		"an invocation that names the address": {`{"result":{"outcome":"ERROR","description":"cannot reach ` + address + `?user_id=ann"}}`, "error: cannot reach (its address)?user_id=ann"},
		"an invocation without an outcome":     {`{"result":{"description":"503"}}`, "503"},
		"another object":                       {`{"message":"timed out","url":"` + address + `"}`, `{"message":"timed out","url":"(its address)"}`},
		"a text":                               {`"timed\nout"`, "timed out"},
		"a number":                             {`503`, "503"},
		"null":                                 {`null`, ""},
		"an empty text":                        {`""`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			j := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if strings.HasSuffix(r.URL.Path, "/serverInfo") {
					fmt.Fprint(w, `{"version":"10.3.1","versionNumbers":[10,3,1],"deploymentType":"Server"}`)
					return
				}
				fmt.Fprintf(w, `[{"id":1,"name":"a","url":%q,"events":[],"statistics":{"counts":{"successes":1,"failures":2,"errors":3},"lastError":%s}}]`, address, c.told)
			}))
			t.Cleanup(j.Close)
			client, err := jiraclient.New(jiraclient.Options{URL: j.URL, Auth: jiraclient.Token(secret)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.ServerInfo(t.Context()); err != nil {
				t.Fatal(err)
			}
			list, err := client.Webhooks(t.Context())
			if err != nil || len(list) != 1 || list[0].Posted == nil {
				t.Fatalf("%+v %v", list, err)
			}
			if got := *list[0].Posted; got != (jiraclient.Posted{Successes: 1, Failures: 2, Errors: 3, LastError: c.want}) {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
}
