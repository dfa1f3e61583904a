package jiratest_test

import (
	"fmt"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

// TestCloudLimitsBursts: each call and method for itself, as many a second as the tokens allow.
func TestCloudLimitsBursts(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{Version: "Cloud"})
	must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
	many := func(n int, method, path, body string) (served int, last answer) {
		for range n {
			a := visit(t, j, "Cloud", "bot", method, path, body)
			if a.status < 300 {
				served++
			}
			last = a
		}
		return served, last
	}
	served, last := many(120, "GET", "/api/2/myself", "")
	if h := last.header; served != 100 || last.status != 429 || h.Get("RateLimit-Reason") != "jira-burst-based" || h.Get("Retry-After") != "1" ||
		h.Get("X-RateLimit-Reset") != "2026-03-02T09:00:01Z" || h.Get("X-RateLimit-Remaining") != "" {
		t.Errorf("%d served, then %d %v", served, last.status, h)
	}
	if served, last := many(90, "GET", "/api/2/field", ""); served != 90 || last.header.Get("X-RateLimit-NearLimit") != "true" {
		t.Errorf("another call: %d served, near the limit: %q", served, last.header.Get("X-RateLimit-NearLimit"))
	}
	clock.move(time.Second)
	if served, _ := many(120, "GET", "/api/2/myself", ""); served != 100 {
		t.Errorf("a second later: %d served", served)
	}
	clock.move(time.Minute)
	for n := range 5 { // since one issue alone bears only 20 writes in 2 s
		must[string](t)(j.As("ann").CreateIssue("CHK", "Bug", fmt.Sprint(n)))
	}
	puts := 0
	for n := range 60 {
		served, _ := many(1, "PUT", fmt.Sprintf("/api/2/issue/CHK-%d", n%5+1), `{"fields":{"summary":"x"}}`)
		puts += served
	}
	if puts != 50 {
		t.Errorf("%d of 60 PUTs served", puts)
	}
}

// TestCloudLimitsWritesToAnIssue: 20 in 2 s and 100 in 30 s; reading, and other issues, are not limited by that.
func TestCloudLimitsWritesToAnIssue(t *testing.T) {
	j, clock := newJira(t, jiratest.Options{Version: "Cloud"})
	for range 2 {
		must[string](t)(j.As("ann").CreateIssue("PAY", "Bug", "Totals"))
	}
	comment := func(key string) answer {
		return visit(t, j, "Cloud", "bot", "POST", "/api/2/issue/"+key+"/comment", `{"body":"x"}`)
	}
	began, refused := clock.now(), 0
	for served := 0; served < 130; {
		a := comment("PAY-1")
		if a.status == 201 {
			served++
			if served == 100 && clock.now().Sub(began) != 8*time.Second {
				t.Errorf("100 writes after %v", clock.now().Sub(began))
			}
			continue
		}
		refused++
		if a.status != 429 || a.header.Get("RateLimit-Reason") != "jira-per-issue-on-write" {
			t.Fatal(a)
		}
		if other := comment("PAY-2"); other.status == 429 && refused == 1 {
			t.Error("another issue:", other)
		}
		if read := visit(t, j, "Cloud", "bot", "GET", "/api/2/issue/PAY-1", nil); read.status != 200 {
			t.Error("reading:", read)
		}
		wait := must[time.Duration](t)(time.ParseDuration(a.header.Get("Retry-After") + "s"))
		clock.move(wait)
	}
	if took := clock.now().Sub(began); took != 32*time.Second {
		t.Errorf("130 writes took %v", took)
	}
}
