package journal

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

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

// record completes a record about ourselves.
func (c *crew) record(r memberRecord) memberRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Works, r.News = c.fit(), maps.Clone(c.news)
	r.Lanes, r.Waiting = int(c.holding.Load()), int(c.j.waiting.Load())
	return r
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

// alive: seen within the time. The caller holds mu.
func (c *crew) alive(o *sighting) bool { return !o.Gone && now().since(o.at) < c.pace.gone }

// Copies tells whether this machine has had all that the others have, at least once since it started, and how it is now: what
// it lacks the others must not lose. On a single machine there is nothing to lack.
func (j *Journal) Copies() (whole bool, now error) {
	if j.crew == nil {
		return true, nil
	}
	return j.crew.copies()
}

func (c *crew) copies() (whole bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.complete(now()) {
		err = errors.New("this machine may not have yet all that the others have stored; it counts as away until it has")
	}
	return c.whole, err
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

// Member is this machine's name among them; empty for a single machine.
func (j *Journal) Member() string {
	if j.crew == nil {
		return ""
	}
	return j.crew.name
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
