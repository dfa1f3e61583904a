package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Webhook is a registration: where Jira posts which events. Registering takes an administrator.
type Webhook struct {
	ID     string // empty for one that is not registered yet
	Name   string
	URL    string
	Events []string // Jira's own names: jira:issue_updated, comment_created
	JQL    string   // limits the events about issues
	// Secret signs deliveries (Jira 10 and newer, Cloud). Jira never tells it back.
	Secret      string
	ExcludeBody bool
	Active      bool
	// Posted is what Jira says of its deliveries so far; nil where it says nothing (before 10, and on Cloud).
	Posted *Posted
}

// Posted counts what became of the deliveries of a webhook, in the time that Jira looks back over.
type Posted struct {
	Successes int    `json:"successes"`
	Failures  int    `json:"failures"` // the receiver refused them
	Errors    int    `json:"errors"`   // they did not arrive
	LastError string `json:"lastError,omitempty"`
}

// issueSection is what the older API calls the JQL filter.
const issueSection = "issue-related-events-section"

// webhookWire is a registration in the shapes of both APIs: Jira 10 moved the path and put filter, secret and the switch
// for bodies into a configuration of texts. It ignores the older keys without a word, and the older API the newer ones.
type webhookWire struct {
	ID            ident             `json:"id,omitempty"`
	Self          string            `json:"self,omitempty"`
	Name          string            `json:"name"`
	URL           string            `json:"url"`
	Events        []string          `json:"events"`
	Active        *bool             `json:"active,omitempty"`
	Enabled       *bool             `json:"enabled,omitempty"`
	Filters       map[string]string `json:"filters,omitempty"`
	ExcludeBody   *bool             `json:"excludeBody,omitempty"`
	Secret        string            `json:"secret,omitempty"` // Cloud's, which has the older shape otherwise
	Configuration map[string]string `json:"configuration,omitempty"`
	Statistics    *struct {
		Counts    Posted          `json:"counts"`
		LastError json.RawMessage `json:"lastError"`
	} `json:"statistics,omitempty"`
}

func (w webhookWire) webhook() Webhook {
	out := Webhook{ID: string(w.ID), Name: w.Name, URL: w.URL, Events: w.Events, Active: true}
	if out.ID == "" { // the older API has no ID but in the address
		out.ID = w.Self[strings.LastIndexByte(w.Self, '/')+1:]
	}
	for _, on := range []*bool{w.Active, w.Enabled} {
		if on != nil {
			out.Active = *on
		}
	}
	if w.Statistics != nil {
		posted := w.Statistics.Counts
		// Of what form it is, the vendor does not say.
		if json.Unmarshal(w.Statistics.LastError, &posted.LastError) != nil && string(w.Statistics.LastError) != "null" {
			posted.LastError = string(w.Statistics.LastError)
		}
		posted.LastError = oneLine(clip(posted.LastError, 300))
		out.Posted = &posted
	}
	out.JQL = w.Filters[issueSection] + w.Configuration["FILTERS"]
	out.ExcludeBody = w.ExcludeBody != nil && *w.ExcludeBody || w.Configuration["EXCLUDE_BODY"] == "true"
	return out
}

// hooksAt is where this Jira keeps registrations.
func (c *Client) hooksAt() (route string, newer bool) {
	if s := c.server.Load(); s != nil && s.Deployment != Cloud && len(s.VersionNumbers) > 0 && s.VersionNumbers[0] >= 10 {
		return "/rest/jira-webhook/1.0/webhooks", true
	}
	return "/rest/webhooks/1.0/webhook", false
}

// Webhooks lists the registrations.
// https://developer.atlassian.com/server/jira/platform/webhooks/
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	route, newer := c.hooksAt()
	list := get(route)
	if newer {
		list = list.with("statistics", "true")
	}
	var raw json.RawMessage
	if err := c.do(ctx, list, &raw); err != nil {
		return nil, err
	}
	var wires []webhookWire
	if err := json.Unmarshal(raw, &wires); err != nil {
		var page struct { // Jira 10 and newer may answer with a page
			Values []webhookWire `json:"values"`
		}
		if json.Unmarshal(raw, &page) != nil {
			return nil, fmt.Errorf("list of webhooks: %w", err)
		}
		wires = page.Values
	}
	out := make([]Webhook, len(wires))
	for i, w := range wires {
		out[i] = w.webhook()
	}
	return out, nil
}

// SaveWebhook registers a webhook, or changes the one with its ID. Deliveries without a body would be of no use and are
// refused here.
// https://developer.atlassian.com/server/jira/platform/webhooks/
func (c *Client) SaveWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	if w.ExcludeBody {
		return Webhook{}, errors.New("register webhook: without bodies the bot would learn nothing; exclude body must be off")
	}
	route, newer := c.hooksAt()
	yes, no := true, false
	wire := webhookWire{Name: w.Name, URL: w.URL, Events: w.Events}
	if newer {
		wire.Active = &yes
		wire.Configuration = map[string]string{"EXCLUDE_BODY": "false", "FILTERS": w.JQL}
		if w.Secret != "" {
			wire.Configuration["SECRET"] = w.Secret
		}
	} else {
		wire.ExcludeBody = &no
		wire.Filters = map[string]string{issueSection: w.JQL}
		if c.isCloud() {
			wire.Secret = w.Secret
		}
	}
	r := post(route)
	if w.ID != "" {
		r = put(route+"/{id}", w.ID)
	}
	var saved webhookWire
	err := c.do(ctx, r.carrying(wire), &saved)
	return saved.webhook(), err
}

// DeleteWebhook ends a registration.
// https://developer.atlassian.com/server/jira/platform/webhooks/
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	route, _ := c.hooksAt()
	return c.do(ctx, remove(route+"/{id}", id), nil)
}

// SignsWebhooks tells whether this Jira can sign its deliveries: Data Center from 10 on.
func (c *Client) SignsWebhooks() bool {
	_, newer := c.hooksAt()
	return newer || c.isCloud()
}
