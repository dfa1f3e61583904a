package event

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// identify computes Identity and CommentIdentity from the content, so that one event has one identity whichever way it
// came: through two webhooks, through a retry, or found by a sweep.
func (e *Event) identify(changelogID string) {
	e.CommentIdentity = e.commentIdentity()
	issue, entity := short(e.Issue.ref()), e.entity()
	noun, verb := cut(e.Kind)
	switch {
	case issue != "" && changelogID != "" && e.Kind != "issue_created":
		e.Identity = join(short(e.Kind), issue, "changelog", short(changelogID))
	case e.CommentIdentity != "":
		e.Identity = e.CommentIdentity
	case issue != "" && (e.Kind == "issue_created" || e.Kind == "issue_deleted"):
		e.Identity = join(e.Kind, issue) // one of two words of ours
	case entity != "" && (verb == "created" || verb == "deleted"):
		e.Identity = join(noun, entity, verb)
	case noun == "worklog" && entity != "" && !e.Worklog.Updated.IsZero():
		e.Identity = join(noun, entity, verb, stamp(e.Worklog.Updated))
	case !e.Timed:
		e.Identity = join(short(e.Kind), digest(e.Raw))
	case entity != "":
		e.Identity = join(noun, entity, verb, stamp(e.Time))
	case issue != "" && e.Property.Key != "":
		e.Identity = join(short(e.Kind), issue, short(e.Property.Key), "at", stamp(e.Time))
	case issue != "":
		e.Identity = join(short(e.Kind), issue, "at", stamp(e.Time))
	default:
		// Nothing but the moment is known of options and of kinds that are new to us, and two may share it.
		e.Identity = join(short(e.Kind), "at", stamp(e.Time), digest(e.Raw))
	}
}

// cut splits a kind into what it is about and what happened to it: "version", "released".
func cut(kind string) (noun, verb string) {
	noun, verb, _ = strings.Cut(kind, "_")
	return short(noun), short(verb)
}

// entity is the ID of what the event is about, where that is not the issue itself.
func (e *Event) entity() string {
	noun, _ := cut(e.Kind)
	switch noun {
	case "worklog":
		return short(e.Worklog.ID)
	case "issuelink":
		return short(e.Link.ID)
	case "attachment":
		return short(e.Attachment.ID)
	case "version":
		return short(e.Version.ID)
	case "project":
		return short(e.Project.ref())
	case "sprint":
		return short(e.Sprint.ID)
	case "board":
		return short(e.Board.ID)
	case "user":
		return short(e.User.ID())
	}
	return ""
}

// commentIdentity is the same for a comment's own event and for the issue update that carries the comment.
func (e *Event) commentIdentity() string {
	if e.Comment.ID == "" {
		return ""
	}
	switch verb := e.commentVerb(); verb {
	case "created", "deleted":
		return join("comment", short(e.Comment.ID), verb)
	case "updated":
		switch {
		case !e.Comment.Updated.IsZero():
			return join("comment", short(e.Comment.ID), verb, stamp(e.Comment.Updated))
		case e.Timed:
			return join("comment", short(e.Comment.ID), verb, stamp(e.Time))
		}
		return join("comment", short(e.Comment.ID), verb, digest(e.Raw))
	}
	return ""
}

// StoreID is what the journal uses as a message's ID. It is Identity, except that the two forms of one comment, its own
// event and the issue update, are stored both: a rule may want either. Identity keeps a rule that takes both from
// acting twice.
func (e *Event) StoreID() string {
	if e.Identity != e.CommentIdentity || e.CommentIdentity == "" || strings.HasPrefix(e.Kind, "comment_") {
		return e.Identity
	}
	return join(short(e.Kind), short(e.Issue.ref()), e.Identity)
}

// IdentityAs is the identity of the event for a rule that waits for kind, which may be a derived one. Data Center tells
// of a comment, a worklog or an attachment twice, once alone and once as an issue update; under IdentityAs the two are
// one event for the rules that take both.
func (e *Event) IdentityAs(kind string) string {
	switch kind {
	case "commented", "comment_edited", "comment_removed":
		if e.CommentIdentity != "" {
			return e.CommentIdentity
		}
	case "attached":
		if id := e.onlyID(fieldAttachment, func(c *Change) string { return c.ToID }); id != "" {
			return join("attachment", short(id), "created")
		}
	case "work_logged":
		// The worklog's ID stands on the left, even though the worklog is new.
		if id := e.onlyID(fieldWorklogID, func(c *Change) string { return c.FromID }); id != "" {
			return join("worklog", short(id), "created")
		}
	}
	return e.Identity
}

// onlyID is the ID in the one change of that field; with several no single entity's event is meant.
func (e *Event) onlyID(field string, id func(*Change) string) string {
	found := ""
	for i := range e.Changes {
		if c := &e.Changes[i]; c.system() == field {
			if found != "" {
				return ""
			}
			found = id(c)
		}
	}
	return found
}

func join(parts ...string) string { return strings.Join(parts, "/") }

func stamp(t time.Time) string { return number(t.UnixMilli()) }

func number[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// digest names a body that has nothing better.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256-" + hex.EncodeToString(sum[:16])
}

// short makes any text fit to be a part of an identity. IDs pass as they are; what is long, or has a character that
// would confuse a reader, a header or a subject of the journal, becomes its digest.
func short(s string) string {
	if len(s) > 80 {
		return digest([]byte(s))
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '/' {
			return digest([]byte(s))
		}
	}
	return s
}
