package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The leader of a stream knows the message IDs of what is under way, and answers a repeat of one that it is in process. One that
// loses the lead while others write keeps some of them, though what they stand for was stored long ago, or never will be. When it
// leads again, a repeat has that answer for as long as IDs are remembered: of the inbox, for two hours. The other copies know of no
// such IDs; so another one is to lead.

const (
	// underWay is how long a record may be in process before its ID is taken for one that was kept.
	underWay = time.Second
	// settling is how long a new leader is left in peace.
	settling = 3 * time.Second
)

// codeInProcess is the server's answer to a repeat of what is under way.
const codeInProcess jetstream.ErrorCode = 10158

// process watches the answers to the tries of one write.
type process struct{ since time.Time }

// stuck tells whether all answers for so long have been that it is in process.
func (p *process) stuck(answer error, at time.Time) bool {
	var api *jetstream.APIError
	switch {
	case !errors.As(answer, &api) || api.ErrorCode != codeInProcess:
		p.since = time.Time{}
	case p.since.IsZero():
		p.since = at
	}
	return !p.since.IsZero() && at.Sub(p.since) >= underWay
}

// relieve has another copy of a stream lead it, unless that was done just now.
func (j *Journal) relieve(ctx context.Context, s stream) {
	last, at := j.relieved[s].Load(), time.Now().UnixNano()
	if time.Duration(at-last).Abs() < settling || !j.relieved[s].CompareAndSwap(last, at) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	from, to, err := j.node.Load().passOn(ctx, s)
	switch {
	case err != nil:
		j.log.Info().Err(err).Stringer("stream", s).Msg("a leader holds on to what is long over, and was not relieved") // or by another machine
	case to != "":
		j.log.Warn().Stringer("stream", s).Str("from", from).Str("to", to).Msg("a leader held on to what is long over; another leads now")
	}
}

// passOn asks the leader of a stream to let another copy lead. Where most of the machines are away, nobody can.
func (n *node) passOn(ctx context.Context, s stream) (from, to string, err error) {
	info, err := n.streams[s].Info(ctx)
	if err != nil {
		return "", "", err
	}
	if info.Cluster == nil || !leads(info.Cluster) {
		return "", "", nil
	}
	from, to = info.Cluster.Leader, successor(info.Cluster)
	if to == "" {
		return "", "", nil
	}
	// With a name, two machines that ask at once make it change once.
	ask, err := json.Marshal(map[string]any{"placement": map[string]string{"preferred": to}})
	if err != nil {
		return from, to, err
	}
	m, err := n.nc.RequestWithContext(ctx, "$JS.API.STREAM.LEADER.STEPDOWN."+s.String(), ask)
	if err != nil {
		return from, to, err
	}
	var answer struct {
		Error *apiError `json:"error"`
	}
	if err = json.Unmarshal(m.Data, &answer); err == nil && answer.Error != nil {
		err = fmt.Errorf("from %s to %s: %s", from, to, answer.Error.Description)
	}
	return from, to, err
}

// successor is who is to lead next, of the copies that have all: in turns, since more than one may hold on to the same.
func successor(c *jetstream.ClusterInfo) (next string) {
	for _, p := range c.Replicas {
		if !p.Current || p.Offline || p.Active >= heardOf {
			continue
		}
		if later := p.Name > c.Leader; next == "" || later == (next > c.Leader) && p.Name < next || later && next < c.Leader {
			next = p.Name
		}
	}
	return next
}
