package app_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/registration"
	"jirabot/internal/runner"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

// A bench is a bot that runs and a Jira. Its webhooks are recorded, for the test to post, unless it is live.
type bench struct {
	jira   *jiratest.Jira
	bot    *app.App
	url    string
	client *http.Client
}

type options struct {
	rules   string
	observe func(runner.Record)
	jira    jiratest.Options
	furnish func(*jiratest.Jira) // before the bot starts
	live    bool                 // an administrator registers the bot's webhook as "bot webhook register" does, and Jira posts
	log     io.Writer
}

const (
	token  = "token-of-the-bot"
	secret = "secret-of-the-webhook"
)

// start builds the whole bot and runs it until the test ends.
func start(t testing.TB, o options) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{
		jira:   jiratest.New(o.jira),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	jiraURL, err := b.jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.jira.Close() })
	b.jira.AddUser(jiratest.User{Name: "ann"})
	b.jira.AddUser(jiratest.User{Name: "bot", Token: token})
	b.jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	if o.furnish != nil {
		o.furnish(b.jira)
	}

	c := config.Default()
	c.Listen, c.Data, c.Rules = "127.0.0.1:0", filepath.Join(dir, "data"), []string{filepath.Join(dir, "rules.yaml")}
	c.Jira.URL, c.Jira.Auth.Token, c.Webhook.Secret = jiraURL, config.NewSecret(token), config.NewSecret(secret)
	if o.jira.Version == "Cloud" {
		c.Jira.Auth = config.Auth{Basic: &config.Basic{User: "bot@example.com", Password: config.NewSecret(token)}}
	}
	if o.live && !signs(o.jira.Version) {
		c.Webhook.Secret, c.Webhook.PathToken = config.Secret{}, config.NewSecret(secret)
	}
	log := zerolog.Nop()
	if o.log != nil {
		log = zerolog.New(zerolog.SyncWriter(o.log))
	}
	if err := os.WriteFile(c.Rules[0], []byte(o.rules), 0o600); err != nil {
		t.Fatal(err)
	}
	b.bot, err = app.New(t.Context(), app.Options{Config: c, Log: log, Observe: o.observe})
	if err != nil {
		t.Fatal(err)
	}
	b.url = "http://" + b.bot.Addr().String()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.bot.Run(ctx) }()
	t.Cleanup(func() {
		b.client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := b.bot.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if o.live {
		b.register(t, c)
		return b
	}
	registration := jiratest.Registration{Name: "bot", URL: b.url + "/webhooks/jira", Secret: secret, RecordOnly: true}
	if _, err := b.jira.Webhook(registration); err != nil {
		t.Fatal(err)
	}
	return b
}

// signs tells whether a version of Jira signs its webhooks. The default one does.
func signs(version string) bool {
	return !strings.HasPrefix(version, "8.") && !strings.HasPrefix(version, "9.")
}

// register does what "bot webhook register" does, as an administrator.
func (b *bench) register(t testing.TB, c config.Config) {
	t.Helper()
	b.jira.AddUser(jiratest.User{Name: "root", Token: "token-of-root", Admin: true})
	auth := jiraclient.Token("token-of-root")
	if c.Jira.Auth.Basic != nil {
		auth = jiraclient.Basic("root@example.com", "token-of-root")
	}
	admin, err := jiraclient.New(jiraclient.Options{URL: c.Jira.URL, Auth: auth})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := admin.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(c.Rules)
	if err != nil {
		t.Fatal(err)
	}
	wish, err := registration.For(c, set, b.url, admin.SignsWebhooks())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := registration.Register(t.Context(), admin, wish); err != nil {
		t.Fatal(err)
	}
}

// quiet waits until Jira has told of everything and the bot has worked on it, also on what its own work has caused.
func (b *bench) quiet(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for before := -1; before != len(b.jira.Deliveries()); {
		before = len(b.jira.Deliveries())
		if err := b.jira.WaitDelivered(ctx); err != nil {
			t.Fatal(err)
		}
		b.settle(t)
	}
}

// post sends a recorded delivery, signed as Jira did it, and returns the status.
func (b *bench) post(t testing.TB, d jiratest.Delivery) int {
	u, err := url.Parse(d.URL)
	if err != nil {
		t.Error(err)
		return 0
	}
	request, err := http.NewRequest(http.MethodPost, b.url+u.RequestURI(), bytes.NewReader(d.Body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header = d.Header
	answer, err := b.client.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

// settle waits until nothing waits to be worked on.
func (b *bench) settle(t testing.TB) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for {
		idle, err := b.bot.Idle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if idle {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatal("deliveries still wait after a minute")
		}
	}
}
