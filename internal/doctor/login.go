package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"jirabot/actions"
	"jirabot/internal/contract"
	"jirabot/jiraclient"
)

func (p Patient) identity(user jiraclient.User) Line {
	name := user.Name
	if name == "" {
		name = user.AccountID
	}
	l := Line{What: "identity", Result: OK, Detail: fmt.Sprintf("%s (%s)", name, user.DisplayName)}
	if user.Key != "" && user.Key != name {
		l.Detail += ", key " + user.Key
	}
	return l
}

func (p Patient) version(server jiraclient.Server) Line {
	if !server.Known {
		return Line{What: "version", Result: Warning, Detail: server.Note, Do: "set jira.deployment, so that the bot need not guess"}
	}
	return Line{What: "version", Result: OK, Detail: fmt.Sprintf("Jira %s, %s", server.Version, server.Deployment)}
}

// tokenEnds is how long before its end a token is worth a word.
const tokenEnds = 14 * 24 * time.Hour

// token says when the personal access token ends.
func (p Patient) token(ctx context.Context) Line {
	ends, known, err := p.Jira.TokenExpiry(ctx)
	switch {
	case err != nil:
		return Line{What: "token", Result: Warning, Detail: err.Error()}
	case !known && p.Config.Jira.Auth.Token.Given():
		return Line{What: "token", Result: OK, Detail: "it has no end, or Jira does not say"}
	case !known:
		return Line{What: "token", Result: OK, Detail: "no personal access token is used, so none ends"}
	}
	l := Line{What: "token", Result: OK, Detail: "ends on " + ends.Format(time.DateOnly)}
	if ends.Sub(p.Now()) < tokenEnds {
		l.Result, l.Do = Warning, "make a new one in Jira, as the bot user, before nothing works any more"
	}
	return l
}

// rate tells of Jira's limit for our user.
func (p Patient) rate() Line {
	limit, ok := p.Jira.RateLimit()
	if !ok {
		return Line{What: "rate limit", Result: OK, Detail: "Jira shows none"}
	}
	l := Line{What: "rate limit", Result: OK, Detail: fmt.Sprintf("%.0f of %.0f requests left, and %.3g a second come back", limit.Left, limit.Size, limit.PerSecond)}
	if limit.PerSecond < 1 {
		l.Result, l.Do = Warning, "the bot will be slow; ask an administrator for an exemption of the bot user"
	}
	return l
}

// privileges warns of a bot user who may do more than any rule should.
func (p Patient) privileges(ctx context.Context) Line {
	granted, err := p.Jira.Administrator(ctx)
	switch {
	case errors.Is(err, jiraclient.ErrUnavailable):
		return Line{What: "privileges", Result: Skipped, Detail: "this Jira does not tell permissions"}
	case err != nil:
		return Line{What: "privileges", Result: Failed, Detail: err.Error()}
	}
	var too []string
	for _, permission := range granted {
		too = append(too, contract.Name(permission))
	}
	if too != nil {
		l := Line{What: "privileges", Result: Failed, Detail: "the bot user has " + strings.Join(too, " and "),
			Do: "take it away: whoever writes a rule can do what the bot user may; bot serve refuses to work (jira.allow_admin: true if it must be)"}
		if p.Config.Jira.AllowAdmin {
			l.Result, l.Do = Warning, "jira.allow_admin permits it: whoever writes a rule can do what an administrator can"
		}
		return l
	}
	return Line{What: "privileges", Result: OK, Detail: "no administrator"}
}

// permissions compares the rules' contract.
func (p Patient) permissions(ctx context.Context) []Line {
	report, err := contract.Check(ctx, p.Jira, contract.Needs(p.Rules))
	switch {
	case err != nil:
		return []Line{{What: "permissions", Result: Failed, Detail: err.Error()}}
	case report.Note != "":
		return []Line{{What: "permissions", Result: Skipped, Detail: report.Note}}
	}
	missing := report.Missing()
	if len(missing) == 0 {
		return []Line{{What: "permissions", Result: OK, Detail: fmt.Sprintf("all %d that the rules need", len(report.Findings))}}
	}
	var lines []Line
	for _, f := range missing {
		lines = append(lines, Line{What: "permissions", Result: Failed, Detail: f.Text,
			Do: fmt.Sprintf("grant %s to the bot user%s, or change the rule", contract.Name(f.Permission), contract.In(f.Project))})
	}
	return lines
}

// names looks up what the rules call fields, statuses and links.
func (p Patient) names(ctx context.Context) []Line {
	bad, notes, err := contract.CheckNames(ctx, actions.NewJira(p.Jira, p.Now), p.Rules)
	if err != nil {
		return []Line{{What: "names", Result: Failed, Detail: err.Error()}}
	}
	var lines []Line
	for _, b := range bad {
		lines = append(lines, Line{What: "names", Result: Failed, Detail: b.Text, Do: "correct the name in the rule, or the " + b.What + " in Jira"})
	}
	for _, note := range notes {
		lines = append(lines, Line{What: "names", Result: Skipped, Detail: note})
	}
	if lines == nil {
		lines = []Line{{What: "names", Result: OK, Detail: "Jira knows all fields, statuses and links that the rules name"}}
	}
	return lines
}
