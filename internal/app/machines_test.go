package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/control"
	"jirabot/internal/freeport"
	"jirabot/internal/sweep"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestMain makes the test binary a bot, or what renews its token, where it is started as one: only a process can be killed.
func TestMain(m *testing.M) {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "play-a-bot":
		err = playBot(os.Args[2])
	case len(os.Args) == 5 && os.Args[1] == app.RenewCommand:
		var c config.Config
		if c, err = config.Load(os.Args[3]); err == nil {
			err = app.Renew(context.Background(), c, os.Args[4])
		}
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func playBot(file string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{Config: c, Log: zerolog.New(os.Stdout).With().Timestamp().Logger()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.Run(ctx)
}

// machines are three bots that are one, each a process, before a simulated Jira.
type machines struct {
	t    *testing.T
	jira *jiratest.Jira
	dir  string
	url  [3]string
	bots [3]*exec.Cmd

	mu   sync.Mutex
	gate func()       // is called before the answer to a question for a token leaves
	said bytes.Buffer // by all of them
}

const machineConfig = `
insecure: true
listen: %s
data: %s
rules: [%s]
inbox: {lanes: 8}
jira: {url: %s, auth: {oauth2: {client_id: app, client_secret: {env: APP_SECRET}, redirect_uri: "https://bot.example.com/back"}}}
webhook: {secret: {env: HOOK_SECRET}}
sweep: {enabled: %v, every: 1h}
cluster: {name: bots, node: bot-%d, listen: %s, peers: ["%s"], secret: {env: CLUSTER_SECRET}}
`

// newMachines lays out three machines and starts none.
func newMachines(t *testing.T, sweeps bool) *machines {
	t.Helper()
	dir, err := os.MkdirTemp("", "bots") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	m := &machines{t: t, jira: jiratest.New(jiratest.Options{Version: "10.3.1"}), dir: dir}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/oauth2/latest/token") {
			w = gated{w, m}
		}
		m.jira.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		by := syscall.SIGTERM
		if slices.Contains(m.bots[:], nil) {
			by = syscall.SIGKILL // the last two would wait for each other
		}
		var all sync.WaitGroup
		for i := range m.bots {
			all.Go(func() {
				if err := m.end(i, by); err != nil && by == syscall.SIGTERM {
					t.Errorf("bot-%d ends: %v", i+1, err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.Log(m.log())
		}
		server.Close()
		_ = m.jira.Close()
		_ = os.RemoveAll(dir)
	})
	m.jira.AddUser(jiratest.User{Name: "ann"})
	m.jira.AddUser(jiratest.User{Name: "bot"})
	m.jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	m.jira.AddApplication(jiratest.Application{ID: "app", Secret: "secret-of-the-link", RedirectURI: "https://bot.example.com/back"})
	m.jira.Consent("bot", true)
	for name, value := range map[string]string{"APP_SECRET": "secret-of-the-link", "HOOK_SECRET": secret, "CLUSTER_SECRET": "among ourselves"} {
		t.Setenv(name, value)
	}
	free, err := freeport.Addresses(6)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.url {
		m.url[i] = "http://" + free[i]
		text := fmt.Sprintf(machineConfig, free[i], m.data(i), m.file(i, "rules.yaml"), server.URL+"/jira", sweeps, i+1, free[3+i], strings.Join(free[3:], `", "`))
		for name, content := range map[string]string{"bot.yaml": text, "rules.yaml": clusterRules} {
			if err := errors.Join(os.MkdirAll(filepath.Dir(m.file(i, name)), 0o700), os.WriteFile(m.file(i, name), []byte(content), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// gated stops an answer at the gate.
type gated struct {
	http.ResponseWriter
	m *machines
}

func (g gated) WriteHeader(status int) {
	g.m.mu.Lock()
	gate := g.m.gate
	g.m.mu.Unlock()
	if gate != nil {
		gate()
	}
	g.ResponseWriter.WriteHeader(status)
}

func (g gated) Unwrap() http.ResponseWriter { return g.ResponseWriter }

func (m *machines) guard(gate func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gate = gate
}

// Write is where the bots log.
func (m *machines) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said.Write(b)
}

func (m *machines) log() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said.String()
}

func (m *machines) file(i int, name string) string {
	return filepath.Join(m.dir, fmt.Sprint(i+1), name)
}
func (m *machines) data(i int) string { return m.file(i, "data") }

func (m *machines) start(i int) {
	m.t.Helper()
	cmd := exec.Command(os.Args[0], "play-a-bot", m.file(i, "bot.yaml"))
	cmd.Stdout, cmd.Stderr = m, m
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.bots[i] = cmd
}

// end ends a machine by a signal, and returns when it is gone.
func (m *machines) end(i int, by syscall.Signal) (err error) {
	if m.bots[i] != nil {
		err = errors.Join(m.bots[i].Process.Signal(by), m.bots[i].Wait())
		m.bots[i] = nil
	}
	return err
}

// login is bot login on one machine.
func (m *machines) login(i int) {
	m.t.Helper()
	c, err := config.Load(m.file(i, "bot.yaml"))
	if err != nil {
		m.t.Fatal(err)
	}
	var screen strings.Builder
	_, err = app.Login(m.t.Context(), c, jiraclient.Person{Out: &screen, Ask: func(context.Context, string) (string, error) {
		page := regexp.MustCompile(`http://\S+/authorize\?\S+`).FindString(screen.String())
		browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := browser.Get(page)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		return answer.Header.Get("Location"), nil
	}})
	if err != nil {
		m.t.Fatal(err)
	}
}

// get is what a machine answers; nothing while it does not.
func (m *machines) get(i int, path string) string {
	answer, err := http.Get(m.url[i] + path)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return string(body)
}

// check is why something is not well on a machine; "well" if it is, "" if the machine does not tell.
func (m *machines) check(i int, what string) string {
	var body struct{ Checks []app.Check }
	if json.Unmarshal([]byte(m.get(i, "/readyz")), &body) != nil {
		return ""
	}
	for _, c := range body.Checks {
		if c.What == what && c.OK {
			return "well"
		} else if c.What == what {
			return c.Why
		}
	}
	return ""
}

// look has a machine ask Jira something, and is why it could not.
func (m *machines) look(i int) error {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	_, err := control.Call[sweep.Report](ctx, m.data(i), "sweep", sweep.Request{Since: time.Minute, DryRun: true})
	return err
}

func (m *machines) connected() {
	m.t.Helper()
	for i := range m.bots {
		eventually(m.t, fmt.Sprintf("bot-%d is connected", i+1), func() bool { return m.check(i, "jira") == "well" })
	}
}

// wantRotation: Jira has seen so many refresh tokens, each once, and refused none.
func (m *machines) wantRotation(want int) {
	m.t.Helper()
	seen := map[string]bool{}
	all := m.jira.Renewals()
	for _, r := range all {
		if seen[r.Token] || r.Problem != "" {
			m.t.Errorf("a refresh token was presented again, or refused: %q", r.Problem)
		}
		seen[r.Token] = true
		if strings.Contains(m.log(), r.Token) {
			m.t.Error("a refresh token is in the log")
		}
	}
	if len(all) != want {
		m.t.Errorf("Jira saw %d refresh tokens, want %d", len(all), want)
	}
}

// TestThreeMachinesShareAToken: a person logs in on one; one at a time renews; and what a dead one has perhaps presented
// nobody presents until it is back.
func TestThreeMachinesShareAToken(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	m := newMachines(t, false)
	m.login(1)
	for i := range m.bots {
		m.start(i)
	}
	m.connected()
	rounds := 5
	for range rounds {
		m.jira.ExpireOAuth2()
		var all sync.WaitGroup
		for i := range m.bots {
			all.Go(func() {
				if err := m.look(i); err != nil {
					t.Errorf("bot-%d: %v", i+1, err)
				}
			})
		}
		all.Wait()
	}
	m.wantRotation(rounds)

	// A command has the bot beside it renew the token.
	m.jira.ExpireOAuth2()
	c, err := config.Load(m.file(0, "bot.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	command, err := app.CommandClient(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command.Myself(t.Context()); err != nil {
		t.Errorf("a command: %v", err)
	}
	app.LogOut(command)
	rounds++
	m.wantRotation(rounds)

	// The third is killed when Jira has replaced the token and not yet answered. The process that has asked lives on.
	m.jira.ExpireOAuth2()
	asked, goOn := make(chan struct{}), make(chan struct{})
	m.guard(func() {
		close(asked)
		<-goOn
	})
	failed := make(chan error, 1)
	go func() { failed <- m.look(2) }()
	select {
	case <-asked:
	case err := <-failed:
		t.Fatalf("it did not ask: %v", err)
	}
	_ = m.end(2, syscall.SIGKILL) // which is an error of its own
	if err := <-failed; err == nil {
		t.Error("the third has lived on")
	}
	m.guard(nil)
	close(goOn)
	const what = "start bot-3 again, which knows; if it is gone for good, run bot login on another machine (bot-3 began to renew the token of OAuth 2.0 at 20"
	for i := range 2 {
		if err := m.look(i); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("bot-%d: %v", i+1, err)
		}
		if said := m.check(i, "login"); !strings.Contains(said, what) {
			t.Errorf("bot-%d says under /readyz: %q", i+1, said)
		}
	}
	if !strings.Contains(m.log(), `"error":"bot-3 began to renew the token`) {
		t.Error("the log does not say so")
	}
	m.wantRotation(rounds + 1)
	m.start(2)
	m.connected()
	for i := range m.bots {
		eventually(t, fmt.Sprintf("bot-%d goes on", i+1), func() bool { return m.look(i) == nil })
		if said := m.check(i, "token"); said != "well" {
			t.Errorf("bot-%d: %s", i+1, said)
		}
	}
	m.wantRotation(rounds + 1)
}

// TestOneMachineSweeps, and another when it dies; asked by hand each does.
func TestOneMachineSweeps(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	m := newMachines(t, true)
	m.login(0)
	for i := range m.bots {
		m.start(i)
	}
	m.connected()
	swept := func() (which []int) {
		for i := range m.bots {
			if strings.Contains(m.get(i, "/metrics"), `bot_sweeps_total{result="done"}`) {
				which = append(which, i)
			}
		}
		return which
	}
	eventually(t, "one has swept", func() bool { return len(swept()) > 0 })
	first := swept()
	if len(first) != 1 {
		t.Fatalf("%d machines have swept", len(first))
	}
	if _, err := m.jira.As("ann").CreateIssue("PAY", "Bug", "of which no webhook tells"); err != nil {
		t.Fatal(err)
	}
	_ = m.end(first[0], syscall.SIGKILL) // which is an error of its own
	eventually(t, "another sweeps", func() bool { return len(swept()) > 0 })
	second := swept()
	if len(second) != 1 || second[0] == first[0] {
		t.Errorf("machines %v have swept", second)
	}
	for i := range m.bots {
		if i == first[0] {
			continue
		}
		if _, err := control.Call[sweep.Report](t.Context(), m.data(i), "sweep", sweep.Request{}); err != nil {
			t.Errorf("by hand on bot-%d: %v", i+1, err)
		}
		if age := strings.Contains(m.get(i, "/metrics"), "bot_sweep_age_seconds -1\n"); age != (i != second[0]) {
			t.Errorf("bot-%d has no age of its sweep: %v", i+1, age)
		}
	}
}
