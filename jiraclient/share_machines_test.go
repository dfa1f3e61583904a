package jiraclient_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMachinesShareAToken: a person logs in on one machine; all access tokens end, three machines notice it in eight calls
// at once each, and only one asks.
func TestMachinesShareAToken(t *testing.T) {
	for _, tt := range []struct {
		name, env string
		rounds    int
	}{
		{"renewing by themselves", "PLAY_RENEW=", 100}, {"renewing in processes of their own", "PLAY_RENEW=yes", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.loginAt(t, p.fileOf("bot-2"))
			var bots []*bot
			for _, name := range []string{"bot-2", "bot-1", "bot-3"} {
				b := p.machine(t, name, tt.env)
				if said := b.work(); said != "good" {
					t.Fatalf("%s: %q", name, said)
				}
				bots = append(bots, b)
			}
			before, _ := p.presented()
			for n := range tt.rounds {
				p.ExpireOAuth2()
				var all sync.WaitGroup
				for i, b := range bots {
					all.Go(func() {
						if said := b.work(); said != "good" {
							t.Errorf("round %d, bot %d: %q", n, i, said)
						}
					})
				}
				all.Wait()
				if t.Failed() {
					t.FailNow()
				}
			}
			if all, _ := p.presented(); all-before != tt.rounds {
				t.Errorf("%d renewals in %d rounds", all-before, tt.rounds)
			}
			p.wantRotation(t, 0)
		})
	}
}

const begunBy1 = "start bot-1 again, which knows; if it is gone for good, run bot login on another machine (bot-1 began to renew the token of OAuth 2.0 at 20"

// TestMachineKilledWhileJiraWorks: the others do not present what the dead one has perhaps presented, and say so; when it is
// back, all go on.
func TestMachineKilledWhileJiraWorks(t *testing.T) {
	for _, answered := range []bool{false, true} {
		t.Run(sprint("done %v", answered), func(t *testing.T) {
			p := newProvider(t)
			p.loginAt(t, p.fileOf("bot-1"))
			first, second := p.machine(t, "bot-1", "PLAY_RENEW=yes"), p.machine(t, "bot-2", "PLAY_RENEW=yes")
			for _, b := range []*bot{first, second} {
				if said := b.work(); said != "good" {
					t.Fatal(said)
				}
			}
			before, _ := p.presented()
			p.ExpireOAuth2()
			goOn := make(chan struct{})
			p.guard(func(answer bool) {
				if answer == answered {
					first.kill()
					<-goOn
				}
			})
			if said := first.work(); said != "" {
				t.Errorf("it said %q", said)
			}
			held := func() {
				t.Helper()
				if said := second.work(); !strings.Contains(said, begunBy1) {
					t.Errorf("the other said %q", said)
				}
			}
			held()
			p.guard(nil)
			close(goOn)
			first.wait() // its renewal ends
			held()
			if all, _ := p.presented(); all-before != 1 {
				t.Errorf("%d refresh tokens were presented", all-before)
			}
			if said := p.machine(t, "bot-1", "PLAY_RENEW=yes").work(); said != "good" {
				t.Errorf("when it is back: %q", said)
			}
			second.workUntil(t, "good")
			p.wantRotation(t, 0)
		})
	}
}

// TestMachineKilledWithItsRenewal: only the machine itself presents the token again, and tells the others what came of it.
func TestMachineKilledWithItsRenewal(t *testing.T) {
	const lost = "run bot login (a renewal of the token was cut off by a crash at 20"
	for _, tt := range []struct {
		name, die, want string
		refused         int
	}{
		{"noted, and not sent", "unsent", "good", 0},
		{"answered, and not kept", "unread", lost, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.loginAt(t, p.fileOf("bot-1"))
			second := p.machine(t, "bot-2")
			for _, b := range []*bot{p.machine(t, "bot-1"), second} {
				if said := b.work(); said != "good" {
					t.Fatal(said)
				}
			}
			p.ExpireOAuth2()
			first := p.machine(t, "bot-1", "PLAY_DIE="+tt.die)
			if said := first.work(); said != "" {
				t.Errorf("it said %q", said)
			}
			first.wait()
			before, _ := p.presented()
			if said := second.work(); !strings.Contains(said, begunBy1) {
				t.Errorf("the other said %q", said)
			}
			if after, _ := p.presented(); after != before {
				t.Error("the other presented the token")
			}
			first = p.machine(t, "bot-1")
			if said := first.work(); !strings.Contains(said, tt.want) {
				t.Errorf("when it is back: %q", said)
			}
			p.wantRotation(t, tt.refused)
			if tt.refused > 0 {
				third := p.machine(t, "bot-3")
				if said := third.work(); !strings.Contains(said, tt.want) {
					t.Errorf("a third one said %q", said)
				}
				p.loginAt(t, p.fileOf("bot-2"))
				second.workUntil(t, "good")
				third.workUntil(t, "good")
			}
			second.workUntil(t, "good")
			first.workUntil(t, "good")
			p.wantRotation(t, tt.refused)
		})
	}
}

// TestMachinesKilledAtAnyTime: no refresh token is presented twice, and none is lost.
func TestMachinesKilledAtAnyTime(t *testing.T) {
	p := newProvider(t)
	p.loginAt(t, p.fileOf("bot-1"))
	bots := map[string]*bot{}
	for _, name := range []string{"bot-1", "bot-2", "bot-3"} {
		bots[name] = p.machine(t, name, "PLAY_RENEW=yes")
		bots[name].workUntil(t, "good")
	}
	held := 0
	for range 30 {
		p.ExpireOAuth2()
		victim, after := fmt.Sprint("bot-", 1+rand.N(3)), rand.N(20*time.Millisecond)
		time.AfterFunc(after, bots[victim].kill)
		var all sync.WaitGroup
		var mu sync.Mutex
		for name, b := range bots {
			all.Go(func() {
				said := b.work()
				mu.Lock()
				defer mu.Unlock()
				switch {
				case said == "good", name == victim && said == "":
				case strings.Contains(said, "start "+victim+" again"):
					held++
				default:
					t.Errorf("%s killed after %v: %s said %q", victim, after, name, said)
				}
			})
		}
		all.Wait()
		bots[victim].kill()
		bots[victim].wait()
		bots[victim] = p.machine(t, victim, "PLAY_RENEW=yes")
		bots[victim].workUntil(t, "good") // it tells what it knows
		for _, b := range bots {
			b.workUntil(t, "good")
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d times a machine waited for a dead one", held)
	p.wantRotation(t, 0)
}
