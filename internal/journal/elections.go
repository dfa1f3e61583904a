package journal

import (
	"sync"
	"time"
	_ "unsafe" // for go:linkname

	_ "github.com/nats-io/nats-server/v2/server"
)

// When the machine dies that leads the copies of a stream, the others notice and choose a new leader; until then nothing is
// stored. The server waits 4 to 9 s for a sign of life, which it lets nobody configure: its own tests set these variables.
// We want senders to wait for less than 5 s, even when the two that are left become candidates at once, get no majority, and
// wait a second time. A test fails when a new server version has these no more.

//go:linkname minElectionTimeout github.com/nats-io/nats-server/v2/server.minElectionTimeout
var minElectionTimeout time.Duration

//go:linkname maxElectionTimeout github.com/nats-io/nats-server/v2/server.maxElectionTimeout
var maxElectionTimeout time.Duration

//go:linkname hbInterval github.com/nats-io/nats-server/v2/server.hbInterval
var hbInterval time.Duration

//go:linkname lostQuorumInterval github.com/nats-io/nats-server/v2/server.lostQuorumInterval
var lostQuorumInterval time.Duration

//go:linkname lostQuorumCheck github.com/nats-io/nats-server/v2/server.lostQuorumCheck
var lostQuorumCheck time.Duration

// electFaster is called before the first clustered server of this process starts, since servers read the variables
// without a lock. The proportions are the server's own: a leader is silent when it has missed four of its signs of life.
//
//nolint:gochecknoglobals // the server's variables are of the process
var electFaster = sync.OnceFunc(func() {
	hbInterval = 300 * time.Millisecond
	minElectionTimeout, maxElectionTimeout = 1200*time.Millisecond, 2400*time.Millisecond
	lostQuorumInterval, lostQuorumCheck = 5*time.Second, 2*time.Second
})
