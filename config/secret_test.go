package config_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	yaml "github.com/goccy/go-yaml"
	"github.com/rs/zerolog"

	"jirabot/config"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	const hush = "s3cr3t-value"
	secret := config.NewSecret(hush)
	c := config.Default()
	c.Jira.Auth.Token, c.Jira.Auth.Basic = secret, &config.Basic{User: "bot", Password: secret}
	c.Webhook.Secret, c.Webhook.PathToken, c.Webhook.QueryToken = secret, secret, secret
	c.Hooks = map[string]config.Hook{"deploy": {Token: secret, Secret: secret}}
	var out bytes.Buffer
	for _, value := range []any{secret, &secret, []config.Secret{secret}, map[string]config.Secret{"a": secret}, c, &c, c.Hooks, *c.Jira.Auth.Basic, fmt.Errorf("login: %v", secret)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%o", "%10s", "%.2s", "%U", "%c"} {
			fmt.Fprintf(&out, verb, value)
		}
		fmt.Fprintln(&out, value)
		encode := func(encoded []byte, err error) {
			out.Write(encoded)
			if err != nil {
				out.WriteString(err.Error())
			}
		}
		encode(json.Marshal(value))
		encode(yaml.Marshal(value))
		encode(xml.Marshal(value))
		if err := gob.NewEncoder(&out).Encode(value); err != nil {
			out.WriteString(err.Error())
		}
		log := zerolog.New(&out)
		log.Info().Interface("x", value).Any("y", value).Str("z", fmt.Sprint(value)).Msg("x")
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "y", value)
	}
	log := zerolog.New(&out)
	log.Info().Stringer("x", secret).Msg("")
	for _, form := range []string{hush, fmt.Sprintf("%x", hush), fmt.Sprintf("%X", hush), hush[:4]} {
		if strings.Contains(out.String(), form) {
			i := strings.Index(out.String(), form)
			t.Errorf("%q is printed: …%s…", form, out.String()[max(0, i-60):i+20])
		}
	}
	if !strings.Contains(out.String(), "•••") || secret.Reveal() != hush {
		t.Error("a secret does not show as •••, or is lost")
	}
	if fmt.Sprint(config.Secret{}) != "" || (config.Secret{}).Given() {
		t.Error("no secret shows as one")
	}
}

func TestALiteralSecretIsTakenWhereTheFileIsInsecure(t *testing.T) {
	c, err := config.Parse("bot.yaml", []byte("jira: {url: \"https://jira.example.com\", auth: {basic: {user: bot, password: hush}}}\ninsecure: true\n"), nil)
	if err != nil || c.Jira.Auth.Basic.Password.Reveal() != "hush" {
		t.Errorf("%v, %+v", err, c.Jira.Auth)
	}
}

func TestAnErrorDoesNotPrintALiteralSecret(t *testing.T) {
	_, err := config.Parse("bot.yaml", []byte("jira: {url: \"https://ann:hush@jira.example.com:port\", auth: {token: hush}}\nwebhook: {secret: hush}\n"), nil)
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
	// The mistake is in the line of the secret, and a mistake is shown with its line.
	_, err = config.Parse("bot.yaml", []byte("jira: {auth: {token: hush, tokn: x}}\n"), nil)
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}

func TestSecretsListsAllOfThemLongestFirst(t *testing.T) {
	c := config.Default()
	c.Jira.Auth.Token, c.Webhook.PathToken = config.NewSecret("a"), config.NewSecret("ccc")
	c.Hooks = map[string]config.Hook{"x": {Token: config.NewSecret("bb")}}
	if got := strings.Join(c.Secrets(), " "); got != "ccc bb a" {
		t.Error(got)
	}
}
