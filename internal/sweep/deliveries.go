package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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

// A happened is one delivery that Jira would have posted. It is built when it is its turn: each shows the whole issue, and
// a busy issue has thousands.
type happened struct {
	at    time.Time
	name  string
	actor json.RawMessage
	body  map[string]any
	look  func() map[string]any // shows the issue as it was; nil where the body has none
}

// A story builds the deliveries of one issue.
type story struct {
	*issue
	wanted map[string]bool
	from   time.Time
	cloud  bool
	past   *past
	out    []happened

	entryOf   map[string]*entry // by the comment's ID
	commentOf map[*entry]*remark
}

// happenings are what Jira would have posted about an issue since a moment, as far as rules wait for it, in the order in
// which it happened.
func (s *Sweeper) happenings(ctx context.Context, i issue, from time.Time, wanted map[string]bool) ([]happened, error) {
	past, err := s.known.past(ctx, &i, from)
	if err != nil {
		return nil, err
	}
	t := &story{issue: &i, wanted: wanted, from: from, cloud: s.cloud(), past: past}
	t.pair()
	if !i.created.Before(from) {
		t.tell(happened{i.created, issueCreated, i.creator, t.named(i.creator, "issue_created"), past.begin})
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
	return t.out, nil
}

// tell adds what happened, if it is wanted.
func (t *story) tell(h happened) {
	if t.wanted[h.name] {
		t.out = append(t.out, h)
	}
}

// then shows the issue as it was at a moment.
func (t *story) then(at time.Time) func() map[string]any {
	return func() map[string]any { return t.past.at(at) }
}

// named is the body of an update that Jira calls by a type, and that says who did it.
func (t *story) named(actor json.RawMessage, typ string) map[string]any {
	return map[string]any{"issue_event_type_name": typ, "user": actor}
}

// delivery builds the delivery. Jira appends who did it to the address.
func (h happened) delivery(received time.Time) (event.Delivery, error) {
	body := maps.Clone(h.body)
	body["timestamp"], body["webhookEvent"] = h.at.UnixMilli(), h.name
	if h.look != nil {
		body["issue"] = h.look()
	}
	who := personIn(h.actor)
	d := event.Delivery{Source: event.Webhook, Recovered: true, Received: received, UserKey: who.Key, UserID: who.Name}
	if who.AccountID != "" {
		d.UserID = who.AccountID
	}
	var err error
	if d.Body, err = json.Marshal(body); err != nil {
		return d, fmt.Errorf("write a recovered %s: %w", h.name, err)
	}
	return d, nil
}

// entry tells of an entry of the changelog: by its own events first, as Jira does, and then by the update. Linking and
// logging work are noted in the changelog and posted as events of their own only.
func (t *story) entry(e *entry) {
	for _, it := range e.Items {
		switch {
		case it.is("link"):
			t.linked(e, it)
		case it.is("attachment"):
			t.attached(e, it)
		}
	}
	if silent(e) {
		return
	}
	body := t.named(e.Author, typeOf(e.Items))
	body["changelog"] = map[string]any{"id": string(e.ID), "items": e.Items}
	if c := t.commentOf[e]; c != nil && !t.cloud {
		body["comment"] = c.first()
	}
	t.tell(happened{e.Created.Time, issueUpdated, e.Author, body, func() map[string]any { return t.past.after(e) }})
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

// comment tells of a comment, by its own event and, on Data Center, by an update of the issue as well, unless it came with
// another change or with the issue itself.
func (t *story) comment(c remark) {
	if !c.created.Before(t.from) {
		said := c.first()
		t.tell(happened{c.created, commentCreated, c.author, map[string]any{"comment": said}, t.then(c.created)})
		withIssue := c.created.Sub(t.created).Abs() <= together && samePerson(c.author, t.creator)
		if !t.cloud && !withIssue && t.entryOf[c.id] == nil {
			t.updateWith(c.created, c.author, said, "issue_commented")
		}
	}
	if c.updated.After(c.created) && !c.updated.Before(t.from) {
		body := map[string]any{"comment": c.raw}
		if !t.cloud {
			body["user"] = c.editor
		}
		t.tell(happened{c.updated, commentUpdated, c.editor, body, t.then(c.updated)})
		if !t.cloud {
			t.updateWith(c.updated, c.editor, c.raw, "issue_comment_edited")
		}
	}
}

// updateWith is Data Center's second word about a comment.
func (t *story) updateWith(at time.Time, actor, comment json.RawMessage, typ string) {
	body := t.named(actor, typ)
	body["comment"] = comment
	t.tell(happened{at, issueUpdated, actor, body, t.then(at)})
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
		t.tell(happened{w.created, worklogCreated, w.author, map[string]any{"worklog": w.first()}, t.then(w.created)})
	}
	if w.updated.After(w.created) && !w.updated.Before(t.from) {
		t.tell(happened{w.updated, worklogUpdated, w.editor, map[string]any{"worklog": w.raw}, t.then(w.updated)})
	}
}

// attached tells of a file that came or went. Its event names no issue on Data Center.
func (t *story) attached(e *entry, it item) {
	if it.To == "" {
		gone := map[string]any{"id": string(it.From), "filename": string(it.FromString)}
		t.tell(happened{e.Created.Time, attachmentDeleted, e.Author, map[string]any{"attachment": gone}, nil})
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
	t.tell(happened{e.Created.Time, attachmentCreated, e.Author, map[string]any{"attachment": file}, nil})
}
