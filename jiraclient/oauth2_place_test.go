package jiraclient_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

const elsewhere = "https://bot.example.com/callback?from=jira"

// A provider is a simulated Jira with an application link, and a gate before its token endpoint.
type provider struct {
	*jiratest.Jira
	url  string
	file string

	mu   sync.Mutex
	at   time.Time
	gate func(answer bool) // called before Jira sees a question for a token, and before its answer leaves
}

func (p *provider) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *provider) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
}

// guard sets the gate; nil opens it.
func (p *provider) guard(gate func(answer bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = gate
}

func (p *provider) knock(answer bool) {
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	if gate != nil {
		gate(answer)
	}
}

// newProvider has a link whose redirect URI nobody serves, and bot before every browser.
func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "token.json")}
	p.Jira = jiratest.New(jiratest.Options{Now: p.now, Version: "10.3.1"})
	p.AddUser(jiratest.User{Name: "ann"})
	p.AddUser(jiratest.User{Name: "bot"})
	p.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	for range 16 {
		if _, err := p.As("ann").CreateIssue("PAY", "Bug", "x"); err != nil {
			t.Fatal(err)
		}
	}
	p.AddApplication(jiratest.Application{ID: "app", Secret: "s3cr3t=of&app", RedirectURI: elsewhere})
	p.Consent("bot", true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/oauth2/latest/token") {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			p.knock(false)
			w = gated{w, p}
		}
		p.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.url = server.URL + "/jira"
	return p
}

// gated stops an answer at the gate.
type gated struct {
	http.ResponseWriter
	p *provider
}

func (g gated) WriteHeader(status int) {
	g.p.knock(true)
	g.ResponseWriter.WriteHeader(status)
}

func (g gated) Unwrap() http.ResponseWriter { return g.ResponseWriter }

func (p *provider) credential() jiraclient.OAuth2Credential {
	return jiraclient.OAuth2Credential{ClientID: "app", ClientSecret: "s3cr3t=of&app", RedirectURI: elsewhere, TokenFile: p.file}
}

func (p *provider) options() jiraclient.Options { return jiraclient.Options{URL: p.url, Now: p.now} }

// client is one bot; change may bend its credential.
func (p *provider) client(t *testing.T, change ...func(*jiraclient.OAuth2Credential)) *jiraclient.Client {
	t.Helper()
	credential := p.credential()
	for _, each := range change {
		each(&credential)
	}
	o := p.options()
	o.Auth = jiraclient.OAuth2(credential)
	c, err := jiraclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// A reader reads what bot login prints, opens the page in a browser, and answers with what the browser then shows.
type reader struct {
	strings.Builder
	answer func(address string) string
}

func (r *reader) person() jiraclient.Person {
	return jiraclient.Person{Out: r, Ask: func(context.Context, string) (string, error) { return r.answer(r.browse()), nil }}
}

// browse is the address to which Jira sends the browser.
func (r *reader) browse() string {
	page := regexp.MustCompile(`http://\S+/authorize\?\S+`).FindString(r.String())
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Get(page)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	return response.Header.Get("Location")
}

func asShown(address string) string { return address }

func (p *provider) login(t *testing.T) {
	t.Helper()
	p.loginAt(t, p.file)
}

// loginAt is bot login where the token stands in that file.
func (p *provider) loginAt(t *testing.T, file string) {
	t.Helper()
	credential := p.credential()
	credential.TokenFile = file
	user, err := jiraclient.LoginOAuth2(t.Context(), p.options(), credential, (&reader{answer: asShown}).person())
	if err != nil || user.Name != "bot" {
		t.Fatalf("log in: %v as %q", err, user.Name)
	}
}

// presented is how many refresh tokens Jira saw, and how many of them it did not take.
func (p *provider) presented() (all, refused int) {
	for _, r := range p.Renewals() {
		all++
		if r.Problem != "" {
			refused++
		}
	}
	return all, refused
}

func (p *provider) wantPresented(t *testing.T, all, refused int) {
	t.Helper()
	if a, r := p.presented(); a != all || r != refused {
		t.Errorf("Jira saw %d refresh tokens and refused %d, want %d and %d", a, r, all, refused)
	}
}

// kept is the token file's text.
func (p *provider) kept(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// good makes one call, which must succeed.
func good(t *testing.T, c *jiraclient.Client) {
	t.Helper()
	if _, err := c.Myself(t.Context()); err != nil {
		t.Error(err)
	}
}

// bad makes one call, whose error must hold all of these.
func bad(t *testing.T, c *jiraclient.Client, parts ...string) error {
	t.Helper()
	_, err := c.Myself(t.Context())
	if err == nil {
		t.Errorf("no error, want %q", parts)
		return nil
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nwant %q in it", err, part)
		}
	}
	return err
}
