package jiratest

import (
	"net/http"
	"slices"
)

// A link leads from its source, which "blocks", to its destination, which "is blocked".
type link struct {
	id                  int
	kind                *linkType
	source, destination *issue
}

type newLink struct {
	kind                *linkType
	source, destination *issue
}

// linkIssues links two issues as POST issueLink asks: the inward issue is the source, as in the sentence
// "inward blocks outward" that Jira shows.
func (j *Jira) linkIssues(u *user, typeRef, inward, outward string) (*link, error) {
	kind := j.linkType(typeRef)
	if kind == nil || kind.subtask {
		return nil, refuse(http.StatusNotFound, "No issue link type with name '%s' found.", typeRef)
	}
	source, err := j.visible(u, inward)
	if err != nil {
		return nil, err
	}
	destination, err := j.visible(u, outward)
	if err != nil {
		return nil, err
	}
	if source == destination {
		return nil, refuse(http.StatusBadRequest, "You cannot link an issue to itself.")
	}
	if !j.may(u, linkIssues, source.project, source) || !j.may(u, linkIssues, destination.project, destination) {
		return nil, refuse(http.StatusUnauthorized, "No Link Issue Permission for issue '%s'", source.key())
	}
	return j.connect(u, newLink{kind, source, destination}), nil
}

// addLink is the issuelinks field of an update.
func (e *edit) addLink(raw any) {
	m, _ := raw.(map[string]any)
	l := newLink{kind: e.j.linkType(member(m["type"], "name") + member(m["type"], "id")), source: e.issue, destination: e.issue}
	if out := member(m["outwardIssue"], "key"); out != "" {
		l.destination = e.j.lookup(out)
	} else {
		l.source = e.j.lookup(member(m["inwardIssue"], "key"))
	}
	if l.kind == nil || l.source == nil || l.destination == nil {
		e.complain("issuelinks", "The issue link needs a known type and an existing issue.")
		return
	}
	e.links = append(e.links, l)
}

// connect makes a link, or returns the one that is there: Jira keeps one of a kind between two issues.
func (j *Jira) connect(u *user, l newLink) *link {
	for _, old := range l.source.links {
		if old.kind == l.kind && old.source == l.source && old.destination == l.destination {
			return old
		}
	}
	made := &link{id: j.next("link"), kind: l.kind, source: l.source, destination: l.destination}
	l.source.links = append(slices.Clone(l.source.links), made)
	l.destination.links = append(slices.Clone(l.destination.links), made)
	if !l.kind.subtask {
		from, to := l.source.key(), l.destination.key()
		j.note(u, l.source, plainItem("Link", "", "", to, "This issue "+l.kind.outward+" "+to))
		j.note(u, l.destination, plainItem("Link", "", "", from, "This issue "+l.kind.inward+" "+from))
	}
	j.linkEvent("issuelink_created", u, made)
	return made
}

// note writes the changelog without an update event: linking is silent but for its own event.
func (j *Jira) note(u *user, i *issue, it item) {
	now := j.now()
	i.values["updated"] = now
	i.history = append(i.history, entry{id: j.next("change"), author: u, created: now, items: []item{it}})
	j.reindex(i, false)
}

func (j *Jira) unlink(u *user, l *link) {
	gone := func(other *link) bool { return other == l }
	l.source.links = slices.DeleteFunc(slices.Clone(l.source.links), gone)
	l.destination.links = slices.DeleteFunc(slices.Clone(l.destination.links), gone)
	if !l.kind.subtask {
		from, to := l.source.key(), l.destination.key()
		j.note(u, l.source, plainItem("Link", to, "This issue "+l.kind.outward+" "+to, "", ""))
		j.note(u, l.destination, plainItem("Link", from, "This issue "+l.kind.inward+" "+from, "", ""))
	}
	j.linkEvent("issuelink_deleted", u, l)
}

func (j *Jira) findLink(u *user, id string) (*link, error) {
	for _, i := range j.issues {
		for _, l := range i.links {
			if text(l.id) == id && j.may(u, browse, l.source.project, l.source) && j.may(u, browse, l.destination.project, l.destination) {
				return l, nil
			}
		}
	}
	return nil, refuse(http.StatusNotFound, "No issue link with id '%s' exists.", id)
}

// linksJSON is the issuelinks field: each link as seen from this issue. Links to hidden issues are hidden as well.
func (j *Jira) linksJSON(i *issue, v view) []any {
	out := []any{}
	for _, l := range i.links {
		other := l.destination
		if other == i {
			other = l.source
		}
		if l.kind.subtask || !j.knows(v, other) {
			continue
		}
		one := obj{"id": text(l.id), "self": j.base + "/rest/api/2/issueLink/" + text(l.id), "type": j.linkTypeJSON(l.kind)}
		if l.source == i {
			one["outwardIssue"] = j.shortJSON(l.destination)
		} else {
			one["inwardIssue"] = j.shortJSON(l.source)
		}
		out = append(out, one)
	}
	return out
}
