package jiraclient

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// oauthlib starts the provider in testdata, which is written on Python's oauthlib. Debian has it as python3-oauthlib.
func oauthlib(t *testing.T) (address string) {
	t.Helper()
	python := ""
	for _, candidate := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(candidate, "-c", "import oauthlib.oauth1, jwt, cryptography").Run() == nil {
			python = candidate
			break
		}
	}
	if python == "" {
		t.Skip("no python3 with oauthlib here (Debian: apt-get install python3-oauthlib), so OAuth 1.0a is not tested against it")
	}
	provider := exec.Command(python, filepath.Join("testdata", "oauth1_provider.py"))
	provider.Stderr = os.Stderr
	out, err := provider.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = provider.Process.Kill()
		_ = provider.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// TestOAuth1AgainstOauthlib: the three legs, both ways, and signed calls of every form, checked by another's library.
func TestOAuth1AgainstOauthlib(t *testing.T) {
	address := oauthlib(t)
	dir := t.TempDir()
	credential := OAuth1Credential{ConsumerKey: "jirabot", KeyFile: filepath.Join(dir, "key.pem"), TokenFile: filepath.Join(dir, "token.json")}
	o := Options{URL: address + "/jira", Auth: OAuth1(credential)}
	page := regexp.MustCompile(`(?m)^  (http\S+)$`)
	fetch := func(method, target string, body io.Reader) string {
		t.Helper()
		request, err := http.NewRequest(method, target, body)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode >= 300 {
			t.Fatal(response.Status, err, string(text))
		}
		return string(text)
	}

	var screen strings.Builder
	user, err := LoginOAuth1(t.Context(), o, credential, Person{Out: &screen, Ask: func(_ context.Context, question string) (string, error) {
		if strings.Contains(question, "application link") {
			from := strings.Index(screen.String(), "-----BEGIN")
			fetch("POST", address+"/key", strings.NewReader(screen.String()[from:]))
			return "", nil
		}
		shown := fetch("GET", page.FindStringSubmatch(screen.String())[1], nil)
		_, code, _ := strings.Cut(shown, "'")
		return strings.TrimSuffix(code, "'"), nil
	}})
	if err != nil || user.Name != "bot" {
		t.Fatalf("three legs with a code that is typed: %v, %v\n%s", user, err, &screen)
	}
	visits := visitor{visit: func(text string) {
		if m := page.FindStringSubmatch(text); m != nil {
			fetch("GET", m[1], nil)
		}
	}}
	if _, err := LoginOAuth1(t.Context(), o, credential, Person{Out: visits, Callback: "127.0.0.1:0"}); err != nil {
		t.Fatalf("three legs with a callback: %v", err)
	}

	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	form := "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		name, method, path, kind, body string
	}{
		{name: "without parameters", method: "GET", path: "/jira/rest/api/2/field"},
		{name: "a query", method: "GET", path: "/jira/rest/api/2/search?jql=project+%3D+PAY%20AND+a~b&startAt=0"},
		{name: "a query beyond ASCII", method: "GET", path: "/jira/rest/api/2/search?jql=" + url.QueryEscape(`summary ~ "Grüße 漢字 🙂 +&=%*'()!~"`)},
		{name: "repeated parameters", method: "GET", path: "/jira/rest/api/2/user?name=b&name=a&name=a&name=B&name=&names=0&nam=9"},
		{name: "parameters of many forms", method: "GET", path: "/jira/rest/api/2/user?a=1%2B1&b=%7E&c=%2F&empty=&d=x%3Dy"},
		{name: "a path beyond ASCII", method: "DELETE", path: "/jira/rest/api/2/issue/PAY-7/properties/" + url.PathEscape("größe:1 x")},
		{name: "a form", method: "POST", path: "/jira/rest/x?q=1", kind: form, body: "b=2&a=%C3%BC+1&a=0&a="},
		{name: "a form with a charset", method: "POST", path: "/jira/rest/x", kind: form + "; charset=UTF-8", body: "b=2&b=1&c=%2B"},
		{name: "JSON", method: "PUT", path: "/jira/rest/api/2/issue/PAY-7", kind: "application/json", body: `{"fields":{"summary":"Grüße & <b>"}}`},
		{name: "JSON and a query", method: "POST", path: "/jira/rest/api/2/issue?notifyUsers=false&notifyUsers=true", kind: "application/json", body: `{"a=b&c":1}`},
		{name: "text", method: "POST", path: "/jira/rest/api/2/issue/archive", kind: "text/plain", body: "PAY-1\nPAY-2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequest(tt.method, address+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.kind != "" {
				request.Header.Set("Content-Type", tt.kind)
			}
			response, err := c.http.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != 200 {
				t.Fatal(response.Status, err, string(text))
			}
			var seen struct {
				Path  string
				Query map[string][]string
				Body  string
			}
			if err := json.Unmarshal(text, &seen); err != nil {
				t.Fatal(err)
			}
			if seen.Body != tt.body || seen.Path != request.URL.EscapedPath() {
				t.Errorf("the provider saw %+v", seen)
			}
		})
	}
	t.Run("a changed request is refused", func(t *testing.T) {
		request, err := http.NewRequest("GET", address+"/jira/rest/api/2/user?name=ann", nil)
		if err != nil {
			t.Fatal(err)
		}
		c.http.Transport.(*oauth1Signer).next = turned{http.DefaultTransport}
		response, err := c.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != 401 {
			t.Errorf("status %d", response.StatusCode)
		}
	})
}

// turned changes what was signed.
type turned struct{ next http.RoundTripper }

func (c turned) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.RawQuery = "name=bob"
	return c.next.RoundTrip(r)
}

type visitor struct{ visit func(string) }

func (v visitor) Write(b []byte) (int, error) {
	v.visit(string(b))
	return len(b), nil
}
