package event

// link reads an issueLink. Whether Jira made it by itself is said in several places, depending on the version.
func (r *reader) link() Link {
	var l Link
	var system bool
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			l.ID = r.id()
		case "sourceIssueId":
			l.SourceID = r.id()
		case "destinationIssueId":
			l.DestinationID = r.id()
		case "systemLink", "system", "subTask":
			system = r.flag() || system
		case "issueLinkType":
			r.object(func(key []byte) {
				switch string(key) {
				case "name":
					l.Type = r.text()
				case "inwardName":
					l.Inward = r.text()
				case "outwardName":
					l.Outward = r.text()
				case "isSystemLinkType", "isSubTaskLinkType", "system", "subTask":
					system = r.flag() || system
				}
			})
		}
	})
	l.System = system
	return l
}

// attachment also returns the issue's ID where the attachment names it.
func (r *reader) attachment() (a Attachment, issueID string) {
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			a.ID = r.id()
		case "filename":
			a.Name = r.text()
		case "author":
			a.Author = r.user()
		case "size":
			a.Size = r.integer()
		case "mimeType":
			a.MimeType = r.text()
		case "content":
			a.Content = r.text()
		case "created":
			a.Created = r.time()
		case "issueId":
			issueID = r.id()
		}
	})
	return a, issueID
}

// property also returns the issue's ID where the property's address names it.
func (r *reader) property() (p Property, issueID string) {
	r.object(func(key []byte) {
		switch string(key) {
		case "key":
			p.Key = r.text()
		case "self":
			issueID = issueOf(r.text())
		}
	})
	return p, issueID
}

func (r *reader) version() Version {
	var v Version
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			v.ID = r.id()
		case "name":
			v.Name = r.text()
		case "description":
			v.Description = r.text()
		case "projectId":
			v.ProjectID = r.id()
		case "released":
			v.Released = r.flag()
		case "archived":
			v.Archived = r.flag()
		case "overdue":
			v.Overdue = r.flag()
		case "startDate":
			v.StartDate = r.text()
		case "releaseDate":
			v.ReleaseDate = r.text()
		}
	})
	return v
}

func (r *reader) project() Project {
	var p Project
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			p.ID = r.id()
		case "key":
			p.Key = r.text()
		case "name":
			p.Name = r.text()
		case "projectTypeKey":
			p.Type = r.text()
		case "projectLead", "lead":
			p.Lead = r.user()
		}
	})
	return p
}

func (r *reader) sprint() Sprint {
	var s Sprint
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			s.ID = r.id()
		case "name":
			s.Name = r.text()
		case "state":
			s.State = r.text()
		case "goal":
			s.Goal = r.text()
		case "originBoardId":
			s.BoardID = r.id()
		case "startDate":
			s.Start = r.text()
		case "endDate":
			s.End = r.text()
		case "completeDate":
			s.Completed = r.text()
		}
	})
	return s
}

func (r *reader) board() Board {
	var b Board
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			b.ID = r.id()
		case "name":
			b.Name = r.text()
		case "type":
			b.Type = r.text()
		}
	})
	return b
}
