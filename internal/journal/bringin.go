package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// moving is a stream that is there while a machine brings in what it stored when it was alone. The others wait for its end
// before they make streams of their own.
const moving = "MOVING"

const movingBy = "by"

// alone is where a single machine has its data.
func alone(dir string) string { return filepath.Join(dir, "jetstream") }

// storedAlone tells whether a directory holds the data of a single machine.
func storedAlone(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(alone(dir), "$G", "streams", in.String(), "meta.inf"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// bringIn moves what a single machine has stored into the cluster that it now belongs to: all streams with their
// sequences. It is repeated from the beginning after a crash; the old data stays beside the new under another name.
func (n *node) bringIn(ctx context.Context, o Options, log zerolog.Logger) error {
	had, err := storedAlone(o.Dir)
	if err != nil || o.Remote != nil {
		return err
	}
	by, err := n.movedBy(ctx)
	switch {
	case err != nil:
		return err
	case !had && by == o.Member: // we were interrupted at the very end
		return n.js.DeleteStream(ctx, moving)
	case !had && by != "":
		return fmt.Errorf("%s is bringing in what it has stored", by)
	case !had:
		return nil
	case by != "" && by != o.Member:
		return &refusal{fmt.Errorf("%s and %s both hold what they stored when they were alone; move %s away on one of them", by, o.Member, alone(o.Dir))}
	}
	if by == "" {
		if _, err := n.js.Stream(ctx, in.String()); !errors.Is(err, jetstream.ErrStreamNotFound) {
			if err != nil {
				return err
			}
			return &refusal{fmt.Errorf("the cluster has a journal already, and this machine holds what it stored when it was alone; "+
				"to keep both apart move %s away, or begin a new cluster with this machine", alone(o.Dir))}
		}
		if _, err := n.js.CreateStream(ctx, jetstream.StreamConfig{Name: moving, Subjects: []string{"moving"}, Replicas: o.Replicas,
			Metadata: map[string]string{movingBy: o.Member}}); err != nil {
			return err
		}
	}
	if err := n.moveAll(ctx, o, log); err != nil {
		return fmt.Errorf("bring in what this machine has stored: %w", err)
	}
	if err := os.Rename(alone(o.Dir), alone(o.Dir)+".before-cluster"); err != nil {
		return err
	}
	return n.js.DeleteStream(ctx, moving)
}

// broughtAt is when something was brought in, in the inbox's metadata and in a file of each machine that has read it since.
const broughtAt = "brought"

// suspectTo is up to which of the deliveries that were brought in the first of each lane is suspect, in the inbox's metadata.
const suspectTo = "suspect"

func suspectMark(meta map[string]string) uint64 {
	end, err := strconv.ParseUint(meta[suspectTo], 10, 64)
	if err != nil {
		return 0 // nothing was brought in, or by an older version
	}
	return end
}

// readAgain tells whether this machine has to start its server anew: a repeat of what was restored, or copied from there, a
// server knows for sure only after it has read the stream at its start. The machines do so one after the other.
func (n *node) readAgain(ctx context.Context, o Options) (bool, error) {
	if o.Remote != nil {
		return false, nil
	}
	brought := n.streams[in].CachedInfo().Config.Metadata[broughtAt]
	path := filepath.Join(o.Dir, broughtAt)
	read, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if brought == string(read) {
		return false, nil
	}
	for s := range streams {
		if err := n.everywhere(ctx, s); err != nil {
			return false, err
		}
	}
	for i, peer := range o.Cluster.Peers {
		if peer == o.Cluster.Listen || peer == o.Cluster.Advertise {
			sleep(ctx, time.Duration(i)*restartTime)
		}
	}
	return true, writeSynced(path, []byte(brought))
}

// restartTime is ample for a server to start.
const restartTime = 2 * time.Second

// movedBy is who is moving; empty if nobody is.
func (n *node) movedBy(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	s, err := n.js.Stream(ctx, moving)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.CachedInfo().Config.Metadata[movingBy], nil
}

func (n *node) moveAll(ctx context.Context, o Options, log zerolog.Logger) error {
	old, err := startNode(ctx, o, log)
	if err != nil {
		return err
	}
	defer old.stop()
	for s := range streams {
		if err := n.js.DeleteStream(ctx, s.String()); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		moved, err := move(ctx, old, n, s, o)
		if err != nil {
			return fmt.Errorf("stream %s: %w", s, err)
		}
		if moved == 0 {
			continue // it is made like in any new cluster
		}
		if err := n.everywhere(ctx, s); err != nil {
			return err
		}
		log.Info().Str("stream", s.String()).Uint64("messages", moved).Msg("brought into the cluster")
	}
	return nil
}

// everywhere waits until all copies of a stream are complete: what is restored is on one machine alone at first.
func (n *node) everywhere(ctx context.Context, s stream) error {
	for {
		behind, err := n.behind(ctx, s)
		if behind == "" || err != nil {
			return err
		}
		sleep(ctx, 100*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("stream %s: %s has not copied all of it: %w", s, behind, ctx.Err())
		}
	}
}

// behind names a machine whose copy of a stream is not complete. A question that the leader took with it when its server was started
// anew is never answered, so each has a short time.
func (n *node) behind(ctx context.Context, s stream) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	got, err := n.js.Stream(ctx, s.String())
	if errors.Is(err, context.DeadlineExceeded) {
		return "whoever leads", nil
	}
	if err != nil {
		return "", err
	}
	c := got.CachedInfo().Cluster
	if c == nil || c.Leader == "" {
		return "all", nil
	}
	for _, r := range c.Replicas {
		if !r.Current || r.Lag > 0 {
			return r.Name, nil
		}
	}
	return "", nil
}

// The server's API for backups. Config and state are handed on as they are.
type (
	apiError struct {
		Description string `json:"description"`
	}
	snapshot struct {
		Error  *apiError       `json:"error,omitempty"`
		Config map[string]any  `json:"config"`
		State  json.RawMessage `json:"state"`
	}
	restore struct {
		Error   *apiError `json:"error,omitempty"`
		Deliver string    `json:"deliver_subject"`
	}
)

// move copies one stream from a server to another, and tells how many messages. It is called only for what the target
// does not have.
func move(ctx context.Context, from, to *node, s stream, o Options) (messages uint64, err error) {
	have, err := from.js.Stream(ctx, s.String())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	switch info := have.CachedInfo(); {
	case info.State.Msgs == 0:
		return 0, nil
	case s == state:
		// Its sequences mean nothing, so it is written anew.
		config := info.Config
		config.Replicas = o.Replicas
		return info.State.Msgs, rewrite(ctx, from, to, s, config)
	}
	var marks map[string]string
	if s == in {
		// Its power may have been lost just before: then it has forgotten what it did last.
		suspect, _, err := suspectUntil(o, have.CachedInfo().State.LastSeq)
		if err != nil {
			return 0, err
		}
		marks = map[string]string{broughtAt: time.Now().UTC().Format(time.RFC3339Nano), suspectTo: strconv.FormatUint(suspect, 10)}
	}
	return moveWhole(ctx, from, to, s, o.Replicas, marks)
}

// rewrite stores all messages of a stream again.
func rewrite(ctx context.Context, from, to *node, s stream, config jetstream.StreamConfig) error {
	if _, err := to.js.CreateStream(ctx, config); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for seq, shown := uint64(1), 1; shown > 0; {
		var failed error
		var err error
		shown, err = from.fetch(ctx, s, batch{subject: ">", seq: seq, count: scanBatch}, func(m stored) bool {
			seq = m.seq + 1
			copied := nats.NewMsg(m.subject)
			copied.Data = m.data
			for _, name := range []string{formatHeader, keyHeader} {
				if value := m.header.Get(name); value != "" {
					copied.Header.Set(name, value)
				}
			}
			_, failed = to.js.PublishMsg(ctx, copied)
			return failed == nil
		})
		if err = errors.Join(err, failed); err != nil {
			return err
		}
	}
	return nil
}

// moveWhole copies a stream with its sequences, through a backup that is restored while it is made, and adds marks to its metadata.
func moveWhole(ctx context.Context, from, to *node, s stream, replicas int, marks map[string]string) (messages uint64, err error) {
	chunks := make(chan *nats.Msg, 1024)
	inbox := from.nc.NewInbox()
	sub, err := from.nc.ChanSubscribe(inbox, chunks)
	if err != nil {
		return 0, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	var have snapshot
	err = call(ctx, from.nc, "$JS.API.STREAM.SNAPSHOT."+s.String(), map[string]any{"deliver_subject": inbox, "no_consumers": true}, &have)
	if err == nil && have.Error != nil {
		err = errors.New(have.Error.Description)
	}
	if err != nil {
		return 0, fmt.Errorf("read: %w", err)
	}
	have.Config["num_replicas"] = replicas
	if s == in {
		have.Config["duplicate_window"] = window // here it is the servers that know repeats
	}
	if meta, ok := have.Config["metadata"].(map[string]any); ok {
		for name, value := range marks {
			meta[name] = value
		}
	}
	var wants restore
	err = call(ctx, to.nc, "$JS.API.STREAM.RESTORE."+s.String(), map[string]any{"config": have.Config, "state": have.State}, &wants)
	if err == nil && wants.Error != nil {
		err = errors.New(wants.Error.Description)
	}
	if err != nil {
		return 0, fmt.Errorf("write: %w", err)
	}
	for {
		var chunk *nats.Msg
		select {
		case chunk = <-chunks:
		case <-time.After(answerTime):
			return 0, errors.New("read: nothing comes any more")
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if status := chunk.Header.Get("Status"); status != "" && status != "204" {
			return 0, fmt.Errorf("read: %s %s", status, chunk.Header.Get("Description"))
		}
		var answer struct {
			Error *apiError `json:"error,omitempty"`
		}
		stored, err := request(ctx, to.nc, wants.Deliver, chunk.Data)
		if err == nil && len(stored.Data) > 0 {
			if err = json.Unmarshal(stored.Data, &answer); err == nil && answer.Error != nil {
				err = errors.New(answer.Error.Description)
			}
		}
		if err != nil {
			return 0, fmt.Errorf("write: %w", err)
		}
		if len(chunk.Data) == 0 {
			return compare(ctx, from, to, s)
		}
		if chunk.Reply != "" {
			if err := chunk.Respond(nil); err != nil {
				return 0, fmt.Errorf("read: %w", err)
			}
		}
	}
}

func call(ctx context.Context, nc *nats.Conn, subject string, ask, into any) error {
	data, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	m, err := request(ctx, nc, subject, data)
	if err != nil {
		return err
	}
	return json.Unmarshal(m.Data, into)
}

func request(ctx context.Context, nc *nats.Conn, subject string, data []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return nc.RequestWithContext(ctx, subject, data)
}

// compare makes sure that both have the same.
func compare(ctx context.Context, from, to *node, s stream) (uint64, error) {
	var ends [2]jetstream.StreamState
	for i, n := range []*node{from, to} {
		got, err := n.js.Stream(ctx, s.String())
		if err != nil {
			return 0, err
		}
		ends[i] = got.CachedInfo().State
	}
	if ends[0].Msgs != ends[1].Msgs || ends[0].LastSeq != ends[1].LastSeq {
		return 0, fmt.Errorf("%d messages up to %d were stored, and %d up to %d are", ends[0].Msgs, ends[0].LastSeq, ends[1].Msgs, ends[1].LastSeq)
	}
	return ends[1].Msgs, nil
}
