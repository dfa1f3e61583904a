package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// markWorklog sets the properties of a worklog that is there already.
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-worklog-properties/
func (c *Client) markWorklog(ctx context.Context, key string, w *Worklog, set map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if c.noWorklogProperties.Load() {
			return
		}
		err := c.do(ctx, put("issue/{key}/worklog/{worklog}/properties/{property}", key, w.ID, name).carrying(document{set[name]}), nil)
		if absent(err) {
			c.noWorklogProperties.Store(true)
		}
		if err != nil {
			c.log.Debug().Str("issue", key).Str("worklog", w.ID).Err(err).Msg("worklog left without its mark")
			return
		}
		if value, err := json.Marshal(set[name]); err == nil {
			if w.Properties == nil {
				w.Properties = map[string]json.RawMessage{}
			}
			w.Properties[name] = value
		}
	}
}

// FindWorklog looks for the worklog that carries a property of this text. Where Jira does not expand properties it asks
// for them, for the newest few of our own.
func (c *Client) FindWorklog(ctx context.Context, key, propertyKey, propertyValue string) (id string, found bool, err error) {
	own, err := c.ownWorklogs(ctx, key)
	if err != nil {
		return "", false, fmt.Errorf("look for a marked worklog: %w", err)
	}
	asked := 0
	for _, w := range slices.Backward(own) {
		if holds(w.Properties[propertyKey], propertyValue) {
			return w.ID, true, nil
		}
		if w.expanded || asked == askedComments || c.noWorklogProperties.Load() {
			continue
		}
		asked++
		value, err := c.getProperty(ctx, get("issue/{key}/worklog/{worklog}/properties/{property}", key, w.ID, propertyKey))
		switch {
		case absent(err):
		case err != nil:
			return "", false, fmt.Errorf("look for a marked worklog: %w", err)
		case holds(value, propertyValue):
			return w.ID, true, nil
		}
	}
	return "", false, nil
}

// SameWorklog looks for work that we logged with the same start, time and comment: how to find it again on a Jira whose
// worklogs cannot be marked. Without Started it finds nothing, as Jira then chose the start.
func (c *Client) SameWorklog(ctx context.Context, key string, n NewWorklog) (id string, found bool, err error) {
	if n.Started.IsZero() {
		return "", false, nil
	}
	own, err := c.ownWorklogs(ctx, key)
	if err != nil {
		return "", false, fmt.Errorf("look for the same worklog: %w", err)
	}
	for _, w := range slices.Backward(own) {
		// Some databases keep whole seconds, and round.
		if w.Comment == n.Comment && w.Started.Sub(n.Started.Time).Abs() <= time.Second && sameTime(w, n) {
			return w.ID, true, nil
		}
	}
	return "", false, nil
}

// sameTime compares as far as it can: how long a day is, only Jira knows.
func sameTime(w Worklog, n NewWorklog) bool {
	if n.TimeSpent == "" {
		return w.Seconds == n.Seconds
	}
	d, err := time.ParseDuration(strings.ReplaceAll(n.TimeSpent, " ", ""))
	return err != nil || w.Seconds == int(d.Seconds())
}

func (c *Client) ownWorklogs(ctx context.Context, key string) ([]Worklog, error) {
	self := c.Self()
	var own []Worklog
	for w, err := range c.Worklogs(ctx, key) {
		if err != nil {
			return nil, err
		}
		if (self == User{}) || w.Author.is(self) {
			own = append(own, w)
		}
	}
	return own, nil
}

// absent: the property is not there, or this Jira has no properties at all in this place.
func absent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed)
}
