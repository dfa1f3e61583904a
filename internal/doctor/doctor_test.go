package doctor_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jirabot/config"
	"jirabot/internal/doctor"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

const file = `rules:
  - name: says-hello
    projects: [PAY]
    on: [issue_created]
    do:
      - edit: {set: {summary: Hi}}
`

// patient is a healthy bot beside a healthy Jira.
func patient(t *testing.T) (*jiratest.Jira, doctor.Patient) {
	t.Helper()
	return patientOf(t, "")
}

// patientOf is one beside a Jira of that version.
func patientOf(t *testing.T, version string) (*jiratest.Jira, doctor.Patient) {
	t.Helper()
	j := jiratest.New(jiratest.Options{Version: version})
	j.AddUser(jiratest.User{Name: "bot", Token: "right"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	url, err := j.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	set, err := rules.Compile([]rules.File{{Name: "rules.yaml", Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	c.Jira.URL = url
	c.Webhook.Secret = config.NewSecret("s")
	p := doctor.Patient{Config: c, Rules: set, Now: time.Now, Jira: client(t, url, "right")}
	if version == "Cloud" {
		p.Jira, err = jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Basic("bot@example.com", "right")})
	}
	if err != nil {
		t.Fatal(err)
	}
	return j, p
}

func client(t *testing.T, url, token string) *jiraclient.Client {
	t.Helper()
	c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token(token)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// line is the first line about something.
func line(t *testing.T, r doctor.Report, what string) doctor.Line {
	t.Helper()
	for _, l := range r.Lines {
		if l.What == what {
			return l
		}
	}
	t.Fatalf("no line about %s in %+v", what, r.Lines)
	return doctor.Line{}
}

func TestWhatTheDoctorFinds(t *testing.T) {
	for _, x := range []struct {
		name    string
		prepare func(*testing.T, *jiratest.Jira, *doctor.Patient)
		what    string
		result  doctor.Result
		says    string // in the detail or in what to do
		healthy bool
	}{
		{"a healthy bot", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "permissions", doctor.OK, "all 2 that the rules need", true},
		{"who it is", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "identity", doctor.OK, "bot (Bot), key JIRAUSER", true},
		{"which Jira it is", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "version", doctor.OK, "Jira 10.3.24, data_center", true},
		{"a connection in the clear", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "tls", doctor.Warning, "use https", true},
		{"a data directory that is not there yet", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "data", doctor.OK, "made at the first start", true},
		{"a data directory that others can read", func(t *testing.T, _ *jiratest.Jira, p *doctor.Patient) {
			if err := os.MkdirAll(p.Config.Data, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "data", doctor.Warning, "chmod 700", true},
		{"a permission that is missing", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) { j.Revoke("PAY", "bot", "EDIT_ISSUES") },
			"permissions", doctor.Failed, `rule says-hello: the bot user bot lacks "Edit Issues" (EDIT_ISSUES) in project PAY; step 1 (edit) needs it`, false},
		{"an administrator", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.AddUser(jiratest.User{Name: "bot", Token: "right", Admin: true})
		}, "privileges", doctor.Failed, "bot serve refuses to work", false},
		{"an administrator whom the operator permits", func(_ *testing.T, j *jiratest.Jira, p *doctor.Patient) {
			j.AddUser(jiratest.User{Name: "bot", Token: "right", Admin: true})
			p.Config.Jira.AllowAdmin = true
			if _, err := j.Webhook(jiratest.Registration{Name: "jirabot", URL: "http://127.0.0.1:1/webhooks/jira", Events: []string{"jira:issue_created"}, RecordOnly: true}); err != nil {
				t.Fatal(err)
			}
		}, "privileges", doctor.Warning, "jira.allow_admin permits it", true},
		{"a registration that the bot user can see", func(t *testing.T, j *jiratest.Jira, p *doctor.Patient) {
			j.AddUser(jiratest.User{Name: "bot", Token: "right", Admin: true})
			p.Config.Jira.AllowAdmin = true
			if _, err := j.Webhook(jiratest.Registration{Name: "jirabot", URL: "http://127.0.0.1:1/", Events: []string{"comment_created"}, JQL: "project = PAY", RecordOnly: true}); err != nil {
				t.Fatal(err)
			}
		}, "webhook", doctor.Failed, "it is limited to \"project = PAY\"; the rules' own scopes and conditions decide, and a filter hides events from them; rules wait for events that it does not post: jira:issue_created", false},
		{"registrations that only an administrator can see", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "webhook", doctor.Skipped, "bot webhook register helps", true},
		{"a token that ends soon", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.AddUser(jiratest.User{Name: "bot", Token: "right", TokenExpires: time.Now().Add(48 * time.Hour)})
		}, "token", doctor.Warning, "make a new one", true},
		{"a token that ends some day", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.AddUser(jiratest.User{Name: "bot", Token: "right", TokenExpires: time.Date(2099, 3, 1, 0, 0, 0, 0, time.UTC)})
		}, "token", doctor.OK, "ends on 2099-03-01", true},
		{"a rate limit", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.SetRateLimit(jiratest.RateLimit{Limit: 50, FillRate: 10, Interval: time.Second})
		}, "rate limit", doctor.OK, "of 50 requests left, and 10 a second come back", true},
		{"a round trip without a bot that runs", func(_ *testing.T, _ *jiratest.Jira, p *doctor.Patient) {
			p.Issue, p.Config.Listen = "PAY-1", "127.0.0.1:1"
		}, "round trip", doctor.Failed, "the bot does not run at 127.0.0.1:1", false},
		{"a wrong token", func(t *testing.T, _ *jiratest.Jira, p *doctor.Patient) {
			p.Jira = client(t, p.Config.Jira.URL, "wrong")
		},
			"identity", doctor.Failed, "check the credential", false},
		{"a Jira that tells no permissions", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.Fault(jiratest.Fault{Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/mypermissions") }, Status: 404})
		}, "permissions", doctor.Skipped, "does not tell permissions", true},
		{"a Jira that is not there", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) { _ = j.Close() },
			"reach", doctor.Failed, "check jira.url", false},
		{"a Jira that does not answer in time", func(_ *testing.T, j *jiratest.Jira, p *doctor.Patient) {
			p.Config.Jira.Timeout = 50 * time.Millisecond
			j.Fault(jiratest.Fault{Delay: time.Second})
		}, "reach", doctor.Failed, "no answer within 50ms", false},
		{"a page in Jira's place", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.Fault(jiratest.Fault{Status: 200, Body: "<html>Welcome</html>", Header: http.Header{"Content-Type": {"text/html"}}})
		}, "identity", doctor.Failed, "check that jira.url is Jira's address", false},
		{"a Jira that limits the bot user", func(_ *testing.T, j *jiratest.Jira, _ *doctor.Patient) {
			j.Fault(jiratest.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}})
		}, "identity", doctor.Failed, "exempt the bot user from the rate limit", false},
		{"names that Jira knows", func(*testing.T, *jiratest.Jira, *doctor.Patient) {}, "names", doctor.OK, "Jira knows all", true},
		{"a clock that is wrong", func(_ *testing.T, _ *jiratest.Jira, p *doctor.Patient) {
			p.Now = func() time.Time { return time.Now().Add(time.Hour) }
		}, "clock", doctor.Failed, "NTP", false},
	} {
		t.Run(x.name, func(t *testing.T) {
			j, p := patient(t)
			x.prepare(t, j, &p)
			report := doctor.Examine(t.Context(), p)
			l := line(t, report, x.what)
			if l.Result != x.result || !strings.Contains(l.Detail+" "+l.Do, x.says) {
				t.Errorf("got %+v", l)
			}
			if report.OK() != x.healthy {
				t.Errorf("healthy %t: %+v", report.OK(), report.Lines)
			}
		})
	}
}

func TestTheDoctorWritesNothing(t *testing.T) {
	j, p := patient(t)
	doctor.Examine(t.Context(), p)
	if writes := j.Writes(); len(writes) != 0 {
		t.Errorf("it wrote to Jira: %+v", writes)
	}
	if _, err := os.Stat(p.Config.Data); !os.IsNotExist(err) {
		t.Errorf("it made the data directory: %v", err)
	}
}

// TestEveryVersionIsHealthy: none of them is taken for another, and nothing is found wrong with any.
func TestEveryVersionIsHealthy(t *testing.T) {
	for _, version := range jiratest.Versions() {
		t.Run(version, func(t *testing.T) {
			_, p := patientOf(t, version)
			report := doctor.Examine(t.Context(), p)
			want := "Jira " + version
			if version == "Cloud" {
				want = "Jira 1001.0.0-SNAPSHOT, cloud"
			}
			if l := line(t, report, "version"); l.Result != doctor.OK || !strings.HasPrefix(l.Detail, want) {
				t.Errorf("%+v", l)
			}
			for _, what := range []string{"identity", "privileges", "permissions", "names"} {
				if l := line(t, report, what); l.Result != doctor.OK {
					t.Errorf("%+v", l)
				}
			}
		})
	}
}

// TestWhatAStandInLacksIsNoIllness: it is said, as something that nobody can know, and everything else is examined.
func TestWhatAStandInLacksIsNoIllness(t *testing.T) {
	for name, how := range map[string]jiratest.Absence{
		"404 as Jira says it": jiratest.NotFound, "404 as web servers say it": jiratest.NotFoundPage,
		"405": jiratest.NotAllowed, "a page in the place of an answer": jiratest.SomePage,
		"401": jiratest.NotForYou, "403": jiratest.Blocked, "an empty answer": jiratest.Nothing,
	} {
		t.Run(name, func(t *testing.T) {
			j, p := patientOf(t, "")
			if err := j.LackAllBut(how, "GET /api/2/myself"); err != nil {
				t.Fatal(err)
			}
			report := doctor.Examine(t.Context(), p)
			if !report.OK() {
				t.Errorf("%+v", report.Lines)
			}
			for what, want := range map[string]doctor.Result{
				"identity": doctor.OK, "version": doctor.Warning, "privileges": doctor.Skipped, "permissions": doctor.Skipped, "names": doctor.Skipped,
			} {
				if l := line(t, report, what); l.Result != want || l.Detail == "" {
					t.Errorf("want %s: %+v", want, l)
				}
			}
		})
	}
}
