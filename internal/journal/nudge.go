package journal

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// A machine that led the copies of a stream when it was cut off has records that the others never got. When it comes back, the
// server takes them away one at a time, each after a stall of two seconds: for a minute and more such a machine is of no help,
// and when another goes meanwhile, nothing can be stored. A snapshot of the leader's makes it begin anew from there, at once.

// patientLooks are how many looks in a row a copy may lag before it is helped: most catch up by themselves.
const patientLooks = 4

// laggards counts how often in a row a copy of a stream was seen to lag, by stream and machine.
type laggards map[stream]map[string]int

// nudge helps copies that do not catch up, where this machine leads.
func (c *crew) nudge(ctx context.Context) {
	n := c.j.node.Load()
	if n.srv == nil {
		return
	}
	for s := range streams {
		if !n.srv.JetStreamIsStreamLeader("$G", s.String()) {
			delete(c.lag, s)
			continue
		}
		within, cancel := context.WithTimeout(ctx, tryTime)
		info, err := n.streams[s].Info(within)
		cancel()
		if err != nil || info.Cluster == nil {
			continue
		}
		if c.lag.late(s, info.Cluster.Replicas) {
			// Refused while a copy is just being served: then with the next look.
			if err := n.srv.JetStreamSnapshotStream("$G", s.String()); err == nil {
				c.log.Info().Stringer("stream", s).Msg("a copy does not catch up: it gets a snapshot")
				delete(c.lag, s)
			}
		}
	}
}

// late takes a look at the copies, and tells whether one of them has lagged for too long.
func (l laggards) late(s stream, copies []*jetstream.PeerInfo) bool {
	if l[s] == nil {
		l[s] = map[string]int{}
	}
	late := false
	for _, p := range copies {
		if p.Current || p.Offline {
			delete(l[s], p.Name)
			continue
		}
		if l[s][p.Name]++; l[s][p.Name] >= patientLooks {
			late = true
		}
	}
	return late
}
