package jiraclient

import (
	"testing"
	"time"
)

// TestWhatAMachineMakesOfTheSharedToken: tokens are named by log-in and number, markers by their machine.
func TestWhatAMachineMakesOfTheSharedToken(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	token := func(login string, renewed int) oauth2Token {
		return oauth2Token{Access: login + string(rune('0'+renewed)), Refresh: "r", Login: login, Renewed: renewed}
	}
	fresh := func(login string) oauth2Token { t := token(login, 0); t.New = true; return t }
	refused := func(t oauth2Token) oauth2Token { t.Refused = "why"; return t }
	shared := func(t oauth2Token, by string, former ...string) sharedToken {
		s := sharedToken{Token: t, Fingerprint: t.fingerprint(), Former: former, By: by}
		if by != "" {
			s.Since = at
		}
		return s
	}
	a0, a1 := token("a", 0), token("a", 1)
	orphan := shared(a1, "me")
	orphan.By = ""
	for _, tt := range []struct {
		name   string
		here   oauth2Token
		lost   string
		renew  string
		there  sharedToken
		do     meeting
		write  bool
		holds  oauth2Token
		marked string // who renews it: a name, "-" for somebody who has lost its files, or nobody
	}{
		{"nobody has logged in", oauth2Token{}, "", "", sharedToken{}, agree, false, oauth2Token{}, ""},
		{"a token from when there was one machine", a0, "", "", sharedToken{}, bring, true, a0, ""},
		{"a machine without a token", oauth2Token{}, "", "", shared(a1, ""), take, false, a1, ""},
		{"the same", a1, "", "", shared(a1, ""), agree, false, a1, ""},
		{"another machine has renewed it", a0, "", "", shared(a1, ""), take, false, a1, ""},
		{"renewed here, and not told", a1, "", "", shared(a0, "me"), bring, true, a1, ""},
		{"a new log-in here", fresh("b"), "", "", shared(a1, "other"), bring, true, fresh("b"), ""},
		{"a log-in that a later one has replaced", fresh("b"), "", "", shared(a1, "", "b"), take, false, a1, ""},
		{"an old log-in that was never shared", token("b", 7), "", "", shared(a1, ""), take, false, a1, ""},
		{"refused here", refused(a1), "", "", shared(a1, "me"), bring, true, refused(a1), ""},
		{"refused to another machine", a1, "", "", shared(refused(a1), ""), take, false, refused(a1), ""},
		{"to be renewed", a1, "", a1.fingerprint(), shared(a1, ""), agree, true, a1, "me"},
		{"to be renewed, and another was faster", a0, "", a0.fingerprint(), shared(a1, ""), take, false, a1, ""},
		{"to be renewed, and refused already", a1, "", a1.fingerprint(), shared(refused(a1), ""), take, false, refused(a1), ""},
		{"to be renewed, and brought in with it", fresh("b"), "", fresh("b").fingerprint(), shared(a1, "other"), bring, true, fresh("b"), "me"},
		{"to be renewed, and another has begun", a1, "", a1.fingerprint(), shared(a1, "other"), agree, true, a1, "other"},
		{"to be renewed, and one without its files has begun", a1, "", a1.fingerprint(), orphan, agree, true, a1, "-"},
		{"another renews it", a1, "", "", shared(a1, "other"), agree, false, a1, "other"},
		{"begun here, and not asked", a1, "", "", shared(a1, "me"), agree, true, a1, ""},
		{"begun here, and the answer was lost", a1, "was cut off", "", shared(a1, "me"), agree, false, a1, "me"},
		{"begun here, and tried again", a1, "was cut off", a1.fingerprint(), shared(a1, "me"), agree, true, a1, "me"},
		{"begun here, and the files are gone", oauth2Token{}, "", "", shared(a1, "me"), take, true, a1, "-"},
		{"begun here, and the files are from before that", a0, "", "", shared(a1, "me"), take, true, a1, "-"},
	} {
		p := position{member: "me", here: tt.here, lost: tt.lost, renew: tt.renew, at: at}
		next, do, write := p.answer(tt.there)
		marked := next.By
		if marked == "" && next.begun() {
			marked = "-"
		}
		if do != tt.do || write != tt.write || next.Token != tt.holds || marked != tt.marked {
			t.Errorf("%s: %v, written %v, %v renewed by %q", tt.name, do, write, next.Token, marked)
		}
	}
}
