package jiratest

import (
	"fmt"
	"strings"
	"time"
)

// A kind is what one value of a field is. A field with several values has a list of them.
type kind int

const (
	other kind = iota
	line
	paragraph
	number
	date
	moment
	label
	option
	cascading
	person
	epicLink
	sprintRef
	rankOrder
	priority
	resolution
	componentRef
	versionRef
	typeOfIssue
	projectRef
	issueRef
	timeTracking
	commentField
	linkField
	worklogField
	statusRef
	watches
	votes
	progress
	securityLevel
)

// A choice is the value of a cascading select.
type choice struct{ parent, child *named }

func (k kind) name() string {
	switch k {
	case number:
		return "number"
	case date:
		return "date"
	case moment:
		return "datetime"
	case option:
		return "option"
	case cascading:
		return "option-with-child"
	case person:
		return "user"
	case epicLink, rankOrder:
		return "any"
	case priority:
		return "priority"
	case resolution:
		return "resolution"
	case componentRef:
		return "component"
	case versionRef:
		return "version"
	case typeOfIssue:
		return "issuetype"
	case projectRef:
		return "project"
	case issueRef:
		return "issuelink"
	case timeTracking:
		return "timetracking"
	case commentField:
		return "comments-page"
	case linkField:
		return "issuelinks"
	case worklogField:
		return "worklog"
	case statusRef:
		return "status"
	case watches:
		return "watches"
	case votes:
		return "votes"
	case progress:
		return "progress"
	case securityLevel:
		return "securitylevel"
	}
	return "string"
}

// customKind translates the type of a Field.
func customKind(name string) (k kind, list bool) {
	switch name {
	case "number":
		return number, false
	case "date":
		return date, false
	case "datetime":
		return moment, false
	case "select":
		return option, false
	case "multiselect":
		return option, true
	case "cascading":
		return cascading, false
	case "user":
		return person, false
	case "multiuser":
		return person, true
	case "labels":
		return label, true
	case "epiclink":
		return epicLink, false
	case "sprint":
		return sprintRef, true
	case "rank":
		return rankOrder, false
	case "textarea":
		return paragraph, false
	}
	return line, false
}

// parse reads one value of a field as a request writes it; null is nil. Texts are Jira's.
func (j *Jira) parse(f *field, i *issue, raw any) (any, error) {
	if raw == nil {
		return nil, nil
	}
	s, isText := raw.(string)
	switch f.kind {
	case line, paragraph, label, date, moment, epicLink:
		if !isText {
			return nil, problemText("Operation value must be a string")
		}
		return j.parseText(f, s)
	case number:
		n, ok := raw.(float64)
		if !ok {
			return nil, problemText("Operation value must be a number")
		}
		return n, nil
	}
	if _, ok := raw.(map[string]any); !ok {
		return nil, problemText("data was not an object")
	}
	return j.parseObject(f, i, raw)
}

// problemText is an error in Jira's own words, capital letter and all.
func problemText(format string, args ...any) error {
	return &problem{status: 400, messages: []string{fmt.Sprintf(format, args...)}}
}

func (j *Jira) parseText(f *field, s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	switch f.kind {
	case line:
		if len([]rune(s)) > 255 {
			return nil, problemText("%s must be less than 255 characters.", f.name)
		}
		if strings.ContainsAny(s, "\r\n") {
			return nil, problemText("The %s is invalid because it contains newline characters.", strings.ToLower(f.name))
		}
	case paragraph:
		if len([]rune(s)) > maxText {
			return nil, problemText(tooLong)
		}
	case label:
		if strings.ContainsAny(s, " \t\n") {
			return nil, problemText("The label '%s' contains spaces which is invalid.", s)
		}
	case date:
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return nil, problemText("Error parsing date string: %s", s)
		}
	case moment:
		t, ok := parseTime(s)
		if !ok {
			return nil, problemText("Error parsing time: %s", s)
		}
		return t, nil
	case epicLink:
		epic := j.keys[s]
		if epic == nil {
			return nil, problemText("Issue '%s' does not exist.", s)
		}
		return epic, nil
	}
	return s, nil
}
