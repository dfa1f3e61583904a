package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"jirabot/internal/registration"
	"jirabot/jiraclient"
)

// webhook compares the registration, where the bot user may see it, and otherwise says what should be there.
func (p Patient) webhook(ctx context.Context) Line {
	list, err := p.Jira.Webhooks(ctx)
	switch {
	case errors.Is(err, jiraclient.ErrDenied), errors.Is(err, jiraclient.ErrNotFound), errors.Is(err, jiraclient.ErrUnauthorized):
		return Line{What: "webhook", Result: Skipped, Detail: "only an administrator can see registrations; the bot user should be none",
			Do: "register one webhook: " + p.address() + ", all events that the rules name, no JQL, \"exclude body\" off; bot webhook register helps, and --round-trip shows whether it works"}
	case err != nil:
		return Line{What: "webhook", Result: Failed, Detail: err.Error()}
	}
	is, found := registration.Find(list, registration.Name)
	if !found {
		return Line{What: "webhook", Result: Failed, Detail: "there is no webhook named " + registration.Name, Do: "bot webhook register --url https://YOUR-BOT"}
	}
	wish := registration.Wish{Webhook: jiraclient.Webhook{URL: is.URL, Events: p.Rules.JiraEvents()}}
	wrong := registration.Differences(is, wish)
	if trouble := registration.Trouble(is); trouble != "" {
		wrong = append(wrong, trouble)
	}
	if wrong != nil {
		return Line{What: "webhook", Result: Failed, Detail: strings.Join(wrong, "; "), Do: "bot webhook register --url https://YOUR-BOT, and see whether Jira reaches that address"}
	}
	return Line{What: "webhook", Result: OK, Detail: fmt.Sprintf("%s posts the %d events that the rules name", is.Name, len(wish.Events))}
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

const lookFor = 100 * time.Millisecond

// roundTrip writes a comment into an issue, takes it away at once, and looks whether the running bot has been told.
func (p Patient) roundTrip(ctx context.Context) Line {
	const what = "round trip"
	if p.Issue == "" {
		return Line{What: what, Result: Skipped, Detail: "not asked for", Do: "bot doctor --round-trip KEY writes a comment into an issue, takes it away, and sees whether Jira tells the running bot"}
	}
	wait := p.Wait
	if wait <= 0 {
		wait = 20 * time.Second
	}
	before, err := p.told(ctx)
	if err != nil {
		return Line{What: what, Result: Failed, Detail: "the bot does not run at " + p.Config.Listen + ": " + err.Error(), Do: "start bot serve first"}
	}
	began := p.Now()
	added, err := p.Jira.AddComment(ctx, p.Issue, jiraclient.NewComment{Body: "bot doctor: does Jira tell the bot of this? It is taken away at once."})
	if err != nil {
		return Line{What: what, Result: Failed, Detail: err.Error(), Do: "name an issue that the bot user may comment on"}
	}
	left := ""
	if err := p.Jira.DeleteComment(ctx, p.Issue, added.ID); err != nil {
		left = "; its comment is still there: " + err.Error()
	}
	look := time.NewTicker(lookFor)
	defer look.Stop()
	for {
		now, err := p.told(ctx)
		switch {
		case err == nil && now > before:
			return Line{What: what, Result: OK, Detail: fmt.Sprintf("Jira told the bot after %v%s", p.Now().Sub(began).Round(time.Millisecond), left)}
		case p.Now().Sub(began) > wait, ctx.Err() != nil:
			return Line{What: what, Result: Failed, Detail: fmt.Sprintf("Jira has not told the bot of a comment within %v%s", wait, left),
				Do: "is the webhook registered for comments, its address right, reachable from Jira, and its secret the same? Refused posts stand in the log of bot serve"}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
}

// told is how many comments the running bot has been told of, as its metrics say.
func (p Patient) told(ctx context.Context) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+local(p.Config.Listen)+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, errors.Unwrap(err)
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return 0, fmt.Errorf("read its metrics: %w", err)
	}
	sum := 0.0
	for _, m := range families["bot_deliveries_total"].GetMetric() {
		for _, l := range m.GetLabel() {
			// Data Center tells of a comment twice, once as a change of the issue.
			if l.GetName() == "kind" && (strings.HasPrefix(l.GetValue(), "comment") || l.GetValue() == "issue_updated") {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum, nil
}

// local is where this machine reaches what listens on an address.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}
