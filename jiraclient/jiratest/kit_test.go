package jiratest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

// A clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// newJira has ann, who leads PAY and CHK, bob, carl the administrator, and the bot.
func newJira(t testing.TB, o jiratest.Options) (*jiratest.Jira, *clock) {
	t.Helper()
	c := newClock()
	if o.Now == nil {
		o.Now = c.now
	}
	j := jiratest.New(o)
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	j.AddUser(jiratest.User{Name: "ann", DisplayName: "Ann Archer", Password: "anns", Token: "ann-token", Groups: []string{"devs"}})
	j.AddUser(jiratest.User{Name: "bob", Password: "bobs", Token: "bob-token"})
	j.AddUser(jiratest.User{Name: "carl", Token: "carl-token", Admin: true})
	j.AddUser(jiratest.User{Name: "bot", Password: "secret", Token: "bot-token"})
	j.AddProject(jiratest.Project{Key: "PAY", Name: "Payments", Lead: "ann", Roles: map[string][]string{"Developers": {"ann", "bot"}}})
	j.AddProject(jiratest.Project{Key: "CHK", Name: "Checkout", Lead: "ann"})
	return j, c
}

// An answer is what a request brought.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask sends a request with a token; body is a string as it is, or anything else as JSON.
func ask(t testing.TB, j *jiratest.Jira, token, method, path string, body any) answer {
	t.Helper()
	return send(j, request(t, token, method, path, body))
}

func request(t testing.TB, token, method, path string, body any) *http.Request {
	t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	r := httptest.NewRequest(method, "/jira/rest"+path, reader)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

func send(j *jiratest.Jira, r *http.Request) answer {
	w := httptest.NewRecorder()
	j.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), strings.TrimSpace(w.Body.String())}
}

// at reads a member of a JSON text by its path: "fields.status.name", "issues.0.key".
func at(t testing.TB, text, path string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			n := int(step[0] - '0')
			if n >= len(x) {
				t.Fatalf("no %s in %s", path, text)
			}
			v = x[n]
		default:
			t.Fatalf("no %s in %s", path, text)
		}
	}
	return v
}

// must fails the test on an error and returns the value beside it.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
