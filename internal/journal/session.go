package journal

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// times are the pace of a crew. They belong together: whoever has not been seen for gone cannot have had a lease for
// the last gone minus lease.
type times struct {
	beat  time.Duration // between two signs of life
	lease time.Duration // how long one allows to act
	gone  time.Duration // without one a machine is taken to be gone
}

// paceOfCrew leaves a second and a half between the end of a lease and the moment when another machine acts: for a request
// to Jira that was just leaving, and for clocks that run unequally.
var paceOfCrew = times{beat: 700 * time.Millisecond, lease: 3 * time.Second, gone: 4500 * time.Millisecond}

// A session is one life of this machine as a member: from joining until it is taken to be gone.
type session struct {
	id    uint64 // the sequence of its first record: a later session has a higher one
	lease *lease
	ctx   context.Context // ends with the session
	over  context.CancelCauseFunc
	tail  uint64 // the last record
}

// memberRecord is what a machine says of itself. Its JSON names are on disks.
type memberRecord struct {
	Name    string            `json:"name"`
	Session uint64            `json:"session,omitempty"` // 0 in the first record of a session, whose own sequence it is
	Gone    bool              `json:"gone,omitempty"`    // the session is over
	Works   bool              `json:"works,omitempty"`   // it takes lanes
	Lanes   int               `json:"lanes,omitempty"`   // so many
	Waiting int               `json:"waiting,omitempty"` // deliveries in them
	News    map[string]string `json:"news,omitempty"`    // see Announce
}

func memberSubject(name string) string {
	return "member." + base64.RawURLEncoding.EncodeToString([]byte(name))
}

// writeMember writes this machine's or another's record, if the last one is still the one with the sequence tail. It goes
// on until there is a clear answer, or ctx ends.
func (c *crew) writeMember(ctx context.Context, r memberRecord, tail uint64) (seq uint64, err error) {
	data, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	msg, err := message(memberSubject(r.Name), data)
	if err != nil {
		return 0, err
	}
	w := &write{stream: state, msg: msg, spare: true}
	if err := c.j.prepare(w); err != nil {
		return 0, err
	}
	w.expect(msg.Subject, tail)
	for {
		a, err := c.j.tryLong(ctx, w, nil)
		if err == nil || errors.Is(err, errStale) || errors.Is(err, ErrClosed) || ctx.Err() != nil {
			return a.seq, err
		}
		c.ailing(err)
	}
}

// readMember reads this machine's own record.
func (c *crew) readMember(ctx context.Context) (r memberRecord, seq uint64, err error) {
	m, err := c.j.node.Load().last(ctx, state, memberSubject(c.name))
	if err != nil || m == nil {
		return r, 0, err
	}
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return r, 0, fmt.Errorf("read who is there: %w", err)
	}
	if r.Session == 0 {
		r.Session = m.Sequence
	}
	return r, m.Sequence, nil
}

// join begins a session. A session of the same name that is not over is one of this directory's earlier processes, and
// then nobody is there any more to act in it; or it is another machine by mistake, and then we wait.
func (c *crew) join(ctx context.Context) (*session, error) {
	for {
		old, tail, err := c.readMember(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			c.log.Debug().Err(err).Msg("cannot see who is there") // no copy of the stream is ready yet
			sleep(ctx, tryAgain)
			continue
		}
		if tail != 0 && !old.Gone && old.Session != c.remembered() {
			if err := c.awaitSilence(ctx, tail); err != nil {
				return nil, err
			}
		}
		asked := now()
		seq, err := c.writeMember(ctx, c.record(memberRecord{Name: c.name}), tail)
		if errors.Is(err, errStale) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("join the others: %w", err)
		}
		if err := c.remember(seq); err != nil {
			return nil, err
		}
		s := &session{id: seq, tail: seq, lease: newLease(c.pace.lease)}
		s.ctx, s.over = context.WithCancelCause(context.WithoutCancel(ctx))
		s.lease.renew(asked)
		return s, nil
	}
}

// awaitSilence waits until our name's record has not changed for as long as it takes to be gone.
func (c *crew) awaitSilence(ctx context.Context, tail uint64) error {
	c.log.Warn().Str("member", c.name).Msg("a member of this name may still be there; waiting until it is gone. Each machine needs a name of its own")
	tick := time.NewTicker(c.pace.beat)
	defer tick.Stop()
	for quiet := now(); now().since(quiet) < c.pace.gone; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		_, seq, err := c.readMember(ctx)
		if err != nil {
			return err
		}
		if seq != tail {
			quiet, tail = now(), seq
		}
	}
	return nil
}

// beat gives signs of life until the session or ctx is over.
func (c *crew) beat(ctx context.Context, s *session) error {
	tick := time.NewTicker(c.pace.beat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-c.hurry:
		case <-ctx.Done():
			return nil
		}
		asked := now()
		seq, err := c.writeMember(ctx, c.record(memberRecord{Name: c.name, Session: s.id}), s.tail)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.tail = seq
		s.lease.renew(asked)
		c.healthy()
	}
}

// leave ends a session for good, so that nobody has to wait for its end.
func (c *crew) leave(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	gone := memberRecord{Name: c.name, Session: s.id, Gone: true}
	_, err := c.writeMember(ctx, gone, s.tail)
	if errors.Is(err, errStale) {
		// The last sign of life was interrupted and is stored all the same.
		if r, tail, readErr := c.readMember(ctx); readErr == nil && r.Session == s.id {
			_, err = c.writeMember(ctx, gone, tail)
		}
	}
	if err != nil {
		c.log.Warn().Err(err).Msg("cannot say that this machine leaves; the others will find out")
	}
}

// remembered is the session that the last process with this directory had.
func (c *crew) remembered() uint64 {
	data, err := os.ReadFile(filepath.Join(c.j.opts.Dir, "session"))
	if err != nil {
		return 0
	}
	id, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func (c *crew) remember(id uint64) error {
	if err := os.WriteFile(filepath.Join(c.j.opts.Dir, "session"), fmt.Appendln(nil, id), 0o600); err != nil {
		return fmt.Errorf("remember the session: %w", err)
	}
	return nil
}
