package jiraclient_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestRenewElsewhere: the bot learns from the token's files what came of a renewal that it has left to others.
func TestRenewElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name      string
		arrange   func(p *provider)
		change    func(c *jiraclient.OAuth2Credential) // of the one that renews
		want      string                               // the error, or "good"
		presented int
		temporary bool
	}{
		{"a new token", nil, nil, "good", 1, false},
		{"revoked", func(p *provider) { p.RevokeOAuth2() }, nil, "run bot login (the token is no longer renewed: POST /rest/oauth2/latest/token: 400: invalid_grant", 1, false},
		{"Jira away", func(p *provider) {
			p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: 503})
		}, nil, "POST /rest/oauth2/latest/token: 503: service unavailable", 0, true},
		{"a wrong secret", nil, func(c *jiraclient.OAuth2Credential) { c.ClientSecret = "wrong" }, "correct jira.auth.oauth2 or Jira's application link (POST /rest/oauth2/latest/token: 401: invalid_client", 0, false},
		{"it cannot be started", nil, func(c *jiraclient.OAuth2Credential) { c.TokenFile = "" }, "good", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.login(t)
			elsewhere := p.credential()
			if tt.change != nil {
				tt.change(&elsewhere)
			}
			times := 0
			c := p.client(t, func(c *jiraclient.OAuth2Credential) {
				c.Renew = func(ctx context.Context, fingerprint string) error {
					times++
					if elsewhere.TokenFile == "" {
						return jiraclient.RenewalProcess("/nowhere")(ctx, fingerprint)
					}
					return jiraclient.RenewOAuth2(ctx, p.options(), elsewhere, fingerprint)
				}
			})
			good(t, c)
			p.ExpireOAuth2()
			if tt.arrange != nil {
				tt.arrange(p)
			}
			if tt.want == "good" {
				good(t, c)
			} else if _, again := jiraclient.Temporary(bad(t, c, tt.want)); again != tt.temporary {
				t.Errorf("worth another try: %v", again)
			}
			if all, _ := p.presented(); all != tt.presented || times != 1 {
				t.Errorf("renewed %d times, Jira saw %d refresh tokens", times, all)
			}
		})
	}
}

// TestLeftOfARenewal: what a crash leaves in the files, at the points at which no test can kill.
func TestLeftOfARenewal(t *testing.T) {
	for _, tt := range []struct {
		name string
		// left makes the file's content from the token before and after a renewal that Jira has done.
		left func(before, after map[string]any) string
		jira string // what it did before the next bot comes: "renewed" it, "revoked" it, or "slept"
		want string // "good" or a part of the error
	}{
		{"the answer was written, and not put into its place", func(_, after map[string]any) string { return text(after) }, "renewed", "good"},
		{"the answer was written, and blanks stand behind it", func(_, after map[string]any) string { return text(after) + strings.Repeat(" ", 9000) }, "renewed", "good"},
		{"the answer was torn by a power cut", func(_, after map[string]any) string { return text(after)[:90] + strings.Repeat("\x00", 90) }, "renewed", "cut off by a crash at 20"},
		{"the answer was torn, and Jira had not seen the question", func(_, after map[string]any) string { return text(after)[:90] }, "slept", "good"},
		{"nothing was written yet", func(_, _ map[string]any) string { return "" }, "slept", "good"},
		{"an answer to an older token", func(_, after map[string]any) string {
			after["replaces"], after["access_token"] = "0", "x"
			return text(after)
		}, "slept", "good"},
		{"an attempt with an older token", func(_, _ map[string]any) string {
			return `{"renewing":"0","since":"2026-03-01T00:00:00Z"}`
		}, "slept", "good"},
		{"an attempt with an older token, and the access was revoked", func(_, _ map[string]any) string {
			return `{"renewing":"0","since":"2026-03-01T00:00:00Z"}`
		}, "revoked", "run bot login (the token is no longer renewed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.login(t)
			before := p.kept(t)
			p.ExpireOAuth2()
			good(t, p.client(t))
			after := p.kept(t)
			left := []byte(tt.left(object(t, before), object(t, after)))
			switch tt.jira {
			case "renewed":
				after = before
			case "revoked":
				p.RevokeOAuth2()
			default:
				p.ExpireOAuth2()
			}
			for name, content := range map[string][]byte{p.file: []byte(after), p.file + ".renewing": left} {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c := p.client(t)
			if tt.want != "good" {
				bad(t, c, tt.want)
				return
			}
			good(t, c)
			good(t, p.client(t))
			p.wantRotation(t, 0)
			if _, err := os.Stat(p.file + ".renewing"); err == nil {
				t.Error("what was left is still there")
			}
		})
	}
}

// TestAnswerThatBrokeOff: nobody was killed, and still Jira's answer did not arrive.
func TestAnswerThatBrokeOff(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	c := p.client(t)
	p.ExpireOAuth2()
	p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Drop: true, AfterEffect: true, Times: 1})
	bad(t, c, "POST /rest/oauth2/latest/token: EOF")
	for _, status := range []int{503, 429} { // which do not hide it
		p.pass(time.Minute)
		p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: status, Times: 1})
		bad(t, c, sprint("POST /rest/oauth2/latest/token: %d", status))
	}
	const lost = "run bot login (a renewal of the token got no whole answer at 2026-03-02T09:00:00Z (POST /rest/oauth2/latest/token: EOF), so the token that Jira gave then is probably lost"
	bad(t, c, lost)
	bad(t, p.client(t), lost)
	p.wantRotation(t, 1)
}

// TestAnswerThatTookNothing: a later refusal has nothing to do with it.
func TestAnswerThatTookNothing(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	c := p.client(t)
	p.ExpireOAuth2()
	p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: 429, Times: 1})
	bad(t, c, "POST /rest/oauth2/latest/token: 429")
	p.RevokeOAuth2()
	bad(t, c, "run bot login (the token is no longer renewed")
}

func text(o map[string]any) string {
	b, _ := json.Marshal(o)
	return string(b)
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	o := map[string]any{}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}
