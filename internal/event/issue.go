package event

import (
	"encoding/json"
	"errors"
	"fmt"
)

// DecodeIssue reads an issue in the shape of Jira's REST API, {"id", "key", "fields"}, by the same code that reads the
// issue of a webhook. The result keeps a part of raw, which must not be changed afterwards.
func DecodeIssue(raw []byte) (Issue, error) {
	r := reader{src: raw}
	if r.peek() != '{' {
		r.fail("expected one JSON object")
	}
	issue := r.issue()
	r.end()
	if r.err != nil {
		return Issue{}, fmt.Errorf("read an issue: %w", r.err)
	}
	if issue.ID == "" && issue.Key == "" {
		return Issue{}, errors.New("read an issue: it has neither id nor key")
	}
	return issue, nil
}

// Field is the value of a field by its ID ("customfield_10016", "duedate") in its JSON form: text, float64, bool,
// map, list, or nil where Jira says null. It is false where the delivery did not carry the field, or carries a number
// that no float64 can hold.
func (i Issue) Field(id string) (any, bool) {
	if len(i.Fields) == 0 {
		return nil, false
	}
	r := reader{src: i.Fields}
	var raw []byte
	r.object(func(key []byte) {
		if string(key) == id {
			raw = r.raw()
		}
	})
	if r.err != nil || raw == nil {
		return nil, false
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, false
	}
	return value, true
}

func (r *reader) issue() Issue {
	issue := Issue{Short: true}
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			issue.ID = r.id()
		case "key":
			issue.Key = r.text()
		case "fields":
			issue = Issue{ID: issue.ID, Key: issue.Key}
			r.fields(&issue)
		}
	})
	return issue
}

// fields reads the fields that every Jira has; custom ones wait in Fields until somebody asks.
func (r *reader) fields(i *Issue) {
	start := r.pos
	var status, created, updated bool
	isObject := r.object(func(key []byte) {
		switch string(key) {
		case "issuetype":
			i.Type, i.Subtask = r.issueType()
		case "status":
			status = true
			i.Status, i.Category = r.status()
		case "summary":
			i.Summary = r.text()
		case "description":
			i.Description = r.text()
		case "environment":
			i.Environment = r.text()
		case "priority":
			i.Priority = r.member("name")
		case "resolution":
			i.Resolution = r.member("name")
		case "security":
			i.Security = r.member("name")
		case "assignee":
			i.Assignee = r.user()
		case "reporter":
			i.Reporter = r.user()
		case "creator":
			i.Creator = r.user()
		case "labels":
			i.Labels = r.texts()
		case "components":
			i.Components = r.members("name")
		case "fixVersions":
			i.FixVersions = r.members("name")
		case "versions":
			i.Versions = r.members("name")
		case "project":
			i.Project = r.project()
		case "parent":
			i.Parent = r.member("key")
		case "subtasks":
			i.Subtasks = r.members("key")
		case "created":
			created = true
			i.Created = r.time()
		case "updated":
			updated = true
			i.Updated = r.time()
		case "resolutiondate":
			i.Resolved = r.time()
		case "duedate":
			i.Due = r.text()
		case "issuelinks":
			i.Links = r.issueLinks()
		case "attachment":
			i.Attachments = r.attachments()
		}
	})
	if isObject && r.err == nil {
		i.Fields = r.src[start:r.pos:r.pos]
	}
	// These three are on every issue and can't be hidden. Where one is missing, Jira told only a part.
	i.Short = !status || !created || !updated
}

func (r *reader) issueType() (name string, subtask bool) {
	r.object(func(key []byte) {
		switch string(key) {
		case "name":
			name = r.text()
		case "subtask":
			subtask = r.flag()
		}
	})
	return name, subtask
}

func (r *reader) status() (name, category string) {
	r.object(func(key []byte) {
		switch string(key) {
		case "name":
			name = r.text()
		case "statusCategory":
			category = r.member("key")
		}
	})
	return name, category
}

func (r *reader) issueLinks() []IssueLink {
	var links []IssueLink
	r.array(func() {
		var link IssueLink
		var inward, outward string
		r.object(func(key []byte) {
			switch string(key) {
			case "id":
				link.ID = r.id()
			case "type":
				link.Type, inward, outward = r.linkType()
			case "inwardIssue", "outwardIssue":
				if r.peek() == '{' { // the other end is null on some versions, absent on others
					link.Outward = string(key) == "outwardIssue"
					link.Key, link.Status = r.otherEnd()
				}
			}
		})
		link.Relation = inward
		if link.Outward {
			link.Relation = outward
		}
		if link != (IssueLink{}) {
			links = append(links, link)
		}
	})
	return links
}

func (r *reader) otherEnd() (key, status string) {
	r.object(func(name []byte) {
		switch string(name) {
		case "key":
			key = r.text()
		case "fields":
			r.object(func(name []byte) {
				if string(name) == "status" {
					status = r.member("name")
				}
			})
		}
	})
	return key, status
}

func (r *reader) linkType() (name, inward, outward string) {
	r.object(func(key []byte) {
		switch string(key) {
		case "name":
			name = r.text()
		case "inward":
			inward = r.text()
		case "outward":
			outward = r.text()
		}
	})
	return name, inward, outward
}

func (r *reader) attachments() []Attachment {
	var list []Attachment
	r.array(func() {
		if a, _ := r.attachment(); a != (Attachment{}) {
			list = append(list, a)
		}
	})
	return list
}
