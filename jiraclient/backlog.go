package jiraclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxMoved is how many issues the agile API takes at once.
const maxMoved = 50

// MoveToSprint puts issues into a future or active sprint. More than 50 go in several requests: an error may leave the
// first of them moved, and moving them again does no harm.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/sprint-moveIssuesToSprint
func (c *Client) MoveToSprint(ctx context.Context, sprint string, issues ...string) error {
	return c.moveIssues(ctx, post("/rest/agile/1.0/sprint/{sprint}/issue", sprint), issues)
}

// MoveToBacklog takes issues out of their future or active sprints.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/backlog-moveIssuesToBacklog
func (c *Client) MoveToBacklog(ctx context.Context, issues ...string) error {
	return c.moveIssues(ctx, post("/rest/agile/1.0/backlog/issue"), issues)
}

// MoveToEpic puts issues into an epic, and so out of the one they were in.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/epic-moveIssuesToEpic
func (c *Client) MoveToEpic(ctx context.Context, epic string, issues ...string) error {
	return c.moveIssues(ctx, post("/rest/agile/1.0/epic/{epic}/issue", epic), issues)
}

// RemoveFromEpic takes issues out of their epics.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/epic-removeIssuesFromEpic
func (c *Client) RemoveFromEpic(ctx context.Context, issues ...string) error {
	return c.moveIssues(ctx, post("/rest/agile/1.0/epic/none/issue"), issues)
}

func (c *Client) moveIssues(ctx context.Context, r request, issues []string) error {
	moved := 0
	for part := range slices.Chunk(issues, maxMoved) {
		err := c.do(ctx, r.carrying(map[string]any{"issues": part}), nil)
		if err != nil && moved > 0 {
			return fmt.Errorf("after the first %d of %d issues: %w", moved, len(issues), err)
		}
		if err != nil {
			return err
		}
		moved += len(part)
	}
	return nil
}

// A Rank says where issues go: right before one issue or right after one.
type Rank struct {
	Before string
	After  string
	Field  string // ID of the rank field, where there are several; the default one otherwise
}

// RankIssues puts issues, in the order given, before or after another one. More than 50 go in several requests. Where Jira
// ranks some and refuses others, the error is a RankError.
// https://docs.atlassian.com/jira-software/REST/9.12.0/#agile/1.0/issue-rankIssues
func (c *Client) RankIssues(ctx context.Context, to Rank, issues ...string) error {
	if (to.Before == "") == (to.After == "") {
		return fmt.Errorf("rank %s: want either the issue before which, or the one after which to rank", strings.Join(issues, ", "))
	}
	refused := &RankError{}
	for part := range slices.Chunk(issues, maxMoved) {
		no, err := c.rankSome(ctx, to, part)
		if err != nil {
			return err
		}
		refused.Issues = append(refused.Issues, no...)
		if to.After == "" {
			continue
		}
		for _, key := range slices.Backward(part) { // the next ones follow the last that has its place
			if !slices.ContainsFunc(no, func(r RefusedRank) bool { return r.Issue == key }) {
				to.After = key
				break
			}
		}
	}
	if len(refused.Issues) > 0 {
		return refused
	}
	return nil
}

// rankSome ranks up to 50 issues. Jira answers 204, with nothing, if it ranked all of them, and 207 with a list if not.
func (c *Client) rankSome(ctx context.Context, to Rank, issues []string) ([]RefusedRank, error) {
	body := map[string]any{"issues": issues}
	if to.Before != "" {
		body["rankBeforeIssue"] = to.Before
	} else {
		body["rankAfterIssue"] = to.After
	}
	if to.Field != "" {
		field, err := numeric(strings.TrimPrefix(to.Field, "customfield_"))
		if err != nil {
			return nil, fmt.Errorf("rank %s: the rank field's ID %w", strings.Join(issues, ", "), err)
		}
		body["rankCustomFieldId"] = field
	}
	var text short
	r := put("/rest/agile/1.0/issue/rank").carrying(body)
	r.save = &sink{to: &text}
	if err := c.do(ctx, r, nil); err != nil || text.Len() == 0 {
		return nil, err
	}
	var answer struct {
		Entries []struct {
			ID     ident    `json:"issueId"`
			Key    string   `json:"issueKey"`
			Status int      `json:"status"`
			Errors []string `json:"errors"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(text.Bytes(), &answer); err != nil {
		return nil, fmt.Errorf("%s %s: read which issues were ranked: %w", r.method, r.path, err)
	}
	var refused []RefusedRank
	for _, e := range answer.Entries {
		if e.Status < 300 {
			continue
		}
		issue := e.Key
		if issue == "" || slices.Contains(issues, string(e.ID)) {
			issue = string(e.ID) // as the caller named it
		}
		why := &Error{Status: e.Status, Method: r.method, Path: r.path, json: true}
		for _, m := range e.Errors {
			why.Messages = append(why.Messages, c.hide(clip(oneLine(m), maxMessage)))
		}
		switch e.Status {
		case http.StatusForbidden:
			why.kind = ErrDenied
		case http.StatusNotFound:
			why.kind = ErrNotFound
		}
		refused = append(refused, RefusedRank{Issue: issue, Err: why})
	}
	return refused, nil
}

// short is an answer of which it is not known whether there is one. More than an answer may have, it does not take.
type short struct{ bytes.Buffer }

func (s *short) Write(p []byte) (int, error) {
	if s.Len()+len(p) > maxAnswer {
		return 0, errors.New("the answer is larger than 32 MB")
	}
	return s.Buffer.Write(p)
}

// A RankError tells which issues kept their old rank. The others have the new one.
type RankError struct{ Issues []RefusedRank }

// A RefusedRank is an issue that was not ranked, and why.
type RefusedRank struct {
	Issue string // as it was named in the call
	Err   *Error
}

// Error names each issue.
func (e *RankError) Error() string {
	var parts []string
	for _, r := range e.Issues {
		parts = append(parts, r.Issue+": "+r.Err.Error())
	}
	return "not ranked: " + clip(strings.Join(parts, "; "), 2000)
}

// Unwrap is the reasons, so that ErrDenied and Temporary are seen through it.
func (e *RankError) Unwrap() []error {
	var all []error
	for _, r := range e.Issues {
		all = append(all, r.Err)
	}
	return all
}
