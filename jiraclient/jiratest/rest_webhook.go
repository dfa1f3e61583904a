package jiratest

import (
	"net/http"
	"time"
)

// hookRoutes are the registration of webhooks: the path of Jira 9, older ones and Cloud, and that of 10 and newer. Each
// version has one of them.
func hookRoutes() []route {
	var out []route
	for _, path := range []string{"/webhooks/1.0/webhook", "/jira-webhook/1.0/webhooks"} {
		for _, r := range []route{
			{"GET", path, listHooks},
			{"POST", path, postHook},
			{"GET", path + "/{id}", getHook},
			{"PUT", path + "/{id}", putHook},
			{"DELETE", path + "/{id}", deleteHook},
		} {
			out = append(out, route{r.method, r.path, func(c *call) (int, any, error) {
				if !c.user.admin() {
					return 0, nil, refuse(http.StatusForbidden, "You must be a Jira administrator to manage webhooks.")
				}
				return r.run(c)
			}})
		}
	}
	return out
}

// newerHooks tells whether registrations have the body of 10 and newer.
func (p profile) newerHooks() bool { return p.has(http.MethodGet, "/jira-webhook/1.0/webhooks") }

func (c *call) hookJSON(h *hook) obj {
	events := h.Events
	if events == nil {
		events = []string{}
	}
	if c.j.version.newerHooks() {
		return obj{
			"id": h.id, "name": h.Name, "url": h.URL, "events": events, "active": true, "scopeType": "global", "sslVerificationRequired": true,
			"configuration": obj{"FILTERS": h.JQL, "EXCLUDE_BODY": map[bool]string{true: "true", false: "false"}[h.ExcludeBody]},
		}
	}
	return obj{
		"name": h.Name, "url": h.URL, "events": events, "enabled": true, "excludeBody": h.ExcludeBody,
		"filters": obj{"issue-related-events-section": h.JQL}, "self": c.j.base + "/rest/webhooks/1.0/webhook/" + text(h.id),
		"lastUpdatedDisplayName": c.user.DisplayName, "lastUpdated": c.j.now().UnixMilli(),
		"lastUpdatedShort": c.j.now().Format(time.DateOnly),
	}
}

// registration reads a body. Jira 10 ignores the filter and the secret of the older shape without a word, and so does this.
func (c *call) registration(into Registration) (Registration, error) {
	body, err := c.object()
	if err != nil {
		return into, err
	}
	if s := member(body, "name"); s != "" {
		into.Name = s
	}
	if s := member(body, "url"); s != "" {
		into.URL = s
	}
	if list, ok := body["events"].([]any); ok {
		into.Events = nil
		for _, e := range list {
			into.Events = append(into.Events, idText(e))
		}
	}
	if c.j.version.newerHooks() {
		configuration := object(body["configuration"])
		if configuration["FILTERS"] != nil {
			into.JQL = member(configuration, "FILTERS")
		}
		if configuration["SECRET"] != nil {
			into.Secret = member(configuration, "SECRET")
		}
		if configuration["EXCLUDE_BODY"] != nil {
			into.ExcludeBody = member(configuration, "EXCLUDE_BODY") == "true"
		}
	} else {
		if filters := object(body["filters"]); len(filters) > 0 {
			into.JQL = member(filters, "issue-related-events-section")
		}
		if b, ok := body["excludeBody"].(bool); ok {
			into.ExcludeBody = b
		}
		if secret := member(body, "secret"); secret != "" && c.j.version.signed {
			into.Secret = secret // Cloud's
		}
	}
	if into.Name == "" || into.URL == "" {
		return into, refuse(http.StatusBadRequest, "A webhook needs a name and a url.")
	}
	return into, nil
}

// listHooks tells what became of deliveries where it is asked for, from 10 on.
func listHooks(c *call) (int, any, error) {
	out := []any{}
	for _, h := range c.j.hookList {
		one := c.hookJSON(h)
		if c.j.version.newerHooks() && c.query.Get("statistics") == "true" {
			one["statistics"] = c.j.statisticsJSON(h)
		}
		out = append(out, one)
	}
	return 200, out, nil
}

func postHook(c *call) (int, any, error) {
	r, err := c.registration(Registration{})
	if err != nil {
		return 0, nil, err
	}
	h, err := c.j.addHook(r)
	if err != nil {
		return 0, nil, err
	}
	return 201, c.hookJSON(h), nil
}

func (c *call) hook() (*hook, error) {
	if h := c.j.hook(c.path("id")); h != nil {
		return h, nil
	}
	return nil, refuse(http.StatusNotFound, "The webhook %s does not exist.", c.path("id"))
}

func getHook(c *call) (int, any, error) {
	h, err := c.hook()
	if err != nil {
		return 0, nil, err
	}
	return 200, c.hookJSON(h), nil
}

func putHook(c *call) (int, any, error) {
	h, err := c.hook()
	if err != nil {
		return 0, nil, err
	}
	r, err := c.registration(h.Registration)
	if err != nil {
		return 0, nil, err
	}
	if err := c.j.setHook(h, r); err != nil {
		return 0, nil, err
	}
	return 200, c.hookJSON(h), nil
}

func deleteHook(c *call) (int, any, error) {
	h, err := c.hook()
	if err != nil {
		return 0, nil, err
	}
	c.j.hookList = remaining(c.j.hookList, h)
	return 204, nil, nil
}

func remaining(list []*hook, gone *hook) []*hook {
	var out []*hook
	for _, h := range list {
		if h != gone {
			out = append(out, h)
		}
	}
	return out
}
