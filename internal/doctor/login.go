package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// privileges warns of a bot user who may do more than any rule should.
func (p Patient) privileges(ctx context.Context) Line {
	have, err := p.Jira.MyPermissions(ctx, jiraclient.PermissionQuery{}, jiraclient.Administer, jiraclient.SystemAdmin)
	switch {
	case errors.Is(err, jiraclient.ErrUnavailable):
		return Line{What: "privileges", Result: Skipped, Detail: "this Jira does not tell permissions"}
	case err != nil:
		return Line{What: "privileges", Result: Failed, Detail: err.Error()}
	}
	var too []string
	for _, permission := range []jiraclient.Permission{jiraclient.SystemAdmin, jiraclient.Administer} {
		if have[permission] {
			too = append(too, contract.Name(permission))
		}
	}
	if too != nil {
		return Line{What: "privileges", Result: Warning, Detail: "the bot user has " + strings.Join(too, " and "),
			Do: "take it away: whoever writes a rule can do what the bot user may"}
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

// webhook says what an unprivileged bot cannot see.
func (p Patient) webhook(context.Context) Line {
	return Line{What: "webhook", Result: Skipped, Detail: "only an administrator can see registrations; the bot user should be none",
		Do: "register one webhook: " + p.address() + ", all events that the rules name, no JQL, \"exclude body\" off"}
}

func (p Patient) address() string {
	if p.Config.Webhook.PathToken.Given() {
		return "https://YOUR-BOT/webhooks/jira/(path_token)"
	}
	if p.Config.Webhook.QueryToken.Given() {
		return "https://YOUR-BOT/webhooks/jira?token=(query_token)"
	}
	return "https://YOUR-BOT/webhooks/jira, with the secret"
}
