package jiraclient_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// twoMembers have a token of which a person has allowed the use on the first machine.
func twoMembers(t *testing.T) (p *provider, first, second *jiraclient.Client) {
	t.Helper()
	p = newProvider(t)
	p.loginAt(t, p.fileOf("bot-1"))
	first, second = p.member(t, "bot-1"), p.member(t, "bot-2")
	good(t, first)
	good(t, second)
	return p, first, second
}

// lose has a machine ask for the next token, of which it never gets the answer.
func (p *provider) lose(t *testing.T, c *jiraclient.Client) {
	t.Helper()
	p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Drop: true, Times: 1})
	bad(t, c, "POST /rest/oauth2/latest/token: EOF")
}

// TestWhatMachinesShareGivesNoAccess: neither secret can be read where the token is shared.
func TestWhatMachinesShareGivesNoAccess(t *testing.T) {
	p, _, _ := twoMembers(t)
	shared, err := os.ReadFile(shelf{dir: filepath.Dir(p.file)}.path())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(p.fileOf("bot-2"))
	if err != nil {
		t.Fatal(err)
	}
	token := object(t, string(kept))
	for _, key := range []string{"access_token", "refresh_token"} {
		if secret := token[key].(string); len(secret) < 10 || strings.Contains(string(shared), secret) {
			t.Errorf("%s can be read", key)
		}
	}
	other := p.member(t, "bot-3", func(c *jiraclient.OAuth2Credential) { c.ClientSecret = "another one" })
	bad(t, other, "give all machines the same jira.auth.oauth2.client_secret", "sealed with another secret")
	p.wantPresented(t, 0, 0)
}

// TestInterruptedWhileTheTokenIsGood: what another machine has left unfinished stops nobody before the token ends.
func TestInterruptedWhileTheTokenIsGood(t *testing.T) {
	p, first, second := twoMembers(t)
	p.pass(116 * time.Minute) // of 120: it is due
	p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Drop: true, Times: 1})
	good(t, first)
	if err := second.LoginWorry(); err != nil {
		t.Errorf("before it knows: %v", err)
	}
	good(t, second)
	if err := second.LoginWorry(); err == nil || !strings.HasPrefix(err.Error(), "bot-1 began to renew the token of OAuth 2.0 at 2026-03-02T10:56:00Z") {
		t.Errorf("the other says %v", err)
	}
	p.wantPresented(t, 0, 0)
	p.pass(5 * time.Minute)
	bad(t, second, "start bot-1 again, which knows")
	if second.LoginRefused() == nil {
		t.Error("the other is not held back")
	}
	good(t, first) // asks again: nothing was lost
	p.pass(2 * time.Second)
	good(t, second)
	if err := errors.Join(second.LoginWorry(), second.LoginRefused()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	p.wantPresented(t, 1, 0)
}

// TestATokenOfTheOthersMayHaveEndedToo: a machine that was idle has one from before the last, and finds one that has ended.
func TestATokenOfTheOthersMayHaveEndedToo(t *testing.T) {
	p, first, second := twoMembers(t)
	p.ExpireOAuth2()
	good(t, first)
	p.ExpireOAuth2()
	good(t, second)
	p.wantPresented(t, 2, 0)
	good(t, first)
	p.ExpireOAuth2()
	p.lose(t, second)
	third := p.member(t, "bot-3")
	bad(t, third, "start bot-2 again, which knows")
	bad(t, first, "start bot-2 again, which knows")
	p.wantPresented(t, 2, 0)
	good(t, second)
	p.pass(2 * time.Second)
	good(t, first)
	good(t, third)
	p.wantPresented(t, 3, 0)
}

// TestALogInHelpsEveryMachine: also where the one that knows is gone for good, and comes back all the same.
func TestALogInHelpsEveryMachine(t *testing.T) {
	p, first, second := twoMembers(t)
	p.ExpireOAuth2()
	p.lose(t, first)
	bad(t, second, "start bot-1 again")
	p.pass(2 * time.Second)
	bad(t, second, "start bot-1 again")
	p.loginAt(t, p.fileOf("bot-3"))
	good(t, p.member(t, "bot-3"))
	p.pass(2 * time.Second)
	good(t, second)
	good(t, first)
	p.wantPresented(t, 0, 0)
}

// TestAMachineThatHasLostItsFiles does not know what it did.
func TestAMachineThatHasLostItsFiles(t *testing.T) {
	p, first, _ := twoMembers(t)
	p.ExpireOAuth2()
	p.lose(t, first)
	if err := os.RemoveAll(filepath.Dir(p.fileOf("bot-1"))); err != nil {
		t.Fatal(err)
	}
	again := p.member(t, "bot-1")
	bad(t, again, "run bot login on one machine (a machine that has lost its data directory since began to renew")
	p.wantPresented(t, 0, 0)
	p.loginAt(t, p.fileOf("bot-1"))
	good(t, again)
}

// TestAMachineThatCouldNotAskLetsTheOthersAsk: nothing is uncertain then.
func TestAMachineThatCouldNotAskLetsTheOthersAsk(t *testing.T) {
	p, first, second := twoMembers(t)
	p.ExpireOAuth2()
	p.Fault(jiratest.Fault{PathSuffix: "/oauth2/latest/token", Status: 429, Times: 1})
	bad(t, first, "POST /rest/oauth2/latest/token: 429")
	good(t, second)
	p.wantPresented(t, 1, 0)
}

// TestWhatJiraRefusesOneMachineItRefusesAll, and nobody asks a second time.
func TestWhatJiraRefusesOneMachineItRefusesAll(t *testing.T) {
	p, first, second := twoMembers(t)
	p.RevokeOAuth2()
	for _, c := range []*jiraclient.Client{first, second, p.member(t, "bot-3")} {
		bad(t, c, "run bot login (the token is no longer renewed")
	}
	p.wantPresented(t, 1, 1)
	p.loginAt(t, p.fileOf("bot-2"))
	good(t, second)
	p.pass(2 * time.Second)
	good(t, first)
}

// deaf is where nothing can be stored for the moment.
type deaf struct {
	shelf
	from, calls *int // from that call on
}

func (d deaf) Update(ctx context.Context, change func([]byte) ([]byte, error)) error {
	if *d.calls++; *d.from > 0 && *d.calls >= *d.from {
		return errors.New("too few machines answer")
	}
	return d.shelf.Update(ctx, change)
}

// TestAMachineThatCannotReachTheOthers goes on with a token that is good, and renews none.
func TestAMachineThatCannotReachTheOthers(t *testing.T) {
	p, first, _ := twoMembers(t)
	from, calls := 0, 0
	cut := p.member(t, "bot-3", func(c *jiraclient.OAuth2Credential) {
		c.Share = deaf{c.Share.(shelf), &from, &calls}
	})
	good(t, cut)
	from = 1
	p.pass(116 * time.Minute)
	good(t, cut)
	p.pass(5 * time.Minute)
	if _, again := jiraclient.Temporary(bad(t, cut, "compare the token with the other machines': too few machines answer")); !again {
		t.Error("it is not worth another try")
	}
	p.wantPresented(t, 0, 0)
	good(t, first)
	from = 0
	good(t, cut)
	p.wantPresented(t, 1, 0)
}

// TestACommandLeavesTheTokenToTheBot: beside a bot that shares its token no other process presents it.
func TestACommandLeavesTheTokenToTheBot(t *testing.T) {
	p, first, second := twoMembers(t)
	asked := 0
	down := true
	command := p.client(t, func(c *jiraclient.OAuth2Credential) {
		c.TokenFile, c.RenewOnly = p.fileOf("bot-1"), true
		c.Renew = func(ctx context.Context, fingerprint string) error {
			if asked++; down {
				return errors.New("no bot runs here")
			}
			return first.RenewToken(ctx, fingerprint)
		}
	})
	good(t, command)
	p.ExpireOAuth2()
	bad(t, command, "have the token renewed: no bot runs here")
	p.wantPresented(t, 0, 0)
	good(t, second) // of which the first does not know yet
	down = false
	good(t, command)
	p.wantPresented(t, 1, 0)
	if asked != 2 {
		t.Errorf("the bot was asked %d times", asked)
	}
}

// TestMachinesShareATokenOfOAuth1: with one private key, a log-in on one of them is enough, and the last one counts.
func TestMachinesShareATokenOfOAuth1(t *testing.T) {
	p := newPlace(t, jiratest.Options{})
	p.Consent("bot", true)
	dir := t.TempDir()
	of := func(name string) jiraclient.OAuth1Credential {
		c := oauth1In(filepath.Join(dir, name))
		c.KeyFile, c.Share = filepath.Join(dir, "key.pem"), shelf{dir, name}
		return c
	}
	second := p.client(t, jiraclient.OAuth1(of("bot-2")))
	look := func(c *jiraclient.Client, want string) {
		t.Helper()
		if _, err := c.Myself(t.Context()); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	login := func(name string) {
		t.Helper()
		screen := &terminal{t: t, p: p}
		if _, err := jiraclient.LoginOAuth1(t.Context(), jiraclient.Options{URL: p.url}, of(name), jiraclient.Person{Out: screen, Ask: func(ctx context.Context, question string) (string, error) {
			screen.enter()
			return screen.answer(ctx, question)
		}}); err != nil {
			t.Fatal(err)
		}
	}
	look(second, "run bot login on one machine, and give all of them the private key")
	login("bot-1")
	first := p.client(t, jiraclient.OAuth1(of("bot-1")))
	look(first, "")
	second.ResetLogin()
	look(second, "")
	other := of("bot-3")
	other.KeyFile = filepath.Join(t.TempDir(), "other.pem")
	screen := &terminal{t: t, p: p}
	_, _ = jiraclient.LoginOAuth1(t.Context(), jiraclient.Options{URL: p.url}, other, jiraclient.Person{Out: screen, Ask: func(context.Context, string) (string, error) { return "", errors.New("nobody is there") }})
	look(p.client(t, jiraclient.OAuth1(other)), "give all machines the private key with which bot login was run")
	login("bot-2")
	look(p.client(t, jiraclient.OAuth1(of("bot-2"))), "")
	look(p.client(t, jiraclient.OAuth1(of("bot-4"))), "")
}
