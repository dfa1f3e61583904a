package event

// fromWebhook reads a body that Jira posted. Which parts a body has depends on the kind, the deployment and the
// version, so each part is read wherever it stands, and what follows from them is worked out at the end.
func (e *Event) fromWebhook(d Delivery) error {
	var user User
	var changelogID, commentIssue, attachmentIssue, propertyIssue string
	var configured Board

	r := reader{src: d.Body}
	if r.peek() != '{' {
		if r.pos == len(r.src) {
			return &Unreadable{Pos: 0, Reason: emptyBody}
		}
		r.fail("expected one JSON object")
	}
	r.object(func(key []byte) {
		switch string(key) {
		case "webhookEvent":
			e.Name = r.text()
		case "issue_event_type_name":
			e.Type = r.text()
		case "timestamp":
			e.Time = r.time()
			if e.Timed = !e.Time.IsZero(); !e.Timed {
				e.Time = d.Received
			}
		case "user":
			user = r.user()
		case "issue":
			e.Issue = r.issue()
		case "changelog":
			changelogID, e.Changes = r.changelog()
		case "comment":
			e.Comment, commentIssue = r.comment()
		case "worklog":
			e.Worklog = r.worklog()
		case "issueLink":
			e.Link = r.link()
		case "attachment":
			e.Attachment, attachmentIssue = r.attachment()
		case "property":
			e.Property, propertyIssue = r.property()
		case "version":
			e.Version = r.version()
		case "mergedTo":
			e.Merged = r.version()
		case "project":
			e.Project = r.project()
		case "sprint":
			e.Sprint = r.sprint()
		case "oldValue":
			e.OldSprint = r.sprint()
		case "board":
			e.Board = r.board()
		case "configuration":
			configured = r.board()
		}
	})
	r.end()
	if r.err != nil {
		return r.err
	}

	e.Kind = kindOf(e.Name, e.Type)
	if e.Board.ID == "" {
		e.Board = configured
	}
	if e.Project.ref() == "" {
		e.Project = e.Issue.Project
	}
	if e.Issue.ref() == "" {
		e.Issue.ID = first(commentIssue, e.Worklog.IssueID, e.Link.SourceID, attachmentIssue, propertyIssue)
		if e.Issue.Fields == nil {
			e.Issue.Short = e.Issue.ID != ""
		}
	}
	if e.aboutUser() {
		e.User, user = user, User{}
	}
	e.Actor = e.actor(user, d)
	e.Lane = e.lane()
	e.identify(changelogID)
	return nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
