package sweep

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"jirabot/jiraclient"
)

// A past shows what an issue looked like at the moments of its changelog: the state of now, with one entry after the other
// undone.
type past struct {
	*issue
	first  int     // the first entry that was undone
	states []state // before the first, and after each
}

type state struct {
	key    string
	fields map[string]json.RawMessage
}

// past walks an issue's changelog back to a moment.
func (c *catalog) past(ctx context.Context, i *issue, from time.Time) (*past, error) {
	c.meet(i)
	p := &past{issue: i, first: len(i.entries)}
	now := state{i.Key, i.fields}
	p.states = []state{now}
	for n := len(i.entries) - 1; n >= 0 && !i.entries[n].Created.Before(from); n-- {
		before, err := c.undo(ctx, now, i.entries[:n], &i.entries[n])
		if err != nil {
			return nil, err
		}
		p.states = append(p.states, before)
		p.first, now = n, before
	}
	slices.Reverse(p.states)
	return p, nil
}

// begin shows the issue as it was created. Its first change may bear the same time.
func (p *past) begin() map[string]any { return p.show(p.states[0], p.created) }

// after shows the issue after an entry.
func (p *past) after(e *entry) map[string]any {
	n := slices.IndexFunc(p.entries, func(other entry) bool { return other.ID == e.ID })
	return p.show(p.states[n-p.first+1], e.Created.Time)
}

// at shows the issue at a moment.
func (p *past) at(t time.Time) map[string]any {
	n := 0
	for k, e := range p.entries[p.first:] {
		if !e.Created.After(t) {
			n = k + 1
		}
	}
	return p.show(p.states[n], t)
}

func (p *past) show(s state, at time.Time) map[string]any {
	fields := maps.Clone(s.fields)
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	fields["updated"] = write(jiraclient.Time{Time: at})
	if fields["comment"] != nil {
		said := until(p.comments, at)
		fields["comment"] = write(map[string]any{"comments": said, "maxResults": len(said), "total": len(said), "startAt": 0})
	}
	if fields["worklog"] != nil {
		logged := until(p.worklogs, at)
		fields["worklog"] = write(map[string]any{"worklogs": logged[:min(20, len(logged))], "maxResults": 20, "total": len(logged), "startAt": 0})
	}
	return map[string]any{"id": p.ID, "self": p.self, "key": s.key, "fields": fields}
}

// until are the comments or worklogs that there were at a moment.
func until(all []remark, at time.Time) []json.RawMessage {
	out := []json.RawMessage{}
	for _, r := range all {
		if !r.created.After(at) {
			out = append(out, r.raw)
		}
	}
	return out
}

// undo is the state before an entry.
func (c *catalog) undo(ctx context.Context, now state, earlier []entry, e *entry) (state, error) {
	before := state{now.key, maps.Clone(now.fields)}
	for _, it := range slices.Backward(e.Items) {
		if it.is("key") {
			before.key = string(it.FromString)
			continue
		}
		if it.is("project") {
			before.fields["project"] = project(it, e.Items)
			continue
		}
		id, value, err := c.valueBefore(ctx, before, it)
		if err != nil {
			return state{}, err
		}
		if id == "" {
			continue
		}
		before.fields[id] = value
		if id == "resolution" {
			undoResolved(before.fields, earlier, it)
		}
	}
	return before, nil
}

// undoResolved finds out since when the issue had the resolution that it had before.
func undoResolved(fields map[string]json.RawMessage, earlier []entry, it item) {
	if it.From == "" {
		fields["resolutiondate"] = json.RawMessage("null")
		return
	}
	for _, e := range slices.Backward(earlier) {
		if slices.ContainsFunc(e.Items, func(i item) bool { return i.is("resolution") && i.To == it.From }) {
			fields["resolutiondate"] = write(e.Created)
			return
		}
	}
}

// valueBefore is the field that an item changed, and what it held before, in the form of the REST API. The ID is "" where
// that cannot be told.
func (c *catalog) valueBefore(ctx context.Context, now state, it item) (id string, value json.RawMessage, err error) {
	if it.Type == "custom" || strings.HasPrefix(it.FieldID, "customfield_") {
		return c.customBefore(ctx, it)
	}
	null := json.RawMessage("null")
	from, name := string(it.From), string(it.FromString)
	id = systemID(it)
	switch id {
	case "summary", "description", "environment":
		value = orNull(name)
	case "duedate":
		value = orNull(from)
	case "labels":
		value = write(append([]string{}, strings.Fields(name)...))
	case "priority", "resolution", "security":
		value = named(from, name)
	case "issuetype":
		value, err = c.issueType(ctx, from, name)
	case "status":
		value, err = c.status(ctx, from, name)
	case "assignee", "reporter":
		value, err = c.person(ctx, from, name)
	case "fixVersions", "versions", "components":
		value = listBefore(now.fields[id], it, func() json.RawMessage { return named(from, name) })
	case "attachment":
		value = listBefore(now.fields[id], it, func() json.RawMessage { return write(map[string]string{"id": from, "filename": name}) })
	case "issuelinks":
		value = linksBefore(now.fields[id], it)
	case "timespent", "timeestimate", "timeoriginalestimate":
		value = null
		if json.Valid([]byte(from)) && from != "" {
			value = json.RawMessage(from)
		}
	case "parent":
		value = null
		if name != "" {
			value = write(map[string]string{"id": from, "key": name})
		}
	default:
		return "", nil, nil
	}
	if value == nil || err != nil {
		return "", nil, err
	}
	return id, value, nil
}

// systemID is the ID of a system field by what the changelog calls it.
func systemID(it item) string {
	for _, name := range []string{it.FieldID, it.Field} {
		switch lower := strings.ToLower(strings.ReplaceAll(name, " ", "")); lower {
		case "fixversion", "fixversions":
			return "fixVersions"
		case "version", "versions":
			return "versions"
		case "component", "components":
			return "components"
		case "link", "issuelinks":
			return "issuelinks"
		case "summary", "description", "environment", "duedate", "labels", "priority", "resolution", "security", "issuetype", "status",
			"assignee", "reporter", "attachment", "timespent", "timeestimate", "timeoriginalestimate", "parent":
			return lower
		}
	}
	return ""
}

// project is where an issue was before it was moved. Its key is told by the issue's.
func project(it item, all []item) json.RawMessage {
	out := map[string]string{"id": string(it.From), "name": string(it.FromString)}
	for _, other := range all {
		if at := strings.LastIndexByte(string(other.FromString), '-'); other.is("key") && at > 0 {
			out["key"] = string(other.FromString[:at])
		}
	}
	return write(out)
}
