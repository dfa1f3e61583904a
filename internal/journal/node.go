package journal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
	// window is for how long the server knows a repeat by its message ID. Older repeats are known by their claims.
	window = 2 * time.Hour
	// retryWindow is for how long a repeat is known of records that have no identity: of a try whose answer got lost.
	retryWindow = 2 * time.Minute
	// answerTime is how long a server within the same process may take to answer before something is wrong with it.
	answerTime = 20 * time.Second
)

// A node is the embedded server with our connection to it. When its store has failed it is replaced as a whole.
type node struct {
	srv      *server.Server // nil where the server is somebody else's
	nc       *nats.Conn
	js       jetstream.JetStream
	streams  [streams]jetstream.Stream
	sync     [streams]*blocks
	gone     chan struct{} // closed when the node has ended
	complete time.Time     // when all machines of a cluster that forms were first there
	stopped  sync.Once
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
	n := &node{srv: srv, gone: make(chan struct{})}
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
		jetstream.WithPublishAsyncTimeout(answerTime), jetstream.WithDefaultTimeout(answerTime))
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

// openStreams opens the streams, creating what is missing, and tells how many lanes there are.
func (n *node) openStreams(ctx context.Context, o Options) (lanes int, err error) {
	lanes, err = n.lanes(ctx, o.Lanes)
	if err != nil {
		return 0, err
	}
	base := jetstream.StreamConfig{Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Replicas: max(1, o.Replicas),
		Discard: jetstream.DiscardNew, AllowDirect: true, Duplicates: window}
	var configs [streams]jetstream.StreamConfig
	for s := range streams {
		configs[s] = base
		configs[s].Name = s.String()
	}
	configs[in].Subjects = []string{"in.lane.*", "in.idle"}
	configs[in].MaxBytes = o.MaxBytes
	configs[in].Metadata = map[string]string{"lanes": strconv.Itoa(lanes), "format": format}
	configs[runs].Subjects = []string{"run.>"}
	configs[runs].Duplicates = retryWindow
	configs[state].Duplicates = retryWindow
	configs[dead].Subjects = []string{"dead.*"}
	configs[state].Subjects = []string{"state.*", "member.*"}
	configs[state].MaxMsgsPerSubject = 1
	configs[state].Discard = jetstream.DiscardOld
	for s := range streams {
		if n.streams[s], err = n.openStream(ctx, o, configs[s]); err != nil {
			return 0, fmt.Errorf("open stream %s: %w", s, err)
		}
		if o.shared() {
			continue // the server syncs
		}
		n.sync[s] = newBlocks(filepath.Join(o.Dir, "jetstream", "$G", "streams", s.String(), "msgs"))
	}
	return lanes, nil
}

// openStream opens a stream as it is wanted, and does not bother the server if it is so already.
func (n *node) openStream(ctx context.Context, o Options, want jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := n.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if err := n.mayCreate(o); err != nil {
			return nil, err
		}
		return n.js.CreateStream(ctx, want)
	}
	if err != nil {
		return nil, err
	}
	is := s.CachedInfo().Config
	same := is.MaxBytes == want.MaxBytes && is.Replicas == want.Replicas && is.Duplicates == want.Duplicates && slices.Equal(is.Subjects, want.Subjects)
	if same {
		return s, nil
	}
	return n.js.UpdateStream(ctx, want)
}

// mayCreate tells whether it is this machine that makes a stream. In a cluster one does, and when it first forms all must be
// there, and a moment must have passed, in which one of them can say that it has something to bring in.
func (n *node) mayCreate(o Options) error {
	if o.Cluster == nil || n.srv == nil || !n.srv.JetStreamIsClustered() {
		return nil
	}
	if !n.srv.JetStreamIsLeader() {
		return errors.New("another machine makes it")
	}
	if there := len(n.srv.JetStreamClusterPeers()); there < o.Replicas {
		return fmt.Errorf("%d of %d machines are there", there, o.Replicas)
	}
	if n.complete.IsZero() {
		n.complete = time.Now()
	}
	if time.Since(n.complete) < formingTime {
		return errors.New("all machines are there; waiting a moment for what they may bring in")
	}
	return nil
}

// lanes finds the number of lanes that the journal was created with. A different one would send a lane's next delivery
// to another worker while earlier ones still wait.
func (n *node) lanes(ctx context.Context, wanted int) (int, error) {
	old, err := n.js.Stream(ctx, in.String())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		fallback(&wanted, defaultLanes)
		return wanted, nil
	}
	if err != nil {
		return 0, fmt.Errorf("open stream %s: %w", in, err)
	}
	meta := old.CachedInfo().Config.Metadata
	if f := meta["format"]; f != format {
		return 0, &refusal{fmt.Errorf("the journal has format %q, and this version of the bot knows only %q", f, format)}
	}
	lanes, err := strconv.Atoi(meta["lanes"])
	if err != nil || lanes < 1 || lanes > maxLanes {
		return 0, &refusal{fmt.Errorf("the journal says that it has %q lanes; 1 to %d are possible", meta["lanes"], maxLanes)}
	}
	if wanted != 0 && wanted != lanes {
		return 0, &refusal{fmt.Errorf("the journal was created with %d lanes and cannot be opened with %d", lanes, wanted)}
	}
	return lanes, nil
}

// next is the first message of a stream at or behind seq that matches a subject; nil if there is none.
func (n *node) next(ctx context.Context, s stream, seq uint64, subject string) (*jetstream.RawStreamMsg, error) {
	return found(n.streams[s].GetMsg(ctx, max(seq, 1), jetstream.WithGetMsgSubject(subject)))
}

// nextOfLeader is next, asked of the copy that leads the others.
func (n *node) nextOfLeader(ctx context.Context, s stream, seq uint64, subject string) (*jetstream.RawStreamMsg, error) {
	var answer struct {
		Error *struct {
			Code        int    `json:"code"`
			Description string `json:"description"`
		} `json:"error"`
		Message struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := call(ctx, n.nc, "$JS.API.STREAM.MSG.GET."+s.String(), map[string]any{"seq": seq, "next_by_subj": subject}, &answer); err != nil {
		return nil, err
	}
	if e := answer.Error; e != nil {
		if e.Code == http.StatusNotFound {
			return nil, nil
		}
		return nil, errors.New(e.Description)
	}
	m := answer.Message
	h, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil {
		return nil, err
	}
	return &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Sequence, Header: h, Data: m.Data, Time: m.Time}, nil
}

// abreast tells whether our copies of the streams have what the others have. Of somebody else's servers we do not know.
func (n *node) abreast() bool {
	if n.srv == nil {
		return true
	}
	for s := range streams {
		if !n.srv.JetStreamIsStreamCurrent("$G", s.String()) {
			return false
		}
	}
	return true
}

// last is the last message of a stream with a subject; nil if there is none.
func (n *node) last(ctx context.Context, s stream, subject string) (*jetstream.RawStreamMsg, error) {
	return found(n.streams[s].GetLastMsgForSubject(ctx, subject))
}

// at is the message of a stream with a sequence; nil if it is gone.
func (n *node) at(ctx context.Context, s stream, seq uint64) (*jetstream.RawStreamMsg, error) {
	return found(n.streams[s].GetMsg(ctx, seq))
}

// end is the last sequence of a stream.
func (n *node) end(ctx context.Context, s stream) (uint64, error) {
	info, err := n.streams[s].Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.State.LastSeq, nil
}

func (n *node) ended() bool {
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}

func found(m *jetstream.RawStreamMsg, err error) (*jetstream.RawStreamMsg, error) {
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return m, err
}

// natsLog passes on what the server says. It is talkative: what it notices at start is of no interest here.
type natsLog struct{ log zerolog.Logger }

func (l natsLog) Noticef(f string, v ...any) { l.log.Debug().Msgf(f, v...) }
func (l natsLog) Warnf(f string, v ...any) {
	text := fmt.Sprintf(f, v...)
	for _, usual := range []string{
		"Maximum payloads over", // by design: a delivery can have 25 MB
		"Plaintext passwords",   // ours was made for this process, and is nowhere in the clear
		"Waiting for routing",   // at each start of a cluster, like the next
		"JetStream has not established contact",
		"Metalayer blocking snapshot", // at each stop
		"Catchup for stream",          // by a machine that was away
	} {
		if strings.HasPrefix(text, usual) {
			l.log.Debug().Msg(text)
			return
		}
	}
	l.log.Warn().Msg(text)
}
func (l natsLog) Errorf(f string, v ...any) {
	if strings.HasPrefix(f, "Error trying to connect to route") {
		l.log.Debug().Msgf(f, v...) // once a second for each machine that is away; the crew says who is
		return
	}
	l.log.Error().Msgf(f, v...)
}
func (l natsLog) Fatalf(f string, v ...any) { l.log.Error().Msgf(f, v...) }
func (l natsLog) Debugf(f string, v ...any) { l.log.Debug().Msgf(f, v...) }
func (l natsLog) Tracef(f string, v ...any) { l.log.Trace().Msgf(f, v...) }

// remake writes a file anew from what the system still has of it in memory. After a failed sync Linux takes the pages
// for clean and would never write them again.
func remake(path string) error {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	tmp := path + ".remade"
	if err := writeSynced(tmp, data); err != nil {
		return errors.Join(fmt.Errorf("rewrite %s: %w", path, err), os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}
