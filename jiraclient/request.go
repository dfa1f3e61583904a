package jiraclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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
	body    any    // marshalled as JSON; nil means none
	text    string // the body, where Jira wants plain text
	file    *File  // the body, sent as it is read
	save    *sink  // takes the answer as it comes, whatever it is
	accept  string // application/json by default
	asks    bool   // a POST that changes nothing
	aside   bool   // see nicety
	as      string
	err     error
}

var blank = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// call builds a request from a route and what belongs into its blanks. A route without a slash at its beginning stands
// below /rest/api/2.
func call(method, route string, values ...string) request {
	r := request{method: method, route: route, accept: "application/json"}
	if !strings.HasPrefix(route, "/") {
		r.route = "/rest/api/2/" + route
	}
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
	return r.withEach(name, value)
}

// withEach adds a query parameter once for each value.
func (r request) withEach(name string, values ...string) request {
	q := url.Values{}
	for k, v := range r.query {
		q[k] = v
	}
	q[name] = values
	r.query = q
	return r
}

// nicety marks what is good to know, and what not every Jira tells: an answer that cannot be read is none, and a bare 401 or 403,
// which names no user, says nothing of a login that is proven, nor of a permission.
func (r request) nicety() request {
	r.aside = true
	return r
}

// carrying sets the body.
func (r request) carrying(body any) request {
	r.body = body
	return r
}

// A payload is a body ready to be sent.
type payload struct {
	kind   string // its Content-Type; empty where there is none
	data   []byte
	upload *upload // in the place of data
}

// encode renders the body once, so that a value which cannot be JSON fails before anything is sent.
func (r request) encode() (payload, error) {
	switch {
	case r.file != nil:
		u, err := r.file.open()
		if err != nil {
			return payload{}, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
		return payload{kind: u.kind, upload: u}, nil
	case r.text != "":
		return payload{kind: "text/plain; charset=utf-8", data: []byte(r.text)}, nil
	case r.body == nil:
		return payload{}, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.body); err != nil {
		return payload{}, fmt.Errorf("%s %s: write the body as JSON: %w", r.method, r.path, err)
	}
	return payload{kind: "application/json", data: bytes.TrimSpace(b.Bytes())}, nil
}

// open gives the body to a request. Moved is called whenever some of it is read.
func (p payload) open(request *http.Request, moved func()) {
	switch {
	case p.upload != nil:
		request.Body, request.ContentLength = p.upload.start(moved), p.upload.length
	case p.kind != "":
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(p.data)), int64(len(p.data))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.data)), nil }
	}
	if p.kind != "" {
		request.Header.Set("Content-Type", p.kind)
	}
}
