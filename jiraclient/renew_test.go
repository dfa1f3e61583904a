package jiraclient_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// wantRotation: no refresh token was taken twice, and none was presented that Jira did not take, but for these.
func (p *provider) wantRotation(t *testing.T, refused int) {
	t.Helper()
	taken := map[string]bool{}
	for _, r := range p.Renewals() {
		if r.Problem == "" && taken[r.Token] {
			t.Error("a refresh token was taken twice")
		}
		taken[r.Token] = taken[r.Token] || r.Problem == ""
	}
	if _, n := p.presented(); n != refused {
		t.Errorf("%d refresh tokens were refused, want %d", n, refused)
	}
}

// TestTwoBotsShareAToken: all access tokens end, both bots notice it in eight calls at once, and only one asks.
func TestTwoBotsShareAToken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    string
		rounds int
	}{
		{"renewing by themselves", "PLAY_RENEW=", 200}, {"renewing in processes of their own", "PLAY_RENEW=yes", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.login(t)
			bots := []*bot{p.start(t, tt.env), p.start(t, tt.env)}
			for n := range tt.rounds {
				p.ExpireOAuth2()
				var all sync.WaitGroup
				for _, b := range bots {
					all.Go(func() {
						if said := b.work(); said != "good" {
							t.Errorf("round %d: %q", n, said)
						}
					})
				}
				all.Wait()
				if t.Failed() {
					t.FailNow()
				}
			}
			if all, _ := p.presented(); all != tt.rounds {
				t.Errorf("%d renewals in %d rounds", all, tt.rounds)
			}
			p.wantRotation(t, 0)
		})
	}
}

// TestKilledBotLosesNoToken: a bot that renews in a process of its own may be killed at any time.
func TestKilledBotLosesNoToken(t *testing.T) {
	p := newProvider(t)
	p.login(t)
	killed := 0
	try := func(name string, arrange func(b *bot)) {
		t.Helper()
		b := p.start(t, "PLAY_RENEW=yes")
		if said := b.work(); said != "good" {
			t.Fatalf("%s: %q", name, said)
		}
		p.ExpireOAuth2()
		arrange(b)
		if said := b.work(); said == "" {
			killed++
		} else if said != "good" {
			t.Errorf("%s: it said %q before it was killed", name, said)
		}
		p.guard(nil)
		b.kill()
		if said := p.start(t, "PLAY_RENEW=yes").work(); said != "good" {
			t.Errorf("%s: the next bot said %q", name, said)
		}
	}
	for _, answered := range []bool{false, true} {
		try(sprint("while Jira works, done %v", answered), func(b *bot) {
			p.guard(func(answer bool) {
				if answer == answered {
					b.kill()
				}
			})
		})
	}
	if killed != 2 {
		t.Error("a bot lived on")
	}
	for range 30 {
		after := rand.N(20 * time.Millisecond)
		try("after "+after.String(), func(b *bot) { time.AfterFunc(after, b.kill) })
	}
	t.Logf("%d bots were killed before they had the new token", killed)
	p.wantRotation(t, 0)
}

// TestKilledRenewalSaysSo: where the process that asks is killed itself, the token is still good, or the next bot says
// precisely what happened, and sends it once.
func TestKilledRenewalSaysSo(t *testing.T) {
	const lost = "run bot login (a renewal of the token was cut off by a crash at 20"
	p := newProvider(t)
	p.login(t)
	refused := 0
	next := func(name, want string) {
		t.Helper()
		said := p.start(t).work()
		if want == "either" && said != "good" || want == lost {
			want = lost
			refused++
		} else {
			want = "good"
		}
		for _, said := range []string{said, p.start(t).work()} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: the next bot said %q, want %q", name, said, want)
			}
		}
		p.wantRotation(t, refused)
		if want == lost {
			p.login(t)
		}
	}
	for _, point := range []struct{ name, die, want string }{
		{"noted, and not sent", "unsent", "good"},
		{"answered, and not kept", "unread", lost},
	} {
		p.ExpireOAuth2()
		if said := p.start(t, "PLAY_DIE="+point.die).work(); said != "" {
			t.Errorf("%s: it said %q", point.name, said)
		}
		next(point.name, point.want)
	}
	for _, answered := range []bool{false, true} {
		p.ExpireOAuth2()
		b := p.start(t)
		p.guard(func(answer bool) {
			if answer == answered {
				b.kill()
				b.wait()
			}
		})
		if said := b.work(); said != "" {
			t.Errorf("it said %q", said)
		}
		p.guard(nil)
		next(sprint("while Jira works, done %v", answered), lost)
	}
	for range 30 {
		b := p.start(t)
		if said := b.work(); said != "good" {
			t.Fatal(said)
		}
		p.ExpireOAuth2()
		after := rand.N(5 * time.Millisecond)
		time.AfterFunc(after, b.kill)
		if said := b.work(); said != "" && said != "good" {
			t.Errorf("it said %q", said)
		}
		b.kill()
		b.wait()
		next("after "+after.String(), "either")
	}
	t.Logf("%d tokens were lost, and said to be", refused)
}
