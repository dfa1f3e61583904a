package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	groupSize  = 512
	groupBytes = 2 * maxPayload
	// reviveEvery is the pause between two tries to get a failed store going.
	reviveEvery = time.Second
)

// A write is one record on its way to the disk. All writers hand theirs to one committer.
type write struct {
	stream stream
	msg    *nats.Msg
	id     string // the message ID under which a repeat is known; "" for none
	remove uint64 // if set there is no msg, and the message with this sequence is removed
	lane   *lane  // whose log it is for; in a cluster it must be held
	spare  bool   // may use the room kept for work under way
	// stored does the accounting. The committer calls it in the order of the stream, before the writer gets its answer.
	stored func(seq uint64, repeat bool)
	answer chan answer

	future jetstream.PubAckFuture
	result answer
}

type answer struct {
	seq    uint64
	repeat bool
	err    error
}

// write hands a record to the committer and waits until it is on disk. When ctx ends first, it may be stored or not.
func (j *Journal) write(ctx context.Context, w *write) (answer, error) {
	if w.msg != nil && w.msg.Size() > maxPayload {
		return answer{}, fmt.Errorf("%w: %d bytes, at most %d can be stored", ErrTooLarge, w.msg.Size(), maxPayload)
	}
	select {
	case <-j.closing:
		return answer{}, ErrClosed
	default:
	}
	if j.crew != nil {
		return j.replicate(ctx, w)
	}
	w.answer = make(chan answer, 1)
	select {
	case j.writes <- w:
	case <-j.closing:
		return answer{}, ErrClosed
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	select {
	case a := <-w.answer:
		return a, a.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	case <-j.stopped:
		// The committer may have answered as its last deed.
		select {
		case a := <-w.answer:
			return a, a.err
		default:
			return answer{}, ErrClosed
		}
	}
}

// commit is the committer: while it syncs one group, the next gathers in the channel.
func (j *Journal) commit() {
	defer close(j.stopped)
	tick := time.NewTicker(reviveEvery)
	defer tick.Stop()
	for {
		select {
		case w := <-j.writes:
			j.commitGroup(j.gather(w))
		case <-tick.C:
			if j.unwell.Load() != nil {
				j.revive()
			}
		case <-j.closing:
			// Whoever got a place in the channel gets an answer.
			for len(j.writes) > 0 {
				j.commitGroup(j.gather(<-j.writes))
			}
			return
		}
	}
}

func (j *Journal) gather(first *write) []*write {
	group, size := []*write{first}, first.size()
	for len(group) < groupSize && size < groupBytes {
		select {
		case w := <-j.writes:
			group = append(group, w)
			size += w.size()
		default:
			return group
		}
	}
	return group
}

func (w *write) size() int {
	if w.msg == nil {
		return 0
	}
	return w.msg.Size()
}

// commitGroup stores a group and answers its writers.
func (j *Journal) commitGroup(group []*write) {
	if err := j.storeGroup(group); err != nil {
		for _, w := range group {
			if w.result.err == nil {
				w.result = answer{err: err}
			}
		}
	}
	for _, w := range group {
		if w.result.err == nil {
			if w.stored != nil {
				w.stored(w.result.seq, w.result.repeat)
			}
			if !w.result.repeat && w.result.seq > j.seen[w.stream].Load() {
				j.seen[w.stream].Store(w.result.seq)
			}
		}
		w.answer <- w.result
	}
}

// storeGroup publishes a group, awaits the answers and syncs what was touched. An error means that nothing of the group
// counts as stored; what only concerns one write is in its result.
func (j *Journal) storeGroup(group []*write) error {
	if u := j.unwell.Load(); u != nil {
		return u
	}
	n := j.node.Load()
	size := 0
	for _, w := range group {
		size += w.size()
	}
	none, little := j.roomFor(size, false), j.roomFor(size, true)
	for _, w := range group {
		if little != nil && w.spare {
			w.result.err = little
		} else if none != nil && !w.spare {
			w.result.err = none
		} else if err := w.publish(n); err != nil {
			return j.fail(err, nil)
		}
	}
	var touched [streams]bool
	for _, w := range group {
		if w.result.err != nil {
			continue
		}
		if err := w.await(n); err != nil {
			return j.fail(err, nil)
		}
		// A repeat is synced as well: what it repeats may be of this very group.
		touched[w.stream] = touched[w.stream] || w.result.err == nil
	}
	return j.syncStreams(n, touched)
}

// publish sends the record on its way. Like await it returns only what concerns the store.
func (w *write) publish(n *node) (err error) {
	if w.remove != 0 {
		return nil
	}
	var opts []jetstream.PublishOpt
	if w.id != "" {
		opts = append(opts, jetstream.WithMsgID(w.id))
	}
	w.future, err = n.js.PublishMsgAsync(w.msg, opts...)
	if errors.Is(err, nats.ErrMaxPayload) {
		w.result.err = fmt.Errorf("%w: %w", ErrTooLarge, err)
		return nil
	}
	return err
}

// await waits for the server's answer. What it returns concerns the store, not just this write.
func (w *write) await(n *node) error {
	if w.remove != 0 {
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		defer cancel()
		err := n.streams[w.stream].DeleteMsg(ctx, w.remove)
		if missing(err) {
			w.result.err = ErrNotFound
			return nil
		}
		return err
	}
	select {
	case ack := <-w.future.Ok():
		w.result.seq, w.result.repeat = ack.Sequence, ack.Duplicate
		return nil
	case err := <-w.future.Err():
		if outOfBytes(err) {
			w.result.err = &Full{Why: "it has reached its size limit", wait: fullWait}
			return nil
		}
		if stale(err) {
			w.result.err = errStale
			return nil
		}
		return fmt.Errorf("store in %s: %w", w.stream, err)
	}
}

// outOfBytes tells the inbox's own limit from a fault. Both come as "store failed" and differ in their text alone.
func outOfBytes(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && strings.Contains(api.Description, "maximum bytes exceeded")
}

// missing tells whether a message that was to be removed is not there.
func missing(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeMessageNotFound || strings.Contains(api.Description, "no message found"))
}

// stale tells whether a conditional write came too late.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeSequence
}

func (j *Journal) syncStreams(n *node, touched [streams]bool) error {
	var wg sync.WaitGroup
	var failed [streams][]string
	var errs [streams]error
	for s := range streams {
		if touched[s] {
			wg.Go(func() { failed[s], errs[s] = n.sync[s].sync(j.opts.datasync) })
		}
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		var all []string
		for _, f := range failed {
			all = append(all, f...)
		}
		return j.fail(err, all)
	}
	return nil
}
