package jiratest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Registration is a webhook as an administrator registers one, and what shall go wrong with it.
type Registration struct {
	Name        string
	URL         string
	Events      []string // all by default
	JQL         string   // for events about issues; all by default
	Secret      string   // signs deliveries in X-Hub-Signature, from Jira 10 on
	ExcludeBody bool
	As          string // what this user may not see is not sent; an administrator's registration is sent everything

	RecordOnly bool // nothing is sent; Deliveries tells what would have been
	DropEvery  int  // every n-th delivery is lost
	Duplicate  int  // every delivery is sent so many more times
}

type hook struct {
	id int
	Registration
	seen    int
	created time.Time
}

// Webhook registers a webhook and returns its ID. The JQL is one of the registration's creator, who sees everything.
func (j *Jira) Webhook(r Registration) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	h, err := j.addHook(r)
	if err != nil {
		return "", err
	}
	return text(h.id), nil
}

func (j *Jira) addHook(r Registration) (*hook, error) {
	h := &hook{created: j.now()}
	if err := j.setHook(h, r); err != nil {
		return nil, err
	}
	h.id = j.counters["hook"] + 1
	j.counters["hook"]++
	j.hookList = append(j.hookList, h)
	return h, nil
}

func (j *Jira) setHook(h *hook, r Registration) error {
	if u, err := url.Parse(r.URL); err != nil || u.Host == "" && !r.RecordOnly {
		return refuse(http.StatusBadRequest, "The webhook's URL %q is invalid", r.URL)
	}
	if _, err := j.compile(r.JQL, nil); err != nil {
		return err
	}
	h.Registration = r
	return nil
}

// RemoveWebhook ends a registration.
func (j *Jira) RemoveWebhook(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hookList = slices.DeleteFunc(j.hookList, func(h *hook) bool { return text(h.id) == id })
}

func (j *Jira) hook(id string) *hook {
	for _, h := range j.hookList {
		if text(h.id) == id {
			return h
		}
	}
	return nil
}

// wants compiles the JQL anew for each event, because it may say "-1d".
func (j *Jira) wants(h *hook, what happening) bool {
	if len(h.Events) > 0 && !slices.Contains(h.Events, what.event) {
		return false
	}
	if h.As != "" && slices.ContainsFunc(what.about(), func(i *issue) bool { return !j.knows(j.eyes(h), i) }) {
		return false
	}
	if h.JQL == "" || what.issue == nil {
		return true
	}
	q, err := j.compile(h.JQL, nil)
	return err == nil && q.match(what.issue)
}

// tell puts a happening in front of every registration that wants it.
func (j *Jira) tell(what happening) {
	var body []byte // is the same for all who see everything
	for _, h := range j.hookList {
		switch {
		case !j.wants(h, what):
		case h.As != "":
			j.hand(h, what, j.hookBody(what, j.eyes(h)))
		default:
			if body == nil {
				body = j.hookBody(what, j.eyes(h))
			}
			j.hand(h, what, body)
		}
	}
}

// eyes are what a registration sees.
func (j *Jira) eyes(h *hook) view {
	if h.As == "" {
		return view{everything: true}
	}
	return view{viewer: j.user(h.As)}
}

// hand gives a body to the outbox, with what shall go wrong with it.
func (j *Jira) hand(h *hook, what happening, body []byte) {
	h.seen++
	d := j.delivery(h, what, body)
	d.Time = j.now()
	if h.DropEvery > 0 && h.seen%h.DropEvery == 0 {
		d.Lost = "dropped"
	}
	j.hooks.add(d)
	for n := 0; n < h.Duplicate && d.Lost == ""; n++ {
		d.Duplicate = true
		j.hooks.add(d)
	}
}

func (j *Jira) hookBody(what happening, seen view) []byte {
	var out obj
	if what.shown != nil {
		out = what.shown(seen)
	} else {
		out = what.body()
	}
	out["timestamp"], out["webhookEvent"] = millis(j.now()), what.event
	body, err := json.Marshal(out)
	if err != nil { // only if a property of ours is no JSON, and those are checked when they are set
		j.options.Log.Error("webhook body cannot be written", "event", what.event, "error", err)
	}
	return body
}

// delivery is what a registration gets. Most versions append who did it to the URL.
func (j *Jira) delivery(h *hook, what happening, body []byte) Delivery {
	d := Delivery{hook: h.id, Webhook: h.Name, Event: what.event, URL: j.fill(h.URL, what.ids), Header: http.Header{}, Body: body}
	if what.actor != nil && j.version.actorInURL {
		separator := "?"
		if strings.Contains(d.URL, "?") {
			separator = "&"
		}
		d.URL += fmt.Sprintf("%suser_id=%s&user_key=%s", separator, url.QueryEscape(j.ref(what.actor.Name)), url.QueryEscape(what.actor.key))
	}
	if h.ExcludeBody {
		d.Body = nil
	}
	d.Header.Set("Content-Type", "application/json; charset=UTF-8")
	d.Header.Set("User-Agent", "Atlassian HttpClient jiratest")
	if j.version.cloud {
		d.Header.Set("X-Atlassian-Webhook-Identifier", fresh())
	}
	if h.Secret != "" && j.version.signed {
		mac := hmac.New(sha256.New, []byte(h.Secret))
		mac.Write(d.Body)
		d.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	if h.RecordOnly {
		d.Lost = "recorded only"
	}
	return d
}
