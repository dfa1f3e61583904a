package journal

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

// A Cluster says how this machine and others make one journal. Every record is on most of them before it counts as
// stored. All have the same Name, Peers and Password.
type Cluster struct {
	Name string
	// Listen is the address for the other machines, Advertise the one under which they find this one if it differs.
	Listen, Advertise string
	// Peers are the addresses of all machines, this one among them or not. Three, or five.
	Peers []string
	// Password is what the machines prove themselves with to each other, TLS how. Both are needed wherever anybody else
	// can reach Listen.
	Password string
	TLS      *tls.Config
}

// A Remote is a NATS cluster that exists. It should be an account of its own: the journal takes the streams IN, RUNS,
// DEAD and STATE, and the subjects in, run, dead, state, member and bot.
type Remote struct {
	URL         string
	Credentials string // a file; or Token
	Token       string
	TLS         *tls.Config
}

func (o Options) shared() bool { return o.Cluster != nil || o.Remote != nil }

// formingTime is how long a cluster that has no streams yet waits before it makes them.
const formingTime = time.Second

// formingEvery is how often the log says that machines are missing.
const formingEvery = 10 * time.Second

// startClustered starts a server that makes one journal together with its peers. Its data lies beside that of a single
// machine: a clustered server takes what it finds in its own directory and does not know from the others for garbage.
func startClustered(o Options, log zerolog.Logger) (_ *node, err error) {
	electFaster()
	host, port, err := splitAddress(o.Cluster.Listen)
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	options := &server.Options{
		ServerName: o.Member, NoSigs: true, DisableJetStreamBanner: true,
		MaxPayload: maxPayload, MaxPending: 4 * maxPayload,
		// Machines find each other only when the server has a listener for clients. Nobody else knows this password.
		Host: "127.0.0.1", Port: server.RANDOM_PORT, Username: "bot", Password: password,
		JetStream: true, StoreDir: filepath.Join(o.Dir, "cluster"), SyncAlways: true,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 50,
		Cluster: server.ClusterOpts{
			Name: o.Cluster.Name, Host: host, Port: port, Advertise: o.Cluster.Advertise,
			Username: "bot", Password: o.Cluster.Password, AuthTimeout: 5, ConnectRetries: 1 << 30,
			// A machine that is cut off says nothing; so it is asked.
			PingInterval: time.Second,
		},
		MaxPingsOut: 3, Routes: routes(o.Cluster),
	}
	if o.Cluster.Password == "" {
		options.Cluster.Username = ""
	}
	if o.Cluster.TLS != nil {
		t := o.Cluster.TLS.Clone()
		t.ClientAuth, t.ClientCAs, t.MinVersion = tls.RequireAndVerifyClientCert, t.RootCAs, tls.VersionTLS13
		options.Cluster.TLSConfig, options.Cluster.TLSTimeout = t, 5
	}
	srv, err := server.NewServer(options)
	if err != nil {
		return nil, err
	}
	srv.SetLogger(natsLog{log}, false, false)
	n := &node{srv: srv, answersIn: othersTime, gone: make(chan struct{})}
	defer func() {
		if err != nil {
			n.stop()
		}
	}()
	srv.Start()
	if !srv.ReadyForConnections(answerTime) {
		return nil, errors.New("the embedded server did not start; see the log")
	}
	return n, n.connect("", nats.InProcessServer(srv), nats.UserInfo("bot", password), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second))
}

// routes are where the other machines are. The server finds out by itself which address is its own.
func routes(c *Cluster) []*url.URL {
	var out []*url.URL
	for _, peer := range c.Peers {
		u := &url.URL{Scheme: "nats-route", Host: peer}
		if c.Password != "" {
			u.User = url.UserPassword("bot", c.Password)
		}
		out = append(out, u)
	}
	return out
}

func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 1 {
		return "", 0, fmt.Errorf("%q is no address with a port, such as 0.0.0.0:6222", address)
	}
	return host, port, nil
}

// startRemote connects to a cluster that exists.
func startRemote(o Options) (*node, error) {
	n := &node{answersIn: othersTime, gone: make(chan struct{})}
	options := []nats.Option{nats.Name("bot " + o.Member), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond)}
	if o.Remote.Credentials != "" {
		options = append(options, nats.UserCredentials(o.Remote.Credentials))
	}
	if o.Remote.Token != "" {
		options = append(options, nats.Token(o.Remote.Token))
	}
	if o.Remote.TLS != nil {
		options = append(options, nats.Secure(o.Remote.TLS))
	}
	if err := n.connect(o.Remote.URL, options...); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

func (j *Journal) startMember() (*node, error) {
	if j.opts.Remote != nil {
		return startRemote(j.opts)
	}
	return startClustered(j.opts, j.log)
}

// startShared starts or connects, and waits for as long as it takes until enough machines are there to open the streams.
func (j *Journal) startShared(ctx context.Context) (_ *node, err error) {
	n, err := j.startMember()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && n != nil {
			n.stop()
		}
	}()
	said := time.Now()
	for {
		lanes, again, err := n.openShared(ctx, j.opts, j.log)
		if again {
			n.stop()
			if n, err = j.startMember(); err != nil {
				return nil, err
			}
			continue
		}
		if err == nil {
			for len(j.lanes) < lanes {
				j.lanes = append(j.lanes, newLane(len(j.lanes), &j.waiting, &j.kept))
			}
			return n, nil
		}
		var final *refusal
		if errors.As(err, &final) || ctx.Err() != nil {
			return nil, err
		}
		j.log.Debug().Err(err).Msg("not open yet")
		if time.Since(said) > formingEvery {
			said = time.Now()
			j.log.Warn().Err(err).Msg("waiting for the other machines of the cluster")
		}
		sleep(ctx, 200*time.Millisecond)
	}
}

// A refusal is an error that waiting does not mend.
type refusal struct{ error }

func (r *refusal) Unwrap() error { return r.error }

// openShared is one try to open the streams. Again means that the server is to be started anew first.
func (n *node) openShared(ctx context.Context, o Options, log zerolog.Logger) (lanes int, again bool, err error) {
	if n.srv != nil && !n.srv.JetStreamIsCurrent() {
		return 0, false, errors.New("too few machines are there")
	}
	if err := n.bringIn(ctx, o, log); err != nil {
		return 0, false, err
	}
	soon, cancel := context.WithTimeout(ctx, othersTime)
	defer cancel()
	if lanes, err = n.openStreams(soon, o); err != nil {
		return 0, false, err
	}
	again, err = n.readAgain(ctx, o)
	return lanes, again, err
}

// memberName finds the name of this machine: as configured, as remembered in the directory, or the host's. It must
// stay the same for as long as the directory does, since the others know by it whose copy is whose.
func memberName(dir, wanted string) (string, error) {
	path := filepath.Join(dir, "member")
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	if kept := strings.TrimSpace(string(data)); kept != "" {
		if wanted != "" && wanted != kept {
			return "", fmt.Errorf("this directory belongs to the machine %q and cannot be opened as %q", kept, wanted)
		}
		return kept, nil
	}
	if wanted == "" {
		if wanted, err = os.Hostname(); err != nil {
			return "", fmt.Errorf("no name for this machine is configured, and the system tells none: %w", err)
		}
	}
	if strings.ContainsAny(wanted, " \t\r\n.*>") {
		return "", fmt.Errorf("%q cannot be the name of a machine: it has blanks, dots or wildcards", wanted)
	}
	return wanted, writeSynced(path, []byte(wanted+"\n"))
}
