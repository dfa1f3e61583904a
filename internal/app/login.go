package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
)

// NewClient makes the client that a configuration describes. It sends nothing.
func NewClient(c config.Config, log zerolog.Logger, now func() time.Time, observe func(jiraclient.Call)) (*jiraclient.Client, error) {
	o := clientOptions(c)
	o.Log, o.Now, o.Observe, o.Guard = log, now, observe, journal.Holding
	switch a := c.Jira.Auth; {
	case a.Basic != nil:
		o.Auth = jiraclient.Basic(a.Basic.User, a.Basic.Password.Reveal())
	case a.Cookie != nil:
		o.Auth = jiraclient.Cookie(a.Cookie.User, a.Cookie.Password.Reveal())
	case a.OAuth1 != nil:
		o.Auth = jiraclient.OAuth1(oauth1(c))
	case a.OAuth2 != nil:
		o.Auth = jiraclient.OAuth2(oauth2(c))
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
	client, err := NewClient(c, zerolog.Nop(), time.Now, nil)
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
