package jiratest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault makes some requests go wrong. The first fault that matches a request, in the order in which they were added,
// decides alone.
type Fault struct {
	Match      func(*http.Request) bool // which requests; with Method and PathSuffix all three must agree
	Method     string
	PathSuffix string
	Times      int // how often; 0 is for ever

	Delay       time.Duration // before anything else
	Status      int           // answered instead; 0 leaves Jira's answer, so that a fault may be a mere delay
	Header      http.Header
	Body        string
	Drop        bool // the connection is closed without an answer
	AfterEffect bool // Jira does what was asked first: it is done, and the client does not know
}

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Fault adds a fault.
func (j *Jira) Fault(f Fault) {
	j.faults.mu.Lock()
	defer j.faults.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	j.faults.list = append(j.faults.list, &f)
}

// ClearFaults ends all faults.
func (j *Jira) ClearFaults() {
	j.faults.mu.Lock()
	defer j.faults.mu.Unlock()
	j.faults.list = nil
}

// match asks each fault without holding the lock: a test's Match may wait for another request.
func (f *faults) match(r *http.Request) *Fault {
	f.mu.Lock()
	list := slices.Clone(f.list)
	f.mu.Unlock()
	for _, one := range list {
		if one.matches(r) && f.use(one) {
			return one
		}
	}
	return nil
}

// use takes one of the times that a fault may happen.
func (f *faults) use(one *Fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.Times > 0 {
		one.Times--
		return true
	}
	return one.Times < 0
}

func (f *Fault) matches(r *http.Request) bool {
	return (f.Match == nil || f.Match(r)) &&
		(f.Method == "" || f.Method == r.Method) &&
		strings.HasSuffix(r.URL.Path, f.PathSuffix)
}

func (f *Fault) wait(ctx context.Context) {
	if f == nil || f.Delay <= 0 {
		return
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // the client has gone; what it asked for still happens
	}
}

// instead tells whether Jira never gets to see the request.
func (f *Fault) instead() bool { return f != nil && !f.AfterEffect && (f.Status != 0 || f.Drop) }

func (f *Fault) drop() bool { return f != nil && f.Drop }

// disguise puts the fault's answer in the place of Jira's.
func (f *Fault) disguise(c *call) {
	if f == nil {
		return
	}
	if f.Drop {
		c.status = 0
	} else if f.Status != 0 {
		c.status = f.Status
		c.out.Reset()
		c.out.WriteString(f.Body)
		c.header.Set("Content-Type", "text/html;charset=UTF-8")
		if strings.HasPrefix(f.Body, "{") || strings.HasPrefix(f.Body, "[") {
			c.header.Set("Content-Type", "application/json;charset=UTF-8")
		}
	}
	for name, values := range f.Header {
		c.header[http.CanonicalHeaderKey(name)] = values
	}
}

// hangUp closes the connection under a request.
func hangUp(w http.ResponseWriter) bool {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}
