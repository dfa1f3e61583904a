// Package event says what arrived and what it means. A Delivery holds the bytes, Decode turns them into an Event: what
// happened (its kind), who did it, to which issue, and what changed.
//
// The package imports nothing of ours and knows neither HTTP nor storage.
package event

import (
	"encoding/json"
	"time"
)

// An Event is what a delivery means. Everything in it is a value: what a delivery does not say is the zero value, so
// that a rule may write issue.assignee.name without asking first whether there is an assignee.
type Event struct {
	// Kind is Jira's webhookEvent without its "jira:" prefix ("issue_updated", "comment_created"), or "schedule",
	// "hook", "manual", "failed". Unknown names are kept as they came.
	Kind string
	// Name is Jira's webhookEvent as it came, prefix and all.
	Name string
	// Type is Jira's issue_event_type_name, where there is one.
	Type string
	// Time is when it happened, by Jira's clock; the time of arrival where the body does not say.
	Time time.Time
	// Timed tells whether the body said when it happened.
	Timed bool

	// Identity is the same for two deliveries of the same event. CommentIdentity is the identity of the comment that an
	// issue update carries beside its changes: Data Center sends that comment a second time on its own, and for a rule
	// that waits for comments the two are one event. For a comment alone the two are equal; without a comment it is "".
	Identity        string
	CommentIdentity string
	// Lane is what must stay in order: the issue's ID where there is an issue.
	Lane string

	Source  Source
	Actor   User
	Issue   Issue
	Changes []Change

	Comment    Comment
	Worklog    Worklog
	Link       Link
	Attachment Attachment
	Property   Property
	Version    Version
	Merged     Version // what Version was merged into
	Project    Project // of a project event; of the issue otherwise
	Sprint     Sprint
	OldSprint  Sprint // before a sprint_updated
	Board      Board
	User       User // whom a user event is about

	Rule    string    // of a schedule or a manual run: the rule meant
	Trigger int       // of a schedule: the position of the trigger in the rule's list
	Planned time.Time // of a schedule: the moment it was due
	// Schedule is the trigger's own sign, which stays when its position changes; empty in ticks of older bots.
	Schedule string
	Hook     string         // the hook's name
	Inputs   map[string]any // of a manual run
	Failure  Failure        // of a failed run

	Recovered bool
	Depth     int

	// Raw is the body as it came.
	Raw []byte
}

// A User is a person or a bot. Data Center knows people by Name and Key, Cloud by AccountID.
type User struct {
	Name        string `expr:"name"`
	Key         string `expr:"key"`
	AccountID   string `expr:"accountId"`
	Email       string `expr:"email"`
	DisplayName string `expr:"displayName"`
	Active      bool   `expr:"active"`
	TimeZone    string `expr:"timeZone"`
}

// ID is what a rule can compare people by, whatever the deployment: the account ID on Cloud, the name on Data Center.
func (u User) ID() string {
	switch {
	case u.AccountID != "":
		return u.AccountID
	case u.Name != "":
		return u.Name
	}
	return u.Key
}

// Is tells whether two descriptions, each perhaps with holes, are of one person. Nobody is nobody, not even himself.
func (u User) Is(other User) bool {
	same := func(a, b string) bool { return a != "" && a == b }
	return same(u.AccountID, other.AccountID) || same(u.Key, other.Key) || same(u.Name, other.Name)
}

// An Issue is an issue as far as a delivery or an answer of Jira describes it.
type Issue struct {
	ID          string    `expr:"id"`
	Key         string    `expr:"key"`
	Type        string    `expr:"type"`
	Subtask     bool      `expr:"isSubtask"` // its type is a sub-task type
	Status      string    `expr:"status"`
	Category    string    `expr:"statusCategory"` // key of the status category: new, indeterminate, done
	Summary     string    `expr:"summary"`
	Description string    `expr:"description"`
	Environment string    `expr:"environment"`
	Priority    string    `expr:"priority"`
	Resolution  string    `expr:"resolution"`
	Security    string    `expr:"security"` // the security level
	Assignee    User      `expr:"assignee"`
	Reporter    User      `expr:"reporter"`
	Creator     User      `expr:"creator"`
	Labels      []string  `expr:"labels"`
	Components  []string  `expr:"components"`
	FixVersions []string  `expr:"fixVersions"`
	Versions    []string  `expr:"affectsVersions"`
	Project     Project   `expr:"project"`
	Parent      string    `expr:"parent"`   // the parent's key
	Subtasks    []string  `expr:"subtasks"` // their keys
	Created     time.Time `expr:"created"`
	Updated     time.Time `expr:"updated"`
	Resolved    time.Time `expr:"resolved"`
	Due         string    `expr:"due"` // 2006-01-02

	Links       []IssueLink  `expr:"links"`
	Attachments []Attachment `expr:"attachments"`

	// Fields is the issue's "fields" object as it came: custom fields are looked up in it by ID. Empty where the
	// delivery named an issue without describing it.
	Fields json.RawMessage `expr:"-"`
	// Short is set when the delivery described the issue with only some of its fields (Cloud's comment events), or
	// with none: an absent field then means "not said" rather than "empty".
	Short bool `expr:"-"`
}

// An IssueLink is one end of a link as the issue at the other end shows it.
type IssueLink struct {
	ID       string `expr:"id"`
	Type     string `expr:"type"`     // "Blocks"
	Relation string `expr:"relation"` // as read from this issue: "blocks", "is blocked by"
	Key      string `expr:"key"`      // the other issue
	Status   string `expr:"status"`   // the other issue's
	Outward  bool   `expr:"outward"`  // this issue is the source: it "blocks" the other
}

// A Change is one item of a changelog.
type Change struct {
	Field   string   `expr:"field"`   // the display name, as it came
	FieldID string   `expr:"fieldId"` // often missing on Data Center
	Custom  bool     `expr:"custom"`
	From    string   `expr:"from"` // what people read: Jira's fromString
	To      string   `expr:"to"`
	FromID  string   `expr:"fromId"`
	ToID    string   `expr:"toId"`
	Added   []string `expr:"added"` // for fields with several values: what came and what went
	Removed []string `expr:"removed"`
}

// A Project is the part of a project that events carry.
type Project struct {
	ID   string `expr:"id"`
	Key  string `expr:"key"`
	Name string `expr:"name"`
	Type string `expr:"type"`
	Lead User   `expr:"lead"`
}

// A Comment is one comment. Edited tells apart the author's first words from later ones.
type Comment struct {
	ID         string     `expr:"id"`
	Body       string     `expr:"body"`
	Author     User       `expr:"author"`
	Editor     User       `expr:"editor"` // Jira's updateAuthor
	Created    time.Time  `expr:"created"`
	Updated    time.Time  `expr:"updated"`
	Visibility Visibility `expr:"visibility"`
	Internal   bool       `expr:"internal"` // Service Management's jsdPublic: false
}

// Visibility restricts who may read a comment or worklog; zero is everybody.
type Visibility struct {
	Type  string `expr:"type"` // role or group
	Value string `expr:"value"`
}

// A Worklog is time that somebody logged.
type Worklog struct {
	ID      string    `expr:"id"`
	IssueID string    `expr:"issueId"`
	Author  User      `expr:"author"`
	Editor  User      `expr:"editor"`
	Comment string    `expr:"comment"`
	Spent   string    `expr:"spent"` // "3h 20m"
	Seconds int       `expr:"seconds"`
	Started time.Time `expr:"started"`
	Created time.Time `expr:"created"`
	Updated time.Time `expr:"updated"`
}

// A Link is what an issuelink event carries: numbers, no keys.
type Link struct {
	ID            string `expr:"id"`
	Type          string `expr:"type"`
	Inward        string `expr:"inward"`
	Outward       string `expr:"outward"`
	SourceID      string `expr:"sourceId"`
	DestinationID string `expr:"destinationId"`
	System        bool   `expr:"system"` // made by Jira itself, such as a sub-task's
}

// An Attachment is a file at an issue.
type Attachment struct {
	ID       string    `expr:"id"`
	Name     string    `expr:"name"`
	Author   User      `expr:"author"`
	Size     int64     `expr:"size"`
	MimeType string    `expr:"mimeType"`
	Content  string    `expr:"content"` // its address
	Created  time.Time `expr:"created"`
}

// A Property is an entity property that was set or deleted.
type Property struct {
	Key string `expr:"key"`
}

// A Version is a release of a project.
type Version struct {
	ID          string `expr:"id"`
	Name        string `expr:"name"`
	Description string `expr:"description"`
	ProjectID   string `expr:"projectId"`
	Released    bool   `expr:"released"`
	Archived    bool   `expr:"archived"`
	Overdue     bool   `expr:"overdue"`
	StartDate   string `expr:"startDate"`
	ReleaseDate string `expr:"releaseDate"`
}

// A Sprint is a sprint of a board.
type Sprint struct {
	ID        string `expr:"id"`
	Name      string `expr:"name"`
	State     string `expr:"state"`
	Goal      string `expr:"goal"`
	BoardID   string `expr:"boardId"`
	Start     string `expr:"start"`
	End       string `expr:"end"`
	Completed string `expr:"completed"`
}

// A Board is a Jira Software board.
type Board struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
	Type string `expr:"type"`
}
