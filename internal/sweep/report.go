package sweep

import "time"

// A Report says what a sweep did.
type Report struct {
	From  time.Time     `json:"from,omitzero"`  // by Jira's clock
	Until time.Time     `json:"until,omitzero"` // likewise
	Ended time.Time     `json:"ended,omitzero"` // by the bot's
	Took  time.Duration `json:"took"`

	Issues    int            `json:"issues"`            // that were read
	Events    int            `json:"events"`            // that rules wait for the like of
	Recovered int            `json:"recovered"`         // of these, those that no webhook had brought
	ByKind    map[string]int `json:"by_kind,omitempty"` // the recovered ones
	DryRun    bool           `json:"dry_run,omitempty"` // nothing was brought, only found

	// Found are the recovered events of a sweep by hand, the first thousand.
	Found []Found `json:"found,omitempty"`
	// Missed counts what was seen to have happened and cannot be recovered; Gaps are the first hundred.
	Missed int   `json:"missed"`
	Gaps   []Gap `json:"gaps,omitempty"`
}

// A Found event is one that no webhook had brought.
type Found struct {
	Issue    string    `json:"issue"`
	Kind     string    `json:"kind"`
	Identity string    `json:"identity"`
	Time     time.Time `json:"time"`
	Delivery string    `json:"delivery,omitempty"` // none in a dry run
}

// A Gap is something that happened and left too little to be recovered.
type Gap struct {
	Issue string    `json:"issue"`
	Time  time.Time `json:"time"`
	What  string    `json:"what"`
}

const (
	maxFound = 1000
	maxGaps  = 100
)

func (r *Report) recovered(f Found, listed bool) {
	r.Recovered++
	if r.ByKind == nil {
		r.ByKind = map[string]int{}
	}
	r.ByKind[f.Kind]++
	if listed && len(r.Found) < maxFound {
		r.Found = append(r.Found, f)
	}
}

func (r *Report) missed(g Gap) {
	r.Missed++
	if len(r.Gaps) < maxGaps {
		r.Gaps = append(r.Gaps, g)
	}
}
