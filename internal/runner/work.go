package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Work is what a dead letter keeps of the run that was given up, so that redriving it does what was not done, and only
// that. Its JSON is on disks.
type Work struct {
	Version int    `json:"version"`
	Record  Record `json:"record"`

	// What the run saw, and how its choices were decided.
	Issue   json.RawMessage `json:"issue,omitempty"`
	Started time.Time       `json:"started,omitzero"`
	Choices map[string]bool `json:"choices,omitempty"`
	// Steps are those that were done, and those of which that is not known.
	Steps []earlier `json:"steps,omitempty"`
}

// An earlier is what became of a step before the run was given up. The rule may have been changed since, so that the step
// has another place now or none: then it is known by what it does.
type earlier struct {
	Path     string      `json:"path"`
	Revision string      `json:"revision"`
	Action   string      `json:"action"`
	Sentence string      `json:"sentence"`
	Mark     string      `json:"mark,omitempty"` // of a step that was tried
	Saw      string      `json:"saw,omitempty"`
	Done     *StepRecord `json:"done,omitempty"`

	found string // the path of the step that it was found to be
}

const workVersion = 1

// ReadWork reads what a dead letter keeps; the zero Work where it keeps nothing.
func ReadWork(data []byte) (Work, error) {
	var w Work
	if len(data) == 0 {
		return w, nil
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return w, fmt.Errorf("read what was done before: %w", err)
	}
	if w.Version > workVersion {
		return w, fmt.Errorf("what was done before is of format %d, from a newer bot; this one reads up to %d", w.Version, workVersion)
	}
	return w, nil
}

// begun tells whether something was done, or may have been: then the run goes on. Otherwise it begins anew.
func (w *Work) begun() bool { return len(w.Steps) > 0 }

// find is what became of a step, by its place if the rule is the same, and otherwise by what it does.
func (w *Work) find(revision, path, action, sentence string) *earlier {
	for i := range w.Steps {
		if e := &w.Steps[i]; e.found == "" && e.Revision == revision && e.Path == path {
			e.found = path
			return e
		}
	}
	for i := range w.Steps {
		if e := &w.Steps[i]; e.found == "" && e.Revision != revision && e.Action == action && e.Sentence == sentence {
			e.found = path
			return e
		}
	}
	return nil
}

// workOf is what is to be kept of a run: what its record and its notes say, and what it had been given itself and did not
// come to.
func workOf(rec Record, p *progress, before *Work) Work {
	w := Work{Version: workVersion, Record: rec, Issue: p.issue, Started: p.started, Choices: p.choices}
	if !p.begun {
		w.Issue, w.Started, w.Choices = before.Issue, before.Started, before.Choices
	}
	done := map[string]bool{}
	for _, st := range rec.Steps {
		if st.Outcome == Done || st.Outcome == AlreadySo {
			done[st.Path] = true
			w.Steps = append(w.Steps, earlier{Path: st.Path, Revision: rec.Revision, Action: st.Action, Sentence: st.Sentence, Done: &st})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(p.intents)) {
		in := p.intents[path]
		if done[path] {
			continue
		}
		if in.Mark == "" { // of an older bot
			in.Mark = mark(rec.ID, path)
		}
		w.Steps = append(w.Steps, earlier{Path: path, Revision: rec.Revision, Action: in.Action, Sentence: in.Sentence, Mark: in.Mark, Saw: in.Saw})
	}
	for _, e := range before.Steps {
		tried := slices.ContainsFunc(w.Steps, func(now earlier) bool { return now.Mark != "" && now.Mark == e.Mark })
		if !tried && !done[e.found] {
			e.found = ""
			w.Steps = append(w.Steps, e)
		}
	}
	if len(w.Steps) == 0 { // it will begin anew
		w.Issue, w.Choices = nil, nil
	}
	return w
}
