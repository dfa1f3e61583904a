// Package demo shows the bot at work without a Jira: a simulated Jira, the bot, the example rules, and some people at
// work. What happens is told as a story, with the reasons, and checked against the simulated Jira's state.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"jirabot"
	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// Options say how the demo is shown.
type Options struct {
	Out io.Writer
	// Once ends the demo after the story; otherwise it keeps serving until ctx ends.
	Once bool
	// Listen is the bot's address; a free port on loopback by default.
	Listen string
	Log    zerolog.Logger
}

// Run shows the demo. The error says which expected effect is missing, if any is.
func Run(ctx context.Context, o Options) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "bot-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	jira := jiratest.New(jiratest.Options{})
	furnish(jira)
	jiraURL, err := jira.Start()
	if err != nil {
		return fmt.Errorf("start the simulated jira: %w", err)
	}
	defer func() { err = errors.Join(err, jira.Close()) }()

	secret := rand.Text()
	c, err := configuration(dir, jiraURL, secret, o.Listen)
	if err != nil {
		return err
	}
	records := make(chan runner.Record, 1024)
	bot, err := app.New(ctx, app.Options{Config: c, Log: o.Log, Observe: func(r runner.Record) {
		select {
		case records <- r:
		default: // nobody reads any more
		}
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bot.Close()) }()
	botURL := "http://" + bot.Addr().String()
	if _, err := jira.Webhook(jiratest.Registration{Name: "bot", URL: botURL + "/webhooks/jira", Secret: secret}); err != nil {
		return fmt.Errorf("register the webhook: %w", err)
	}

	running, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() {
		stopped <- bot.Run(running)
		stop() // nobody need wait for a bot that has ended by itself
	}()
	defer func() { stop(); err = errors.Join(err, <-stopped) }()

	s := &story{out: o.Out, jira: jira, bot: bot, records: records}
	s.printf("A simulated Jira (%s) and the bot (%s) are running, with the rules of rules.example.yaml.\n", jiraURL, botURL)
	s.printf("Data: %s (removed at the end)\n", dir)
	if err := s.tell(running); err != nil {
		return err
	}
	s.printf("\n%d effects expected, all of them seen in Jira. Took %v.\n", s.checked, time.Since(began).Round(10*time.Millisecond))
	if o.Once {
		return nil
	}
	s.keepServing(running, jiraURL, botURL)
	return nil
}

// password is everybody's, in a Jira that only this machine can reach and that is gone afterwards.
const password = "demo"

// furnish sets the simulated Jira up.
func furnish(j *jiratest.Jira) {
	for _, name := range []string{"ann", "bob", "carl"} {
		j.AddUser(jiratest.User{Name: name, Password: password, Groups: []string{"jira-software-users"}})
	}
	j.AddUser(jiratest.User{Name: "bot", DisplayName: "Automation Bot", Password: password, Token: "demo-token"})
	developers := map[string][]string{"Developers": {"bob", "carl", "bot"}, "Users": {"ann", "bob", "carl"}}
	for key, name := range map[string]string{"PAY": "Payments", "CHK": "Checkout", "OPS": "Operations"} {
		j.AddProject(jiratest.Project{Key: key, Name: name, Lead: "bob", Roles: developers})
	}
	j.AddComponent("PAY", "Payments")
	j.AddField(jiratest.Field{Name: "Story Points", Type: "number"})
}

// configuration is what a bot.yaml would say.
func configuration(dir, jiraURL, secret, listen string) (config.Config, error) {
	rules := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(rules, jirabot.Rules, 0o600); err != nil {
		return config.Config{}, err
	}
	if listen == "" {
		listen = net.JoinHostPort("127.0.0.1", "0")
	}
	c := config.Default()
	c.Listen, c.Data, c.Rules = listen, filepath.Join(dir, "data"), []string{rules}
	c.Jira.URL = jiraURL
	c.Jira.Auth.Token = config.NewSecret("demo-token")
	c.Webhook.Secret = config.NewSecret(secret)
	c.Retry.First, c.Retry.Settle = 200*time.Millisecond, 200*time.Millisecond
	return c, c.Validate()
}
