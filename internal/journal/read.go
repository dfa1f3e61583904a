package journal

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// next is the first message of a stream at or behind seq that matches a subject; nil if there is none.
func (n *node) next(ctx context.Context, s stream, seq uint64, subject string) (*jetstream.RawStreamMsg, error) {
	if d := n.direct[s]; d != nil {
		return d.next(seq, subject)
	}
	return found(n.streams[s].GetMsg(ctx, max(seq, 1), jetstream.WithGetMsgSubject(subject)))
}

// nextOfLeader is next, asked of the copy that leads the others.
func (n *node) nextOfLeader(ctx context.Context, s stream, seq uint64, subject string) (*jetstream.RawStreamMsg, error) {
	var answer struct {
		Error *struct {
			Code        int    `json:"code"`
			Description string `json:"description"`
		} `json:"error"`
		Message struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := call(ctx, n.nc, "$JS.API.STREAM.MSG.GET."+s.String(), map[string]any{"seq": seq, "next_by_subj": subject}, &answer); err != nil {
		return nil, err
	}
	if e := answer.Error; e != nil {
		if e.Code == http.StatusNotFound {
			return nil, nil
		}
		return nil, errors.New(e.Description)
	}
	m := answer.Message
	h, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil {
		return nil, err
	}
	return &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Sequence, Header: h, Data: m.Data, Time: m.Time}, nil
}

// last is the last message of a stream with a subject; nil if there is none.
func (n *node) last(ctx context.Context, s stream, subject string) (*jetstream.RawStreamMsg, error) {
	if d := n.direct[s]; d != nil {
		return d.last(subject)
	}
	return found(n.streams[s].GetLastMsgForSubject(ctx, subject))
}

// at is the message of a stream with a sequence; nil if it is gone.
func (n *node) at(ctx context.Context, s stream, seq uint64) (*jetstream.RawStreamMsg, error) {
	if d := n.direct[s]; d != nil {
		return d.at(seq)
	}
	return found(n.streams[s].GetMsg(ctx, seq))
}

// end is the last sequence of a stream.
func (n *node) end(ctx context.Context, s stream) (uint64, error) {
	info, err := n.streams[s].Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.State.LastSeq, nil
}

func found(m *jetstream.RawStreamMsg, err error) (*jetstream.RawStreamMsg, error) {
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return m, err
}
