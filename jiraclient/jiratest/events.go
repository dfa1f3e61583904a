package jiratest

import "strings"

// A happening is something that webhooks are told of. Its body is built only if somebody listens.
type happening struct {
	event string
	actor *user
	issue *issue            // what a registration's JQL is asked of; nil for events about no issue
	ids   map[string]string // variables that a registration's URL may name
	ends  []*issue          // of a link
	body  func() obj
	shown func(view) obj // in the place of body, where it depends on who is told
}

// about are the issues that whoever is told must be able to see.
func (h happening) about() []*issue {
	if h.issue == nil {
		return h.ends
	}
	return append(h.ends, h.issue)
}

// issueEvent is jira:issue_created, _updated, _deleted and the twin jira:worklog_updated. Where comment_created tells all,
// nothing else does.
func (j *Jira) issueEvent(event, eventType string, u *user, i *issue, log *entry, said *comment) {
	if j.version.wholeComments {
		said = nil
		if strings.HasPrefix(eventType, "issue_comment") {
			return
		}
	}
	j.tell(happening{event: event, actor: u, issue: i, ids: i.variables(), shown: func(seen view) obj {
		out := obj{"user": j.userJSON(u), "issue": j.issueJSON(i, seen)}
		if eventType != "" {
			out["issue_event_type_name"] = eventType
		}
		if log != nil {
			out["changelog"] = obj{"id": text(log.id), "items": j.itemsJSON(log.items)}
		}
		if said != nil {
			out["comment"] = j.commentJSON(i, said, false)
		}
		return out
	}})
}

// commentEvent is the event of a comment: Data Center names no issue in it, and a user only for edits and deletions; Cloud
// names the issue and nobody.
func (j *Jira) commentEvent(event string, u *user, i *issue, c *comment) {
	ids := i.variables()
	ids["comment.id"] = text(c.id)
	j.tell(happening{event: event, actor: u, issue: i, ids: ids, body: func() obj {
		out := obj{"comment": j.commentJSON(i, c, false)}
		switch {
		case j.version.wholeComments:
			out["issue"] = j.briefJSON(i)
		case event != "comment_created":
			out["user"] = j.userJSON(u)
		}
		return out
	}})
}

func (j *Jira) worklogEvent(event string, u *user, i *issue, w *worklog) {
	ids := i.variables()
	ids["worklog.id"] = text(w.id)
	j.tell(happening{event: event, actor: u, issue: i, ids: ids, body: func() obj {
		return obj{"worklog": j.worklogJSON(i, w)}
	}})
}

func (j *Jira) attachmentEvent(event string, u *user, i *issue, a *attachment) {
	ids := i.variables()
	ids["attachment.id"] = text(a.id)
	j.tell(happening{event: event, actor: u, issue: i, ids: ids, body: func() obj {
		return obj{"attachment": j.attachmentJSON(a)}
	}})
}

// linkEvent has numbers and no keys, and nobody who did it.
func (j *Jira) linkEvent(event string, u *user, l *link) {
	j.tell(happening{event: event, actor: u, ends: []*issue{l.source, l.destination}, body: func() obj {
		return obj{"issueLink": obj{
			"id": l.id, "sourceIssueId": l.source.id, "destinationIssueId": l.destination.id, "systemLink": l.kind.subtask,
			"issueLinkType": obj{
				"id": l.kind.id, "name": l.kind.name, "outwardName": l.kind.outward, "inwardName": l.kind.inward,
				"isSubTaskLinkType": l.kind.subtask, "isSystemLinkType": l.kind.subtask,
			},
		}}
	}})
}

// versionEvent tells of a version; a merge is a deletion with the version that took the other's place.
func (j *Jira) versionEvent(event string, u *user, v, into *version) {
	ids := map[string]string{"version.id": text(v.id), "project.id": text(v.project.id), "project.key": v.project.key}
	j.tell(happening{event: event, actor: u, ids: ids, body: func() obj {
		out := obj{"version": j.versionJSON(v)}
		if into != nil {
			out["mergedTo"] = j.versionJSON(into)
		}
		return out
	}})
}

func (j *Jira) projectEvent(event string, u *user, p *project) {
	ids := map[string]string{"project.id": text(p.id), "project.key": p.key}
	j.tell(happening{event: event, actor: u, ids: ids, body: func() obj {
		return obj{"project": obj{
			"self": j.base + "/rest/api/2/project/" + text(p.id), "id": p.id, "key": p.key, "name": p.name,
			"avatarUrls": j.avatars("projectavatar"), "projectLead": j.userJSON(p.lead), "assigneeType": "admin.assignee.type.unassigned",
		}}
	}})
}

func (i *issue) variables() map[string]string {
	return map[string]string{
		"issue.id": text(i.id), "issue.key": i.key(), "project.id": text(i.project.id), "project.key": i.project.key,
	}
}

// fill puts variables into a registration's URL: ${issue.key} up to Jira 9, {issue.key} from 10 on. Unknown ones stay.
func (j *Jira) fill(url string, ids map[string]string) string {
	begin := "{"
	if j.version.dollars {
		begin = "${"
	}
	if !strings.Contains(url, begin) {
		return url
	}
	for _, name := range sortedKeys(ids) {
		url = strings.ReplaceAll(url, begin+name+"}", ids[name])
	}
	return url
}
