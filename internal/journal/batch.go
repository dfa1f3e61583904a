package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A batch asks for many messages of a stream at once, oldest first. The answer comes from the nearest copy of the stream,
// which shows a beginning of it: what it shows is right, and it may not have the newest yet.
type batch struct {
	subject string
	seq     uint64     // the first; 0 where since is set
	since   *time.Time // the first stored at this time or later
	count   int
	brief   bool // what is shown need not last: its data may be gone with the next one
}

// The names are those of the server's API.
type batchRequest struct {
	Seq     uint64     `json:"seq,omitempty"`
	Since   *time.Time `json:"start_time,omitempty"`
	Subject string     `json:"next_by_subj"`
	Count   int        `json:"batch"`
	Bytes   int        `json:"max_bytes"`
}

// batchBytes bounds an answer: what would come after that many bytes comes with the next request.
const batchBytes = 4 << 20

// A stored is a message as it lies in a stream.
type stored struct {
	subject string
	seq     uint64
	at      time.Time
	header  nats.Header
	data    []byte
	left    uint64 // how many more the request was for
}

// fetch carries a batch out. It stops when show says no, and tells how many it has shown.
func (n *node) fetch(ctx context.Context, s stream, b batch, show func(stored) bool) (shown int, err error) {
	if d := n.direct[s]; d != nil {
		return d.fetch(ctx, b, show)
	}
	request, err := json.Marshal(batchRequest{Seq: b.seq, Since: b.since, Subject: b.subject, Count: b.count, Bytes: batchBytes})
	if err != nil {
		return 0, err
	}
	// The server's time counts from one message to the next, not what show takes for them.
	late := time.NewTimer(n.answersIn)
	defer late.Stop()
	inbox := n.nc.NewInbox()
	// Room for all that was asked for and the end: what does not fit would be thrown away.
	answers := make(chan *nats.Msg, b.count+2)
	sub, err := n.nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return 0, err
	}
	defer func() { _ = sub.Unsubscribe() }() // an error means that the connection is gone, and with it the subscription
	if err := n.nc.PublishRequest("$JS.API.DIRECT.GET."+s.String(), inbox, request); err != nil {
		return 0, err
	}
	for {
		var m *nats.Msg
		late.Reset(n.answersIn)
		select {
		case m = <-answers:
		case <-late.C:
			return shown, fmt.Errorf("%w: no answer within %v", context.DeadlineExceeded, n.answersIn)
		case <-ctx.Done():
			return shown, ctx.Err()
		case <-n.gone:
			return shown, nats.ErrConnectionClosed
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204", "404": // the end; nothing there
			return shown, nil
		default:
			return shown, fmt.Errorf("the server refuses with %s %s", status, m.Header.Get("Description"))
		}
		got, err := storedIn(m)
		if err != nil {
			return shown, err
		}
		shown++
		if !show(got) {
			return shown, nil
		}
	}
}

func storedIn(m *nats.Msg) (stored, error) {
	got := stored{subject: m.Header.Get(jetstream.SubjectHeader), header: m.Header, data: m.Data}
	var err error
	if got.seq, err = strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64); err != nil {
		return got, fmt.Errorf("the server's answer has no sequence: %w", err)
	}
	if got.at, err = time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer)); err != nil {
		return got, fmt.Errorf("the server's answer has no time: %w", err)
	}
	if got.left, err = strconv.ParseUint(m.Header.Get("Nats-Num-Pending"), 10, 64); err != nil {
		return got, fmt.Errorf("the server's answer does not say how much is left: %w", err)
	}
	return got, nil
}

// count tells how many messages of a stream have a subject, from a sequence on.
func (n *node) count(ctx context.Context, s stream, seq uint64, subject string) (int, error) {
	left := 0
	_, err := n.fetch(ctx, s, batch{subject: subject, seq: max(seq, 1), count: 1}, func(m stored) bool {
		left = int(m.left) + 1
		return false
	})
	return left, err
}
