package jiraclient_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
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
