package jiratest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Delivery is one webhook that was sent, or would have been.
type Delivery struct {
	Number    int // counts from 1 in the order of what happened
	Time      time.Time
	Webhook   string // name of the registration
	Event     string // webhookEvent
	URL       string // with user_id and user_key
	Header    http.Header
	Body      []byte
	Duplicate bool
	Retry     int // on Cloud: how often it failed before

	Lost   string // why it was never sent: "dropped", "recorded only", "queue full", "closed"
	Status int    // of the receiver's answer
	Err    error  // why there was none

	hook int // ID of the registration
}

// Sending is how webhooks leave.
type Sending int

const (
	// OneByOne is one after the other and in order, after the requests that caused them are answered.
	OneByOne Sending = iota
	// ByVersion is InRequest up to Jira 9, and AtOnce from 10 on and on Cloud.
	ByVersion
	// InRequest is before the request that caused them is answered, and in order.
	InRequest
	// AtOnce is several at a time: they overtake each other.
	AtOnce
)

// pool is how many threads send webhooks where several do.
const pool = 4

// An outbox sends deliveries, and never twice: Jira Data Center does not retry. Cloud does, when RetryWebhooks says that it is time.
type outbox struct {
	client *http.Client
	how    Sending
	again  bool // failed ones are kept for another try
	limit  int
	keep   int
	bodies bool

	turn sync.Mutex // one at a time, also when requests deliver for themselves

	mu      sync.Mutex
	count   int
	kept    []*Delivery
	waiting []*Delivery
	failed  []Delivery
	tallies map[int]*tally // by ID of the registration
	busy    int
	running bool
	closed  bool
	wake    chan struct{} // closed and replaced whenever something changed
	stop    context.CancelFunc
	life    context.Context
	done    sync.WaitGroup
}

func (o *outbox) setUp(options Options, version profile) {
	o.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	o.how, o.limit, o.keep, o.bodies = options.Webhooks, options.QueueSize, options.Keep, !options.DiscardBodies
	if o.how == ByVersion {
		o.how = version.sending
	}
	o.again = version.cloud
	o.tallies = map[int]*tally{}
	o.wake = make(chan struct{})
	o.life, o.stop = context.WithCancel(context.Background())
}

// add puts a delivery at the end of the queue. The Jira's lock is held, which is what keeps the order.
func (o *outbox) add(d Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count++
	d.Number = o.count
	switch {
	case d.Lost != "":
	case o.closed:
		d.Lost = "closed"
	case len(o.waiting) >= o.limit:
		d.Lost = "queue full"
	}
	if o.kept = append(o.kept, &d); len(o.kept) > o.keep {
		o.kept = slices.Delete(o.kept, 0, max(1, o.keep/10))
	}
	if d.Lost != "" {
		if !o.bodies {
			d.Body = nil
		}
		return
	}
	o.waiting = append(o.waiting, &d)
	if o.how != InRequest && !o.running {
		o.running = true
		senders := 1
		if o.how == AtOnce {
			senders = pool
		}
		for range senders {
			o.done.Go(o.run)
		}
	}
	o.changed()
}

func (o *outbox) changed() {
	close(o.wake)
	o.wake = make(chan struct{})
}

// run sends until the outbox is closed.
func (o *outbox) run() {
	for {
		if o.sendNext() {
			continue
		}
		o.mu.Lock()
		wake, idle := o.wake, len(o.waiting) == 0
		o.mu.Unlock()
		if !idle && o.life.Err() == nil {
			continue
		}
		select {
		case <-wake:
		case <-o.life.Done():
			return
		}
	}
}

// flush sends what is waiting before the request that caused it is answered.
func (o *outbox) flush() {
	if o.how != InRequest {
		return
	}
	for o.sendNext() {
	}
}

func (o *outbox) sendNext() bool {
	if o.how != AtOnce {
		o.turn.Lock()
		defer o.turn.Unlock()
	}
	o.mu.Lock()
	if len(o.waiting) == 0 || o.closed {
		o.mu.Unlock()
		return false
	}
	d := o.waiting[0]
	o.waiting = o.waiting[1:]
	o.busy++
	o.mu.Unlock()
	status, err := o.send(d)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.again && d.Retry < mostRetries && mayRetry(status, err) {
		again := *d
		again.Retry++
		again.Header = d.Header.Clone()
		again.Header.Set("X-Atlassian-Webhook-Retry", text(again.Retry))
		o.failed = append(o.failed, again)
	}
	d.Status, d.Err = status, err
	o.tell(d, status, err)
	o.busy--
	if !o.bodies {
		d.Body = nil
	}
	o.changed()
	return true
}

func (o *outbox) send(d *Delivery) (int, error) {
	request, err := http.NewRequestWithContext(o.life, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	request.Header = d.Header.Clone()
	answer, err := o.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, err
}

func (o *outbox) close() {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return
	}
	o.closed = true
	for _, d := range o.waiting {
		d.Lost = "closed"
	}
	o.waiting = nil
	o.changed()
	o.mu.Unlock()
	o.stop()
	o.done.Wait()
	o.client.CloseIdleConnections()
}

// WaitDelivered waits until every webhook of what happened so far was sent, or was lost.
func (j *Jira) WaitDelivered(ctx context.Context) error {
	o := &j.hooks
	for {
		o.mu.Lock()
		wake, idle := o.wake, len(o.waiting) == 0 && o.busy == 0
		o.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return errors.Join(errors.New("webhooks are still waiting"), ctx.Err())
		}
	}
}

// Deliveries are the webhooks so far, lost ones too, in the order of what happened.
func (j *Jira) Deliveries() []Delivery {
	j.hooks.mu.Lock()
	defer j.hooks.mu.Unlock()
	out := make([]Delivery, len(j.hooks.kept))
	for n, d := range j.hooks.kept {
		out[n] = *d
	}
	return out
}
