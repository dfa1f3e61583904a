// Package record is what is written about a run when it is finished: the form in which the runner leaves it in the journal,
// and in which history, console and command line show it. Its JSON names are on disks: they never change their meaning.
package record

import (
	"encoding/json"
	"fmt"
	"time"
)

// An Outcome is how a run or a step ended.
type Outcome string

// The outcomes. The first two are a step's as well as a run's.
const (
	Done      Outcome = "done"
	AlreadySo Outcome = "already so" // nothing was left to do
	Skipped   Outcome = "skipped"    // not done on purpose: shadow mode, or an earlier step failed
	Denied    Outcome = "denied"     // the bot user may not
	Failed    Outcome = "failed"
	Overtaken Outcome = "overtaken" // the condition held for the event and no longer holds for the issue as it is now
)

// Outcomes are all there are.
var Outcomes = []Outcome{Done, AlreadySo, Skipped, Denied, Failed, Overtaken}

// Bad tells whether a run that ended so is given up.
func (o Outcome) Bad() bool { return o == Failed || o == Denied }

// A Run is one rule on one event.
type Run struct {
	ID        string    `json:"id"`
	Rule      string    `json:"rule"`
	Revision  string    `json:"revision"`
	Mode      string    `json:"mode"`
	Delivery  string    `json:"delivery"`
	Identity  string    `json:"identity"`
	Kind      string    `json:"kind"`
	Issue     string    `json:"issue,omitempty"`
	Actor     string    `json:"actor,omitempty"`
	Recovered bool      `json:"recovered,omitempty"`
	Depth     int       `json:"depth,omitempty"`
	Started   time.Time `json:"started"`
	Finished  time.Time `json:"finished"`
	Attempts  int       `json:"attempts"`
	Outcome   Outcome   `json:"outcome"`
	// Why is what fired and what the condition saw.
	Why    string `json:"why,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Of a run that was given up: its dead letter, and in one word why.
	Letter string `json:"letter,omitempty"`
	Class  string `json:"class,omitempty"`
	// Redriven is the dead letter from which the run goes on.
	Redriven string `json:"redriven,omitempty"`
	Steps    []Step `json:"steps,omitempty"`
}

// A Step is one step of a run.
type Step struct {
	Path     string  `json:"path"`
	Line     int     `json:"line,omitempty"`
	Action   string  `json:"action,omitempty"`
	Sentence string  `json:"sentence,omitempty"`
	Outcome  Outcome `json:"outcome"`
	Error    string  `json:"error,omitempty"`
	// Failures are the attempts before, that were worth another try.
	Failures []string `json:"failures,omitempty"`
}

// A Final is what the journal keeps when a delivery is closed. Version counts the format.
type Final struct {
	Version int   `json:"version"`
	Runs    []Run `json:"runs"`
}

// Version is the format that is written. Whoever reads accepts this one and all before it.
const Version = 1

// Read reads what the journal kept.
func Read(data []byte) (Final, error) {
	var f Final
	err := read(data, &f, &f.Version)
	return f, err
}

// ReadRaw is Read, and leaves each run as it was written.
func ReadRaw(data []byte) ([]json.RawMessage, error) {
	var f struct {
		Version int               `json:"version"`
		Runs    []json.RawMessage `json:"runs"`
	}
	err := read(data, &f, &f.Version)
	return f.Runs, err
}

func read(data []byte, into any, version *int) error {
	if len(data) == 0 { // too large to be kept
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("run record: %w", err)
	}
	if *version > Version {
		return fmt.Errorf("run record of format %d was written by a newer bot; this one reads up to %d", *version, Version)
	}
	return nil
}
