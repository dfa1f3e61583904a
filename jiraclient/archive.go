package jiraclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// An Archival is what became of issues that were to be archived or restored together.
type Archival struct {
	// Refused tells why, by key or ID, where Jira tells issue by issue.
	Refused map[string]string
	// Report is what Data Center writes about archiving many at once, in its own words, which nobody documents.
	Report string
}

const maxReport = 1 << 20

// ArchiveIssue takes the issue out of sight of searches and boards and makes it read-only. Notify false sends no e-mail. It
// takes a Data Center licence, or Cloud Premium.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-archiveIssue
func (c *Client) ArchiveIssue(ctx context.Context, key string, notify *bool) error {
	if c.isCloud() {
		a, err := c.archiveCloud(ctx, "archive", []string{key})
		return a.alone("archive", err)
	}
	return c.do(ctx, quietly(put("issue/{key}/archive", key), notify), nil)
}

// RestoreIssue brings an archived issue back.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-restoreIssue
func (c *Client) RestoreIssue(ctx context.Context, key string, notify *bool) error {
	if c.isCloud() {
		a, err := c.archiveCloud(ctx, "unarchive", []string{key})
		return a.alone("restore", err)
	}
	return c.do(ctx, quietly(put("issue/{key}/restore", key), notify), nil)
}

// ArchiveIssues archives many issues in one call. Data Center takes them as lines of text and answers line by line while
// it works, so there may be as many as one likes; Cloud takes a thousand.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-archiveIssues
func (c *Client) ArchiveIssues(ctx context.Context, keys []string, notify *bool) (Archival, error) {
	if err := lines(keys); err != nil {
		return Archival{}, fmt.Errorf("archive issues: %w", err)
	}
	if c.isCloud() {
		return c.archiveCloud(ctx, "archive", keys)
	}
	var report head
	r := quietly(post("issue/archive"), notify)
	r.text, r.accept, r.save = strings.Join(keys, "\n"), "text/plain, application/json", &sink{to: &report}
	err := c.do(ctx, r, nil)
	return Archival{Report: strings.TrimSpace(strings.ToValidUTF8(report.String(), "\ufffd"))}, err
}

// RestoreIssues brings many issues back. Data Center has no such call, so there it is one call for each.
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-unarchive-put
func (c *Client) RestoreIssues(ctx context.Context, keys []string, notify *bool) (Archival, error) {
	if err := lines(keys); err != nil {
		return Archival{}, fmt.Errorf("restore issues: %w", err)
	}
	if c.isCloud() {
		return c.archiveCloud(ctx, "unarchive", keys)
	}
	a := Archival{Refused: map[string]string{}}
	for _, key := range keys {
		err := c.RestoreIssue(ctx, key, notify)
		_, again := Temporary(err)
		switch e, said := errors.AsType[*Error](err); {
		case err == nil:
		case said && !again && !errors.Is(err, ErrUnauthorized):
			a.Refused[key] = e.Error()
		default:
			return a, err // the next one would fare no better
		}
	}
	return a, nil
}

// archiveCloud is Cloud's call for both directions. Where no issue at all can be archived it answers 400.
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-archive-put
func (c *Client) archiveCloud(ctx context.Context, verb string, keys []string) (Archival, error) {
	var answer struct {
		Errors map[string]struct {
			Keys    []string `json:"issueIdsOrKeys"`
			Message string   `json:"message"`
		} `json:"errors"`
	}
	err := c.do(ctx, put("issue/"+verb).carrying(map[string]any{"issueIdsOrKeys": keys}), &answer)
	a := Archival{Refused: map[string]string{}}
	for _, e := range answer.Errors {
		for _, key := range e.Keys {
			a.Refused[key] = c.hide(clip(oneLine(e.Message), maxMessage))
		}
	}
	return a, err
}

// alone is the outcome of a single issue as an error.
func (a Archival) alone(verb string, err error) error {
	for key, why := range a.Refused {
		if err == nil {
			err = fmt.Errorf("%s %s: %s", verb, key, why)
		}
	}
	return err
}

// lines refuses what would not be one key on each line.
func lines(keys []string) error {
	if len(keys) == 0 {
		return errors.New("no keys given")
	}
	for _, key := range keys {
		if key == "" || strings.ContainsAny(key, "\r\n\t ") {
			return fmt.Errorf("%q is no key", key)
		}
	}
	return nil
}

// A head keeps the beginning of what is written to it.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), maxReport-h.Len())])
	return len(p), nil
}
