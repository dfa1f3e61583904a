package journal

import (
	"context"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// nearby is how long a copy may take to get what its leader has just told of.
	nearby = 400 * time.Millisecond
	// heardOf is within which time a leader must have heard of another copy: alone it leads nobody.
	heardOf = 2 * time.Second
)

// abreast tells whether our copies of the streams have what the others have. The server itself takes a copy that is cut off for
// current for as long as it may yet hear of its leader; so the leader is asked, and what it says is compared. Of somebody else's
// servers we do not know.
func (n *node) abreast(ctx context.Context) bool {
	if n.srv == nil {
		return true
	}
	for s := range streams {
		if !n.has(ctx, s) {
			return false
		}
	}
	return true
}

func (n *node) has(ctx context.Context, s stream) bool {
	within, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	info, err := n.streams[s].Info(within)
	if err != nil || info.Cluster == nil || !leads(info.Cluster) {
		return false
	}
	for end := time.Now().Add(nearby); ; sleep(ctx, nearby/20) {
		if n.copied(s) >= info.State.LastSeq {
			return true
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return false
		}
	}
}

// leads tells whether there is a leader that has heard of any other copy lately. Where a copy knows of no leader it answers
// itself, and says of all the others that they have just been there.
func leads(c *jetstream.ClusterInfo) bool {
	if c.Leader == "" {
		return false
	}
	for _, p := range c.Replicas {
		if !p.Offline && p.Active < heardOf {
			return true
		}
	}
	return len(c.Replicas) == 0
}

// copied is the last sequence of our own copy of a stream; 0 if there is none yet.
func (n *node) copied(s stream) uint64 {
	stream, err := lookupStream(n.srv.GlobalAccount(), s.String())
	if err != nil {
		return 0
	}
	store := storeOf(stream)
	if store == nil {
		return 0
	}
	var state server.StreamState
	store.FastState(&state)
	return state.LastSeq
}
