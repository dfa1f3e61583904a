package sweep

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
)

func TestACommentBelongsToTheChangeThatItWasMadeWith(t *testing.T) {
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	person := func(name string) json.RawMessage { return write(map[string]string{"name": name}) }
	// change is WHO+MILLISECONDS:FIELD, a comment WHO+MILLISECONDS.
	for _, x := range []struct {
		name, changes, comments string
		want                    string // the comment's number and the change's
	}{
		{"of the same moment", "ann+0:status", "ann+0", "0-0"},
		{"a little later", "ann+0:status", "ann+80", "0-0"},
		{"databases without milliseconds round", "ann+1000:status", "ann+0", "0-0"},
		{"two seconds later it is another action", "ann+0:status", "ann+2000", ""},
		{"somebody else's is another action", "ann+0:status", "bob+0", ""},
		{"the nearest", "ann+0:status ann+900:summary", "ann+700", "0-1"},
		{"a change has one comment", "ann+0:status", "ann+0 ann+10", "0-0"},
		{"linking is told by itself only", "ann+0:Link", "ann+0", ""},
		{"so is work", "ann+0:WorklogId", "ann+0", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			i := &issue{}
			var who, field string
			var after int
			for n, c := range strings.Fields(x.changes) {
				c, field, _ = strings.Cut(c, ":")
				fmt.Sscanf(strings.Replace(c, "+", " ", 1), "%s %d", &who, &after)
				at := jiraclient.Time{Time: begin.Add(time.Duration(after) * time.Millisecond)}
				i.entries = append(i.entries, entry{ID: text(fmt.Sprint(n)), Author: person(who), Created: at, Items: []item{{Field: field, Type: "jira"}}})
			}
			for n, c := range strings.Fields(x.comments) {
				fmt.Sscanf(strings.Replace(c, "+", " ", 1), "%s %d", &who, &after)
				i.comments = append(i.comments, remark{id: fmt.Sprint(n), author: person(who), created: begin.Add(time.Duration(after) * time.Millisecond)})
			}
			story := &story{issue: i, from: begin}
			story.pair()
			var got []string
			for _, c := range i.comments {
				if e := story.entryOf[c.id]; e != nil {
					got = append(got, fmt.Sprintf("%s-%s", c.id, e.ID))
				}
			}
			if strings.Join(got, " ") != x.want {
				t.Errorf("pairs %v, want %s", got, x.want)
			}
		})
	}
}
