package sweep

import (
	"fmt"
	"slices"
	"time"
)

// gaps are the signs that something happened to the issue since a moment of which no event can be made.
func (i *issue) gaps(from time.Time) []Gap {
	var out []Gap
	miss := func(at time.Time, format string, args ...any) {
		out = append(out, Gap{Issue: i.Key, Time: at, What: fmt.Sprintf(format, args...)})
	}
	last := i.created
	explained := func(t time.Time) {
		if t.After(last) {
			last = t
		}
	}
	told := map[text]bool{}
	for _, e := range i.entries {
		explained(e.Created.Time)
		for _, it := range e.Items {
			switch {
			case e.Created.Before(from):
			case it.is("worklogid") && !told[it.From] && !slices.ContainsFunc(i.worklogs, func(w remark) bool { return w.id == string(it.From) }):
				told[it.From] = true
				miss(e.Created.Time, "worklog %s was deleted, or is hidden from the bot user", it.From)
			case it.is("link") && it.To == "":
				miss(e.Created.Time, "a link was removed: %s", it.FromString)
			}
		}
	}
	for _, r := range slices.Concat(i.comments, i.worklogs) {
		explained(r.created)
		explained(r.updated)
	}
	if i.updated.Sub(last) > together && !i.updated.Before(from) {
		miss(i.updated, "the issue was updated, and nothing tells how: a comment was deleted or is hidden from the bot user, or a transition changed nothing")
	}
	return out
}
