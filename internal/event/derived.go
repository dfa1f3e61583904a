package event

import (
	"slices"
	"strconv"
)

// A KindInfo describes a kind of event for documentation, editors and "did you mean".
type KindInfo struct {
	Name string
	Doc  string
	// Issue tells whether the event concerns an issue.
	Issue bool
}

// A derived kind is a bit in a set.
const (
	transitioned = iota
	assigned
	moved
	commented
	commentEdited
	commentRemoved
	linked
	unlinked
	attached
	workLogged
	fieldChanged
	resolved
	reopened
	sprintChanged
	ranked
)

// DerivedKinds lists what people call things that Jira has no event for, or several. They are found from the changelog
// and from what the event carries. A creation is none of them, even if Cloud writes the first values as a changelog.
var DerivedKinds = [...]KindInfo{
	transitioned:   {"transitioned", "The issue's status was set by a transition, whatever event the workflow fires for it.", true},
	assigned:       {"assigned", "The assignee changed, also to nobody.", true},
	moved:          {"moved", "The issue went to another project and has a new key.", true},
	commented:      {"commented", "Somebody added a comment, alone or together with other changes.", true},
	commentEdited:  {"comment_edited", "Somebody edited a comment.", true},
	commentRemoved: {"comment_removed", "Somebody deleted a comment.", true},
	linked:         {"linked", "The issue was linked to another.", true},
	unlinked:       {"unlinked", "A link to another issue was removed.", true},
	attached:       {"attached", "A file was attached.", true},
	workLogged:     {"work_logged", "Somebody logged time.", true},
	fieldChanged:   {"field_changed", "At least one field of the issue changed.", true},
	resolved:       {"resolved", "The resolution was set where none was before.", true},
	reopened:       {"reopened", "The resolution was cleared.", true},
	sprintChanged:  {"sprint_changed", "The issue entered or left a sprint.", true},
	ranked:         {"ranked", "The issue's rank on the board changed.", true},
}

// Kinds names everything that the event is: its own kind first, then the derived ones.
func (e *Event) Kinds() []string {
	set := e.derive()
	kinds := make([]string, 1, 8)
	kinds[0] = e.Kind
	for i := range DerivedKinds {
		if set&(1<<i) != 0 {
			kinds = append(kinds, DerivedKinds[i].Name)
		}
	}
	return kinds
}

// Is tells whether kind is among Kinds.
func (e *Event) Is(kind string) bool {
	if kind == e.Kind {
		return true
	}
	i := slices.IndexFunc(DerivedKinds[:], func(k KindInfo) bool { return k.Name == kind })
	return i >= 0 && e.derive()&(1<<i) != 0
}

func (e *Event) derive() (set uint32) {
	mark := func(kind int, is bool) {
		if is {
			set |= 1 << kind
		}
	}
	switch e.Kind {
	case "issue_created":
		return 0
	case "issuelink_created":
		mark(linked, true)
	case "issuelink_deleted":
		mark(unlinked, true)
	case "attachment_created":
		mark(attached, true)
	case "worklog_created":
		mark(workLogged, true)
	}
	verb := e.commentVerb()
	mark(commented, verb == "created")
	mark(commentEdited, verb == "updated")
	mark(commentRemoved, verb == "deleted")
	mark(fieldChanged, len(e.Changes) > 0)
	for i := range e.Changes {
		c := &e.Changes[i]
		hadBefore, hasNow := c.From != "" || c.FromID != "", c.To != "" || c.ToID != ""
		switch c.system() {
		case fieldStatus:
			mark(transitioned, true)
		case fieldAssignee:
			mark(assigned, true)
		case fieldProject, fieldKey:
			mark(moved, true)
		case fieldLinks:
			mark(linked, hasNow)
			mark(unlinked, hadBefore)
		case fieldAttachment:
			mark(attached, hasNow)
		case fieldTimeSpent:
			mark(workLogged, e.timeAdded(c))
		case fieldResolution:
			mark(resolved, hasNow && !hadBefore)
			mark(reopened, hadBefore && !hasNow)
		case fieldSprint:
			mark(sprintChanged, true)
		case fieldRank:
			mark(ranked, true)
		}
	}
	return set
}

// timeAdded tells new work from a worklog that was corrected or removed, which changes the sum as well.
func (e *Event) timeAdded(c *Change) bool {
	if e.Type == "issue_worklog_updated" || e.Type == "issue_worklog_deleted" {
		return false
	}
	from, _ := strconv.ParseInt(first(c.FromID, c.From, "0"), 10, 64)
	to, _ := strconv.ParseInt(first(c.ToID, c.To, "0"), 10, 64)
	return to > from
}

// commentVerb tells what happened to a comment: created, updated, deleted, or nothing. An issue update that carries one
// says it by its type, or else (a transition with a comment, an old server) the comment's own times do.
func (e *Event) commentVerb() string {
	switch e.Kind {
	case "comment_created":
		return "created"
	case "comment_updated":
		return "updated"
	case "comment_deleted":
		return "deleted"
	case "issue_updated":
	default:
		return ""
	}
	switch {
	case e.Type == "issue_comment_deleted":
		return "deleted"
	case e.Comment.ID == "":
		return ""
	case e.Type == "issue_commented":
		return "created"
	case e.Type == "issue_comment_edited":
		return "updated"
	case e.Comment.Created.Equal(e.Comment.Updated):
		return "created"
	}
	return "updated"
}
