package event

import "strings"

// comment also returns the ID of the issue, which Data Center mentions nowhere but in the comment's address.
func (r *reader) comment() (c Comment, issueID string) {
	r.object(func(key []byte) {
		switch string(key) {
		case "self":
			issueID = issueOf(r.text())
		case "id":
			c.ID = r.id()
		case "body":
			c.Body = r.text()
		case "author":
			c.Author = r.user()
		case "updateAuthor":
			c.Editor = r.user()
		case "created":
			c.Created = r.time()
		case "updated":
			c.Updated = r.time()
		case "visibility":
			c.Visibility = r.visibility()
		case "jsdPublic":
			c.Internal = r.peek() == 'f' || r.peek() == '"' && r.text() == "false"
		}
	})
	return c, issueID
}

// issueOf cuts the issue's ID out of an address such as …/rest/api/2/issue/10042/comment/20031.
func issueOf(self string) string {
	_, rest, _ := strings.Cut(self, "/issue/")
	id, _, found := strings.Cut(rest, "/")
	if !found {
		return ""
	}
	return id
}

func (r *reader) visibility() Visibility {
	var v Visibility
	r.object(func(key []byte) {
		switch string(key) {
		case "type":
			v.Type = r.text()
		case "value":
			v.Value = r.text()
		}
	})
	return v
}

func (r *reader) worklog() Worklog {
	var w Worklog
	var self string
	r.object(func(key []byte) {
		switch string(key) {
		case "self":
			self = r.text()
		case "id":
			w.ID = r.id()
		case "issueId":
			w.IssueID = r.id()
		case "author":
			w.Author = r.user()
		case "updateAuthor":
			w.Editor = r.user()
		case "comment":
			w.Comment = r.text()
		case "timeSpent":
			w.Spent = r.text()
		case "timeSpentSeconds":
			w.Seconds = int(r.integer())
		case "started":
			w.Started = r.time()
		case "created":
			w.Created = r.time()
		case "updated":
			w.Updated = r.time()
		}
	})
	if w.IssueID == "" {
		w.IssueID = issueOf(self)
	}
	return w
}
