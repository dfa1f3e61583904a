package jiratest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is more than any request of a bot has.
const maxBody = 64 << 20

// An endpoint runs with the Jira's lock held and returns a status and what is written as JSON; nil is no body.
type endpoint func(c *call) (status int, body any, err error)

type route struct {
	method, path string // the path below /rest, as patterns of net/http
	run          endpoint
}

// A call is one request on its way. It is also the ResponseWriter that net/http's router hands on, so that nothing is
// sent before it is known what the faults make of it.
type call struct {
	j      *Jira
	r      *http.Request
	query  url.Values
	raw    []byte
	user   *user
	issues []*issue // which it is about

	header http.Header
	status int
	out    bytes.Buffer
}

// Header, Write and WriteHeader are http.ResponseWriter.
func (c *call) Header() http.Header         { return c.header }
func (c *call) Write(b []byte) (int, error) { return c.out.Write(b) }
func (c *call) WriteHeader(status int)      { c.status = status }

func (j *Jira) routes() http.Handler {
	mux := http.NewServeMux()
	for _, group := range [][]route{
		meRoutes(), issueRoutes(), metaRoutes(), commentRoutes(), worklogRoutes(), archiveRoutes(), propertyRoutes(), linkRoutes(), remoteRoutes(),
		peopleRoutes(), attachmentRoutes(), searchRoutes(), projectRoutes(), versionRoutes(), hookRoutes(),
		roleRoutes(), boardRoutes(), sprintRoutes(), backlogRoutes(), rankRoutes(), reindexRoutes(),
		componentRoutes(),
		sessionRoutes(), oauth2Routes(),
	} {
		for _, r := range group {
			if !j.version.has(r.method, r.path) {
				continue
			}
			j.calls = append(j.calls, r.method+" "+r.path)
			mux.HandleFunc(r.method+" "+j.prefix()+"/rest"+r.path, func(w http.ResponseWriter, request *http.Request) {
				c := w.(*call)
				c.r = request // which knows the path's values
				c.run(r)
			})
		}
	}
	mux.HandleFunc("GET "+j.prefix()+"/secure/attachment/{id}/{name}", func(w http.ResponseWriter, request *http.Request) {
		c := w.(*call)
		c.r = request
		c.download()
	})
	j.loginRoutes(mux)
	mux.HandleFunc("GET "+j.prefix()+"/login.jsp", func(w http.ResponseWriter, _ *http.Request) { w.(*call).page(200, "Log in") })
	mux.HandleFunc("/", func(w http.ResponseWriter, request *http.Request) {
		w.(*call).answer(404, obj{"message": "null for uri: " + request.URL.Path, "status-code": 404})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { j.serve(w, r, mux) })
}

// serve takes a request through everything that a real Jira and its network put around it.
func (j *Jira) serve(w http.ResponseWriter, r *http.Request, mux http.Handler) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
		return
	}
	c := &call{j: j, r: r, query: r.URL.Query(), raw: body, header: http.Header{}, status: 200}
	mark := j.ledger.begin(c, j.prefix())
	fault := j.faults.match(r)
	fault.wait(r.Context())
	if !fault.instead() {
		c.admit(mux)
		j.hooks.flush()
	}
	fault.disguise(c)
	j.ledger.end(mark, c)
	j.options.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", c.status)
	if fault.drop() && hangUp(w) {
		return
	}
	header := w.Header()
	for name, values := range c.header {
		header[name] = values
	}
	header.Set("Content-Length", strconv.Itoa(c.out.Len()))
	w.WriteHeader(c.status)
	_, _ = w.Write(c.out.Bytes()) // the client may be gone; that is its own affair
}

// routed serves /rest/api/latest as /rest/api/2, and takes createmeta out of the way of issues: net/http's router would
// not know whether it is a key.
func routed(r *http.Request) *http.Request {
	path := strings.Replace(r.URL.EscapedPath(), "/rest/api/latest/", "/rest/api/2/", 1)
	path = strings.Replace(path, "/rest/api/2/issue/createmeta", "/rest/createmeta", 1)
	plain, err := url.PathUnescape(path)
	if err != nil || plain == r.URL.Path {
		return r
	}
	clone := *r
	at := *r.URL
	at.Path, at.RawPath = plain, path
	clone.URL = &at
	return &clone
}

// admit checks who asks, and whether this request may be asked at all, before the router sees it.
func (c *call) admit(mux http.Handler) {
	c.header.Set("X-AREQUESTID", strconv.FormatInt(time.Now().UnixNano()%86_400_000, 10)+"x1x1")
	c.header.Set("Cache-Control", "no-cache, no-store, no-transform")
	if c.authenticate() && c.withinRate() && c.notForged() && c.writable() {
		mux.ServeHTTP(c, routed(c.r))
	}
}

func (c *call) run(r route) {
	status, body, err := func() (int, any, error) {
		c.j.mu.Lock()
		defer c.j.mu.Unlock()
		return r.run(c)
	}()
	switch p := asProblem(err); {
	case p != nil:
		c.answer(c.j.version.refusal(r.method+" "+r.path, p.status), p.body())
	case err != nil:
		c.answer(500, obj{"errorMessages": []string{err.Error()}, "errors": obj{}})
	default:
		c.answer(status, body)
	}
}

// A plainAnswer is a body that is no JSON, and so is a fileAnswer.
type (
	plainAnswer string
	fileAnswer  struct{ *attachment }
)

// answer writes JSON; without a body it writes none.
func (c *call) answer(status int, body any) {
	c.status = status
	c.out.Reset()
	switch body := body.(type) {
	case nil:
		return
	case plainAnswer:
		c.header.Set("Content-Type", "text/plain;charset=UTF-8")
		c.out.WriteString(string(body))
		return
	case fileAnswer:
		c.header.Set("Content-Type", body.mimeType())
		c.header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(body.name))
		c.out.Write(body.data)
		return
	}
	c.header.Set("Content-Type", "application/json;charset=UTF-8")
	if err := json.NewEncoder(&c.out).Encode(body); err != nil {
		c.j.options.Log.Error("answer cannot be written", "path", c.r.URL.Path, "error", err)
	}
}

// page writes HTML, which is what Jira's log-in layer answers with.
func (c *call) page(status int, title string) {
	c.status = status
	c.out.Reset()
	c.header.Set("Content-Type", "text/html;charset=UTF-8")
	c.out.WriteString("<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n")
}

// object is the request's body as a JSON object.
func (c *call) object() (map[string]any, error) {
	var v any
	if err := json.Unmarshal(c.raw, &v); err != nil {
		return nil, refuse(400, "Unexpected character or end of input: %s", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, refuse(400, "Can not deserialize instance of an object out of this JSON.")
	}
	return m, nil
}

// issue is the issue in the path, if the user may see it.
func (c *call) issue() (*issue, error) {
	i, err := c.j.visible(c.user, c.r.PathValue("issue"))
	if err == nil {
		c.issues = append(c.issues, i)
	}
	return i, err
}

func (c *call) path(name string) string { return c.r.PathValue(name) }

// list reads a parameter of comma-separated values that may be repeated.
func (c *call) list(name string) []string {
	var out []string
	for _, v := range c.query[name] {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// number reads a parameter that is a number.
func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}

// window cuts a page out of a list.
func window[T any](list []T, start, limit int) []T {
	start = min(start, len(list))
	return list[start:min(len(list), start+limit)]
}

// loggedIn refuses anonymous callers.
func (c *call) loggedIn() error {
	if c.user == nil {
		return refuse(http.StatusUnauthorized, "You are not authenticated. Authentication required to perform this operation.")
	}
	return nil
}
