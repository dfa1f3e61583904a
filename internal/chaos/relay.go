package chaos

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A relay stands between Jira and the bots. Jira Data Center posts once and forgets; the relay posts until the event is
// accepted, except for a few that it drops after one try, and posts some again, at once or late. It keeps the order of each
// lane, so that the order in which events are accepted is the order in which they happened, and writes down their fate.
type relay struct {
	bots     func() []string // base addresses to post to
	client   *http.Client
	sure     atomic.Bool  // all events are posted until they are accepted
	patience atomic.Int64 // how long a bot may take to answer
	server   *http.Server
	url      string
	ended    chan struct{}

	mu      sync.Mutex
	rand    *rand.Rand
	events  []*Event
	byToken map[string]*Event
	lanes   map[string]*lane
	order   map[string]int
	posters sync.WaitGroup
	stop    chan struct{}
	answers map[int]int   // by status; 0 is none
	last    time.Time     // when an event was last accepted
	gaps    []gap         // times without any
	wait    time.Duration // the longest that an event waited from its first try to its acceptance
}

// A gap is a time in which events were posted and none was accepted.
type gap struct {
	began  time.Time
	length time.Duration
}

// A lane is a queue that one goroutine empties.
type lane struct{ letters []*letter }

// A letter is one request on its way to a bot.
type letter struct {
	event  *Event // nil for what no rule wants
	lane   string
	path   string
	header http.Header
	body   []byte
	repeat bool // has been accepted before
}

// patience is how long a bot may take to answer.
const patience = 20 * time.Second

// patient has another bot asked when one has not answered for so long. Whoever does not answer may still store the event
// later, behind the next one of its lane: so each event is posted until it is accepted, and what comes late is a repeat.
func (r *relay) patient(length time.Duration) {
	r.patience.Store(int64(length))
	r.sure.Store(true)
}

func openRelay(seed uint64, bots func() []string) (*relay, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the relay: %w", err)
	}
	r := &relay{
		bots: bots, url: "http://" + socket.Addr().String() + "/webhooks/jira", ended: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		rand:   rand.New(rand.NewPCG(seed, 1)), byToken: map[string]*Event{}, lanes: map[string]*lane{},
		order: map[string]int{}, stop: make(chan struct{}), answers: map[int]int{},
	}
	r.patience.Store(int64(patience))
	r.server = &http.Server{Handler: http.HandlerFunc(r.take), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(r.ended)
		_ = r.server.Serve(socket) // ends with close
	}()
	return r, nil
}

// close gives up what was not posted yet.
func (r *relay) close() {
	_ = r.server.Close()
	<-r.ended
	close(r.stop)
	r.posters.Wait()
	r.client.CloseIdleConnections()
}

// expect announces an event. Its place in its lane is taken when it comes by.
func (r *relay) expect(ev Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.know(ev)
}

// witness lets something happen that can be described only afterwards. Nothing comes by meanwhile.
func (r *relay) witness(happen func() (Event, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ev, err := happen()
	if err == nil {
		r.know(ev)
	}
	return err
}

func (r *relay) know(ev Event) {
	ev.Fate = Refused
	r.events = append(r.events, &ev)
	r.byToken[ev.Token] = &ev
}

// take is where Jira posts.
func (r *relay) take(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l := &letter{path: request.URL.RequestURI(), header: http.Header{}, body: body}
	for _, name := range []string{"Content-Type", "X-Hub-Signature"} {
		l.header.Set(name, request.Header.Get(name))
	}
	token, _ := tokenOf(told(body))
	r.send(token, l)
	w.WriteHeader(http.StatusOK)
}

// told is what a person wrote in what a webhook tells of.
func told(body []byte) string {
	var b struct {
		Event   string `json:"webhookEvent"`
		Comment struct {
			Body string `json:"body"`
		} `json:"comment"`
		Changelog struct {
			Items []struct {
				Field    string `json:"field"`
				ToString string `json:"toString"`
			} `json:"items"`
		} `json:"changelog"`
		Issue struct {
			Fields struct {
				Summary string `json:"summary"`
			} `json:"fields"`
		} `json:"issue"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	for _, item := range b.Changelog.Items {
		if item.Field == "summary" {
			return item.ToString
		}
	}
	if b.Event == "jira:issue_created" {
		return b.Issue.Fields.Summary
	}
	return b.Comment.Body
}

// send puts a letter at the end of its lane.
func (r *relay) send(token string, l *letter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.lane = fmt.Sprintf("of no interest %d", r.rand.IntN(8))
	if l.event = r.byToken[token]; l.event != nil {
		l.lane = l.event.Lane
		if l.event.Order == 0 {
			r.order[l.lane]++
			l.event.Order = r.order[l.lane]
		}
	}
	r.queue(l)
}

func (r *relay) queue(l *letter) {
	q := r.lanes[l.lane]
	if q == nil {
		q = &lane{}
		r.lanes[l.lane] = q
		r.posters.Go(func() { r.empty(l.lane, q) })
	}
	q.letters = append(q.letters, l)
}

// empty posts what is in a lane, and ends when there is nothing more.
func (r *relay) empty(name string, q *lane) {
	for {
		r.mu.Lock()
		if len(q.letters) == 0 {
			delete(r.lanes, name)
			r.mu.Unlock()
			return
		}
		l := q.letters[0]
		q.letters = q.letters[1:]
		tries := 1
		if l.event != nil && (r.sure.Load() || r.rand.Float64() < 0.85 || deedNamed(l.event.Deed).sure) {
			tries = 0
		}
		r.mu.Unlock()
		if !r.deliver(l, tries) {
			return
		}
	}
}

// deliver posts a letter until it is accepted or has been tried often enough. It is false when the relay is closed.
func (r *relay) deliver(l *letter, tries int) bool {
	began := time.Now()
	for n := 1; ; n++ {
		bots := r.bots()
		r.mu.Lock()
		bot := bots[r.rand.IntN(len(bots))]
		r.mu.Unlock()
		status, err := r.post(bot, l)
		if r.note(l, began, status, err) || n == tries {
			return true
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-pause.C:
		case <-r.stop:
			pause.Stop()
			return false
		}
	}
}

func (r *relay) post(bot string, l *letter) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.patience.Load()))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, bot+l.path, bytes.NewReader(l.body))
	if err != nil {
		return 0, err
	}
	request.Header = l.header.Clone()
	// What has an Idempotency-Key the client would send again by itself, and tell of the second try alone.
	request.GetBody = nil
	answer, err := r.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	// The status is what counts: what comes behind it may be cut off.
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, nil
}

// note writes down what became of a try, and tells whether the letter was accepted.
func (r *relay) note(l *letter, began time.Time, status int, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	accepted := status == http.StatusAccepted || status == http.StatusOK
	unheard := unreached(err)
	if !unheard {
		r.answers[status]++
	}
	if l.event == nil || l.repeat {
		return accepted
	}
	switch {
	case accepted:
		l.event.Fate = Accepted
		now := time.Now()
		r.wait = max(r.wait, now.Sub(began))
		if r.last.After(began) {
			began = r.last
		}
		if now.Sub(began) >= aPause {
			r.gaps = append(r.gaps, gap{began, now.Sub(began)})
		}
		r.last = now
		r.again(l)
	case !unheard && l.event.Fate == Refused:
		l.event.Fate = Unsure
	}
	return accepted
}

// again posts some of what was accepted once more, as senders do that did not hear the answer.
func (r *relay) again(l *letter) {
	if r.rand.Float64() > 0.15 {
		return
	}
	repeat := *l
	repeat.repeat = true
	if q := r.lanes[l.lane]; q != nil && r.rand.Float64() < 0.5 {
		q.letters = append([]*letter{&repeat}, q.letters...)
		return
	}
	r.queue(&repeat) // behind whatever came meanwhile
}

// unreached tells whether nobody can have seen the request: there was no connection.
func unreached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// waiting is how many letters are on their way.
func (r *relay) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, q := range r.lanes {
		n += len(q.letters) + 1
	}
	return n
}

// record is a copy of what is known about the events.
func (r *relay) record() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Event, len(r.events))
	for i, ev := range r.events {
		out[i] = *ev
	}
	return out
}

// answered is what the bots answered to posts, by status.
func (r *relay) answered() map[int]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.answers)
}

// pauses are the longest that one event waited from its first try to its acceptance, and when, since a moment, for how long
// events were posted and none was accepted: the longest first.
func (r *relay) pauses(since time.Time) (wait time.Duration, all []Pause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range r.gaps {
		all = append(all, Pause{At: g.began.Sub(since), Length: g.length})
	}
	slices.SortStableFunc(all, func(a, b Pause) int { return cmp.Compare(b.Length, a.Length) })
	return r.wait, all
}

// accepted is how many events were so far.
func (r *relay) accepted() int {
	n := 0
	for _, ev := range r.record() {
		if ev.Fate == Accepted {
			n++
		}
	}
	return n
}
