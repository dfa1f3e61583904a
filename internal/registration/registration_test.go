package registration_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"jirabot/config"
	"jirabot/internal/registration"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

const file = `rules:
  - name: several
    on: [issue_created, commented, version_released, {transitioned: {to: Done}}]
    do: [{log: {message: Hi}}]
  - name: sleeps
    mode: off
    on: [sprint_started]
    do: [{log: {message: Hi}}]
  - name: by-the-clock
    on: [{schedule: {cron: "0 9 * * *"}}]
    do: [{log: {message: Hi}}]
`

var events = []string{"comment_created", "jira:issue_created", "jira:issue_updated", "jira:version_released"}

func set(t testing.TB) *rules.Set {
	t.Helper()
	s, err := rules.Compile([]rules.File{{Name: "rules.yaml", Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// connected is a client of a Jira of that version, for an administrator or for somebody else.
func connected(t testing.TB, version string, admin bool) *jiraclient.Client {
	t.Helper()
	_, c := simulated(t, version, admin)
	return c
}

// simulated is the same with its Jira.
func simulated(t testing.TB, version string, admin bool) (*jiratest.Jira, *jiraclient.Client) {
	t.Helper()
	j := jiratest.New(jiratest.Options{Version: version})
	j.AddUser(jiratest.User{Name: "ann", Token: "t", Admin: admin})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	url, err := j.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("t")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j, c
}

func wish(t testing.TB, c *jiraclient.Client) registration.Wish {
	t.Helper()
	o := config.Default()
	if c.SignsWebhooks() {
		o.Webhook.Secret = config.NewSecret("s3cret")
	} else {
		o.Webhook.PathToken = config.NewSecret("t0ken")
	}
	w, err := registration.For(o, set(t), "https://bot.example.com/", c.SignsWebhooks())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestRegisteringIsIdempotentOnEveryVersion(t *testing.T) {
	for _, version := range []string{"8.20.0", "9.12.0", "10.3.1", "11.2.0"} {
		t.Run(version, func(t *testing.T) {
			c := connected(t, version, true)
			w := wish(t, c)
			if _, created, err := registration.Register(t.Context(), c, w); err != nil || !created {
				t.Fatalf("created %t, %v", created, err)
			}
			changed, created, err := registration.Register(t.Context(), c, w)
			if err != nil || created || len(changed) != 0 {
				t.Fatalf("a second time: created %t, changed %q, %v", created, changed, err)
			}
			list, err := c.Webhooks(t.Context())
			if err != nil || len(list) != 1 || list[0].ID == "" || list[0].URL != w.URL || !slices.Equal(list[0].Events, events) {
				t.Fatalf("%+v, %v", list, err)
			}
			found, err := registration.Remove(t.Context(), c, registration.Name)
			if err != nil || !found {
				t.Fatalf("removed %t, %v", found, err)
			}
			if found, err := registration.Remove(t.Context(), c, registration.Name); err != nil || found {
				t.Fatalf("removed twice: %t, %v", found, err)
			}
		})
	}
}

func TestARegistrationThatDiffersIsMended(t *testing.T) {
	for _, version := range []string{"9.12.0", "10.3.1"} {
		t.Run(version, func(t *testing.T) {
			c := connected(t, version, true)
			w := wish(t, c)
			odd := jiraclient.Webhook{Name: registration.Name, URL: "https://old.example.com/", Events: []string{"sprint_closed", "comment_created"}, JQL: "project = PAY"}
			if _, err := c.SaveWebhook(t.Context(), odd); err != nil {
				t.Fatal(err)
			}
			changed, created, err := registration.Register(t.Context(), c, w)
			if err != nil || created {
				t.Fatalf("created %t, %v", created, err)
			}
			want := []string{
				"it posts to another address than " + w.Shown,
				`it is limited to "project = PAY"; the rules' own scopes and conditions decide, and a filter hides events from them`,
				"rules wait for events that it does not post: jira:issue_created, jira:issue_updated, jira:version_released",
			}
			if !slices.Equal(changed, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(changed, "\n"), strings.Join(want, "\n"))
			}
			list, err := c.Webhooks(t.Context())
			if err != nil || len(list) != 1 || len(registration.Differences(list[0], w)) != 0 || !slices.Contains(list[0].Events, "sprint_closed") {
				t.Errorf("%+v, %v", list, err)
			}
		})
	}
}

func TestWhoeverIsNoAdministratorIsToldSo(t *testing.T) {
	c := connected(t, "10.3.1", false)
	_, _, err := registration.Register(t.Context(), c, wish(t, c))
	if err == nil || !strings.Contains(err.Error(), "takes a Jira administrator") || !errors.Is(err, jiraclient.ErrDenied) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotWorkIsRefused(t *testing.T) {
	secret := config.Default()
	secret.Webhook.Secret = config.NewSecret("s")
	nothing, err := rules.Compile([]rules.File{{Name: "r.yaml", Data: []byte("rules: [{name: a, on: [{schedule: {cron: '@daily'}}], do: [{log: {message: Hi}}]}]")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name    string
		set     *rules.Set
		address string
		signs   bool
		want    string
	}{
		{"an address without a scheme", set(t), "bot.example.com", true, "the bot's address, as Jira reaches it, looks like https://bot.example.com"},
		{"a signature that Jira cannot make", set(t), "https://bot.example.com", false, "this Jira is older than 10 and cannot sign, or does not say how old it is, but webhook.secret demands a signature: use webhook.path_token instead of it, or have entered by hand what --print prints"},
		{"rules that wait for nothing", nothing, "https://bot.example.com", true, "no rule waits for an event of Jira, so there is nothing to register"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := registration.For(secret, x.set, x.address, x.signs); err == nil || err.Error() != x.want {
				t.Errorf("got %v, want %s", err, x.want)
			}
		})
	}
	if _, err := (connected(t, "9.12.0", true)).SaveWebhook(t.Context(), jiraclient.Webhook{Name: "x", URL: "https://x.example.com", ExcludeBody: true}); err == nil {
		t.Error("a registration without bodies was made")
	}
}

func TestInstructionsShowNoSecret(t *testing.T) {
	o := config.Default()
	o.Webhook.Secret, o.Webhook.PathToken = config.NewSecret("s3cret"), config.NewSecret("t0ken")
	w, err := registration.For(o, set(t), "https://bot.example.com", true)
	if err != nil {
		t.Fatal(err)
	}
	text := registration.Instructions(w)
	if strings.Contains(text, "s3cret") || strings.Contains(text, "t0ken") {
		t.Errorf("a secret stands in\n%s", text)
	}
	for _, want := range append([]string{"https://bot.example.com/webhooks/jira/(webhook.path_token)", "Exclude body  No", "the value of webhook.secret"}, events...) {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestWhatJiraTellsOfDeliveries: the trouble is said as long as Jira tells of it, and nothing where all arrived.
func TestWhatJiraTellsOfDeliveries(t *testing.T) {
	answers := map[string]int{"/takes": http.StatusAccepted, "/refuses": http.StatusUnauthorized}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(answers[r.URL.Path]) }))
	t.Cleanup(receiver.Close)
	for _, x := range []struct{ name, version, path, want string }{
		{"all arrived", "10.3.1", "/takes", ""},
		{"refused by the receiver", "10.3.1", "/refuses", "Jira delivered 0, 2 were refused, 0 did not arrive; the last time: failure: 401"},
		{"a Jira that does not tell", "9.12.0", "/refuses", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			j, c := simulated(t, x.version, true)
			if _, err := c.SaveWebhook(t.Context(), jiraclient.Webhook{Name: registration.Name, URL: receiver.URL + x.path, Events: []string{"jira:issue_created"}}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := j.As("ann").CreateIssue("PAY", "Bug", "Totals"); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.WaitDelivered(t.Context()); err != nil {
				t.Fatal(err)
			}
			list, err := c.Webhooks(t.Context())
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			if got := registration.Trouble(list[0]); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}
