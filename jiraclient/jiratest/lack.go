package jiratest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// An Absence is how a server says that it does not have a call.
type Absence int

const (
	// NotFound is Jira's own 404, as JSON.
	NotFound Absence = iota
	// NotFoundPage is the 404 of a web server.
	NotFoundPage
	// NotAllowed is 405, of a server that knows the address and not the method.
	NotAllowed
	// SomePage is a web page with status 200: a proxy answers in the place of what it does not let through.
	SomePage
	// NotForYou is 401 for whatever nobody thought of.
	NotForYou
	// Blocked is 403, of a proxy that lets little through.
	Blocked
	// Nothing is an empty object with status 200.
	Nothing
)

func (a Absence) fault() Fault {
	switch a {
	case NotFoundPage:
		return Fault{Status: http.StatusNotFound, Body: "<html><body><h1>404 Not Found</h1></body></html>"}
	case NotAllowed:
		return Fault{Status: http.StatusMethodNotAllowed}
	case SomePage:
		return Fault{Status: http.StatusOK, Body: "<html><body><h1>Welcome</h1></body></html>"}
	case NotForYou:
		return Fault{Status: http.StatusUnauthorized, Body: `{"message":"Unauthorized"}`}
	case Blocked:
		return Fault{Status: http.StatusForbidden, Body: `{"message":"Forbidden"}`}
	case Nothing:
		return Fault{Status: http.StatusOK, Body: "{}"}
	}
	return Fault{Status: http.StatusNotFound, Body: `{"message":"null for uri","status-code":404}`}
}

// Lack takes calls away, named as in "GET /api/2/issue/{issue}/editmeta": not every server that calls itself Jira has
// everything. The error names a call that was not there anyway. ClearFaults brings all of them back.
func (j *Jira) Lack(how Absence, calls ...string) error {
	return j.lack(how, calls, func(route string) bool { return slices.Contains(calls, route) })
}

// LackAllBut takes away every call but these.
func (j *Jira) LackAllBut(how Absence, calls ...string) error {
	return j.lack(how, calls, func(route string) bool { return !slices.Contains(calls, route) })
}

func (j *Jira) lack(how Absence, calls []string, which func(string) bool) error {
	for _, call := range calls {
		if !slices.Contains(j.calls, call) {
			return fmt.Errorf("this Jira has no call %q", call)
		}
	}
	f := how.fault()
	f.Match = func(r *http.Request) bool {
		route, known := j.route(r)
		return known && which(route)
	}
	j.Fault(f)
	return nil
}

// route is the call that a request would reach. Among several that fit, the one with the fewest blanks is meant.
func (j *Jira) route(r *http.Request) (call string, known bool) {
	path := strings.TrimPrefix(routed(r).URL.Path, j.prefix()+"/rest")
	best := 0
	for _, candidate := range j.calls {
		method, pattern, _ := strings.Cut(candidate, " ")
		blanks := strings.Count(pattern, "{")
		if method == r.Method && fits(pattern, path) && (!known || blanks < best) {
			call, best, known = candidate, blanks, true
		}
	}
	return call, known
}

func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") && g != "" })
}
