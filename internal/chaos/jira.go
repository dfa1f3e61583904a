package chaos

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"jirabot/jiraclient/jiratest"
)

const (
	workplace = "PAY" // where people work
	targets   = 200   // issues of CHK to be linked to
	nudged    = 50    // issues of OPS that the clock looks after
)

// A jira is the simulated Jira behind a door at which requests of the bot can be met with a trap.
type jira struct {
	*jiratest.Jira
	url    string
	token  string
	signed string // webhook secret
	server *http.Server
	traps  traps
	ended  chan struct{}
}

// A strictClock never tells the same moment twice, so that what happened can be put in order.
type strictClock struct {
	mu   sync.Mutex
	last time.Time
}

func (c *strictClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now().Round(0)
	if !now.After(c.last) {
		now = c.last.Add(time.Nanosecond)
	}
	c.last = now
	return now
}

// openJira furnishes a Jira and lets it listen. relay is where it posts its webhooks.
func openJira(relay string) (*jira, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a door to the simulated jira: %w", err)
	}
	j := &jira{url: "http://" + socket.Addr().String() + "/jira", token: rand.Text(), signed: rand.Text(), ended: make(chan struct{})}
	clock := &strictClock{}
	j.Jira = jiratest.New(jiratest.Options{
		BaseURL: j.url, Now: clock.now, Keep: 5_000_000, QueueSize: 1_000_000, DiscardBodies: true,
	})
	for _, name := range []string{"ann", "bob", watcher} {
		j.AddUser(jiratest.User{Name: name})
	}
	j.AddUser(jiratest.User{Name: botUser, Token: j.token})
	toAndFro := &jiratest.Workflow{
		Name:     "To and fro",
		Statuses: []jiratest.Status{{Name: "Open", Category: "new"}, {Name: "Busy", Category: "indeterminate"}},
		Transitions: []jiratest.Transition{
			{Name: "Begin", From: []string{"Open"}, To: "Busy"}, {Name: "Halt", From: []string{"Busy"}, To: "Open"},
		},
	}
	for _, key := range []string{workplace, "CHK", "OPS"} {
		j.AddProject(jiratest.Project{Key: key, Lead: "bob", Workflow: toAndFro})
	}
	if err := j.fill(); err != nil {
		return nil, err
	}
	if _, err := j.Webhook(jiratest.Registration{Name: "bot", URL: relay, Secret: j.signed}); err != nil {
		return nil, fmt.Errorf("register the webhook: %w", err)
	}
	j.server = &http.Server{Handler: j.traps.around(j.Handler()), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(j.ended)
		_ = j.server.Serve(socket) // ends with close
	}()
	return j, nil
}

// fill makes the issues that are there before anybody listens.
func (j *jira) fill() error {
	for n := range targets {
		if _, err := j.As("bob").CreateIssue("CHK", "Task", fmt.Sprintf("Target %d", n+1)); err != nil {
			return fmt.Errorf("furnish the simulated jira: %w", err)
		}
	}
	for n := range nudged {
		fields := jiratest.Fields{"labels": []string{"nudge"}}
		if _, err := j.As("bob").CreateIssue("OPS", "Task", fmt.Sprintf("Nudged %d", n+1), fields); err != nil {
			return fmt.Errorf("furnish the simulated jira: %w", err)
		}
	}
	return nil
}

func (j *jira) close() {
	_ = j.server.Close()
	<-j.ended
	_ = j.Close()
}

// A Moment is when, seen from Jira, a bot dies.
type Moment string

// The moments around a write of the bot.
const (
	BeforeWrite Moment = "before a write" // it has reached Jira, which never does it
	AfterWrite  Moment = "after a write"  // Jira has done it, and nobody hears the answer
	DuringWrite Moment = "during a write" // Jira does it, a while after the bot is dead
)

// A trap lies in wait for the n-th write from now on.
type trap struct {
	moment Moment
	writes int
	late   time.Duration // how much later than the death a DuringWrite is done
	spring func()
	sprung chan struct{}
}

type traps struct {
	mu  sync.Mutex
	set *trap
}

func (t *traps) arm(one *trap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one.sprung = make(chan struct{})
	t.set = one
}

// disarm tells whether the trap was still waiting.
func (t *traps) disarm(one *trap) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.set != one {
		return false
	}
	t.set = nil
	return true
}

func (t *traps) caught(r *http.Request) *trap {
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/search") {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.set == nil {
		return nil
	}
	if t.set.writes--; t.set.writes > 0 {
		return nil
	}
	one := t.set
	t.set = nil
	return one
}

// nobody takes answers. Unlike a test's recorder it bears with those that Jira's faults make of them.
type nobody struct{}

func (nobody) Header() http.Header         { return http.Header{} }
func (nobody) Write(b []byte) (int, error) { return len(b), nil }
func (nobody) WriteHeader(int)             {}

// around lets requests through to Jira, except for the one that is caught.
func (t *traps) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := t.caught(r)
		if one == nil {
			next.ServeHTTP(w, r)
			return
		}
		// Jira works as if the sender were still there.
		work := func() { next.ServeHTTP(nobody{}, r.WithContext(context.WithoutCancel(r.Context()))) }
		if one.moment == AfterWrite {
			work()
		}
		one.spring()
		close(one.sprung)
		if one.moment == DuringWrite {
			time.Sleep(one.late)
			work()
		}
		panic(http.ErrAbortHandler)
	})
}
