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
	easy   bool   // may wait a moment for others to share a sync with; then stored must bear to be called for what is known
	soon   bool   // gets its answer when it is in the file, and is synced a moment later
	// moot, if set, tells that the record is there: an earlier try that counted as failed lay in the file after all.
	moot func() bool
	// stored does the accounting. The committer calls it in the order of the stream, before the writer gets its answer.
	stored func(answer)
	answer chan answer

	future   jetstream.PubAckFuture
	result   answer
	answered bool
}

type answer struct {
	seq    uint64
	at     time.Time // when it was stored; not known of every record
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
	case j.committer.writes <- w:
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

// A committer stores what is written, and syncs it. While it syncs one group, the next gathers in its channel.
type committer struct {
	j      *Journal
	writes chan *write
	// stored are writes that lie in the files and are not synced. None of them is in a hurry, and the first has waited longest.
	stored []*write
	due    *time.Timer // when they are synced at the latest
}

// A sync costs more processor time than all else that is done for a record, so records share it.
const (
	// ease is how long a write may wait for another to share a sync with, if nobody but its own lane waits for it.
	ease = 4 * time.Millisecond
	// A group of crowd writes is followed by a larger one if the committer waits for that long: so many come at once that
	// each waits less for it than it would for a processor.
	crowd     = 16
	crowdWait = 2 * time.Millisecond
)

func newCommitter(j *Journal) *committer {
	c := &committer{j: j, writes: make(chan *write, groupSize), due: time.NewTimer(ease)}
	c.due.Stop()
	return c
}

// commit works until the journal is closed.
func (c *committer) commit() {
	defer close(c.j.stopped)
	tick := time.NewTicker(reviveEvery)
	defer tick.Stop()
	for {
		select {
		case w := <-c.writes:
			if crowded := c.store(c.gather(w)); crowded {
				c.wait()
			}
		case <-c.due.C:
			c.settle(everyStream)
		case <-tick.C:
			if c.j.unwell.Load() != nil {
				c.j.revive()
			}
		case <-c.j.closing:
			// Whoever got a place in the channel gets an answer.
			for len(c.writes) > 0 {
				c.store(c.gather(<-c.writes))
			}
			c.settle(everyStream)
			return
		}
	}
}

// wait lets the next group gather.
func (c *committer) wait() {
	enough := time.NewTimer(crowdWait)
	defer enough.Stop()
	select {
	case <-enough.C:
	case <-c.j.closing:
	}
}

func (c *committer) gather(first *write) []*write {
	group, size := []*write{first}, first.size()
	for len(group) < groupSize && size < groupBytes {
		select {
		case w := <-c.writes:
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

// store stores a group, and syncs the streams in which somebody is in a hurry. The others' turn comes later: a sync of two streams takes
// twice as long as one, and whoever waits for one should not wait for both. In a crowd each waits for the next anyway, and all is synced.
func (c *committer) store(group []*write) (crowded bool) {
	err := c.put(group)
	var hurry [streams]bool
	anybody := false
	for _, w := range group {
		if err != nil && w.result.err == nil {
			w.result.err = err
		}
		if w.soon && w.result.err == nil {
			c.reply(w)
		}
		if !w.easy && !w.soon {
			hurry[w.stream], anybody = true, true
		}
	}
	crowded = anybody && len(group) >= crowd
	if len(c.stored) == 0 {
		c.due.Reset(ease)
	}
	c.stored = append(c.stored, group...)
	switch {
	case err != nil || crowded || len(c.stored) >= groupSize:
		c.settle(everyStream)
	case anybody:
		c.settle(hurry)
	}
	return crowded
}

var everyStream = [streams]bool{in: true, runs: true, dead: true, state: true} //nolint:gochecknoglobals // a constant

// settle syncs what is stored in some streams, and answers. If that fails nobody's write counts.
func (c *committer) settle(which [streams]bool) {
	var touched [streams]bool
	for _, w := range c.stored {
		// A repeat is synced as well: what it repeats may be of this very group.
		touched[w.stream] = touched[w.stream] || which[w.stream] && w.result.err == nil
	}
	err := c.j.syncStreams(c.j.node.Load(), touched)
	left := c.stored[:0]
	for _, w := range c.stored {
		switch {
		case err == nil && !which[w.stream]:
			left = append(left, w)
		case !w.answered:
			if w.result.err == nil {
				w.result.err = err
			}
			c.reply(w)
		}
	}
	clear(c.stored[len(left):])
	if c.stored = left; len(left) == 0 {
		c.due.Stop()
	}
}

// reply answers the writer.
func (c *committer) reply(w *write) {
	if w.result.err == nil {
		c.account(w)
	}
	w.answered = true
	w.answer <- w.result
}

func (c *committer) account(w *write) {
	if w.stored != nil {
		w.stored(w.result)
	}
	if seen := &c.j.seen[w.stream]; !w.result.repeat && w.result.seq > seen.Load() {
		seen.Store(w.result.seq)
	}
}

// put writes a group to the file. An error means that nothing of the group counts as stored; what only concerns one write is in its
// result.
func (c *committer) put(group []*write) error {
	if u := c.j.unwell.Load(); u != nil {
		return u
	}
	n := c.j.node.Load()
	size := 0
	for _, w := range group {
		size += w.size()
	}
	var little *Unwell // not even what is kept for work under way
	none := c.j.roomFor(size, false)
	if none != nil {
		little = c.j.roomFor(size, true)
	}
	for _, w := range group {
		if w.moot != nil && w.moot() {
			w.result.repeat = true
		} else if little != nil && w.spare {
			w.result.err = little
		} else if none != nil && !w.spare {
			w.result.err = none
		} else if err := w.publish(n); err != nil {
			return c.j.fail(err, nil)
		}
	}
	for _, w := range group {
		if w.result.err != nil {
			continue
		}
		if err := w.await(n); err != nil {
			return c.j.fail(err, nil)
		}
	}
	return nil
}

// publish sends the record on its way. Like await it returns only what concerns the store.
func (w *write) publish(n *node) (err error) {
	if w.remove != 0 {
		return nil
	}
	if done, err := w.direct(n); done || err != nil {
		return err
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
	if w.future == nil { // it was stored by a call
		return nil
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

// missing tells whether a message that was to be removed is not there: "no message found", or "sequence 2 not found" if it
// was removed just now. Of the latter the client makes a text.
func missing(err error) bool {
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) &&
		(strings.Contains(err.Error(), "no message found") || strings.HasSuffix(err.Error(), "not found")) {
		return true
	}
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
	one := func(s stream) { failed[s], errs[s] = n.sync[s].sync(j.opts.datasync) }
	first := streams
	for s := range streams {
		switch {
		case !touched[s]:
		case first == streams:
			first = s
		default:
			wg.Go(func() { one(s) })
		}
	}
	if first < streams {
		one(first) // mostly it is the only one, and need not wait for its turn
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
