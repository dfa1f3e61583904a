package event

import "strings"

// lane names what must stay in order: the issue, or else the project, sprint, board or user.
func (e *Event) lane() string {
	if issue := e.Issue.ref(); issue != "" {
		return issue
	}
	noun, _, _ := strings.Cut(e.Kind, "_")
	switch {
	case e.Version.ProjectID != "":
		return "project:" + e.Version.ProjectID
	case e.Version.ID != "":
		return "version:" + e.Version.ID
	case e.Project.ref() != "":
		return "project:" + e.Project.ref()
	case e.Sprint.ID != "":
		return "sprint:" + e.Sprint.ID
	case e.Board.ID != "":
		return "board:" + e.Board.ID
	case e.User.ID() != "":
		return "user:" + e.User.ID()
	case e.entity() != "":
		return noun + ":" + e.entity()
	case e.Comment.ID != "":
		return "comment:" + e.Comment.ID
	}
	return e.Kind
}

func (p Project) ref() string {
	if p.ID != "" {
		return p.ID
	}
	return p.Key
}

func (e *Event) aboutUser() bool { return strings.HasPrefix(e.Kind, "user_") }
