package jiraclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestLoginOAuth2(t *testing.T) {
	only := func(address string) string {
		u, _ := url.Parse(address)
		return u.Query().Get("code")
	}
	other := func(address string) string {
		u, _ := url.Parse(address)
		q := u.Query()
		q.Set("state", "guess")
		u.RawQuery = q.Encode()
		return u.String()
	}
	fixed := func(text string) func(string) string { return func(string) string { return text } }
	nothing := func(*jiraclient.OAuth2Credential) {}
	for _, tt := range []struct {
		name   string
		paste  func(string) string
		deny   bool
		change func(*jiraclient.OAuth2Credential)
		want   string // the error; empty where the token is kept
	}{
		{"the whole address", asShown, false, nothing, ""},
		{"only the code", only, false, nothing, ""},
		{"the address with a fragment", func(a string) string { return a + "#top" }, false, nothing, ""},
		{"an address from another log-in", other, false, nothing, "log in with OAuth 2.0: the address belongs to another log-in: open the page that was just printed"},
		{"an address without its state", fixed(elsewhere + "&code=stolen"), false, nothing, "log in with OAuth 2.0: the address belongs to another log-in: open the page that was just printed"},
		{"the page's own address", fixed("https://jira.example.com/login.jsp"), false, nothing, "log in with OAuth 2.0: the address holds no code: paste the one to which Jira sent the browser after the click on Allow"},
		{"a code of one's own", fixed("guess"), false, nothing, "log in with OAuth 2.0: POST /rest/oauth2/latest/token: 400: invalid_grant (the grant was revoked, has ended or was used before, or redirect_uri is not what stands in Jira's application link)"},
		{"a click on Deny", asShown, true, nothing, "log in with OAuth 2.0: access was denied in the browser"},
		{"a scope that the link does not allow", asShown, false, func(c *jiraclient.OAuth2Credential) { c.Scope = "ADMIN" }, "log in with OAuth 2.0: Jira refused: invalid_scope (Jira's application link does not allow the scope)"},
		{"a wrong secret", asShown, false, func(c *jiraclient.OAuth2Credential) { c.ClientSecret = "wrong" }, "log in with OAuth 2.0: POST /rest/oauth2/latest/token: 401: invalid_client (client_id or client_secret is not what stands in Jira's application link)"},
		{"another redirect URI", asShown, false, func(c *jiraclient.OAuth2Credential) { c.RedirectURI = "https://bot.example.com" }, "log in with OAuth 2.0: the address holds no code: paste the one to which Jira sent the browser after the click on Allow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.Consent("bot", !tt.deny)
			credential := p.credential()
			tt.change(&credential)
			paste := tt.paste
			r := &reader{answer: func(address string) string {
				if address == "" { // Jira showed a page of its own and sent the browser nowhere
					address = p.url + "/rest/oauth2/latest/authorize?client_id=app"
				}
				return paste(address)
			}}
			user, err := jiraclient.LoginOAuth2(t.Context(), p.options(), credential, r.person())
			if tt.want != "" {
				if err == nil || err.Error() != tt.want {
					t.Errorf("got  %v\nwant %s", err, tt.want)
				}
				if _, err := os.Stat(p.file); err == nil {
					t.Error("a token was kept")
				}
				return
			}
			if err != nil || user.Name != "bot" {
				t.Fatalf("%v as %q", err, user.Name)
			}
			if info, err := os.Stat(p.file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v %v", info.Mode(), err)
			}
			good(t, p.client(t))
			p.wantPresented(t, 0, 0)
			if page, _ := url.Parse(strings.Fields(r.String()[strings.Index(r.String(), "http://"):])[0]); page.Query().Get("scope") != "WRITE" ||
				page.Query().Get("code_challenge_method") != "S256" || page.Query().Get("code_challenge") == "" {
				t.Errorf("asks without proof or scope: %v", page)
			}
		})
	}
}

// TestLoginOAuth2OnLoopback: the browser comes to us, and only with the right state.
func TestLoginOAuth2OnLoopback(t *testing.T) {
	p := newProvider(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	here := "http://" + free.Addr().String() + "/back"
	free.Close()
	p.AddApplication(jiratest.Application{ID: "app", Secret: "s", RedirectURI: here})
	credential := p.credential()
	credential.ClientSecret, credential.RedirectURI = "s", here
	var statuses []int
	r := &reader{}
	visit := func(address string) {
		response, err := http.Get(address)
		if err != nil {
			t.Error(err)
			return
		}
		response.Body.Close()
		statuses = append(statuses, response.StatusCode)
	}
	person := jiraclient.Person{Out: visitorOf(r, func() {
		visit(here + "?code=guess&state=guess")
		visit(strings.Replace(r.browse(), "/back", "/", 1))
		visit(r.browse())
	})}
	user, err := jiraclient.LoginOAuth2(t.Context(), p.options(), credential, person)
	if err != nil || user.Name != "bot" {
		t.Fatalf("%v as %q", err, user.Name)
	}
	if len(statuses) != 3 || statuses[0] != 404 || statuses[1] != 404 || statuses[2] != 200 {
		t.Errorf("answered %v, want 404, 404, 200", statuses)
	}

	ctx, cancel := context.WithCancel(t.Context())
	person.Out = visitorOf(r, cancel)
	if _, err := jiraclient.LoginOAuth2(ctx, p.options(), credential, person); err == nil || err.Error() != "log in with OAuth 2.0: wait for the browser: context canceled" {
		t.Errorf("nobody came: %v", err)
	}
}

// visitorOf reads along and acts when the page's address was printed.
func visitorOf(r *reader, act func()) writerFunc {
	return func(b []byte) (int, error) {
		n, err := r.Write(b)
		if strings.Contains(string(b), "/authorize?") {
			act()
		}
		return n, err
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestNobodyIsAskedForATokenThatCannotBeKept: a request token and a code are good for one login, and a person's time is short.
func TestNobodyIsAskedForATokenThatCannotBeKept(t *testing.T) {
	p := newProvider(t)
	occupied := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	person := jiraclient.Person{Out: io.Discard, Ask: func(_ context.Context, question string) (string, error) {
		t.Errorf("asked: %s", question)
		return "", errors.New("nobody is there")
	}}
	first, second := oauth1In(t.TempDir()), p.credential()
	first.TokenFile, second.TokenFile = filepath.Join(occupied, "oauth1.json"), filepath.Join(occupied, "oauth2.json")
	_, err1 := jiraclient.LoginOAuth1(t.Context(), jiraclient.Options{URL: p.url}, first, person)
	_, err2 := jiraclient.LoginOAuth2(t.Context(), jiraclient.Options{URL: p.url}, second, person)
	for _, err := range []error{err1, err2} {
		if err == nil || !strings.Contains(err.Error(), "try whether a token could be kept: ") {
			t.Errorf("got %v", err)
		}
	}
	if asked := p.Requests(); len(asked) != 0 {
		t.Errorf("Jira was asked: %v", asked)
	}
}

func TestOAuth2CredentialMistakes(t *testing.T) {
	whole := jiraclient.OAuth2Credential{ClientID: "a", ClientSecret: "b", RedirectURI: elsewhere, TokenFile: "token.json"}
	for _, tt := range []struct {
		name   string
		change func(*jiraclient.OAuth2Credential)
		want   string
	}{
		{"a secret is needed", func(c *jiraclient.OAuth2Credential) { c.ClientSecret = "" }, "OAuth 2.0 needs a client ID, a client secret and a file for the token"},
		{"a redirect URI is needed", func(c *jiraclient.OAuth2Credential) { c.RedirectURI = "" }, "OAuth 2.0 needs the redirect URI that stands in Jira's application link, such as https://bot.example.com/callback"},
		{"a path is no redirect URI", func(c *jiraclient.OAuth2Credential) { c.RedirectURI = "/callback" }, "OAuth 2.0 needs the redirect URI that stands in Jira's application link, such as https://bot.example.com/callback"},
		{"a scope is one of four", func(c *jiraclient.OAuth2Credential) { c.Scope = "write:jira-work" }, `unknown scope "write:jira-work": want READ, WRITE, ADMIN or SYSTEM_ADMIN`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := whole
			tt.change(&c)
			_, err := jiraclient.New(jiraclient.Options{URL: "https://jira.example.com", Auth: jiraclient.OAuth2(c)})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	if text := sprint("%v %#v", jiraclient.OAuth2(whole), jiraclient.OAuth2(whole)); text != "oauth2 ••• oauth2 •••" {
		t.Errorf("prints as %s", text)
	}
}
