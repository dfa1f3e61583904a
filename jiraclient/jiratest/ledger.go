package jiratest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is one request that came in. Start and End count all beginnings and ends of requests in one sequence: two
// requests whose spans overlap were under way at once.
type Request struct {
	Start, End int // End is 0 while the request is under way
	Time       time.Time
	User       string // "" for anonymous
	Method     string
	Path       string // below the context path
	Query      string
	Status     int // 0 if the connection was closed without an answer
	Size       int // of the body
	Body       []byte
	Issues     []string // keys of the issues it is about
}

// Write tells whether the request asked to change something.
func (r Request) Write() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.Contains(r.Path, "/api/2/search")
}

// Overlaps tells whether two requests were under way at once.
func (r Request) Overlaps(other Request) bool {
	open := func(x Request) bool { return x.End == 0 }
	return (open(r) || other.Start < r.End) && (open(other) || r.Start < other.End)
}

type ledger struct {
	mu       sync.Mutex
	keep     int
	bodies   bool
	sequence int
	requests []*Request
}

func (l *ledger) begin(c *call, prefix string) *Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sequence++
	r := &Request{
		Start: l.sequence, Time: c.j.now(), Method: c.r.Method, Path: strings.TrimPrefix(c.r.URL.Path, prefix),
		Query: c.r.URL.RawQuery, Size: len(c.raw),
	}
	if l.bodies {
		r.Body = c.raw
	}
	if _, rest, found := strings.Cut(r.Path, "/rest/api/2/issue/"); found {
		if key, _, _ := strings.Cut(rest, "/"); strings.Contains(key, "-") {
			r.Issues = []string{key}
		}
	}
	if l.requests = append(l.requests, r); len(l.requests) > l.keep {
		l.requests = slices.Delete(l.requests, 0, max(1, l.keep/10))
	}
	return r
}

func (l *ledger) end(r *Request, c *call) {
	var keys []string
	if len(c.issues) > 0 {
		c.j.mu.Lock()
		for _, i := range c.issues {
			keys = append(keys, i.key())
		}
		c.j.mu.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sequence++
	r.End, r.Status = l.sequence, c.status
	if c.user != nil {
		r.User = c.user.Name
	}
	if len(keys) > 0 {
		r.Issues = keys
	}
}

// Requests are the requests so far, in the order in which they came in.
func (j *Jira) Requests() []Request {
	j.ledger.mu.Lock()
	defer j.ledger.mu.Unlock()
	out := make([]Request, len(j.ledger.requests))
	for n, r := range j.ledger.requests {
		out[n] = *r
	}
	return out
}

// Writes are the requests that asked to change something.
func (j *Jira) Writes() []Request {
	return slices.DeleteFunc(j.Requests(), func(r Request) bool { return !r.Write() })
}

// OverlappingWrites are the pairs of writes that were under way on one issue at once.
func (j *Jira) OverlappingWrites() [][2]Request {
	var out [][2]Request
	last := map[string][]Request{} // writes of an issue that may still overlap with later ones
	for _, w := range j.Writes() {
		for _, key := range w.Issues {
			last[key] = slices.DeleteFunc(last[key], func(earlier Request) bool { return !earlier.Overlaps(w) })
			for _, earlier := range last[key] {
				out = append(out, [2]Request{earlier, w})
			}
			last[key] = append(last[key], w)
		}
	}
	return out
}

// ForgetRequests empties the record of requests.
func (j *Jira) ForgetRequests() {
	j.ledger.mu.Lock()
	defer j.ledger.mu.Unlock()
	j.ledger.requests = nil
}
