package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
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

// A Record is one run: one rule on one event. It is what history, console and command line show.
type Record struct {
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
	Why    string       `json:"why,omitempty"`
	Reason string       `json:"reason,omitempty"`
	Steps  []StepRecord `json:"steps,omitempty"`
}

// A StepRecord is one step of a run.
type StepRecord struct {
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
	Version int      `json:"version"`
	Runs    []Record `json:"runs"`
}

// finalVersion is the format that is written. Whoever reads accepts this one and all before it.
const finalVersion = 1

// ReadFinal reads what the journal kept.
func ReadFinal(data []byte) (Final, error) {
	var f Final
	if len(data) == 0 { // too large to be kept
		return f, nil
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fmt.Errorf("run record: %w", err)
	}
	if f.Version > finalVersion {
		return f, fmt.Errorf("run record of format %d was written by a newer bot; this one reads up to %d", f.Version, finalVersion)
	}
	return f, nil
}

// A note is what is written down while a delivery is worked on, so that another attempt, after a crash or not, goes on
// where this one stopped.
type note struct {
	Run string `json:"run"`
	// The first note of a run also says what the run saw, so that it is not decided anew on an issue which the run has
	// changed itself.
	Rule     string          `json:"rule,omitempty"`
	Revision string          `json:"revision,omitempty"`
	Issue    json.RawMessage `json:"issue,omitempty"`
	Started  *time.Time      `json:"started,omitempty"`

	// Choices are what the run's choices decided since the last note, by path: on another attempt they are not decided
	// anew, since the run's own steps may have changed what they look at.
	Choices map[string]bool `json:"choices,omitempty"`

	Intent  string      `json:"intent,omitempty"` // path of a step that is about to create something
	At      *time.Time  `json:"at,omitempty"`     // when the intent was
	Step    *StepRecord `json:"step,omitempty"`   // a step that is finished
	Failure *failure    `json:"failure,omitempty"`
	End     *Record     `json:"end,omitempty"` // the run is finished

	// Of a tick's expansion.
	Collected bool    `json:"collected,omitempty"`
	Found     []found `json:"found,omitempty"`
	Emitted   int     `json:"emitted,omitempty"`
}

// A failure is an attempt at a step that is worth another.
type failure struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// progress is what the notes say about one run.
type progress struct {
	begun    bool
	rule     string
	revision string
	issue    json.RawMessage
	started  time.Time
	choices  map[string]bool
	intents  map[string]time.Time // when a step was last about to create something and may have
	steps    map[string]StepRecord
	failures map[string][]string
	end      *Record
}

func readNotes(notes [][]byte) (map[string]*progress, *expansion, error) {
	runs := map[string]*progress{}
	exp := &expansion{}
	for _, data := range notes {
		var n note
		if err := json.Unmarshal(data, &n); err != nil {
			return nil, nil, fmt.Errorf("read a note of an earlier attempt: %w", err)
		}
		if n.Run == "" {
			exp.take(n)
			continue
		}
		p := runs[n.Run]
		if p == nil {
			p = &progress{choices: map[string]bool{}, intents: map[string]time.Time{}, steps: map[string]StepRecord{}, failures: map[string][]string{}}
			runs[n.Run] = p
		}
		p.take(n)
	}
	return runs, exp, nil
}

func (p *progress) take(n note) {
	if n.Started != nil {
		p.begun, p.rule, p.revision, p.issue, p.started = true, n.Rule, n.Revision, n.Issue, *n.Started
	}
	maps.Copy(p.choices, n.Choices)
	if n.Intent != "" {
		p.intents[n.Intent] = time.Time{} // long ago, where no time was noted
		if n.At != nil {
			p.intents[n.Intent] = *n.At
		}
	}
	if n.Step != nil {
		p.steps[n.Step.Path] = *n.Step
	}
	if n.Failure != nil {
		p.failures[n.Failure.Path] = append(p.failures[n.Failure.Path], n.Failure.Error)
	}
	if n.End != nil {
		p.end = n.End
	}
}

// runID is the same whenever the same rule meets the same event.
func runID(claim string) string { return digest("run", claim) }

// mark is the same on every try of one step of one run.
func mark(run, path string) string { return digest("mark", run, path) }

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}
