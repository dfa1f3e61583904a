package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
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
	r, err := adjusting(post("issue/{key}/worklog", key).carrying(body), Estimate{n.AdjustEstimate, n.NewEstimate, n.ReduceBy}, "reduceBy")
	if err != nil {
		return Worklog{}, fmt.Errorf("log work on %s: %w", key, err)
	}
	var added Worklog
	err = c.do(ctx, r, &added)
	if err == nil && !c.isCloud() {
		c.markWorklog(ctx, key, &added, n.Properties)
	}
	return added, err
}

// A WorklogEdit changes logged time. What is zero or nil stays as it is.
type WorklogEdit struct {
	TimeSpent  string
	Seconds    int
	Started    Time
	Comment    *string
	Visibility Visibility
	Estimate   Estimate // without manual
}

// An Estimate is what happens to the remaining estimate when logged time changes: auto (default) keeps it in step, leave,
// new (to New), manual (by By).
type Estimate struct {
	Adjust string
	New    string
	By     string
}

// EditWorklog changes logged time.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-updateWorklog
func (c *Client) EditWorklog(ctx context.Context, key, id string, e WorklogEdit) (Worklog, error) {
	body := map[string]any{}
	switch {
	case e.TimeSpent != "":
		body["timeSpent"] = e.TimeSpent
	case e.Seconds > 0:
		body["timeSpentSeconds"] = e.Seconds
	}
	if !e.Started.IsZero() {
		body["started"] = e.Started
	}
	if e.Comment != nil {
		body["comment"] = *e.Comment
	}
	if e.Visibility != (Visibility{}) {
		body["visibility"] = e.Visibility
	}
	r, err := adjusting(put("issue/{key}/worklog/{worklog}", key, id).carrying(body), e.Estimate, "")
	if err == nil && len(body) == 0 {
		err = errors.New("nothing to change: give a time, a start, a comment or a visibility")
	}
	if err != nil {
		return Worklog{}, fmt.Errorf("edit worklog %s of %s: %w", id, key, err)
	}
	var w Worklog
	err = c.do(ctx, r, &w)
	return w, err
}

// DeleteWorklog removes logged time; a manual Estimate grows.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-deleteWorklog
func (c *Client) DeleteWorklog(ctx context.Context, key, id string, e Estimate) error {
	r, err := adjusting(remove("issue/{key}/worklog/{worklog}", key, id), e, "increaseBy")
	if err != nil {
		return fmt.Errorf("delete worklog %s of %s: %w", id, key, err)
	}
	return c.do(ctx, r, nil)
}

// adjusting adds what happens to the remaining estimate. By is the parameter for a manual change; empty where there is none.
func adjusting(r request, e Estimate, by string) (request, error) {
	want := "auto, leave or new"
	if by != "" {
		want = "auto, leave, new or manual"
	}
	switch {
	case e.Adjust == "" || e.Adjust == "auto" || e.Adjust == "leave":
		return r.with("adjustEstimate", e.Adjust), nil
	case e.Adjust == "new" && e.New != "":
		return r.with("adjustEstimate", e.Adjust).with("newEstimate", e.New), nil
	case e.Adjust == "manual" && by != "" && e.By != "":
		return r.with("adjustEstimate", e.Adjust).with(by, e.By), nil
	case e.Adjust == "new" || e.Adjust == "manual" && by != "":
		return r, fmt.Errorf("adjust the estimate: %s takes a time: want something like 2d 4h", e.Adjust)
	}
	return r, fmt.Errorf("adjust the estimate: unknown way %q: want %s", e.Adjust, want)
}

// Worklog reads one entry of logged time.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getWorklog
func (c *Client) Worklog(ctx context.Context, key, id string) (Worklog, error) {
	r := get("issue/{key}/worklog/{worklog}", key, id)
	if c.isCloud() {
		r = r.with("expand", "properties")
	}
	var w Worklog
	err := c.do(ctx, r, &w)
	return w, err
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
