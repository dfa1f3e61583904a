package journal

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

// A crew is the machines that share a journal, as one of them sees it: who is there, and whose turn it is in which lane.
type crew struct {
	j     *Journal
	name  string
	pace  times
	log   zerolog.Logger
	hurry chan struct{} // has a token when the others should hear of us at once

	holding atomic.Int64 // lanes

	mu      sync.Mutex
	session *session
	working int
	news    map[string]string
	others  map[string]*sighting // by name; ourselves as well
	turns   []bool               // by lane: it is ours
	end     uint64               // of the inbox at the last look
	abreast instant              // when our copies of the streams last had what the others have

	stop  context.CancelFunc
	parts sync.WaitGroup
}

// A sighting is what was last seen of a member.
type sighting struct {
	memberRecord
	seq uint64
	at  instant
}

// A Member is one machine of a cluster.
type Member struct {
	Name    string            `json:"name"`
	Here    bool              `json:"here,omitempty"` // it is this one
	Alive   bool              `json:"alive"`
	Works   bool              `json:"works"`
	Lanes   int               `json:"lanes"`
	Waiting int               `json:"waiting"`
	News    map[string]string `json:"news,omitempty"`
}

func newCrew(j *Journal, name string) *crew {
	return &crew{j: j, name: name, abreast: now(), pace: j.opts.pace, log: j.log.With().Str("member", name).Logger(),
		hurry: make(chan struct{}, 1), news: map[string]string{}, others: map[string]*sighting{}, turns: make([]bool, len(j.lanes))}
}

// start joins the others and takes part until leaveAll.
func (c *crew) start(ctx context.Context) error {
	s, err := c.join(ctx)
	if err != nil {
		return err
	}
	c.set(s)
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := c.listen(); err != nil {
		c.stop()
		return err
	}
	c.parts.Go(func() { c.live(ctx, s) })
	c.parts.Go(func() { c.tend(ctx) })
	return nil
}

// leaveAll ends what start began. The lanes are given up by then.
func (c *crew) leaveAll() {
	c.stop()
	c.parts.Wait()
	if s := c.current(); s != nil {
		c.leave(s)
		s.over(ErrClosed)
	}
}

// live is one session after the other: one that is over because the others took us to be gone is followed by the next.
func (c *crew) live(ctx context.Context, s *session) {
	for {
		err := c.beat(ctx, s)
		if ctx.Err() != nil {
			return
		}
		c.set(nil)
		s.over(ErrLost)
		c.log.Warn().Err(err).Msg("the others took this machine to be gone; what it was working on is theirs now")
		for {
			if s, err = c.join(ctx); err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			c.log.Warn().Err(err).Msg("cannot join the others again yet")
			sleep(ctx, c.pace.beat)
		}
		c.set(s)
		c.log.Info().Msg("joined the others again")
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *crew) set(s *session) {
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
}

// current is the session; nil while there is none.
func (c *crew) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// record completes a record about ourselves.
func (c *crew) record(r memberRecord) memberRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Works, r.News = c.fit(), maps.Clone(c.news)
	r.Lanes, r.Waiting = int(c.holding.Load()), int(c.j.waiting.Load())
	return r
}

// work says that this machine takes lanes, until the function it returns is called.
func (c *crew) work() (stop func()) {
	change := func(by int) {
		c.mu.Lock()
		c.working += by
		c.mu.Unlock()
		c.tell()
	}
	change(1)
	return func() { change(-1) }
}

// tell has the next sign of life given at once.
func (c *crew) tell() {
	select {
	case c.hurry <- struct{}{}:
	default:
	}
}

// wants tells whether it is our turn in a lane.
func (c *crew) wants(lane int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil && c.turns[lane]
}

// over tells whether a hold has ended. A session ends for good: its record says so, or there is a later session. That
// nothing is known of a member says nothing; our copy of what is known may be behind.
func (c *crew) over(h hold) bool {
	if h.Member == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.others[h.Member]
	return o != nil && (o.Session > h.Session || o.Session == h.Session && o.Gone)
}

// tend looks after the others and the lanes.
func (c *crew) tend(ctx context.Context) {
	tick := time.NewTicker(c.pace.beat)
	defer tick.Stop()
	for ctx.Err() == nil {
		if c.j.node.Load().abreast() {
			c.mu.Lock()
			c.abreast = now()
			c.mu.Unlock()
		}
		if err := c.look(ctx); err != nil && ctx.Err() == nil {
			c.log.Debug().Err(err).Msg("cannot see who is there")
		} else {
			c.bury(ctx)
			c.assign()
			c.notice(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// look reads what the members say of themselves.
func (c *crew) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	seen := now()
	from := uint64(1)
	for {
		shown, err := c.j.node.Load().fetch(ctx, state, batch{subject: "member.*", seq: from, count: scanBatch}, func(m stored) bool {
			from = m.seq + 1
			var r memberRecord
			if err := json.Unmarshal(m.data, &r); err != nil {
				return true // a later version's; it does not take part with us
			}
			if r.Session == 0 {
				r.Session = m.seq
			}
			c.mu.Lock()
			if o := c.others[r.Name]; o == nil || m.seq > o.seq {
				c.others[r.Name] = &sighting{r, m.seq, seen}
			}
			c.mu.Unlock()
			return true
		})
		if err != nil || shown < scanBatch {
			return err
		}
	}
}

// bury ends the sessions of those who have given no sign of life for long enough. It succeeds only if there really was none:
// the record says so in place of the one that was seen last.
func (c *crew) bury(ctx context.Context) {
	c.mu.Lock()
	var silent []*sighting
	for _, o := range c.others {
		if o.Name != c.name && !o.Gone && now().since(o.at) >= c.pace.gone {
			silent = append(silent, o)
		}
	}
	c.mu.Unlock()
	for _, o := range silent {
		within, cancel := context.WithTimeout(ctx, tryTime)
		_, err := c.writeMember(within, memberRecord{Name: o.Name, Session: o.Session, Gone: true, News: o.News}, o.seq)
		cancel()
		if err == nil {
			c.log.Warn().Str("other", o.Name).Int("lanes", o.Lanes).Msg("a machine gives no sign of life; its lanes go to the others")
		}
	}
	if len(silent) > 0 {
		_ = c.look(ctx) // the next look is not far
	}
}

// assign finds whose turn it is in each lane. All who see the same members find the same.
func (c *crew) assign() {
	c.mu.Lock()
	var ready []string
	for _, o := range c.others {
		if o.Works && c.alive(o) {
			ready = append(ready, o.Name)
		}
	}
	// Of ourselves we know more than the last record.
	ready = slices.DeleteFunc(ready, func(name string) bool { return name == c.name })
	if c.fit() && c.session != nil {
		ready = append(ready, c.name)
	}
	for n, name := range deal(ready, len(c.turns)) {
		c.turns[n] = name == c.name
	}
	c.mu.Unlock()
	for _, l := range c.j.lanes {
		if g := l.held(); (g != nil) != c.wants(l.n) || g != nil && time.Since(g.told) > holdsEvery {
			l.kick()
		}
	}
}

// fit: this machine takes lanes, and its copies are not behind for long; lanes are better off elsewhere then. The caller
// holds mu.
func (c *crew) fit() bool { return c.working > 0 && now().since(c.abreast) < c.pace.gone }

// alive: seen within the time. The caller holds mu.
func (c *crew) alive(o *sighting) bool { return !o.Gone && now().since(o.at) < c.pace.gone }

// notice looks whether the inbox has grown without a call: calls can get lost.
func (c *crew) notice(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	n := c.j.node.Load()
	end, err := n.end(ctx, in)
	if err != nil || end == c.end {
		return
	}
	c.end = end
	for _, l := range c.j.lanes {
		if l.held() == nil {
			continue
		}
		if m, err := n.last(ctx, in, laneSubject(l.n)); err == nil && m != nil {
			l.exists(m.Sequence)
		}
	}
}

const wakeSubject = "bot.wake."

// wake calls the machine whose turn it is in a lane: a delivery is stored, or (with seq 0) the lane is free.
func (c *crew) wake(lane int, seq uint64) {
	// A call that gets lost is made good for by looking now and then.
	_ = c.j.node.Load().nc.Publish(wakeSubject+strconv.Itoa(lane), strconv.AppendUint(nil, seq, 10))
}

func (c *crew) listen() error {
	_, err := c.j.node.Load().nc.Subscribe(wakeSubject+"*", func(m *nats.Msg) {
		n, err := strconv.Atoi(strings.TrimPrefix(m.Subject, wakeSubject))
		if err != nil || n < 0 || n >= len(c.j.lanes) {
			return
		}
		if seq, err := strconv.ParseUint(string(m.Data), 10, 64); err == nil {
			c.j.lanes[n].exists(seq)
		}
	})
	return err
}

// exists takes note of a delivery that another machine has stored.
func (l *lane) exists(seq uint64) {
	l.mu.Lock()
	if seq > l.newest {
		l.newest = seq
		if l.grip != nil {
			l.wait(l.waiting + 1)
		}
	}
	l.mu.Unlock()
	l.kick()
}

// ailing and healthy keep what Well says.
func (c *crew) ailing(err error) {
	var u *Unwell
	if errors.As(err, &u) && c.j.unwell.CompareAndSwap(nil, u) {
		c.log.Error().Err(err).Msg("cannot store")
	}
}

func (c *crew) healthy() {
	if u := c.j.unwell.Swap(nil); u != nil {
		c.log.Info().Dur("after", c.j.opts.Now().Sub(u.Since)).Msg("can store again")
	}
}

// Announce makes something known to the other machines: they see it in Members. On a single machine nobody listens.
func (j *Journal) Announce(key, value string) {
	if j.crew == nil {
		return
	}
	j.crew.mu.Lock()
	j.crew.news[key] = value
	j.crew.mu.Unlock()
	j.crew.tell()
}

// Members are the machines of the cluster by name, with those that are gone; none for a single machine.
func (j *Journal) Members() []Member {
	if j.crew == nil {
		return nil
	}
	c := j.crew
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Member
	for _, name := range slices.Sorted(maps.Keys(c.others)) {
		o := c.others[name]
		m := Member{Name: name, Here: name == c.name, Alive: c.alive(o), Works: o.Works, Lanes: o.Lanes, Waiting: o.Waiting, News: o.News}
		if m.Here {
			m.Alive, m.Lanes, m.Waiting, m.News = c.session != nil, int(c.holding.Load()), int(c.j.waiting.Load()), maps.Clone(c.news)
		}
		out = append(out, m)
	}
	return out
}

// waiting is what waits on all machines, as far as they have said.
func (c *crew) waiting() int {
	total := int(c.j.waiting.Load())
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.others {
		if o.Name != c.name && c.alive(o) {
			total += o.Waiting
		}
	}
	return total
}
