// Package registration knows how the bot's webhook has to be registered in Jira: under one recognisable name, with the
// events that the rules wait for, without a filter, with bodies. Registering takes an administrator, whom the bot user
// should not be; so it can also say what an administrator has to enter by hand.
package registration

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"jirabot/config"
	"jirabot/jiraclient"
	"jirabot/rules"
)

// Name is the name by which the registration is found again.
const Name = "jirabot"

// A Wish is what the registration should be.
type Wish struct {
	jiraclient.Webhook
	// Shown is the address without the token that may stand in it.
	Shown string
}

// For finds out what a configuration and its rules need. The address is the bot's as Jira reaches it: https://bot.example.com.
func For(c config.Config, set *rules.Set, address string, signs bool) (Wish, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" {
		return Wish{}, errors.New("the bot's address, as Jira reaches it, looks like https://bot.example.com")
	}
	w := Wish{Webhook: jiraclient.Webhook{Name: Name, Events: set.JiraEvents(), Active: true}}
	w.URL, w.Shown = u.String()+"/webhooks/jira", u.String()+"/webhooks/jira"
	switch hook := c.Webhook; {
	case hook.PathToken.Given():
		w.URL, w.Shown = w.URL+"/"+url.PathEscape(hook.PathToken.Reveal()), w.Shown+"/(webhook.path_token)"
	case hook.QueryToken.Given():
		w.URL, w.Shown = w.URL+"?token="+url.QueryEscape(hook.QueryToken.Reveal()), w.Shown+"?token=(webhook.query_token)"
	}
	w.Secret = c.Webhook.Secret.Reveal()
	if w.Secret != "" && !signs {
		return w, errors.New("this Jira is older than 10 and cannot sign, or does not say how old it is, but webhook.secret demands a signature: use webhook.path_token instead of it, or have entered by hand what --print prints")
	}
	if len(w.Events) == 0 {
		return w, errors.New("no rule waits for an event of Jira, so there is nothing to register")
	}
	return w, nil
}

// Trouble says what Jira tells of deliveries that did not arrive; empty where all did, or where Jira does not tell.
func Trouble(is jiraclient.Webhook) string {
	p := is.Posted
	if p == nil || p.Failures+p.Errors == 0 {
		return ""
	}
	text := fmt.Sprintf("Jira delivered %d, %d were refused, %d did not arrive", p.Successes, p.Failures, p.Errors)
	if p.LastError != "" {
		text += "; the last time: " + p.LastError
	}
	return text
}

// Find is the registration with our name, if there is one.
func Find(list []jiraclient.Webhook, name string) (jiraclient.Webhook, bool) {
	for _, w := range list {
		if w.Name == name {
			return w, true
		}
	}
	return jiraclient.Webhook{}, false
}

// Differences say what is wrong with a registration, for people; none means that it is as wished. The secret is not
// compared, since Jira does not tell it.
func Differences(is jiraclient.Webhook, wish Wish) []string {
	var out []string
	if is.URL != wish.URL {
		out = append(out, "it posts to another address than "+wish.Shown)
	}
	if !is.Active {
		out = append(out, "it is switched off")
	}
	if is.ExcludeBody {
		out = append(out, `"exclude body" is on, so that the bot learns nothing`)
	}
	if is.JQL != "" {
		out = append(out, fmt.Sprintf("it is limited to %q; the rules' own scopes and conditions decide, and a filter hides events from them", is.JQL))
	}
	var missing []string
	for _, e := range wish.Events {
		if !slices.Contains(is.Events, e) {
			missing = append(missing, e)
		}
	}
	if missing != nil {
		out = append(out, "rules wait for events that it does not post: "+strings.Join(missing, ", "))
	}
	return out
}

// Register makes the registration as wished: a new one, or the one with our name changed. Events that somebody has added
// are left.
func Register(ctx context.Context, jira *jiraclient.Client, wish Wish) (changed []string, created bool, err error) {
	list, err := jira.Webhooks(ctx)
	if err != nil {
		return nil, false, explain(err)
	}
	is, found := Find(list, wish.Name)
	w := wish.Webhook
	if !found {
		_, err := jira.SaveWebhook(ctx, w)
		return nil, err == nil, explain(err)
	}
	changed = Differences(is, wish)
	for _, e := range is.Events {
		if !slices.Contains(w.Events, e) {
			w.Events = append(slices.Clone(w.Events), e)
		}
	}
	w.ID = is.ID
	// Saved even where nothing differs: the secret may, and Jira does not show it.
	_, err = jira.SaveWebhook(ctx, w)
	return changed, false, explain(err)
}

// Remove ends the registration with this name.
func Remove(ctx context.Context, jira *jiraclient.Client, name string) (found bool, err error) {
	list, err := jira.Webhooks(ctx)
	if err != nil {
		return false, explain(err)
	}
	is, found := Find(list, name)
	if !found {
		return false, nil
	}
	return true, explain(jira.DeleteWebhook(ctx, is.ID))
}

// explain says who may do it.
func explain(err error) error {
	switch {
	case errors.Is(err, jiraclient.ErrDenied), errors.Is(err, jiraclient.ErrUnauthorized):
		return fmt.Errorf("registering webhooks takes a Jira administrator, whom the bot user should not be; name one with --admin, or give an administrator what --print prints: %w", err)
	}
	return err
}

// Instructions are what an administrator enters by hand.
func Instructions(wish Wish) string {
	var b strings.Builder
	fmt.Fprintf(&b, "In Jira, as an administrator: System, WebHooks, Create a WebHook.\n\n  Name          %s\n  Status        Enabled\n  URL           %s\n", wish.Name, wish.Shown)
	if wish.Secret != "" {
		b.WriteString("  Secret        the value of webhook.secret\n")
	}
	b.WriteString("  JQL           (leave empty)\n  Exclude body  No\n  Events\n")
	for _, e := range wish.Events {
		fmt.Fprintf(&b, "    %s\n", e)
	}
	return b.String()
}
