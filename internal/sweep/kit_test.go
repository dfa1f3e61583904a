package sweep

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A clock stands still until the test moves it. Jira and the bot go by the same one, the bot perhaps wrongly.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// A world is a Jira at work, a journal, and a sweeper between them.
type world struct {
	t       *testing.T
	clock   *clock
	jira    *jiratest.Jira
	client  *jiraclient.Client
	journal *journal.Journal
	scope   Scope
	options Options
	*Sweeper

	called func(jiraclient.Call) // is told of every request

	mu    sync.Mutex
	posts int // of the inbox that were no repeats
}

// everything is what a sweep can recover.
var everything = []string{
	issueCreated, issueUpdated, commentCreated, commentUpdated, worklogCreated, worklogUpdated, attachmentCreated, attachmentDeleted, linkCreated,
}

func newWorld(t *testing.T, o jiratest.Options) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{t: time.Now().Add(-24 * time.Hour).Truncate(time.Millisecond)}, scope: Scope{All: true, Events: everything}}
	o.Now = w.clock.Now
	w.jira = jiratest.New(o)
	base, err := w.jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.jira.Close() })
	w.jira.AddUser(jiratest.User{Name: "ann", Groups: []string{"staff"}})
	w.jira.AddUser(jiratest.User{Name: "bob"})
	w.jira.AddUser(jiratest.User{Name: "bot", Token: "token", Groups: []string{"staff"}})
	for _, key := range []string{"PAY", "CHK", "OPS"} {
		w.jira.AddProject(jiratest.Project{Key: key, Lead: "bob"})
	}
	if _, err := w.jira.Webhook(jiratest.Registration{Name: "record", URL: "http://bot.example.com/", RecordOnly: true}); err != nil {
		t.Fatal(err)
	}
	if w.client, err = jiraclient.New(jiraclient.Options{URL: base, Auth: jiraclient.Token("token"), Log: zerolog.Nop(), Observe: func(c jiraclient.Call) {
		if w.called != nil {
			w.called(c)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if w.journal, err = journal.Open(t.Context(), journal.Options{Dir: t.TempDir(), Lanes: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.journal.Close(); err != nil {
			t.Error(err)
		}
	})
	w.options = Options{
		Jira: w.client, Inbox: w, Memory: memory{w.journal}, Scope: func() Scope { return w.scope }, Known: w.journal.Known,
		Every: 5 * time.Minute, Overlap: 10 * time.Minute, Remembers: 90 * 24 * time.Hour, Log: zerolog.Nop(), Now: w.clock.Now,
	}
	w.restart()
	return w
}

// restart forgets all that a process would.
func (w *world) restart() {
	w.Sweeper = New(w.options)
	w.patient = time.Millisecond
}

// Accept is the inbox as the bot builds it.
func (w *world) Accept(ctx context.Context, d event.Delivery) (Receipt, error) {
	ev, err := event.Decode(d)
	if err != nil {
		return Receipt{}, err
	}
	r, err := w.journal.Append(ctx, d, ev.StoreID(), ev.Lane, false)
	if err == nil && !r.Repeat {
		w.mu.Lock()
		w.posts++
		w.mu.Unlock()
	}
	return Receipt{Delivery: r.ID, Repeat: r.Repeat}, err
}

// sweep makes an ordinary sweep.
func (w *world) sweep() Report {
	w.t.Helper()
	r, err := w.Sweep(w.t.Context(), Request{})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// stored are the events that the journal holds, in the order of their arrival.
func (w *world) stored() []event.Event {
	w.t.Helper()
	var out []event.Event
	for e, err := range w.journal.Deliveries(w.t.Context(), journal.Filter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, w.decode(e.Delivery))
	}
	return out
}

func (w *world) decode(d event.Delivery) event.Event {
	w.t.Helper()
	ev, err := event.Decode(d)
	if err != nil {
		w.t.Fatal(err)
	}
	return *ev
}

// posted are the events of the webhooks that Jira would have sent.
func (w *world) posted() []event.Event {
	w.t.Helper()
	var out []event.Event
	for _, d := range w.jira.Deliveries() {
		out = append(out, w.decode(w.delivery(d)))
	}
	return out
}

func (w *world) delivery(d jiratest.Delivery) event.Delivery {
	w.t.Helper()
	u, err := url.Parse(d.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	return event.Delivery{
		Source: event.Webhook, Body: d.Body, Received: w.clock.Now(), UserKey: u.Query().Get("user_key"), UserID: u.Query().Get("user_id"),
	}
}

// must gives a value or ends the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

type memory struct{ *journal.Journal }

func (m memory) Recall(ctx context.Context, key string) ([]byte, error) {
	data, err := m.Journal.Recall(ctx, key)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	return data, err
}
