package jiratest

import (
	"slices"
	"strings"
	"time"
)

// A view is how an answer shows an issue.
type view struct {
	viewer     *user // limits which comments and worklogs are seen
	everything bool  // a webhook's view: nothing is hidden
	fields     []string
	expand     []string
	properties []string
	search     bool // leaves out comments, worklogs and attachments unless they are asked for
}

// wants tells whether a field was asked for: by ID, by *all or *navigable, and not taken out by -ID.
func (v view) wants(id string) bool {
	if slices.Contains(v.fields, "-"+id) {
		return false
	}
	if slices.Contains(v.fields, id) {
		return true
	}
	heavy := id == "comment" || id == "worklog" || id == "attachment" || id == "timetracking"
	chosen := slices.ContainsFunc(v.fields, func(f string) bool { return !strings.HasPrefix(f, "-") })
	switch {
	case slices.Contains(v.fields, "*all"), !chosen && !v.search:
		return true
	case slices.Contains(v.fields, "*navigable"), !chosen:
		return !heavy
	}
	return false
}

// issueJSON is an issue as the REST API and webhooks show it.
func (j *Jira) issueJSON(i *issue, v view) obj {
	fields := obj{}
	for _, f := range j.fields {
		if (f.id == "parent" || f.id == "security") && i.values[f.id] == nil {
			continue // only sub-tasks, and issues that have one, have the field at all
		}
		if v.wants(f.id) {
			fields[f.id] = j.fieldValue(i, f, v)
		}
	}
	out := obj{"id": text(i.id), "self": j.base + "/rest/api/2/issue/" + text(i.id), "key": i.key(), "fields": fields}
	for _, e := range v.expand {
		switch e {
		case "names", "schema":
			table := obj{}
			for _, f := range j.fields {
				if v.wants(f.id) && e == "names" {
					table[f.id] = f.name
				} else if v.wants(f.id) {
					table[f.id] = f.schema()
				}
			}
			out[e] = table
		case "changelog":
			histories := j.historyJSON(i)
			out[e] = obj{"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}
		case "transitions":
			out[e] = j.transitionsJSON(v.viewer, i, false, "")
		case "renderedFields":
			out[e] = obj{"description": "<p>" + i.text("description") + "</p>"}
		}
	}
	if len(v.properties) > 0 {
		shown := obj{}
		for key, value := range i.properties {
			if slices.Contains(v.properties, key) || slices.Contains(v.properties, "*all") {
				shown[key] = value
			}
		}
		out["properties"] = shown
	}
	return out
}

// fieldValue is one member of an issue's "fields".
func (j *Jira) fieldValue(i *issue, f *field, v view) any {
	self := j.base + "/rest/api/2/issue/" + i.key()
	spent, _ := i.values["timespent"].(int)
	remaining, _ := i.values["timeestimate"].(int)
	switch f.id {
	case "project":
		return j.projectJSON(i.project)
	case "parent":
		if p, ok := i.values["parent"].(*issue); ok {
			return j.shortJSON(p)
		}
		return nil
	case "subtasks":
		out := []any{}
		for _, sub := range i.subtasks {
			if j.knows(v, sub) {
				out = append(out, j.shortJSON(sub))
			}
		}
		return out
	case "comment":
		list := j.seenComments(i, v)
		return obj{"comments": list, "maxResults": len(list), "total": len(list), "startAt": 0}
	case "worklog":
		list := j.seenWorklogs(i, v)
		return obj{"worklogs": list[:min(20, len(list))], "maxResults": 20, "total": len(list), "startAt": 0}
	case "attachment":
		out := []any{}
		for _, a := range i.attached {
			out = append(out, j.attachmentJSON(a))
		}
		return out
	case "issuelinks":
		return j.linksJSON(i, v)
	case "watches":
		return obj{"self": self + "/watchers", "watchCount": len(i.watchers), "isWatching": slices.Contains(i.watchers, v.viewer)}
	case "votes":
		return obj{"self": self + "/votes", "votes": len(i.voters), "hasVoted": slices.Contains(i.voters, v.viewer)}
	case "timetracking":
		return trackingJSON(i)
	case "aggregatetimespent", "aggregatetimeestimate", "aggregatetimeoriginalestimate":
		return i.values[strings.TrimPrefix(f.id, "aggregate")]
	case "progress", "aggregateprogress":
		return progressJSON(spent, remaining)
	case "workratio":
		return -1
	}
	if f.kind == rankOrder {
		return rankText(i)
	}
	value := i.values[f.id]
	if value == nil && f.list && !f.custom {
		return []any{}
	}
	return j.valueJSON(value)
}

func progressJSON(spent, remaining int) obj {
	out := obj{"progress": spent, "total": spent + remaining}
	if spent+remaining > 0 {
		out["percent"] = 100 * spent / (spent + remaining)
	}
	return out
}

func trackingJSON(i *issue) obj {
	out := obj{}
	for id, name := range map[string]string{
		"timeoriginalestimate": "originalEstimate", "timeestimate": "remainingEstimate", "timespent": "timeSpent",
	} {
		if n, ok := i.values[id].(int); ok {
			out[name], out[name+"Seconds"] = spell(n), n
		}
	}
	return out
}

func (j *Jira) seenComments(i *issue, v view) []any {
	out := []any{}
	for _, c := range i.comments {
		if v.everything || c.seenBy.includes(v.viewer, i.project) {
			out = append(out, j.commentJSON(i, c, false))
		}
	}
	return out
}

func (j *Jira) seenWorklogs(i *issue, v view) []any {
	out := []any{}
	for _, w := range i.worklogs {
		if v.everything || w.seenBy.includes(v.viewer, i.project) {
			out = append(out, j.worklogJSON(i, w))
		}
	}
	return out
}

// shortJSON is an issue as others show it: as sub-task, parent or at the end of a link.
func (j *Jira) shortJSON(i *issue) obj {
	return obj{
		"id": text(i.id), "key": i.key(), "self": j.base + "/rest/api/2/issue/" + text(i.id),
		"fields": obj{
			"summary": i.text("summary"), "status": j.valueJSON(i.values["status"]),
			"priority": j.valueJSON(i.values["priority"]), "issuetype": j.valueJSON(i.values["issuetype"]),
		},
	}
}

// briefJSON is an issue as Cloud's events of comments show it.
func (j *Jira) briefJSON(i *issue) obj {
	out := j.shortJSON(i)
	fields := out["fields"].(obj)
	fields["project"], fields["assignee"] = j.projectJSON(i.project), j.valueJSON(i.values["assignee"])
	return out
}

func (j *Jira) historyJSON(i *issue) []any {
	out := []any{}
	for _, e := range i.history {
		out = append(out, obj{
			"id": text(e.id), "author": j.userJSON(e.author), "created": e.created.Format(stamp), "items": j.itemsJSON(e.items),
		})
	}
	return out
}

// millis is a webhook's timestamp.
func millis(t time.Time) int64 { return t.UnixMilli() }
