//go:build !chaos

// Package hardship is what a machine can do to the bot that runs on it, and that nobody can do to a program from outside: a disk
// that is slow to sync, a clock that somebody sets, and a machine that is started anew. A bot that is built with the tag chaos is
// told of it by a file; in every other there is none of it, and its functions do nothing.
package hardship

import "time"

// Now is the time.
func Now() time.Time { return time.Now() }

// Sync is called before a file is synced.
func Sync() {}

// Boot is which start of the machine it is, by what it says of itself.
func Boot(id string) string { return id }
