package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Worklog is time that somebody logged.
type Worklog struct {
	ID           string
	IssueID      string
	Author       User
	UpdateAuthor User
	Comment      string
	TimeSpent    string // "3h 20m"
	Seconds      int
	Started      Time
	Created      Time
	Updated      Time
	Visibility   Visibility
	Properties   map[string]json.RawMessage

	expanded bool
}

// UnmarshalJSON turns the list of properties into a map.
func (w *Worklog) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID           ident      `json:"id"`
		IssueID      ident      `json:"issueId"`
		Author       User       `json:"author"`
		UpdateAuthor User       `json:"updateAuthor"`
		Comment      string     `json:"comment"`
		TimeSpent    string     `json:"timeSpent"`
		Seconds      int        `json:"timeSpentSeconds"`
		Started      Time       `json:"started"`
		Created      Time       `json:"created"`
		Updated      Time       `json:"updated"`
		Visibility   Visibility `json:"visibility"`
		Properties   properties `json:"properties"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*w = Worklog{
		string(wire.ID), string(wire.IssueID), wire.Author, wire.UpdateAuthor, wire.Comment, wire.TimeSpent, wire.Seconds,
		wire.Started, wire.Created, wire.Updated, wire.Visibility, wire.Properties.values, wire.Properties.present,
	}
	return nil
}

// A NewWorklog is time to be logged: TimeSpent ("3h 20m") or Seconds, from Started on.
type NewWorklog struct {
	TimeSpent  string
	Seconds    int
	Started    Time
	Comment    string
	Visibility Visibility
	// AdjustEstimate is what happens to the remaining estimate: auto (default), leave, new (to NewEstimate), manual (less
	// ReduceBy).
	AdjustEstimate string
	NewEstimate    string
	ReduceBy       string
	Properties     map[string]any
}

// AddWorklog logs time. Cloud takes the properties in the same call. Data Center's worklogs have none in its documented
// API and refuse unknown keys, so there they are set afterwards if that works, and Worklog.Properties tells which were
// set; that they could not be is no error, as the time is logged. SameWorklog finds the work again without them.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-addWorklog
func (c *Client) AddWorklog(ctx context.Context, key string, n NewWorklog) (Worklog, error) {
	body := map[string]any{"comment": n.Comment}
	switch {
	case n.TimeSpent != "":
		body["timeSpent"] = n.TimeSpent
	case n.Seconds > 0:
		body["timeSpentSeconds"] = n.Seconds
	default:
		return Worklog{}, fmt.Errorf("log work on %s: no time given: want something like 3h 20m", key)
	}
	if !n.Started.IsZero() {
		body["started"] = n.Started
	}
	if n.Visibility != (Visibility{}) {
		body["visibility"] = n.Visibility
	}
	if c.isCloud() && len(n.Properties) > 0 {
		body["properties"] = propertyList(n.Properties)
	}
	r := post("issue/{key}/worklog", key).carrying(body).
		with("adjustEstimate", n.AdjustEstimate).with("newEstimate", n.NewEstimate).with("reduceBy", n.ReduceBy)
	var added Worklog
	err := c.do(ctx, r, &added)
	if err == nil && !c.isCloud() {
		c.markWorklog(ctx, key, &added, n.Properties)
	}
	return added, err
}

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

// Worklogs lists the time that was logged, in Jira's order, the oldest first.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getIssueWorklog
func (c *Client) Worklogs(ctx context.Context, key string) iter.Seq2[Worklog, error] {
	return func(yield func(Worklog, error) bool) {
		seen := map[string]bool{} // Data Center sends all at once, whatever the start
		for start := 0; ; {
			var page struct {
				Worklogs []Worklog `json:"worklogs"`
				Total    int       `json:"total"`
			}
			r := get("issue/{key}/worklog", key).with("startAt", strconv.Itoa(start)).with("expand", "properties")
			if err := c.do(ctx, r, &page); err != nil {
				yield(Worklog{}, err)
				return
			}
			before := len(seen)
			for _, w := range page.Worklogs {
				if seen[w.ID] {
					continue
				}
				seen[w.ID] = true
				if !yield(w, nil) {
					return
				}
			}
			start += len(page.Worklogs)
			if len(seen) == before || start >= page.Total {
				return
			}
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
