// Package doctor looks at everything between the bot and its Jira and says, a line for each, what it found and what to do
// about it. It writes nothing, neither here nor in Jira, unless a round trip is asked for.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"jirabot/config"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// A Result is how a check ended.
type Result string

// The results. Skipped means that an earlier check must succeed first, or that Jira does not tell.
const (
	OK      Result = "ok"
	Warning Result = "warning"
	Failed  Result = "failed"
	Skipped Result = "skipped"
)

// A Line is one check: what, result, what to do.
type Line struct {
	What   string `json:"what"`
	Result Result `json:"result"`
	Detail string `json:"detail,omitempty"`
	Do     string `json:"do,omitempty"`
}

// A Patient is what is looked at.
type Patient struct {
	Config config.Config
	Rules  *rules.Set
	Jira   *jiraclient.Client
	Now    func() time.Time
	// Issue is the issue for a round trip; none is made without it.
	Issue string
	// Wait is how long Jira may take to post an event; 20 s by default.
	Wait time.Duration
}

// Report is all lines.
type Report struct {
	Lines []Line `json:"lines"`
}

// OK tells whether nothing failed. Warnings are for people to judge.
func (r Report) OK() bool {
	for _, l := range r.Lines {
		if l.Result == Failed {
			return false
		}
	}
	return true
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	for _, l := range r.Lines {
		fmt.Fprintf(w, "%-9s%-14s %s\n", l.Result, l.What, strings.ReplaceAll(l.Detail, "\n", "\n"+strings.Repeat(" ", 24)))
		if l.Do != "" {
			fmt.Fprintf(w, "%-9s%-14s → %s\n", "", "", l.Do)
		}
	}
}

// Examine makes every check. One that fails does not keep the others from being made, unless they need what it found.
func Examine(ctx context.Context, p Patient) Report {
	var report Report
	add := func(lines ...Line) { report.Lines = append(report.Lines, lines...) }
	add(p.data(), p.rulesLine())
	reached, lines := p.reach(ctx)
	add(lines...)
	if !reached {
		for _, what := range []string{"identity", "token", "rate limit", "privileges", "permissions", "names", "webhook", "round trip"} {
			add(Line{What: what, Result: Skipped, Detail: "Jira cannot be reached"})
		}
		return report
	}
	server, user, err := p.Jira.Connect(ctx)
	if err != nil {
		add(Line{What: "identity", Result: Failed, Detail: err.Error(), Do: notLoggedIn(err)})
		for _, what := range []string{"token", "rate limit", "privileges", "permissions", "names", "webhook", "round trip"} {
			add(Line{What: what, Result: Skipped, Detail: "not logged in"})
		}
		return report
	}
	add(p.identity(user), p.version(server), p.token(ctx), p.rate(), p.privileges(ctx))
	add(p.permissions(ctx)...)
	add(p.names(ctx)...)
	add(p.webhook(ctx), p.roundTrip(ctx))
	return report
}

// notLoggedIn says what to do where Jira did not tell who the bot is, which need not be the credential's fault.
func notLoggedIn(err error) string {
	_, passing := jiraclient.Temporary(err)
	switch {
	case errors.Is(err, jiraclient.ErrUnauthorized):
		return "check the credential under jira.auth (bot login, for OAuth); log in once in the browser as the bot user if Jira asks for a CAPTCHA"
	case errors.Is(err, jiraclient.ErrRateLimited):
		return "wait, or ask an administrator to exempt the bot user from the rate limit; the credential was not looked at"
	case passing:
		return "try again when Jira answers; the credential was not refused"
	}
	return "check that jira.url is Jira's address, context path and all, and that nothing on the way answers in its place"
}

func (p Patient) rulesLine() Line {
	tests, failed := 0, 0
	for _, r := range p.Rules.Rules {
		for _, res := range r.RunTests() {
			tests++
			if !res.Passed {
				failed++
			}
		}
	}
	l := Line{What: "rules", Result: OK, Detail: fmt.Sprintf("%d rules, %d tests of their own", len(p.Rules.Rules), tests)}
	if failed > 0 {
		l.Result, l.Do = Warning, fmt.Sprintf("%d tests fail: bot test shows them", failed)
	}
	return l
}
