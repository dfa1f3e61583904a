package journal

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrClosed is the answer of a journal that was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrFull is what a *Full is: errors.Is(err, ErrFull).
	ErrFull = errors.New("the inbox is full")
	// ErrNotFound is the answer for an ID or key that the journal does not hold, or no longer.
	ErrNotFound = errors.New("not in the journal")
	// ErrTooLarge is the answer for a record beyond what the journal can store.
	ErrTooLarge = errors.New("too large for the journal")
)

// Full tells that a delivery was refused because too much waits. It says when to try again.
type Full struct {
	Why  string
	wait time.Duration
}

func (f *Full) Error() string { return fmt.Sprintf("%v: %s", ErrFull, f.Why) }

// Unwrap makes a *Full an ErrFull.
func (f *Full) Unwrap() error { return ErrFull }

// RetryAfter is how long the sender should wait.
func (f *Full) RetryAfter() time.Duration { return f.wait }

// Unwell tells that the journal cannot store at the moment: the disk is full or fails. Nothing that met it counts as
// stored. The journal tries by itself until it is well again.
type Unwell struct {
	Since time.Time
	Err   error

	files []string // that could not be synced
	wait  time.Duration
}

func (u *Unwell) Error() string {
	return fmt.Sprintf("the journal cannot store since %s: %v", u.Since.Format(time.RFC3339), u.Err)
}

func (u *Unwell) Unwrap() error { return u.Err }

// RetryAfter is how long the sender should wait.
func (u *Unwell) RetryAfter() time.Duration { return max(u.wait, fullWait/2) }
