// Package jiratest is a Jira in memory, Data Center 8 to 11 or Cloud: issues, workflows, permissions, JQL, log-ins, rate limits,
// outgoing webhooks and faults on demand, behind the REST API that a real one has. Tests talk to it over HTTP, people at work are
// played with As, and what came of it all is read back with Issue, Requests and Deliveries.
//
// It writes its JSON by hand and shares no types with any client, so that a mistake in a client's tags shows.
package jiratest

import (
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Options describe a Jira. The zero value is a Jira 10.3 under /jira without a rate limit, whose webhooks keep their order.
type Options struct {
	ContextPath string           // "/jira" by default, on Cloud none, which is "/"
	Version     string           // one of Versions, or any other version number; "10.3" by default
	BaseURL     string           // what links in answers begin with; by default the address where it listens
	Now         func() time.Time // time.Now by default
	Log         *slog.Logger     // nothing is logged by default

	IndexLag  time.Duration // how long a search does not see a change
	RateLimit RateLimit     // none by default

	Webhooks  Sending // OneByOne by default
	QueueSize int     // how many webhooks may wait before further ones are lost; 10,000 by default

	Keep          int  // how many requests and how many deliveries are remembered; 100,000 by default
	DiscardBodies bool // requests and deliveries are remembered without their bodies
}

// A Jira holds everything. Its methods may be called from several goroutines.
type Jira struct {
	options Options
	version profile
	handler http.Handler
	calls   []string // that this version has: "GET /api/2/myself"
	fields  fieldTable
	hooks   outbox
	ledger  ledger
	faults  faults
	serving listener

	mu          sync.Mutex // guards everything below
	base        string
	counters    map[string]int
	users       []*user
	projects    []*project
	boards      []*board
	sprints     []*sprint
	issues      map[int]*issue
	keys        map[string]*issue // former keys of moved issues too
	index       map[int][]indexed
	types       []*issueType
	priorities  []*named
	resolutions []*named
	statuses    []*status
	linkTypes   []*linkType
	roles       []*named
	hookList    []*hook
	notices     []Notice
	mailOff     bool
	buckets     map[string]*bucket
	written     map[int][]time.Time // the last writes to each issue
	logins      logins
	readOnly    bool
}

// New builds a Jira with the issue types, priorities, resolutions and link types that a fresh one has, and without users
// or projects.
func New(o Options) *Jira {
	o = o.withDefaults()
	j := &Jira{
		options:  o,
		version:  profileOf(o.Version),
		counters: map[string]int{},
		issues:   map[int]*issue{},
		keys:     map[string]*issue{},
		index:    map[int][]indexed{},
		buckets:  map[string]*bucket{},
		written:  map[int][]time.Time{},
	}
	j.base = j.options.BaseURL
	if j.base == "" {
		j.base = "http://jira.example.com" + j.prefix()
	}
	j.fields = systemFields()
	j.hooks.setUp(j.options, j.version)
	j.ledger.keep, j.ledger.bodies = j.options.Keep, !j.options.DiscardBodies
	j.addFurniture()
	j.handler = j.routes()
	return j
}

func (o Options) withDefaults() Options {
	if o.Version == "" {
		o.Version = "10.3"
	}
	if o.ContextPath == "" {
		o.ContextPath = profileOf(o.Version).contextPath()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.QueueSize == 0 {
		o.QueueSize = 10_000
	}
	if o.Keep == 0 {
		o.Keep = 100_000
	}
	return o
}

// addFurniture brings what every Jira has after its installation.
func (j *Jira) addFurniture() {
	for _, t := range []issueType{
		{id: "10000", name: "Epic"}, {id: "10001", name: "Story"}, {id: "10002", name: "Task"},
		{id: "10003", name: "Sub-task", subtask: true}, {id: "10004", name: "Bug"},
	} {
		j.types = append(j.types, &t)
	}
	for i, name := range []string{"Highest", "High", "Medium", "Low", "Lowest"} {
		j.priorities = append(j.priorities, &named{id: text(i + 1), name: name, path: "priority"})
	}
	for i, name := range []string{"Done", "Won't Do", "Duplicate", "Cannot Reproduce"} {
		j.resolutions = append(j.resolutions, &named{id: text(10000 + i), name: name, path: "resolution"})
	}
	for _, t := range []linkType{
		{id: 10000, name: "Blocks", inward: "is blocked by", outward: "blocks"},
		{id: 10001, name: "Cloners", inward: "is cloned by", outward: "clones"},
		{id: 10002, name: "Duplicate", inward: "is duplicated by", outward: "duplicates"},
		{id: 10003, name: "Relates", inward: "relates to", outward: "relates to"},
		{id: 10100, name: "jira_subtask_link", inward: "jira_subtask_inward", outward: "jira_subtask_outward", subtask: true},
	} {
		j.linkTypes = append(j.linkTypes, &t)
	}
	for i, name := range []string{"Administrators", "Developers", "Users"} {
		j.roles = append(j.roles, &named{id: text(10000 + i), name: name, path: "role"})
	}
	j.counters["linktype"] = 101
}

// next hands out the IDs of a kind of thing, which begin at 10000 as Jira's do.
func (j *Jira) next(kind string) int {
	id := 10000 + j.counters[kind]
	j.counters[kind]++
	return id
}

func (j *Jira) now() time.Time { return j.options.Now() }

// prefix is the context path as it stands before "/rest".
func (j *Jira) prefix() string {
	if j.options.ContextPath == "/" {
		return ""
	}
	return j.options.ContextPath
}

// Handler serves this Jira, context path and all.
func (j *Jira) Handler() http.Handler { return j.handler }
