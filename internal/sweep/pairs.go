package sweep

import (
	"slices"
	"time"
)

// together is how far apart Jira notes the parts of one action: a transition and the comment that was made with it.
const together = time.Second

// pair finds the comments that were made in one action with a change: Data Center posts one update for the two. Jira does not
// say so; the same person within a second does. That two actions are taken for one is the lesser mistake: the comment's own
// event and the change are still brought, while an update that Jira has never posted would be an event that nobody knows.
func (t *story) pair() {
	t.entryOf, t.commentOf = map[string]*entry{}, map[*entry]*remark{}
	for n := range t.comments {
		c := &t.comments[n]
		if c.created.Before(t.from.Add(-together)) {
			continue
		}
		var best *entry
		apart := together + 1
		first, _ := slices.BinarySearchFunc(t.entries, c.created.Add(-together), func(e entry, at time.Time) int { return e.Created.Compare(at) })
		for k := first; k < len(t.entries) && !t.entries[k].Created.After(c.created.Add(together)); k++ {
			e := &t.entries[k]
			if d := e.Created.Sub(c.created).Abs(); d < apart && t.commentOf[e] == nil && !silent(e) && samePerson(e.Author, c.author) {
				best, apart = e, d
			}
		}
		if best != nil {
			t.entryOf[c.id], t.commentOf[best] = best, c
		}
	}
}

// silent tells whether no update is posted for an entry.
func silent(e *entry) bool {
	return !slices.ContainsFunc(e.Items, func(i item) bool { return !i.is("link") }) || slices.ContainsFunc(e.Items, func(i item) bool { return i.is("worklogid") })
}
