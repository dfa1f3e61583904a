package event

import "time"

// A Source is the way on which a delivery came in.
type Source string

const (
	Webhook Source = "webhook" // Jira posted it
	Tick    Source = "tick"    // a schedule fired; Body is a TickBody
	Item    Source = "item"    // one issue of a tick's JQL; Body is an ItemBody
	Hook    Source = "hook"    // a caller posted it to /hooks/NAME
	Manual  Source = "manual"  // somebody asked for a rule to run; Body is a ManualBody
	Failed  Source = "failed"  // a rule's run failed; Body is a FailureBody
)

// A Delivery is what arrived, byte for byte, together with the little that has to be known before it is stored.
// Only deliveries are stored; what one means is found by Decode, each time anew.
type Delivery struct {
	Source   Source
	Body     []byte
	Received time.Time

	// UserKey and UserID are what Jira appends to the webhook's address. They name the actor where the body names
	// none. They are no authentication.
	UserKey string
	UserID  string

	// Name is the hook's name for a Hook, empty otherwise.
	Name string

	// Key is what the caller of a Hook gave to make his call repeatable: two calls with one key are one event.
	Key string

	// Recovered is set when a sweep found the event and no webhook brought it.
	Recovered bool

	// Depth counts how many runs of rules lie between this delivery and something a person did.
	Depth int

	// Cause is the run that made this delivery, where one did: a tick's items name the tick's run.
	Cause string

	// Only is set where a delivery that was there before is handed on, for one rule alone.
	Only Only

	// Known is what whoever accepted the delivery has found out about it. It lives in memory only, and says nothing that
	// could not be found out again.
	Known any
}

// Only says for which rule a delivery is handed on, and why. Its JSON is on disks.
type Only struct {
	// Rule is empty where a whole delivery had been given up: then it is for every rule that wants it.
	Rule string `json:"rule,omitempty"`
	// Queue names the queue in which runs of the rule are done one at a time, across issues.
	Queue string `json:"queue,omitempty"`
	// Letter is the dead letter from which the delivery was redriven.
	Letter string `json:"letter,omitempty"`
	// First is the delivery as it had arrived, before it was handed on for the first time.
	First string `json:"first,omitempty"`
	// At is when it was handed on.
	At time.Time `json:"at,omitzero"`
}

// A TickBody says which schedule fired, for which moment. Trigger is the position of the trigger in the rule's list.
type TickBody struct {
	Rule    string    `json:"rule"`
	Trigger int       `json:"trigger"`
	Planned time.Time `json:"planned"`
	// Schedule tells the trigger apart from others that may have its position when the tick is worked on.
	Schedule string `json:"schedule,omitempty"`
}

// An ItemBody is one issue that a tick's JQL found.
type ItemBody struct {
	Rule     string    `json:"rule"`
	Trigger  int       `json:"trigger"`
	Planned  time.Time `json:"planned"`
	Schedule string    `json:"schedule,omitempty"`
	Issue    struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	} `json:"issue"`
}

// A ManualBody is a person's or a script's wish that a rule should run, on an issue or on none. ID makes the wish
// repeatable: two with one ID are one event.
type ManualBody struct {
	Rule  string `json:"rule"`
	Issue struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	} `json:"issue"`
	Inputs    map[string]any `json:"inputs"`
	Requested time.Time      `json:"requested"`
	ID        string         `json:"id"`
}

// A FailureBody says which run of which rule failed, so that other rules can react to it.
type FailureBody struct {
	Rule    string `json:"rule"`
	Run     string `json:"run"`
	Letter  string `json:"letter"`
	Outcome string `json:"outcome"` // failed or denied
	Error   string `json:"error"`
	Step    string `json:"step,omitempty"` // the path of the step; empty where no step failed
	Kind    string `json:"kind"`           // of the event that the rule ran on
	Issue   struct {
		ID  string `json:"id,omitempty"`
		Key string `json:"key,omitempty"`
	} `json:"issue"`
	Delivery string    `json:"delivery"` // on which the rule ran
	Time     time.Time `json:"time"`
}
