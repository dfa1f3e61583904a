package jiraclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// A request is one call before it is sent. Each method of the client makes one, fills in query and body, and hands it to
// do.
type request struct {
	method  string
	route   string // "/rest/api/2/issue/{key}/comment"
	path    string // the route with its blanks filled in, for people
	escaped string
	query   url.Values
	body    any  // marshalled as JSON; nil means none
	asks    bool // a POST that changes nothing
	as      string
	err     error
}

var blank = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// call builds a request from a route below /rest/api/2 and what belongs into its blanks.
func call(method, route string, values ...string) request {
	return callAt("/rest/api/2/", method, route, values...)
}

// callAt is call for the resources that live elsewhere below Jira's base address.
func callAt(base, method, route string, values ...string) request {
	r := request{method: method, route: base + route}
	fill := func(escape func(string) string) string {
		i := 0
		return blank.ReplaceAllStringFunc(r.route, func(name string) string {
			v := values[i]
			i++
			if v == "" || v == "." || v == ".." || strings.ContainsAny(v, "/\\") {
				// A server would take it for another call.
				r.err = fmt.Errorf("%s %s: %q is no %s", method, r.route, v, strings.Trim(name, "{}"))
			}
			return escape(v)
		})
	}
	r.path = fill(oneLine)
	r.escaped = fill(url.PathEscape)
	return r
}

func get(route string, values ...string) request    { return call(http.MethodGet, route, values...) }
func post(route string, values ...string) request   { return call(http.MethodPost, route, values...) }
func put(route string, values ...string) request    { return call(http.MethodPut, route, values...) }
func remove(route string, values ...string) request { return call(http.MethodDelete, route, values...) }

// write tells whether the call changes something in Jira.
func (r request) write() bool { return r.method != http.MethodGet && !r.asks }

// with adds a query parameter, unless it is empty.
func (r request) with(name, value string) request {
	if value == "" {
		return r
	}
	q := url.Values{}
	for k, v := range r.query {
		q[k] = v
	}
	q.Set(name, value)
	r.query = q
	return r
}

// carrying sets the body.
func (r request) carrying(body any) request {
	r.body = body
	return r
}

// encode renders the body once, so that a value which cannot be JSON fails before anything is sent.
func (r request) encode() ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.body); err != nil {
		return nil, fmt.Errorf("%s %s: write the body as JSON: %w", r.method, r.path, err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
