package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"jirabot/internal/event"
)

// Names of events that can be recovered, by Jira's webhookEvent.
const (
	issueCreated      = "jira:issue_created"
	issueUpdated      = "jira:issue_updated"
	commentCreated    = "comment_created"
	commentUpdated    = "comment_updated"
	worklogCreated    = "worklog_created"
	worklogUpdated    = "worklog_updated"
	attachmentCreated = "attachment_created"
	attachmentDeleted = "attachment_deleted"
	linkCreated       = "issuelink_created"
)

// recoverable are those of the wanted events that a sweep can find.
func recoverable(wanted []string) map[string]bool {
	can := map[string]bool{}
	for _, name := range []string{
		issueCreated, issueUpdated, commentCreated, commentUpdated, worklogCreated, worklogUpdated, attachmentCreated, attachmentDeleted, linkCreated,
	} {
		if slices.Contains(wanted, name) {
			can[name] = true
		}
	}
	return can
}

// A happened is one delivery that Jira would have posted, and when.
type happened struct {
	at       time.Time
	name     string
	delivery event.Delivery
}

// together is how far apart Jira notes the parts of one action: a transition and the comment that was made with it.
const together = time.Second

// A story builds the deliveries of one issue.
type story struct {
	*issue
	wanted map[string]bool
	from   time.Time
	cloud  bool
	past   *past
	out    []happened
	err    error
}

// deliveries are what Jira would have posted about an issue since a moment, as far as rules wait for it, in the order in
// which it happened.
func (s *Sweeper) deliveries(ctx context.Context, i issue, from time.Time, wanted map[string]bool) ([]happened, error) {
	past, err := s.known.past(ctx, &i, from)
	if err != nil {
		return nil, err
	}
	t := &story{issue: &i, wanted: wanted, from: from, cloud: s.cloud(), past: past}
	if !i.created.Before(from) {
		t.tell(i.created, issueCreated, i.creator, map[string]any{"issue_event_type_name": "issue_created"}, true)
	}
	for n := range i.entries {
		if e := &i.entries[n]; !e.Created.Before(from) {
			t.entry(e)
		}
	}
	for _, c := range i.comments {
		t.comment(c)
	}
	for _, w := range i.worklogs {
		t.worklog(w)
	}
	// Stable: what happened in the same millisecond stays in the order above, which is Jira's.
	slices.SortStableFunc(t.out, func(a, b happened) int { return a.at.Compare(b.at) })
	return t.out, t.err
}

// tell adds a delivery, if it is wanted. Jira appends who did it to the address.
func (t *story) tell(at time.Time, name string, actor json.RawMessage, body map[string]any, withUser bool) {
	if !t.wanted[name] || t.err != nil {
		return
	}
	body["timestamp"], body["webhookEvent"] = at.UnixMilli(), name
	if withUser && len(actor) > 0 {
		body["user"] = actor
	}
	if _, given := body["issue"]; !given {
		body["issue"] = t.past.at(at)
	} else if body["issue"] == nil {
		delete(body, "issue")
	}
	who := personIn(actor)
	d := event.Delivery{Source: event.Webhook, Recovered: true, UserKey: who.Key, UserID: who.Name}
	if who.AccountID != "" {
		d.UserID = who.AccountID
	}
	if d.Body, t.err = json.Marshal(body); t.err != nil {
		t.err = fmt.Errorf("write a recovered %s: %w", name, t.err)
		return
	}
	t.out = append(t.out, happened{at, name, d})
}

// entry tells of an entry of the changelog: by its own events first, as Jira does, and then by the update. Linking and
// logging work are noted in the changelog and posted as events of their own only.
func (t *story) entry(e *entry) {
	silent := len(e.Items) > 0
	for _, it := range e.Items {
		switch {
		case it.is("link"):
			t.linked(e, it)
			continue
		case it.is("worklogid"):
			return
		case it.is("attachment"):
			t.attached(e, it)
		}
		silent = false
	}
	if silent {
		return
	}
	body := map[string]any{
		"issue_event_type_name": typeOf(e.Items),
		"changelog":             map[string]any{"id": string(e.ID), "items": e.Items},
		"issue":                 t.past.after(e),
	}
	if c := t.commentOf(e); c != nil && !t.cloud {
		body["comment"] = c.first()
	}
	t.tell(e.Created.Time, issueUpdated, e.Author, body, true)
}

// typeOf guesses what Jira called the update; a workflow may call a transition anything.
func typeOf(items []item) string {
	typ := "issue_updated"
	for _, it := range items {
		switch {
		case it.is("key"):
			return "issue_moved"
		case it.is("status"):
			typ = "issue_generic"
		case it.is("assignee") && len(items) == 1:
			typ = "issue_assigned"
		}
	}
	return typ
}

// commentOf is the comment that was made in one action with an entry: Data Center's update then carries it.
func (t *story) commentOf(e *entry) *remark {
	for n := range t.comments {
		if c := &t.comments[n]; t.entryOf(c) == e {
			return c
		}
	}
	return nil
}

// entryOf is the entry that was made in one action with a comment: the nearest of the same person.
func (t *story) entryOf(c *remark) *entry {
	var best *entry
	apart := together
	for n := range t.entries {
		e := &t.entries[n]
		if d := e.Created.Sub(c.created).Abs(); d <= apart && (best == nil || d < apart) && samePerson(e.Author, c.author) && !t.silent(e) {
			best, apart = e, d
		}
	}
	return best
}

// silent tells whether no update is posted for an entry.
func (t *story) silent(e *entry) bool {
	return !slices.ContainsFunc(e.Items, func(i item) bool { return !i.is("link") }) || slices.ContainsFunc(e.Items, func(i item) bool { return i.is("worklogid") })
}

// comment tells of a comment, by its own event and, on Data Center, by an update of the issue as well, unless it came with
// another change or with the issue itself.
func (t *story) comment(c remark) {
	if !c.created.Before(t.from) {
		said := c.first()
		t.tell(c.created, commentCreated, c.author, map[string]any{"comment": said}, false)
		withIssue := c.created.Sub(t.created).Abs() <= together && samePerson(c.author, t.creator)
		if !t.cloud && !withIssue && t.entryOf(&c) == nil {
			t.tell(c.created, issueUpdated, c.author, map[string]any{"comment": said, "issue_event_type_name": "issue_commented"}, true)
		}
	}
	if c.updated.After(c.created) && !c.updated.Before(t.from) {
		t.tell(c.updated, commentUpdated, c.editor, map[string]any{"comment": c.raw}, !t.cloud)
		if !t.cloud {
			t.tell(c.updated, issueUpdated, c.editor, map[string]any{"comment": c.raw, "issue_event_type_name": "issue_comment_edited"}, true)
		}
	}
}

// first is the remark as it was before anybody edited it, but for its text.
func (r remark) first() json.RawMessage {
	var out map[string]json.RawMessage
	if !r.updated.After(r.created) || json.Unmarshal(r.raw, &out) != nil {
		return r.raw
	}
	out["updated"], out["updateAuthor"] = out["created"], r.author
	return write(out)
}

func (t *story) worklog(w remark) {
	if !w.created.Before(t.from) {
		t.tell(w.created, worklogCreated, w.author, map[string]any{"worklog": w.first()}, false)
	}
	if w.updated.After(w.created) && !w.updated.Before(t.from) {
		t.tell(w.updated, worklogUpdated, w.editor, map[string]any{"worklog": w.raw}, false)
	}
}

// attached tells of a file that came or went. Its event names no issue on Data Center.
func (t *story) attached(e *entry, it item) {
	if it.To == "" {
		gone := map[string]any{"id": string(it.From), "filename": string(it.FromString)}
		t.tell(e.Created.Time, attachmentDeleted, e.Author, map[string]any{"attachment": gone, "issue": nil}, false)
		return
	}
	var file any = map[string]any{
		"id": string(it.To), "filename": string(it.ToString), "author": e.Author, "created": e.Created,
	}
	for _, raw := range list(t.fields["attachment"]) {
		if idIn(raw) == string(it.To) {
			file = raw
		}
	}
	t.tell(e.Created.Time, attachmentCreated, e.Author, map[string]any{"attachment": file, "issue": nil}, false)
}
