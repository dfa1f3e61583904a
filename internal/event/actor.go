package event

import "strings"

// actor finds out who did it. Many bodies do not say; then Jira's query parameters do, and otherwise whoever wrote the
// comment, worklog or attachment. Nobody is guessed for a deleted comment: its author need not have deleted it.
func (e *Event) actor(user User, d Delivery) User {
	if user.ID() != "" || user.DisplayName != "" {
		return user
	}
	author := e.author()
	if asked := queryActor(d); asked.ID() != "" {
		if asked.Is(author) {
			return author // the same person, better described
		}
		return asked
	}
	if strings.HasSuffix(e.Kind, "_deleted") {
		return User{}
	}
	return author
}

func (e *Event) author() User {
	editor, author := e.Comment.Editor, e.Comment.Author
	switch {
	case strings.HasPrefix(e.Kind, "worklog_"):
		editor, author = e.Worklog.Editor, e.Worklog.Author
	case strings.HasPrefix(e.Kind, "attachment_"):
		editor, author = User{}, e.Attachment.Author
	}
	if strings.HasSuffix(e.Kind, "_created") || editor == (User{}) {
		return author
	}
	return editor
}

// queryActor is the user whom Jira appended to the address. user_id holds a name on Data Center and an account ID on
// Cloud.
func queryActor(d Delivery) User {
	u := User{Key: d.UserKey}
	if isAccountID(d.UserID) {
		u.AccountID = d.UserID
	} else {
		u.Name = d.UserID
	}
	return u
}

// isAccountID knows the two forms that account IDs have: "557058:…" and 24 hexadecimal digits.
func isAccountID(s string) bool {
	return strings.ContainsRune(s, ':') || len(s) == 24 && strings.Trim(s, "0123456789abcdef") == ""
}
