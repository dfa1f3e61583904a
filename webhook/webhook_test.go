package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

const (
	secret     = "sesame-for-signatures"
	pathToken  = "sesame-in-the-path"
	queryToken = "sesame-in-the-query"
	hookToken  = "sesame-of-deploy"
	otherToken = "sesame-of-nightly"
	hookSecret = "sesame-of-signed"
	update     = `{"webhookEvent":"jira:issue_updated","issue":{"id":"10042","key":"PAY-7"}}`
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode) // or every router prints its routes
	m.Run()
}

// shelf is an inbox in memory: the same body is the same delivery.
type shelf struct {
	mu     sync.Mutex
	stored []event.Delivery
	err    error
	accept func(context.Context) error
}

func (s *shelf) Accept(ctx context.Context, d event.Delivery) (Receipt, error) {
	if s.accept != nil {
		if err := s.accept(ctx); err != nil {
			return Receipt{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return Receipt{}, s.err
	}
	for _, had := range s.stored {
		if bytes.Equal(had.Body, d.Body) && had.Source == d.Source {
			return Receipt{Delivery: "d-1", Repeat: true}, nil
		}
	}
	s.stored = append(s.stored, d)
	return Receipt{Delivery: "d-1"}, nil
}

func (s *shelf) all() []event.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored)
}

// logbook is a log that tests can read while the server writes.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type house struct {
	*httptest.Server
	shelf *shelf
	log   *logbook
}

// open starts a real server around a receiver with these options.
func open(t *testing.T, o Options) house {
	t.Helper()
	return openBehind(t, o, func(http.ResponseWriter, *http.Request) {})
}

// openBehind does the same, and lets before see each request first.
func openBehind(t *testing.T, o Options, before http.HandlerFunc) house {
	t.Helper()
	h := house{shelf: &shelf{}, log: &logbook{}}
	if o.Inbox == nil {
		o.Inbox = h.shelf
	}
	o.Log = zerolog.New(h.log)
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	r.Register(engine)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		before(w, req)
		engine.ServeHTTP(w, req)
	}))
	t.Cleanup(h.Close)
	return h
}

// post sends body to path with headers given as "Name: value".
func (h house) post(t *testing.T, path, body string, headers ...string) (status int, answer string, header http.Header) {
	t.Helper()
	return h.send(t, http.MethodPost, path, strings.NewReader(body), headers...)
}

func (h house) send(t *testing.T, method, path string, body io.Reader, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	resp, err := h.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer), resp.Header
}

func sign(key, body string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(body))
	return "X-Hub-Signature: sha256=" + hex.EncodeToString(h.Sum(nil))
}

func TestNewRefusesWhatWouldNotBeSafe(t *testing.T) {
	inbox := &shelf{}
	for name, test := range map[string]struct {
		options Options
		want    string // part of the error; "" when it starts
	}{
		"no authentication at all":            {Options{Inbox: inbox}, "anybody could post deliveries"},
		"sources are not an authentication":   {Options{Inbox: inbox, Sources: networks("10.0.0.0/8")}, "anybody could post deliveries"},
		"a guarded hook does not guard Jira":  {Options{Inbox: inbox, Hooks: map[string]HookAuth{"deploy": {Token: "t"}}}, "anybody could post deliveries"},
		"nothing set, and said so":            {Options{Inbox: inbox, Insecure: true}, ""},
		"a secret is enough":                  {Options{Inbox: inbox, Secret: secret}, ""},
		"a path token is enough":              {Options{Inbox: inbox, PathToken: pathToken}, ""},
		"a query token is enough":             {Options{Inbox: inbox, QueryToken: queryToken}, ""},
		"no inbox":                            {Options{Secret: secret}, "no inbox"},
		"a path token with a slash":           {Options{Inbox: inbox, PathToken: "a/b"}, "path token: only letters"},
		"a path token that is the parent":     {Options{Inbox: inbox, PathToken: ".."}, "path token: only letters"},
		"a hook without token or secret":      {Options{Inbox: inbox, Secret: secret, Hooks: map[string]HookAuth{"deploy": {}}}, `hook "deploy": anybody could call it`},
		"such a hook, and said so":            {Options{Inbox: inbox, Insecure: true, Hooks: map[string]HookAuth{"deploy": {}}}, ""},
		"a hook that no address can name":     {Options{Inbox: inbox, Insecure: true, Hooks: map[string]HookAuth{"a/b": {}}}, `hook "a/b": a name is one part`},
		"a negative limit":                    {Options{Inbox: inbox, Secret: secret, MaxBody: -1}, "max body of -1 bytes"},
		"a network that is none":              {Options{Inbox: inbox, Secret: secret, Sources: []netip.Prefix{{}}}, "is not a network"},
		"every complaint, not only the first": {Options{PathToken: "a/b"}, "path token: only letters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.options)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("want a receiver, got %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("want an error with %q, got %v", test.want, err)
			}
		})
	}
}

func TestEveryAnswerIsObservedUnderItsPatternOnly(t *testing.T) {
	seen := make(chan string, 3)
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	h := open(t, Options{
		PathToken: pathToken,
		Hooks:     map[string]HookAuth{"deploy": {Token: hookToken}},
		Now:       func() time.Time { return clock },
		Observe: func(path string, status int, took time.Duration) {
			seen <- path + " " + http.StatusText(status) + " " + took.String()
		},
	})
	h.post(t, "/webhooks/jira/"+pathToken, update)
	h.post(t, "/webhooks/jira", update)
	h.post(t, "/hooks/deploy", update, "X-Hook-Token: "+hookToken)
	for _, want := range []string{"/webhooks/jira/:token Accepted 0s", "/webhooks/jira Unauthorized 0s", "/hooks/:name Accepted 0s"} {
		if got := <-seen; got != want {
			t.Errorf("want %q, got %q", want, got)
		}
	}
	if got := h.shelf.all()[0].Received; !got.Equal(clock) {
		t.Errorf("received at %s, want %s", got, clock)
	}
}

func networks(texts ...string) (prefixes []netip.Prefix) {
	for _, text := range texts {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}
