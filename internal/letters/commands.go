package letters

import "jirabot/internal/control"

// The commands by which a running bot is asked for its letters.
const (
	ListCommand    = "dead/list"
	ShowCommand    = "dead/show"
	ClosedCommand  = "dead/closed"
	RedriveCommand = "dead/redrive"
	DiscardCommand = "dead/discard"
)

// Answer has a desk answer commands.
func (d *Desk) Answer(s *control.Server) {
	control.Handle(s, ListCommand, d.List)
	control.Handle(s, ShowCommand, d.Show)
	control.Handle(s, RedriveCommand, d.Redrive)
	control.Handle(s, DiscardCommand, d.Discard)
	control.Handle(s, ClosedCommand, d.Closed)
}
