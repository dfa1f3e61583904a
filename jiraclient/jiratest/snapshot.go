package jiratest

import (
	"encoding/json"
	"maps"
	"time"
)

// An Issue is a picture of an issue for assertions.
type Issue struct {
	ID, Key    string
	Type       string
	Project    string // key
	Summary    string
	Status     string
	Category   string // new, indeterminate, done
	Priority   string
	Resolution string
	Assignee   string // names of users
	Reporter   string
	Parent     string // key
	Due        string
	Labels     []string
	Components []string
	Fixes      []string       // fix versions
	Fields     map[string]any // every field by ID as REST shows it, decoded

	Created, Updated, Resolved time.Time
	Spent, Remaining           int // seconds

	Comments    []Comment
	Worklogs    []Worklog
	Attachments []string // file names
	Watchers    []string // names of users
	Voters      []string // names of users
	Links       []Link
	Remotes     []RemoteLink
	Subtasks    []string // keys
	Properties  map[string]json.RawMessage
	Archived    bool
	History     []Change // oldest first
}

// A Comment is a comment; Audience is "role:NAME", "group:NAME" or "" for everybody.
type Comment struct {
	ID, Author, Body string
	Audience         string
	Created, Updated time.Time
	Properties       map[string]json.RawMessage
	Pinned           bool
}

// A Worklog is logged time.
type Worklog struct {
	ID, Author, Comment string
	Seconds             int
	Started             time.Time
}

// A Link is a link as seen from its issue: Relation is "blocks" or "is blocked by".
type Link struct{ ID, Type, Relation, Key string }

// A RemoteLink is a link to something outside Jira.
type RemoteLink struct{ ID, GlobalID, URL, Title string }

// A Change is one item of the changelog: the texts that people read.
type Change struct {
	Author          string
	Time            time.Time
	Field, From, To string
}

// Issue is the issue as it is now, all hidden parts included; ok is false if there is none.
func (j *Jira) Issue(key string) (picture Issue, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.lookup(key)
	if i == nil {
		return Issue{}, false
	}
	return j.picture(i), true
}

// Issues are all issues, oldest first.
func (j *Jira) Issues() []Issue {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Issue
	for _, i := range j.inOrder() {
		out = append(out, j.picture(i))
	}
	return out
}

// Keys are the keys of all issues, oldest first.
func (j *Jira) Keys() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []string
	for _, i := range j.inOrder() {
		out = append(out, i.key())
	}
	return out
}

func (j *Jira) picture(i *issue) Issue {
	shown, err := plain(j.issueJSON(i, view{everything: true})["fields"])
	if err != nil {
		j.options.Log.Error("issue cannot be pictured", "issue", i.key(), "error", err)
	}
	out := Issue{
		ID: text(i.id), Key: i.key(), Project: i.project.key, Summary: i.text("summary"), Due: i.text("duedate"),
		Type: i.shown("issuetype"), Status: i.shown("status"), Category: i.status().category, Priority: i.shown("priority"),
		Resolution: i.shown("resolution"), Assignee: nameOf(i.user("assignee")), Reporter: nameOf(i.user("reporter")),
		Parent: i.shown("parent"), Labels: i.names("labels"), Components: i.names("components"), Fixes: i.names("fixVersions"),
		Fields: object(shown), Created: i.time("created"), Updated: i.time("updated"), Resolved: i.time("resolutiondate"),
		Properties: maps.Clone(i.properties), Archived: i.archived,
	}
	out.Spent, _ = i.values["timespent"].(int)
	out.Remaining, _ = i.values["timeestimate"].(int)
	for _, c := range i.comments {
		out.Comments = append(out.Comments, Comment{
			ID: text(c.id), Author: nameOf(c.author), Body: c.body, Audience: c.seenBy.String(), Created: c.created, Updated: c.updated,
			Properties: maps.Clone(c.properties), Pinned: c.pinned,
		})
	}
	for _, w := range i.worklogs {
		out.Worklogs = append(out.Worklogs, Worklog{
			ID: text(w.id), Author: nameOf(w.author), Comment: w.comment, Seconds: w.seconds, Started: w.started,
		})
	}
	for _, a := range i.attached {
		out.Attachments = append(out.Attachments, a.name)
	}
	for _, u := range i.watchers {
		out.Watchers = append(out.Watchers, u.Name)
	}
	for _, u := range i.voters {
		out.Voters = append(out.Voters, u.Name)
	}
	for _, r := range i.remotes {
		out.Remotes = append(out.Remotes, RemoteLink{ID: text(r.id), GlobalID: r.globalID, URL: r.member("object", "url"), Title: r.member("object", "title")})
	}
	for _, sub := range i.subtasks {
		out.Subtasks = append(out.Subtasks, sub.key())
	}
	out.Links = i.linkPictures()
	for _, e := range i.history {
		for _, it := range e.items {
			out.History = append(out.History, Change{nameOf(e.author), e.created, it.field, plainText(it.fromText), plainText(it.toText)})
		}
	}
	return out
}

func (i *issue) linkPictures() []Link {
	var out []Link
	for _, l := range i.links {
		switch {
		case l.kind.subtask:
		case l.source == i:
			out = append(out, Link{text(l.id), l.kind.name, l.kind.outward, l.destination.key()})
		default:
			out = append(out, Link{text(l.id), l.kind.name, l.kind.inward, l.source.key()})
		}
	}
	return out
}

func (i *issue) shown(fieldID string) string {
	_, name := describe(i.values[fieldID])
	return name
}

func (i *issue) names(fieldID string) []string {
	var out []string
	for _, v := range i.list(fieldID) {
		_, name := describe(v)
		out = append(out, name)
	}
	return out
}

func (v visibility) String() string {
	if v.kind == "" {
		return ""
	}
	return v.kind + ":" + v.name
}

func nameOf(u *user) string {
	if u == nil {
		return ""
	}
	return u.Name
}

func plainText(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
