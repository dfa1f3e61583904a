package event

import "fmt"

// Unreadable is the error for a body that is not the JSON it must be. It never quotes the body, which may hold what
// must not stand in a log.
type Unreadable struct {
	Pos    int    // the byte at which reading ended, counted from 0
	Reason string // what is wrong there, or what would be right
}

func (u *Unreadable) Error() string {
	if u.Reason == emptyBody {
		return u.Reason
	}
	return fmt.Sprintf("body is not readable at byte %d: %s", u.Pos, u.Reason)
}

// emptyBody names the one cause that an empty body has in practice; "unexpected end" would help nobody.
const emptyBody = `body is empty: the webhook's registration has "exclude body" switched on; switch it off, the event is in the body`
