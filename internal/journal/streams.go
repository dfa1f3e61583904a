package journal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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
	if !o.shared() {
		configs[in].Duplicates = serverWindow // we know repeats ourselves
	}
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
	if o.shared() {
		n.suspect = suspectMark(n.streams[in].CachedInfo().Config.Metadata)
		return lanes, nil
	}
	return lanes, n.openDirect(o.Now())
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
	if is.Metadata != nil { // what it says of itself beyond what is wanted is kept
		maps.Copy(is.Metadata, want.Metadata)
		want.Metadata = is.Metadata
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
