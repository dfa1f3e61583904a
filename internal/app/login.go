package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/journal"
	"jirabot/internal/runner"
	"jirabot/jiraclient"
)

// newClient makes the client that the configuration describes, for the bot. It sends nothing.
func (a *App) newClient(observe func(jiraclient.Call)) (*jiraclient.Client, error) {
	c := a.opts.Config
	o := clientOptions(c)
	o.Log, o.Now, o.Observe, o.Guard = a.log, a.opts.Now, observe, leaving
	one, two := oauth1(c), oauth2(c)
	one.Share, two.Share = a.shared("oauth1"), a.shared("oauth2")
	return newClient(c, o, one, two)
}

// commandPatience is how long a command keeps silent because Jira's rate limit wants it so.
const commandPatience = 30 * time.Second

// CommandClient is the client of a command, before which a person sits.
func CommandClient(c config.Config) (*jiraclient.Client, error) {
	o := clientOptions(c)
	o.Patience = commandPatience
	two := oauth2(c)
	if c.Cluster != nil || c.NATS != nil {
		// One machine at a time renews the token, and only a bot that runs can tell when it is its turn.
		two.RenewOnly = true
		two.Renew = func(ctx context.Context, fingerprint string) error {
			_, err := control.Call[struct{}](ctx, c.Data, RenewCommand, fingerprint)
			return err
		}
	}
	return newClient(c, o, oauth1(c), two)
}

func newClient(c config.Config, o jiraclient.Options, one jiraclient.OAuth1Credential, two jiraclient.OAuth2Credential) (*jiraclient.Client, error) {
	switch a := c.Jira.Auth; {
	case a.Basic != nil:
		o.Auth = jiraclient.Basic(a.Basic.User, a.Basic.Password.Reveal())
	case a.Cookie != nil:
		o.Auth = jiraclient.Cookie(a.Cookie.User, a.Cookie.Password.Reveal())
	case a.OAuth1 != nil:
		o.Auth = jiraclient.OAuth1(one)
	case a.OAuth2 != nil:
		o.Auth = jiraclient.OAuth2(two)
	default:
		o.Auth = jiraclient.Token(a.Token.Reveal())
	}
	client, err := jiraclient.New(o)
	if err != nil {
		return nil, fmt.Errorf("jira: %w", err)
	}
	return client, nil
}

func clientOptions(c config.Config) jiraclient.Options {
	return jiraclient.Options{
		URL: c.Jira.URL, Deployment: jiraclient.Deployment(c.Jira.Deployment), MaxConcurrent: c.Jira.MaxConcurrent, Timeout: c.Jira.Timeout,
	}
}

func oauth1(c config.Config) jiraclient.OAuth1Credential {
	if c.Jira.Auth.OAuth1 == nil {
		return jiraclient.OAuth1Credential{}
	}
	o := jiraclient.OAuth1Credential{
		ConsumerKey: c.Jira.Auth.OAuth1.ConsumerKey, KeyFile: c.Jira.Auth.OAuth1.KeyFile, TokenFile: filepath.Join(c.Data, "oauth1.json"),
	}
	if o.KeyFile == "" {
		o.KeyFile = filepath.Join(c.Data, "oauth1.pem")
	}
	return o
}

func oauth2(c config.Config) jiraclient.OAuth2Credential {
	o := c.Jira.Auth.OAuth2
	if o == nil {
		return jiraclient.OAuth2Credential{}
	}
	credential := jiraclient.OAuth2Credential{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), RedirectURI: o.RedirectURI, Scope: o.Scope,
		TokenFile: filepath.Join(c.Data, "oauth2.json"),
	}
	if program, err := os.Executable(); err == nil && c.File() != "" {
		credential.Renew = jiraclient.RenewalProcess(program, RenewCommand, "--config", c.File())
	}
	return credential
}

// RenewCommand is the hidden command that renews the token of OAuth 2.0 in a process of its own, which ends what it has
// begun even if the bot is killed.
const RenewCommand = "renew-token"

// Renew is what that command does.
func Renew(ctx context.Context, c config.Config, fingerprint string) error {
	if c.Jira.Auth.OAuth2 == nil {
		return errors.New("jira.auth.oauth2 is missing: no other way to log in has a token to renew")
	}
	return jiraclient.RenewOAuth2(ctx, clientOptions(c), oauth2(c), fingerprint)
}

// Login lets a person give the bot its credential, where the way to log in needs one, and otherwise tries the one there
// is. It returns whom Jira takes the bot for.
func Login(ctx context.Context, c config.Config, person jiraclient.Person) (jiraclient.User, error) {
	if err := prepareData(c.Data); err != nil {
		return jiraclient.User{}, err
	}
	switch a := c.Jira.Auth; {
	case a.OAuth1 != nil:
		return jiraclient.LoginOAuth1(ctx, clientOptions(c), oauth1(c), person)
	case a.OAuth2 != nil:
		return jiraclient.LoginOAuth2(ctx, clientOptions(c), oauth2(c), person)
	}
	client, err := CommandClient(c)
	if err != nil {
		return jiraclient.User{}, err
	}
	defer LogOut(client)
	_, user, err := client.Connect(ctx)
	return user, err
}

// LogOut ends what a command's client has begun in Jira.
func LogOut(client *jiraclient.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	_ = client.Close(ctx) // a session that is left ends by itself
}

// leaving is asked before a write leaves for Jira.
func leaving(ctx context.Context) error {
	if err := runner.Leaving(ctx); err != nil {
		return err
	}
	return journal.Holding(ctx) // last, since noting takes a moment
}
