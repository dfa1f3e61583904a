package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"jirabot/internal/record"
	"jirabot/internal/uptime"
)

// What is written about a run is known to whoever reads it, without the runner: package record. Here it is used on every page.
type (
	// Record is one run.
	Record = record.Run
	// StepRecord is one step of a run.
	StepRecord = record.Step
	// Outcome is how a run or a step ended.
	Outcome = record.Outcome
)

// The outcomes, as package record explains them.
const (
	Done      = record.Done
	AlreadySo = record.AlreadySo
	Skipped   = record.Skipped
	Denied    = record.Denied
	Failed    = record.Failed
	Overtaken = record.Overtaken
)

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

	Intent   string      `json:"intent,omitempty"` // path of a step that is about to create something
	Intended *intent     `json:"intended,omitempty"`
	Unsent   string      `json:"unsent,omitempty"` // path of a step whose intent is known to have had no effect
	Step     *StepRecord `json:"step,omitempty"`   // a step that is finished
	Failure  *failure    `json:"failure,omitempty"`
	End      *Record     `json:"end,omitempty"` // the run is finished

	// Of a run that is handed on: to which queue, since when that is tried, and that it is done.
	Queue  string    `json:"queue,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Handed bool      `json:"handed,omitempty"`

	// Of a tick's expansion.
	Collected bool    `json:"collected,omitempty"`
	Found     []found `json:"found,omitempty"`
	Emitted   int     `json:"emitted,omitempty"`
}

// An intent is what is known of a step before its first try.
type intent struct {
	Action   string    `json:"action"`
	Sentence string    `json:"sentence"`
	Mark     string    `json:"mark"`
	Saw      string    `json:"saw,omitempty"` // what it saw in Jira: actions.Looker
	At       time.Time `json:"at,omitzero"`   // when it was noted

	Up uptime.Reading `json:"up,omitzero"` // the same, by a clock that nobody sets
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
	intents  map[string]intent
	steps    map[string]StepRecord
	failures map[string][]string
	end      *Record
	queue    string
	trying   time.Time // to hand the run on
	handed   bool
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
			p = newProgress()
			runs[n.Run] = p
		}
		p.take(n)
	}
	return runs, exp, nil
}

func newProgress() *progress {
	return &progress{choices: map[string]bool{}, intents: map[string]intent{}, steps: map[string]StepRecord{}, failures: map[string][]string{}}
}

func (p *progress) take(n note) {
	if n.Started != nil {
		p.begun, p.rule, p.revision, p.issue, p.started = true, n.Rule, n.Revision, n.Issue, *n.Started
	}
	maps.Copy(p.choices, n.Choices)
	if n.Intent != "" {
		p.intents[n.Intent] = intent{}
		if n.Intended != nil {
			p.intents[n.Intent] = *n.Intended
		}
	}
	delete(p.intents, n.Unsent)
	if n.Step != nil {
		p.steps[n.Step.Path] = *n.Step
	}
	if n.Failure != nil {
		p.failures[n.Failure.Path] = append(p.failures[n.Failure.Path], n.Failure.Error)
	}
	if n.End != nil {
		p.end = n.End
	}
	if n.Queue != "" {
		p.queue, p.trying = n.Queue, n.At
	}
	p.handed = p.handed || n.Handed
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
