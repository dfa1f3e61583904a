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

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestContract holds every request that the client can send, and every answer of the simulator to it, against the vendor's
// descriptions of the API, as far as there are any. Which requests there are it learns from the client's source: an
// operation without an exercise fails, and so does a request that no exercise led to. What is wrong with the descriptions
// stands in knownDefects. Each part tells more in its own file: openapi_source_test.go what the client can send,
// the openapi_exercises files how it is made to, openapi_worlds_test.go to whom, openapi_document_test.go what is described.
func TestContract(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "jira", "openapi")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no descriptions of the API in %s", dir)
	}
	c := newContract(t)
	for _, s := range settings() {
		var d *document
		if s.document != "" {
			d = readDocument(t, dir, s.document)
			c.documents = append(c.documents, d.name)
		}
		for _, caller := range s.callers {
			for _, e := range exercises() {
				if slices.Contains(s.without, e.operation) {
					continue
				}
				c.exercise(t, s, d, caller, e)
			}
		}
	}
	c.conclude(t)
}

// A contract is what is known so far.
type contract struct {
	operations map[string][]site // those that lead to requests, by name
	sites      []site
	routes     map[string][]route // by method
	judge      *judge

	exercised map[string]bool     // operations
	seen      map[string]bool     // sites
	against   map[string][]string // the documents that described a request of the operation
	documents []string
	exchanges int
}

func newContract(t *testing.T) *contract {
	t.Helper()
	source := readSource(t)
	c := &contract{
		operations: source.operations(), sites: source.sites(), routes: map[string][]route{}, judge: newJudge(),
		exercised: map[string]bool{}, seen: map[string]bool{}, against: map[string][]string{},
	}
	maps.DeleteFunc(c.operations, func(_ string, sites []site) bool { return len(sites) == 0 })
	for name, why := range otherRequests() {
		other := func(s site) bool { return s.in == name }
		if c.operations[name] == nil && !slices.Contains(source.raw, name) && !slices.ContainsFunc(slices.Concat(c.sites, source.dark), other) {
			t.Errorf("otherRequests: %s makes none, or is no more: %s", name, why)
		}
		delete(c.operations, name)
		source.raw = slices.DeleteFunc(source.raw, func(raw string) bool { return raw == name })
		source.dark = slices.DeleteFunc(source.dark, other)
		c.sites = slices.DeleteFunc(c.sites, other)
	}
	for _, s := range source.dark {
		t.Errorf("%s: the route of this request cannot be read from the source: give it as a constant", s.at)
	}
	for _, name := range source.raw {
		t.Errorf("%s makes a request of its own: use call, or tell in otherRequests why not", name)
	}
	for _, s := range c.sites {
		c.routes[s.method] = append(c.routes[s.method], newRoute(s.route))
	}
	return c
}

// exercise calls an operation in a world of its own and looks at what it sent and got.
func (c *contract) exercise(t *testing.T, s setting, d *document, caller jiratest.User, e exercise) {
	t.Helper()
	what := fmt.Sprintf("%s on %s as %s", e.operation, s.name, caller.Name)
	if c.operations[e.operation] == nil {
		t.Errorf("%s: the client has no such operation, or it leads to no request", e.operation)
		return
	}
	c.exercised[e.operation] = true
	r := new(recorder)
	w := newWorld(t, s, caller, r)
	defer w.jira.Close()
	r.seen = nil // what it took to get here
	err := e.do(t.Context(), w)
	_, lost := errors.AsType[*jiraclient.NetworkError](err)
	unavailable := errors.Is(err, jiraclient.ErrUnavailable)
	switch missing := slices.Contains(s.unavailable, e.operation); {
	case lost || err != nil && caller.Admin && !unavailable:
		t.Errorf("%s: %v", what, err)
	case caller.Admin && unavailable != missing:
		t.Errorf("%s: %v: unavailable is %t, want %t", what, err, unavailable, missing)
	}
	led := false
	for _, x := range r.seen {
		c.exchanges++
		pattern, _ := best(c.routes[x.method], x.path)
		x.site = site{method: x.method, route: pattern}
		if pattern == "" {
			t.Errorf("%s: %s %s is none of the requests in the source", what, x.method, x.path)
		}
		c.seen[x.site.String()] = true
		led = led || slices.ContainsFunc(c.operations[e.operation], func(s site) bool { return s.String() == x.site.String() })
		for _, line := range headers(s, x) {
			t.Errorf("%s: %s: %s", what, x.site, line)
		}
		if d != nil && c.judge.exchange(d, x, x.answered.Get("X-Played") == "") && !slices.Contains(c.against[e.operation], d.name) {
			c.against[e.operation] = append(c.against[e.operation], d.name)
		}
	}
	if !led && !slices.Contains(s.unavailable, e.operation) {
		t.Errorf("%s: sent none of this operation's requests", what)
	}
}

// headers is what is wrong with those that matter to Jira and that no description mentions.
func headers(s setting, x exchange) (wrong []string) {
	if accept := x.header.Get("Accept"); accept != "*/*" && !strings.Contains(accept, "application/json") {
		wrong = append(wrong, fmt.Sprintf("header Accept is %q, which no answer of Jira's is", accept))
	}
	for name, want := range map[string]string{
		"Authorization": credential(s, x), "User-Agent": "jirabot/*",
		"X-Atlassian-Token": map[bool]string{true: "", false: "no-check"}[x.method == "GET"],
	} {
		if got := x.header.Get(name); !slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return like(w, got) }) {
			wrong = append(wrong, fmt.Sprintf("header %s is %q, want %s", name, got, want))
		}
	}
	return wrong
}

// credential is what must stand in the Authorization header: nothing while a login of another kind goes on.
func credential(s setting, x exchange) string {
	for _, path := range []string{"/rest/auth/", "/rest/oauth2/"} {
		if strings.HasPrefix(x.path, path) {
			return ""
		}
	}
	switch {
	case x.header.Get("Cookie") != "":
		return ""
	case s.cloud():
		return "Basic *"
	case strings.HasPrefix(x.path, "/plugins/servlet/oauth/"):
		return "OAuth *"
	}
	return "Bearer *|OAuth *"
}

// conclude fails for what is missing or wrong, and says how much was looked at.
func (c *contract) conclude(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(c.operations)) {
		if !c.exercised[name] {
			t.Errorf("%s has no exercise: add a line to the openapi_exercises file of its area", name)
		}
	}
	for _, s := range c.sites {
		if !c.seen[s.String()] {
			t.Errorf("%s: no exercise led to %s", s.at, s)
		}
	}
	for _, line := range c.judge.left() {
		t.Error(line)
	}
	parts := []string{fmt.Sprintf("contract: %d of %d operations covered, %d of %d requests", len(c.exercised), len(c.operations), len(c.seen), c.requests())}
	for _, name := range c.documents {
		n := 0
		for _, list := range c.against {
			if slices.Contains(list, name) {
				n++
			}
		}
		parts = append(parts, fmt.Sprintf("%d operations against %s", n, name))
	}
	parts = append(parts, fmt.Sprintf("%d exchanges", c.exchanges), fmt.Sprintf("%d known defects of the descriptions", len(c.judge.defects)))
	t.Log(strings.Join(parts, "; "))
	var alone []string
	for name := range c.operations {
		if len(c.against[name]) == 0 {
			alone = append(alone, name)
		}
	}
	slices.Sort(alone)
	t.Logf("contract: described nowhere: %s", strings.Join(alone, ", "))
}

// requests counts the different ones that the client can send.
func (c *contract) requests() int {
	different := map[string]bool{}
	for _, s := range c.sites {
		different[s.String()] = true
	}
	return len(different)
}
