package jiraclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// An exchange is one request that the client sent, with its answer.
type exchange struct {
	method, path string // below the context path
	header       http.Header
	query        url.Values
	body         []byte
	status       int
	answered     http.Header
	answer       []byte
	site         site // which of the client's it is
}

// A document is what the vendor says of the API of one version.
type document struct {
	name   string
	spec   *openapi3.T
	routes []route
}

// A route matches paths; the blanks in its pattern stand for any one segment.
type route struct {
	pattern  string
	segments []string
}

func newRoute(pattern string) route { return route{pattern, strings.Split(pattern, "/")} }

// match gives what stands in the blanks, and how many segments were no blanks.
func (r route) match(path string) (blanks map[string]string, literal int, ok bool) {
	parts := strings.Split(path, "/")
	if len(parts) != len(r.segments) {
		return nil, 0, false
	}
	blanks = map[string]string{}
	for i, s := range r.segments {
		switch name, isBlank := strings.CutPrefix(s, "{"); {
		case isBlank:
			blanks[strings.TrimSuffix(name, "}")] = parts[i]
		case s == parts[i]:
			literal++
		default:
			return nil, 0, false
		}
	}
	return blanks, literal, true
}

// best is the route that says most of the path literally: createmeta is no issue key.
func best(routes []route, path string) (pattern string, blanks map[string]string) {
	most := -1
	for _, r := range routes {
		if b, literal, ok := r.match(path); ok && literal > most {
			most, pattern, blanks = literal, r.pattern, b
		}
	}
	return pattern, blanks
}

func readDocument(t *testing.T, dir, name string) *document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	d := &document{name: name, spec: spec}
	strict := strictness{}
	for path, item := range spec.Paths.Map() {
		d.routes = append(d.routes, newRoute(path))
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				strict.content(op.RequestBody.Value.Content)
			}
			for _, r := range op.Responses.Map() {
				strict.content(r.Value.Content)
			}
		}
	}
	return d
}

// strictness closes every object that names its members and says nothing of others: a member that nobody described is the
// mistake that this test looks for. Parts of a whole stay open, as each of them has members that the others lack.
type strictness map[*openapi3.Schema]bool

func (done strictness) content(c openapi3.Content) {
	for _, m := range c {
		done.schema(m.Schema, true)
	}
}

func (done strictness) schema(ref *openapi3.SchemaRef, whole bool) {
	if ref == nil || ref.Value == nil || done[ref.Value] {
		return
	}
	s := ref.Value
	done[s] = true
	s.Nullable = s.Nullable || s.Type == nil && len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 // no type: anything, null too
	if extra := &s.AdditionalProperties; whole && len(s.Properties) > 0 && extra.Has == nil && extra.Schema == nil {
		extra.Has = new(bool)
	}
	for _, p := range s.Properties {
		done.schema(p, true)
	}
	for _, part := range s.AllOf {
		done.schema(part, len(s.AllOf) == 1 && len(s.Properties) == 0)
	}
	for _, part := range slices.Concat(s.OneOf, s.AnyOf) {
		done.schema(part, true)
	}
	done.schema(s.Items, true)
	done.schema(s.AdditionalProperties.Schema, true)
}

// find is the description of a request. The cloud file describes version 3, whose paths are those of version 2.
func (d *document) find(x exchange) (openapi3filter.RequestValidationInput, bool) {
	path := strings.TrimPrefix(x.path, "/rest")
	if strings.HasPrefix(d.name, "cloud") {
		path = strings.Replace(x.path, "/rest/api/2/", "/rest/api/3/", 1)
	}
	pattern, blanks := best(d.routes, path)
	item := d.spec.Paths.Value(pattern)
	if item == nil || item.GetOperation(x.method) == nil {
		return openapi3filter.RequestValidationInput{}, false
	}
	return openapi3filter.RequestValidationInput{
		Request:     &http.Request{Method: x.method, URL: &url.URL{Path: path, RawQuery: x.query.Encode()}, Header: x.header},
		PathParams:  blanks,
		QueryParams: x.query,
		Route:       &routers.Route{Spec: d.spec, Path: pattern, PathItem: item, Method: x.method, Operation: item.GetOperation(x.method)},
		Options:     &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true},
	}, true
}

// request is what the description has against the request.
func (d *document) request(x exchange, in openapi3filter.RequestValidationInput) (wrong []string) {
	op := in.Route.Operation
	known := map[string]bool{}
	for _, ref := range slices.Concat(op.Parameters, in.Route.PathItem.Parameters) {
		p := ref.Value
		known[p.In+p.Name] = true
		if err := openapi3filter.ValidateParameter(in.Request.Context(), &in, p); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s %s: %s", p.In, p.Name, reason(err)))
		}
	}
	for name := range x.query {
		if !known["query"+name] {
			wrong = append(wrong, fmt.Sprintf("query %s: not described", name))
		}
	}
	described := openapi3.Content(nil)
	if op.RequestBody != nil {
		described = op.RequestBody.Value.Content
	}
	switch kind := x.header.Get("Content-Type"); {
	case len(x.body) == 0 && op.RequestBody != nil && op.RequestBody.Value.Required:
		wrong = append(wrong, "body: missing")
	case len(x.body) > 0 && op.RequestBody == nil:
		wrong = append(wrong, "body: none is described")
	case len(x.body) > 0 && described.Get(kind) == nil:
		wrong = append(wrong, "body: "+essence(kind)+" is not described")
	case len(x.body) > 0 && essence(kind) == "application/json":
		wrong = append(wrong, body("body", described.Get(kind).Schema, x.body, openapi3.VisitAsRequest())...)
	}
	return wrong
}

// answer is what the description has against the answer. Correct changes what it says of the body.
func (d *document) answer(x exchange, in openapi3filter.RequestValidationInput, correct func(*openapi3.Schema) *openapi3.Schema) []string {
	ref := in.Route.Operation.Responses.Status(x.status)
	if ref == nil {
		ref = in.Route.Operation.Responses.Default()
	}
	kind := essence(x.answered.Get("Content-Type"))
	switch {
	case ref == nil:
		return []string{fmt.Sprintf("answer: status %d is not described", x.status)}
	case len(x.answer) == 0 && x.status != http.StatusNoContent && slices.ContainsFunc(bodies(ref), func(m *openapi3.MediaType) bool { return m.Schema != nil }):
		return []string{fmt.Sprintf("answer: %d without a body", x.status)}
	case len(x.answer) == 0:
		return nil
	case len(ref.Value.Content) == 0 && x.status >= 300:
		return nil // how errors look is told in prose
	case len(ref.Value.Content) == 0:
		return []string{fmt.Sprintf("answer: %d has a body, and none is described", x.status)}
	case ref.Value.Content.Get(kind) == nil:
		return []string{"answer: " + kind + " is not described"}
	}
	schema := ref.Value.Content.Get(kind).Schema
	if schema == nil {
		return nil
	}
	if correct != nil {
		schema = openapi3.NewSchemaRef("", correct(schema.Value))
	}
	return body("answer", schema, x.answer, openapi3.VisitAsResponse())
}

func bodies(r *openapi3.ResponseRef) (list []*openapi3.MediaType) {
	for _, m := range r.Value.Content {
		list = append(list, m)
	}
	return list
}

func essence(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(kind)
}

// body holds JSON against a schema.
func body(where string, schema *openapi3.SchemaRef, data []byte, as openapi3.SchemaValidationOption) []string {
	if schema == nil {
		return nil
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&v); err != nil {
		return []string{fmt.Sprintf("%s: no JSON: %v", where, err)}
	}
	return complaints(where, schema.Value.VisitJSON(v, as, openapi3.MultiErrors()))
}

// complaints turns the library's error into lines like "answer /issues/*/fields: is null".
func complaints(where string, err error) (lines []string) {
	//nolint:errorlint // errors.As would look into the list for the first of its kind
	switch e := err.(type) {
	case nil:
		return nil
	case openapi3.MultiError:
		for _, part := range e {
			for _, line := range complaints(where, part) {
				if !slices.Contains(lines, line) {
					lines = append(lines, line)
				}
			}
		}
		return lines
	case *openapi3.SchemaError:
		if parts := (openapi3.MultiError)(nil); e.SchemaField == "allOf" && errors.As(e.Origin, &parts) {
			return complaints(where, parts)
		}
		for _, step := range e.JSONPointer() {
			if _, err := strconv.Atoi(step); err == nil {
				step = "*"
			}
			where += "/" + step
		}
		if undescribed := unsupported.FindStringSubmatch(e.Reason); undescribed != nil {
			return []string{where + "/" + undescribed[1] + ": not described"}
		}
		return []string{where + ": " + told(e)}
	}
	return []string{where + ": " + err.Error()}
}

var unsupported = regexp.MustCompile(`^property "(.*)" is unsupported$`)

// told says what is wrong with a value, in few words. A schema that is no more than "object" is what became of Java's
// Object, which is anything.
func told(e *openapi3.SchemaError) string {
	s := e.Schema
	switch {
	case s.Type.Is("object") && len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil:
		return "is described as Object only"
	case e.Value == nil:
		return "is null"
	}
	return e.Reason
}

// reason is the innermost text of an error about a parameter.
func reason(err error) string {
	if e := (*openapi3.SchemaError)(nil); errors.As(err, &e) {
		return e.Reason
	}
	if e := (*openapi3filter.RequestError)(nil); errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return err.Error()
}
