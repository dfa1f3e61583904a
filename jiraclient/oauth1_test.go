package jiraclient_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func oauth1In(dir string) jiraclient.OAuth1Credential {
	return jiraclient.OAuth1Credential{ConsumerKey: "jirabot", KeyFile: filepath.Join(dir, "oauth1.pem"), TokenFile: filepath.Join(dir, "oauth1.json")}
}

// A terminal is where a person reads and types; the administrator and the bot user sit before it too.
type terminal struct {
	strings.Builder
	t *testing.T
	p place
}

var (
	publicKey = regexp.MustCompile(`(?s)-----BEGIN PUBLIC KEY-----.*-----END PUBLIC KEY-----\n`)
	link      = regexp.MustCompile(`(?m)^  (http\S+)$`)
	shown     = regexp.MustCompile(`code is '([^']*)'`)
)

// enter is the administrator, who copies the key into Jira.
func (w *terminal) enter() {
	w.t.Helper()
	if err := w.p.AddConsumer(jiratest.Consumer{Key: "jirabot", PublicKey: publicKey.FindString(w.String())}); err != nil {
		w.t.Error(err)
	}
}

// browse opens the last page that was named, and returns what the browser shows in the end.
func (w *terminal) browse() string {
	w.t.Helper()
	pages := link.FindAllStringSubmatch(w.String(), -1)
	response, err := http.Get(pages[len(pages)-1][1])
	if err != nil {
		w.t.Error(err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Error(err)
	}
	return string(text)
}

// answer does what each question is about.
func (w *terminal) answer(_ context.Context, question string) (string, error) {
	switch {
	case strings.Contains(question, "application link"):
		w.enter()
		return "", nil
	case strings.Contains(question, "verification code"):
		if code := shown.FindStringSubmatch(w.browse()); code != nil {
			return code[1], nil
		}
		return "", errors.New("the browser shows no code")
	}
	return "", errors.New("what is " + question)
}

func TestOAuth1(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	p.Consent("bot", true)
	credential := oauth1In(filepath.Join(t.TempDir(), "data"))
	o := jiraclient.Options{URL: p.url}
	screen := &terminal{t: t, p: p}

	before := p.client(t, jiraclient.OAuth1(credential))
	if _, err := before.Issue(t.Context(), "PAY-1", jiraclient.IssueQuery{}); err == nil || !strings.Contains(err.Error(), "run bot login (nobody has logged in yet)") {
		t.Errorf("before the login: %v", err)
	}
	user, err := jiraclient.LoginOAuth1(t.Context(), o, credential, jiraclient.Person{Out: screen, Ask: screen.answer})
	if err != nil || user.Name != "bot" {
		t.Fatalf("%v, %v\n%s", user, err, screen)
	}
	for _, file := range []string{credential.KeyFile, credential.TokenFile} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	// The client that was refused notices that somebody has logged in.
	c := before
	for _, err := range together(c, t.Context(), 16) {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := c.AddComment(t.Context(), "PAY-1", jiraclient.NewComment{Body: "Grüße & 100 % + ~ 漢字"}); err != nil {
		t.Error(err)
	}
	if _, err := c.Attach(t.Context(), "PAY-1", jiraclient.File{Name: "ü.txt", Content: strings.NewReader("x")}); err != nil {
		t.Error(err)
	}
	found := 0
	for _, err := range c.Search(t.Context(), `project = PAY AND text ~ "100 % + ~ *'()ü" OR key in (PAY-1, PAY-2)`, jiraclient.SearchQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if i, _ := p.Issue("PAY-1"); found < 2 || len(i.Comments) != 1 || i.Comments[0].Author != "bot" {
		t.Errorf("found %d, %+v", found, i.Comments)
	}

	t.Run("by a callback", func(t *testing.T) {
		screen := &terminal{t: t, p: p}
		person := jiraclient.Person{Out: writing{screen}, Callback: "127.0.0.1:0"}
		if _, err := jiraclient.LoginOAuth1(t.Context(), o, credential, person); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(screen.String(), "oauth_token=") {
			t.Error(screen)
		}
	})
	for _, tt := range []struct {
		name   string
		happen func()
		want   string
	}{
		{"expired", p.ExpireOAuth1, "token_expired: Jira no longer takes the token; run bot login"},
		{"revoked", p.RevokeOAuth1, "token_rejected: Jira no longer takes the token; run bot login"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.happen()
			p.ForgetRequests()
			c := p.client(t, jiraclient.OAuth1(credential))
			for _, err := range together(c, t.Context(), 8) {
				if !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			}
			if n := len(p.Requests()); n != 1 {
				t.Errorf("%d requests, want one", n)
			}
			screen := &terminal{t: t, p: p}
			if _, err := jiraclient.LoginOAuth1(t.Context(), o, credential, jiraclient.Person{Out: screen, Ask: screen.answer}); err != nil {
				t.Fatal(err)
			}
			for _, err := range together(c, t.Context(), 8) {
				if err != nil {
					t.Errorf("after another login: %v", err)
				}
			}
		})
	}
}

// writing opens the page as soon as it is named: a person before a browser.
type writing struct{ *terminal }

func (w writing) Write(b []byte) (int, error) {
	n, err := w.terminal.Write(b)
	if strings.Contains(string(b), "oauth_token=") {
		if text := w.browse(); !strings.Contains(text, "close this window") {
			w.t.Errorf("the browser shows %q", text)
		}
	}
	return n, err
}

func TestOAuth1LoginThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(place, *terminal)
		answer func(*terminal) string
		want   string
	}{
		{"no application link", func(place, *terminal) {}, nil, "consumer_key_unknown: Jira has no application link with this consumer key"},
		{"another key entered", func(p place, w *terminal) {
			other := &terminal{t: w.t, p: p}
			_, err := jiraclient.LoginOAuth1(w.t.Context(), jiraclient.Options{URL: p.url}, oauth1In(w.t.TempDir()), jiraclient.Person{Out: other})
			if err == nil {
				w.t.Error("a login without a link")
			}
			other.enter()
		}, nil, "signature_invalid: Jira's application link holds another public key"},
		{"denied in the browser", func(p place, w *terminal) { p.Consent("bot", false) }, nil, "access was denied in the browser"},
		{"the code mistyped", func(p place, w *terminal) { p.Consent("bot", true) }, func(w *terminal) string { w.browse(); return "nonsense" }, "verifier_invalid: nobody has allowed"},
		{"the page not opened", func(p place, w *terminal) { p.Consent("bot", true) }, func(w *terminal) string { return "nonsense" }, "permission_unknown: nobody has allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlace(t, jiratest.Options{})
			screen := &terminal{t: t, p: p}
			tt.before(p, screen)
			credential := oauth1In(t.TempDir())
			person := jiraclient.Person{Out: screen, Ask: func(ctx context.Context, question string) (string, error) {
				if strings.Contains(question, "application link") {
					if !strings.Contains(tt.want, "application link") {
						screen.enter()
					}
					return "", nil
				}
				if tt.answer != nil {
					return tt.answer(screen), nil
				}
				return screen.answer(ctx, question)
			}}
			_, err := jiraclient.LoginOAuth1(t.Context(), jiraclient.Options{URL: p.url}, credential, person)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), url.QueryEscape(p.url)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if _, err := os.Stat(credential.TokenFile); err == nil {
				t.Error("a token was kept")
			}
		})
	}
}
