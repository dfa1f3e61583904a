package jiraclient_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// loginExercises are the requests by which a client gets its access.
func loginExercises() []exercise {
	return []exercise{
		{"LoginOAuth2", loginByOAuth2},
		{"TokenExpiry", func(ctx context.Context, w world) error { _, _, err := w.TokenExpiry(ctx); return err }},
		{"servlet.RoundTrip", loginByOAuth1},
		{"sessions.RoundTrip", func(ctx context.Context, w world) error {
			w.jira.AllowPasswords(true)
			c := w.dial(jiraclient.Cookie("bot", "sesame-17"))
			_, err := c.Myself(ctx)
			return errors.Join(err, c.Close(ctx))
		}},
		{"tokenEndpoint.RoundTrip", loginByOAuth2},
	}
}

func loginByOAuth1(ctx context.Context, w world) error {
	w.jira.Consent("bot", true)
	dir := w.t.TempDir()
	screen := &terminal{t: w.t, p: place{w.jira, w.options.URL}}
	credential := jiraclient.OAuth1Credential{ConsumerKey: "jirabot", KeyFile: filepath.Join(dir, "key.pem"), TokenFile: filepath.Join(dir, "token.json")}
	return only(jiraclient.LoginOAuth1(ctx, w.options, credential, jiraclient.Person{Out: screen, Ask: screen.answer}))
}

func loginByOAuth2(ctx context.Context, w world) error {
	w.jira.Consent("bot", true)
	w.jira.AddApplication(jiratest.Application{ID: "id", Secret: "secret-5", RedirectURI: "https://bot.example.com/"})
	var screen strings.Builder
	credential := jiraclient.OAuth2Credential{
		ClientID: "id", ClientSecret: "secret-5", RedirectURI: "https://bot.example.com/", TokenFile: filepath.Join(w.t.TempDir(), "token.json"),
	}
	person := jiraclient.Person{Out: &screen, Ask: func(context.Context, string) (string, error) {
		page := link.FindStringSubmatch(screen.String())[1]
		request, err := http.NewRequest("GET", page, nil)
		if err != nil {
			return "", err
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return "", err
		}
		return answer.Header.Get("Location"), answer.Body.Close()
	}}
	return only(jiraclient.LoginOAuth2(ctx, w.options, credential, person))
}
