package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// A stream is one of the four streams.
type stream int

const (
	in stream = iota
	runs
	dead
	state
	streams
)

func (s stream) String() string { return [...]string{"IN", "RUNS", "DEAD", "STATE"}[s] }

const (
	// maxPayload leaves room for headers beside the largest body that the bot accepts, 25 MB, and for run records.
	maxPayload = 32 << 20
	// window is for how long a repeat is known by its message ID. Older repeats are known by their claims.
	window = 2 * time.Hour
	// retryWindow is for how long a repeat is known of records that have no identity: of a try whose answer got lost.
	retryWindow = 2 * time.Minute
	// answerTime is how long a server within the same process may take to answer before something is wrong with it.
	answerTime = 20 * time.Second
	// othersTime is how long other machines may take to answer a question. One that went to a machine which is gone has no
	// answer, and asked again it goes to another.
	othersTime = 4 * time.Second
)

// A node is the embedded server with our connection to it. When its store has failed it is replaced as a whole.
type node struct {
	srv       *server.Server // nil where the server is somebody else's
	nc        *nats.Conn
	js        jetstream.JetStream
	streams   [streams]jetstream.Stream
	sync      [streams]*blocks
	direct    [streams]*direct // nil where the streams are of several machines
	repeats   *repeats         // of the inbox; nil where the server knows them
	answersIn time.Duration    // how long an answer may take
	suspect   uint64           // up to which delivery, of those that a single machine brought into the cluster
	gone      chan struct{}    // closed when the node has ended
	complete  time.Time        // when all machines of a cluster that forms were first there
	stopped   sync.Once
}

func startNode(ctx context.Context, o Options, log zerolog.Logger) (_ *node, err error) {
	srv, err := server.NewServer(&server.Options{
		ServerName: "bot", DontListen: true, NoSigs: true, NoSystemAccount: true, DisableJetStreamBanner: true,
		MaxPayload: maxPayload, MaxPending: 4 * maxPayload,
		JetStream: true, StoreDir: o.Dir,
		// The memory limit is for consumers only. The disk is guarded by MaxBytes and MinFree, not by the server, whose
		// own limit would otherwise be three quarters of the room that happens to be free at start.
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 60,
	})
	if err != nil {
		return nil, err
	}
	srv.SetLogger(natsLog{log}, false, false)
	n := &node{srv: srv, answersIn: answerTime, gone: make(chan struct{})}
	defer func() {
		if err != nil {
			n.stop()
		}
	}()
	srv.Start()
	if !srv.ReadyForConnections(answerTime) || !srv.JetStreamEnabled() {
		return nil, errors.New("the embedded server did not start; see the log")
	}
	return n, n.connect("", nats.InProcessServer(srv), nats.NoReconnect())
}

func (n *node) connect(address string, options ...nats.Option) (err error) {
	if n.nc, err = nats.Connect(address, append(options, nats.Timeout(answerTime))...); err != nil {
		return fmt.Errorf("connect to the server: %w", err)
	}
	n.js, err = jetstream.New(n.nc, jetstream.WithPublishAsyncMaxPending(2*groupSize),
		jetstream.WithPublishAsyncTimeout(answerTime), jetstream.WithDefaultTimeout(n.answersIn))
	return err
}

// stop ends the server and waits until its files are closed.
func (n *node) stop() {
	n.stopped.Do(func() {
		if n.nc != nil {
			n.nc.Close()
		}
		if n.srv != nil {
			n.srv.Shutdown()
			n.srv.WaitForShutdown()
		}
		for _, b := range n.sync {
			if b != nil {
				b.close()
			}
		}
		close(n.gone)
	})
}

func (n *node) ended() bool {
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}
