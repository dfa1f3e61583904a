package jiratest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

// cookies are what an answer sets, as a Cookie header, without the one named.
func cookies(a answer, without string) string {
	var list []string
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name != without {
			list = append(list, c.Name+"="+c.Value)
		}
	}
	return strings.Join(list, "; ")
}

func TestSessions(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{})
	logIn := func(password string) answer {
		return ask(t, j, "", "POST", "/auth/1/session", map[string]string{"username": "bot", "password": password})
	}
	with := func(cookies, method, path string) answer {
		r := request(t, "", method, path, nil)
		r.Header.Set("Cookie", cookies)
		return send(j, r)
	}
	in := logIn("secret")
	if in.status != 200 || at(t, in.text, "session.name") != "JSESSIONID" {
		t.Fatal(in)
	}
	for _, c := range []struct {
		name, cookies, method, path string
		pass                        time.Duration
		status                      int
		user                        string
	}{
		{"all cookies", cookies(in, ""), "GET", "/api/2/myself", 0, 200, "bot"},
		{"without the node's", cookies(in, "jira.node"), "GET", "/api/2/myself", 0, 401, "anonymous"},
		{"after hours of use", cookies(in, ""), "GET", "/api/2/myself", 4 * time.Hour, 200, "bot"},
		{"and some more", cookies(in, ""), "GET", "/auth/1/session", 4 * time.Hour, 200, "bot"},
		{"after a long pause an answer to nobody", cookies(in, ""), "GET", "/api/2/serverInfo", 6 * time.Hour, 200, "anonymous"},
		{"whose log-out is refused", cookies(in, ""), "DELETE", "/auth/1/session", 0, 401, "anonymous"},
	} {
		clock.move(c.pass)
		if a := with(c.cookies, c.method, c.path); a.status != c.status || a.header.Get("X-AUSERNAME") != c.user {
			t.Errorf("%s: %d as %s", c.name, a.status, a.header.Get("X-AUSERNAME"))
		}
	}
	in = logIn("secret")
	if a := with(cookies(in, ""), "DELETE", "/auth/1/session"); a.status != 204 || j.Sessions() != 0 {
		t.Error(a, j.Sessions())
	}
	for n, want := range []int{401, 401, 401, 403} {
		if a := logIn("guess"); a.status != want {
			t.Errorf("wrong password %d: %d", n+1, a.status)
		}
	}
	if a := logIn("secret"); a.status != 403 || !strings.HasPrefix(a.header.Get("X-Authentication-Denied-Reason"), "CAPTCHA_CHALLENGE") {
		t.Error("the right one in CAPTCHA mode:", a)
	}
}

func TestPasswordsAreOffInEleven(t *testing.T) {
	for version, want := range map[string]int{"8.20.0": 200, "10.3.1": 200, "11.2.0": 403} {
		j, _ := newJira(t, jiratest.Options{Version: version})
		basic := request(t, "", "GET", "/api/2/myself", nil)
		basic.SetBasicAuth("bot", "secret")
		session := request(t, "", "POST", "/auth/1/session", `{"username":"bot","password":"secret"}`)
		for _, r := range []*http.Request{basic, session} {
			if a := send(j, r); a.status != want {
				t.Errorf("%s %s: %d %s", version, r.URL.Path, a.status, a.text)
			}
		}
		if a := ask(t, j, "bot-token", "GET", "/api/2/myself", nil); a.status != 200 {
			t.Error(version, a)
		}
		j.AllowPasswords(want != 200)
		again := request(t, "", "GET", "/api/2/myself", nil)
		again.SetBasicAuth("bot", "secret")
		if a := send(j, again); a.status == want {
			t.Errorf("%s: the switch does nothing", version)
		}
	}
}

func TestPersonalAccessTokensEnd(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{})
	j.AddUser(jiratest.User{Name: "bot", Token: "bot-token", TokenExpires: clock.now().Add(time.Hour)})
	a := ask(t, j, "bot-token", "GET", "/pat/latest/tokens", nil)
	if a.status != 200 || at(t, a.text, "0.expiringAt") != "2026-03-02T10:00:00.000+00:00" || strings.Contains(a.text, "bot-token") {
		t.Error(a)
	}
	clock.move(time.Hour)
	if a := ask(t, j, "bot-token", "GET", "/api/2/myself", nil); a.status != 401 {
		t.Error(a)
	}
	if a := ask(t, j, "", "GET", "/pat/latest/tokens", nil); a.status != 401 {
		t.Error(a)
	}
}

// form posts a form to the token endpoint; pairs replace those of a good one, and "" takes one away.
func form(j *jiratest.Jira, good map[string]string, pairs ...string) answer {
	values := url.Values{}
	for name, value := range good {
		values.Set(name, value)
	}
	for i := 0; i < len(pairs); i += 2 {
		if values.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	r := httptest.NewRequest("POST", "/jira/rest/oauth2/latest/token", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(j, r)
}

func TestOAuth2(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{})
	const back = "https://bot.example.com/callback?x=1"
	j.AddApplication(jiratest.Application{ID: "bot", Secret: "s", RedirectURI: back})
	sum := sha256.Sum256([]byte("proof"))
	page := func(pairs ...string) answer {
		q := url.Values{
			"client_id": {"bot"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"WRITE"}, "state": {"st"},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
		}
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return send(j, httptest.NewRequest("GET", "/jira/rest/oauth2/latest/authorize?"+q.Encode(), nil))
	}
	ended := func(a answer) url.Values {
		u, err := url.Parse(a.header.Get("Location"))
		ok(t, err)
		return u.Query()
	}
	if a := page(); a.status != 200 || !strings.Contains(a.text, "Log in") {
		t.Error("without a user there is a log-in page:", a)
	}
	j.Consent("bot", false)
	if v := ended(page()); v.Get("error") != "access_denied" || v.Get("state") != "st" || v.Get("x") != "1" {
		t.Error(v)
	}
	j.Consent("bot", true)
	for want, pairs := range map[string][]string{
		"invalid_scope": {"scope", "ADMIN"}, "unsupported_response_type": {"response_type", "token"}, "invalid_request": {"code_challenge_method", "sha256"},
	} {
		if v := ended(page(pairs...)); v.Get("error") != want {
			t.Errorf("%v: %v", pairs, v)
		}
	}
	if a := page("redirect_uri", "https://elsewhere.example.com"); a.status != 400 || a.header.Get("Location") != "" {
		t.Error("an unknown address is not followed:", a)
	}

	good := map[string]string{"grant_type": "authorization_code", "client_id": "bot", "client_secret": "s", "redirect_uri": back, "code_verifier": "proof"}
	for _, c := range []struct {
		name   string
		pairs  []string
		status int
		want   string
	}{
		{"a wrong proof", []string{"code_verifier", "guess"}, 400, "invalid_grant"},
		{"no proof", []string{"code_verifier", ""}, 400, "invalid_grant"},
		{"another address", []string{"redirect_uri", "https://x"}, 400, "invalid_grant"},
		{"a wrong secret", []string{"client_secret", "x"}, 401, "invalid_client"},
		{"an unknown grant", []string{"grant_type", "password"}, 400, "unsupported_grant_type"},
	} {
		code := ended(page()).Get("code")
		if a := form(j, good, append(c.pairs, "code", code)...); a.status != c.status || at(t, a.text, "error") != c.want {
			t.Errorf("%s: %v", c.name, a)
		}
		if c.want == "invalid_grant" {
			if a := form(j, good, "code", code); a.status != 400 {
				t.Errorf("%s: the code can be tried again: %v", c.name, a)
			}
		}
	}
	first := form(j, good, "code", ended(page()).Get("code"))
	access, refresh := at(t, first.text, "access_token").(string), at(t, first.text, "refresh_token").(string)
	if a := ask(t, j, access, "GET", "/api/2/myself", nil); a.status != 200 || a.header.Get("X-AUSERNAME") != "bot" {
		t.Error(a)
	}
	good["grant_type"] = "refresh_token"
	if a := form(j, good, "refresh_token", refresh, "redirect_uri", ""); a.status != 400 || at(t, a.text, "error") != "invalid_grant" {
		t.Error("a renewal without the address:", a)
	}
	second := form(j, good, "refresh_token", refresh)
	if second.status != 200 {
		t.Fatal(second)
	}
	if a := ask(t, j, access, "GET", "/api/2/myself", nil); a.status != 401 {
		t.Error("the old access token is still good:", a)
	}
	if a := form(j, good, "refresh_token", refresh); a.status != 400 {
		t.Error("the old refresh token is still good:", a)
	}
	access = at(t, second.text, "access_token").(string)
	clock.move(2 * time.Hour)
	if a := ask(t, j, access, "GET", "/api/2/myself", nil); a.status != 401 {
		t.Error("after its two hours:", a)
	}
	if got := j.Renewals(); len(got) != 3 || got[0].Problem != "invalid_grant" || got[1].Problem != "" || got[2].Problem != "invalid_grant" {
		t.Error(got)
	}
}

func TestGraceAndScope(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{})
	j.AddApplication(jiratest.Application{ID: "bot", Secret: "s", RedirectURI: "https://b", Grace: time.Minute})
	j.Consent("bot", true)
	q := "client_id=bot&redirect_uri=https%3A%2F%2Fb&response_type=code&scope=READ&state=x"
	page := send(j, httptest.NewRequest("GET", "/jira/rest/oauth2/latest/authorize?"+q, nil))
	u, err := url.Parse(page.header.Get("Location"))
	ok(t, err)
	good := map[string]string{"grant_type": "authorization_code", "client_id": "bot", "client_secret": "s", "redirect_uri": "https://b", "code": u.Query().Get("code")}
	a := form(j, good)
	access, refresh := at(t, a.text, "access_token").(string), at(t, a.text, "refresh_token").(string)
	if a := ask(t, j, access, "POST", "/api/2/issue", obj{}); a.status != 403 {
		t.Error("a write with READ:", a)
	}
	good["grant_type"] = "refresh_token"
	for n, want := range []int{200, 200, 400} {
		if n == 2 {
			clock.move(2 * time.Minute)
		}
		if a := form(j, good, "refresh_token", refresh); a.status != want {
			t.Errorf("renewal %d: %v", n+1, a)
		}
	}
}

type obj = map[string]any

func TestOAuth1RefusesWhatIsNotSigned(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{})
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 1024))
	der := must[[]byte](t)(x509.MarshalPKIXPublicKey(&key.PublicKey))
	ok(t, j.AddConsumer(jiratest.Consumer{Key: "bot", PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}))
	if err := j.AddConsumer(jiratest.Consumer{Key: "bot", PublicKey: "MIIB"}); err == nil {
		t.Error("a key that is no PEM is taken")
	}
	now := strconv.FormatInt(clock.now().Unix(), 10)
	for _, c := range []struct{ name, header, want string }{
		{"an unknown consumer", `oauth_consumer_key="x"`, "consumer_key_unknown"},
		{"another method", `oauth_consumer_key="bot", oauth_signature_method="HMAC-SHA1"`, "signature_method_rejected"},
		{"no nonce", `oauth_consumer_key="bot", oauth_signature_method="RSA-SHA1", oauth_timestamp="` + now + `"`, "parameter_absent"},
		{"an old time", `oauth_consumer_key="bot", oauth_signature_method="RSA-SHA1", oauth_timestamp="1000", oauth_nonce="n"`, "timestamp_refused"},
		{"a wrong signature", `oauth_consumer_key="bot", oauth_signature_method="RSA-SHA1", oauth_timestamp="` + now + `", oauth_nonce="n", oauth_signature="AAAA"`, "signature_invalid"},
	} {
		r := httptest.NewRequest("POST", "/jira/plugins/servlet/oauth/request-token", nil)
		r.Header.Set("Authorization", "OAuth "+c.header)
		if a := send(j, r); a.status != 401 || a.text != "oauth_problem="+c.want || !strings.Contains(a.header.Get("WWW-Authenticate"), `oauth_problem="`+c.want+`"`) {
			t.Errorf("%s: %v", c.name, a)
		}
	}
	r := request(t, "", "GET", "/api/2/myself", nil)
	r.Header.Set("Authorization", `OAuth oauth_consumer_key="bot", oauth_token="x"`)
	if a := send(j, r); a.status != 401 || a.text != "oauth_problem=token_rejected" {
		t.Error(a)
	}
}
