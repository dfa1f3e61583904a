package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// A BulkCreated is what became of one of several new issues: either it was Created, or Err says why not.
type BulkCreated struct {
	Created
	Err error
}

const maxBulk = 50 // issues in one call; Cloud takes no more

// CreateIssues makes several issues, fifty in each call. One that Jira refuses keeps none of the others from being made:
// the results come in the order of what was asked for, each with its own error. The error beside them is a call's that
// failed as a whole; results of the calls before it are there, and after an Uncertain one look for the marks.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-createIssues
func (c *Client) CreateIssues(ctx context.Context, list []Create) ([]BulkCreated, error) {
	var bodies []map[string]any
	for n, one := range list {
		body, err := one.wire()
		if err != nil {
			return nil, fmt.Errorf("create issue %d of %d: %w", n+1, len(list), err)
		}
		bodies = append(bodies, body)
	}
	var results []BulkCreated
	for some := range slices.Chunk(bodies, maxBulk) {
		part, err := c.createIssues(ctx, some)
		results = append(results, part...)
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

func (c *Client) createIssues(ctx context.Context, bodies []map[string]any) ([]BulkCreated, error) {
	r := post("issue/bulk").carrying(map[string]any{"issueUpdates": bodies})
	var answer struct {
		Issues []createdWire `json:"issues"`
		Errors []struct {
			Status int             `json:"status"`
			Number int             `json:"failedElementNumber"`
			Errors json.RawMessage `json:"elementErrors"`
		} `json:"errors"`
	}
	err := c.do(ctx, r, &answer)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusBadRequest {
		return c.noneCreated(r, e, len(bodies))
	}
	if err != nil {
		return nil, err
	}
	refused := map[int]error{}
	for _, e := range answer.Errors {
		refused[e.Number] = c.refusedElement(r, e.Number, e.Status, e.Errors)
	}
	results := make([]BulkCreated, len(bodies))
	made, untold := answer.Issues, false // made are without those refused, and without numbers
	for n := range results {
		switch {
		case refused[n] != nil:
			results[n].Err = refused[n]
		case len(made) > 0:
			results[n].Created, made = made[0].created(), made[1:]
		default:
			untold = true
		}
	}
	if untold || len(made) > 0 {
		return nil, fmt.Errorf("create issues: %d were asked for, and Jira tells of %d made and %d refused: look which there are",
			len(bodies), len(answer.Issues), len(answer.Errors))
	}
	return results, nil
}

// noneCreated is Jira's answer when it refuses every single one. Without a word about each, it refused the call.
func (c *Client) noneCreated(r request, e *Error, n int) ([]BulkCreated, error) {
	results := make([]BulkCreated, n)
	for i := range results {
		text, said := e.Fields[element(i)]
		if !said {
			return nil, e
		}
		body, err := json.Marshal(map[string]any{"errorMessages": []string{text}})
		if err != nil {
			return nil, e
		}
		results[i].Err = c.refusedElement(r, i, e.Status, body)
	}
	return results, nil
}

// refusedElement is the error of one element, judged as if it had been a call of its own.
func (c *Client) refusedElement(r request, n, status int, body []byte) error {
	r.path += " (" + element(n) + ")"
	return check(r, answer{status: max(status, http.StatusBadRequest), body: body, json: true, proven: true, want: c.who(), now: c.now(), hide: c.hide})
}

// element names one of several issues as it stands in the request, counted from 0 as Jira does.
func element(n int) string { return fmt.Sprintf("issueUpdates[%d]", n) }
