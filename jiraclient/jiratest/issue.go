package jiratest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// An issue keeps the values of its fields by field ID. Values are never changed in place, only replaced: a shallow copy of
// an issue is a picture of it.
type issue struct {
	id         int
	number     int
	project    *project
	values     map[string]any
	comments   []*comment
	worklogs   []*worklog
	attached   []*attachment
	links      []*link
	remotes    []*remote
	watchers   []*user
	voters     []*user
	subtasks   []*issue
	properties map[string]json.RawMessage
	archived   bool
	history    []entry
	rank       int // place among those that were ranked, from 1
}

// An entry is one line of the changelog.
type entry struct {
	id      int
	author  *user
	created time.Time
	items   []item
}

type item struct {
	field, fieldID, fieldType string
	from, to                  *string // IDs
	fromText, toText          *string
}

func (i *issue) key() string { return i.project.key + "-" + strconv.Itoa(i.number) }

func (i *issue) user(fieldID string) *user {
	u, _ := i.values[fieldID].(*user)
	return u
}

func (i *issue) status() *status {
	s, _ := i.values["status"].(*status)
	return s
}

func (i *issue) text(fieldID string) string {
	s, _ := i.values[fieldID].(string)
	return s
}

func (i *issue) time(fieldID string) time.Time {
	t, _ := i.values[fieldID].(time.Time)
	return t
}

func (i *issue) list(fieldID string) []any {
	l, _ := i.values[fieldID].([]any)
	return l
}

// lookup finds an issue by key, former key or ID.
func (j *Jira) lookup(ref string) *issue {
	if i := j.keys[ref]; i != nil {
		return i
	}
	id, err := strconv.Atoi(ref)
	if err != nil {
		return nil
	}
	return j.issues[id]
}

// visible is the issue if the user may see it. Jira does not tell a hidden issue from a missing one.
func (j *Jira) visible(u *user, ref string) (*issue, error) {
	i := j.lookup(ref)
	if i == nil || !j.may(u, browse, i.project, i) {
		return nil, missingIssue()
	}
	return i, nil
}

// An indexed issue is what searches find until the next picture is old enough.
type indexed struct {
	at      time.Time
	picture *issue // nil once the issue is deleted
}

// reindex notes what an issue looks like now for searches that lag behind.
func (j *Jira) reindex(i *issue, deleted bool) {
	if j.options.IndexLag <= 0 {
		return
	}
	now := j.now()
	kept := j.index[i.id]
	for len(kept) > 1 && !kept[1].at.After(now.Add(-j.options.IndexLag)) {
		kept = kept[1:]
	}
	next := indexed{at: now}
	if !deleted {
		picture := *i
		picture.values = maps.Clone(i.values)
		picture.comments = slices.Clone(i.comments)
		next.picture = &picture
	}
	j.index[i.id] = append(slices.Clone(kept), next)
}

// SetIndexLag changes how far searches are behind. What there is by now is found at once.
func (j *Jira) SetIndexLag(lag time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.options.IndexLag = lag
	clear(j.index)
	for _, i := range j.issues {
		j.reindexNow(i)
	}
}

// reindexNow lets searches see at once what an issue looks like.
func (j *Jira) reindexNow(i *issue) {
	j.reindex(i, false)
	for n := range j.index[i.id] {
		j.index[i.id][n].at = j.now().Add(-j.options.IndexLag)
	}
}

// searchable are the issues as the index knows them, in no order.
func (j *Jira) searchable() []*issue {
	if j.options.IndexLag <= 0 {
		return slices.Collect(maps.Values(j.issues))
	}
	var out []*issue
	due := j.now().Add(-j.options.IndexLag)
	for _, pictures := range j.index {
		for n := len(pictures) - 1; n >= 0; n-- {
			if !pictures[n].at.After(due) {
				if pictures[n].picture != nil {
					out = append(out, pictures[n].picture)
				}
				break
			}
		}
	}
	return out
}

// remove deletes an issue, its sub-tasks if that was agreed, and its links.
func (j *Jira) remove(u *user, i *issue, subtasks bool) error {
	if !j.may(u, deleteIssues, i.project, i) {
		return refuse(http.StatusForbidden, "You do not have permission to delete issues in this project.")
	}
	if len(i.subtasks) > 0 && !subtasks {
		return refuse(http.StatusBadRequest, "The issue '%s' has subtasks.  You must specify the 'deleteSubtasks' parameter "+
			"to delete this issue and all its subtasks.", i.key())
	}
	for _, sub := range slices.Clone(i.subtasks) {
		if err := j.remove(u, sub, true); err != nil {
			return err
		}
	}
	for _, l := range slices.Clone(i.links) {
		j.unlink(u, l)
	}
	j.issueEvent("jira:issue_deleted", "", u, i, nil, nil)
	if parent, ok := i.values["parent"].(*issue); ok {
		parent.subtasks = slices.DeleteFunc(slices.Clone(parent.subtasks), func(s *issue) bool { return s == i })
	}
	delete(j.issues, i.id)
	maps.DeleteFunc(j.keys, func(_ string, other *issue) bool { return other == i })
	j.reindex(i, true)
	return nil
}
