package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// patience is how long a write is tried while the copies choose a new leader.
	patience = 9 * time.Second
	// tryTime is how long one try may take, sizeable records excepted.
	tryTime = 2 * time.Second
	// tryAgain is the pause between two tries.
	tryAgain = 50 * time.Millisecond
	// awayWait is how long senders are asked to wait while too few machines are there.
	awayWait = 5 * time.Second
)

// codeSequence is the server's answer to a write whose condition does not hold.
const codeSequence jetstream.ErrorCode = 10071

// errStale is the answer where something has been written since the writer looked.
var errStale = errors.New("something newer is stored")

// replicate stores a record on most of the machines: the answer comes when that is so. Unlike a single machine's
// committer it gathers nothing, since the server does. A try whose answer is lost is repeated under the same message ID,
// by which the server knows it.
func (j *Journal) replicate(ctx context.Context, w *write) (answer, error) {
	if err := j.prepare(w); err != nil {
		return answer{}, err
	}
	if w.lane != nil {
		w.lane.writing.Lock()
		defer w.lane.writing.Unlock()
		g := w.lane.held()
		if g == nil {
			return answer{}, ErrLost
		}
		w.expect(logSubject(w.lane.n), g.tail)
		a, err := j.tryLong(ctx, w, g.lost.Done())
		if err != nil && !errors.Is(err, ErrTooLarge) {
			// It may be stored or not. Whoever takes the lane next reads what is there.
			g.drop(err)
			return answer{}, err
		}
		if err == nil {
			g.tail = a.seq
		}
		return j.account(w, a), err
	}
	a, err := j.tryLong(ctx, w, nil)
	if err != nil {
		return answer{}, err
	}
	return j.account(w, a), nil
}

func (j *Journal) prepare(w *write) error {
	if !w.spare {
		if u := j.roomFor(w.size(), false); u != nil {
			return u
		}
	}
	if w.msg == nil {
		return nil
	}
	if w.id == "" {
		w.id = rand.Text()
	}
	w.msg.Header.Set(jetstream.MsgIDHeader, w.id)
	return nil
}

// expect makes a write conditional: the last message with a subject must be the one with this sequence.
func (w *write) expect(subject string, seq uint64) {
	w.msg.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(seq, 10))
	w.msg.Header.Set(jetstream.ExpectedLastSubjSeqSubjHeader, subject)
}

func (j *Journal) account(w *write, a answer) answer {
	if w.stored != nil {
		w.stored(a)
	}
	return a
}

// tryLong tries until there is a clear answer, or patience is over.
func (j *Journal) tryLong(ctx context.Context, w *write, lost <-chan struct{}) (answer, error) {
	most := patience
	if j.unwell.Load() != nil {
		most = tryTime // those who come while it is known that nothing works wait no longer
	}
	ctx, cancel := context.WithTimeout(ctx, most+time.Duration(w.size())*time.Microsecond/10)
	defer cancel()
	var err error
	var p process
	for {
		var a answer
		var clear bool
		if a, clear, err = w.try(ctx, j.node.Load()); clear {
			return a, err
		}
		if p.stuck(err, time.Now()) {
			j.relieve(ctx, w.stream)
		}
		pause := time.NewTimer(tryAgain)
		select {
		case <-pause.C:
			continue
		case <-lost:
			err = ErrLost
		case <-j.closing:
			err = ErrClosed
		case <-ctx.Done():
			err = &Unwell{Since: j.opts.Now(), Err: fmt.Errorf("too few machines answer: %w", err), wait: awayWait}
		}
		pause.Stop()
		return answer{}, err
	}
}

// try is one try; clear if another would get the same answer.
func (w *write) try(ctx context.Context, n *node) (a answer, clear bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime+time.Duration(w.size())*time.Microsecond/10)
	defer cancel()
	if w.msg == nil {
		err = n.streams[w.stream].DeleteMsg(ctx, w.remove)
	} else {
		var ack *jetstream.PubAck
		if ack, err = n.js.PublishMsg(ctx, w.msg, jetstream.WithRetryAttempts(0)); err == nil {
			return answer{seq: ack.Sequence, repeat: ack.Duplicate}, true, nil
		}
	}
	var api *jetstream.APIError
	switch {
	case err == nil:
		return answer{}, true, nil
	case errors.Is(err, nats.ErrMaxPayload):
		return answer{}, true, fmt.Errorf("%w: %w", ErrTooLarge, err)
	case !errors.As(err, &api):
		return answer{}, false, err
	case stale(err):
		return answer{}, true, errStale
	case outOfBytes(err):
		return answer{}, true, &Full{Why: "it has reached its size limit", wait: fullWait}
	case w.msg == nil && missing(err):
		return answer{}, true, ErrNotFound
	}
	return answer{}, false, err // a new leader is being chosen, or our own earlier try is under way
}
