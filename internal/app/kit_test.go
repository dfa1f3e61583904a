package app_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// A bench is a bot that runs and a Jira whose webhooks are recorded, for the test to post.
type bench struct {
	jira   *jiratest.Jira
	bot    *app.App
	url    string
	client *http.Client
}

type options struct {
	rules   string
	observe func(runner.Record)
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
		jira:   jiratest.New(jiratest.Options{}),
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

	c := config.Default()
	c.Listen, c.Data, c.Rules = "127.0.0.1:0", filepath.Join(dir, "data"), []string{filepath.Join(dir, "rules.yaml")}
	c.Jira.URL, c.Jira.Auth.Token, c.Webhook.Secret = jiraURL, config.NewSecret(token), config.NewSecret(secret)
	if err := os.WriteFile(c.Rules[0], []byte(o.rules), 0o600); err != nil {
		t.Fatal(err)
	}
	b.bot, err = app.New(t.Context(), app.Options{Config: c, Log: zerolog.Nop(), Observe: o.observe})
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
	registration := jiratest.Registration{Name: "bot", URL: b.url + "/webhooks/jira", Secret: secret, RecordOnly: true}
	if _, err := b.jira.Webhook(registration); err != nil {
		t.Fatal(err)
	}
	return b
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
