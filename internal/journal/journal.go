// Package journal is the durable memory of the bot: what arrived, what was done about it, and what was given up. An answer
// of Append, Note, Finish, Bury or Remember means that the record is on disk; a delivery is handed out again and again
// until a final record closes it, in order within its lane, one at a time. Only NoteSoon does not wait for the disk: the system
// has what it wrote, and what the machine forgets when it goes down is told by Task.Suspect.
//
// It is built on NATS JetStream, which runs inside the process. Four streams hold everything:
//
//	IN     in.lane.<n>, in.idle                        deliveries, byte for byte
//	RUNS   run.<n>.note, run.<n>.final, run.<n>.hold   the lane log: what was done about them, and by whom
//	DEAD   dead.<n>                                    letters that nobody could deliver
//	STATE  state.<key>, member.<name>                  small memories, and which machines there are
//
// The lane log is the authority on what is handled. Whoever works on a lane reads from the log where it stands, and then
// takes one delivery after the other from behind that.
//
// # Several machines
//
// With Options.Cluster or Options.Remote several processes share one journal. Then each record is on most of the machines
// before it counts, and a lane is worked on by one of them at a time. Why nothing is done twice:
//
//  1. A machine is a member while it renews its record member.<name>, which it writes on the condition that its last one is
//     still the last. With each renewal that was confirmed it may act for 3 s (the lease), counted from before it asked.
//  2. Whoever has seen no renewal for 4.5 s ends that session by writing into the same record, on the condition that the
//     last renewal is the one he saw. If that succeeds there was none since, and none can follow: so the lease ended at
//     least 1.5 s ago. If it fails the member lives.
//  3. A lane is held by whom its log says, from the last run.<n>.hold on. Another machine writes a hold of its own only when
//     the holder has given the lane up or its session has been ended, and only on the condition that the record that it
//     read last is the last one of the lane. So it has read everything, and knows each intent.
//  4. Every note and final of a lane is written on the same condition. A machine that stopped in the middle and wakes up
//     when another has taken over cannot write: it has missed a record.
//  5. Right before a request that changes something leaves for Jira, Holding looks at the lease. A machine that was stopped,
//     slept, or was cut off finds that it has run out, waits, and learns that its session is over.
//
// What remains, as it does on a single machine that is killed at the wrong moment: between the look at the lease and the
// bytes on the wire lie some microseconds in which a process can be stopped; and a request that left in time can take longer
// on its way, or in Jira, than the next machine takes to ask for its mark (1.5 s at least). A step that creates something
// may then be done twice. A virtual machine that is stopped as a whole counts as asleep only if its clock on the wall moved on.
//
// Conditions need the streams' leaders to agree with most of the machines, and a machine that comes back to have what it
// once confirmed. One whose disk was replaced gets everything from the others; while it does, another failure can lose what
// was stored last.
package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/uptime"
)

// Options say where a journal lives and how much it may keep. Only Dir is required.
type Options struct {
	// Dir holds everything. It is created with mode 0700; one process at a time may have it open.
	Dir string
	// Lanes is how many deliveries are worked on at the same time. The number is fixed when the journal is created: 0
	// takes what it was created with, or 64.
	Lanes int
	// MaxBytes limits the inbox on disk; 10 GB if 0.
	MaxBytes int64
	// MaxWaiting limits how many deliveries may wait to be handled; 1,000,000 if 0. Writers that arrive together may
	// exceed it by their number.
	MaxWaiting int
	// MinFree is how much room must remain on the disk; 256 MB if 0. New deliveries are refused first, so that work
	// under way can still be recorded: a quarter of it is kept for that.
	MinFree int64
	// Retention says how long handled things are kept.
	Retention Retention
	// TrimEvery is the pause between two trims; a minute if 0.
	TrimEvery time.Duration
	Log       zerolog.Logger

	// Cluster or Remote, if set, make one journal of several machines; without, everything is in this process alone.
	Cluster *Cluster
	Remote  *Remote
	// Member is this machine's name among them; the host's if empty. It is remembered in Dir.
	Member string
	// Replicas is on how many machines each record is kept; 3 if 0.
	Replicas int

	// Now is the clock; time.Now if nil.
	Now func() time.Time

	// datasync brings a file's content to the disk. Tests let it fail.
	datasync func(*os.File) error
	// pace is for tests that want machines to be missed sooner.
	pace times
	// room tells how many bytes are free below a directory. Tests take it away.
	room func(dir string) (int64, error)
	// boot tells which start of the machine this is. Tests let it go down.
	boot func() string
}

// Retention says how long handled things are kept. What is not handled is kept regardless, and so are dead letters.
type Retention struct {
	Deliveries time.Duration // 7 days if 0
	Runs       time.Duration // 90 days if 0
	RunsBytes  int64         // 2 GB if 0
}

func (o Options) withDefaults() Options {
	fallback(&o.MaxBytes, 10<<30)
	fallback(&o.MaxWaiting, 1_000_000)
	fallback(&o.MinFree, 256<<20)
	fallback(&o.pace, paceOfCrew)
	if o.shared() {
		fallback(&o.Replicas, 3)
	}
	fallback(&o.Retention.Deliveries, 7*24*time.Hour)
	fallback(&o.Retention.Runs, 90*24*time.Hour)
	fallback(&o.Retention.RunsBytes, 2<<30)
	fallback(&o.TrimEvery, time.Minute)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.datasync == nil {
		o.datasync = datasync
	}
	if o.room == nil {
		o.room = room
	}
	if o.boot == nil {
		o.boot = uptime.Boot
	}
	return o
}

func fallback[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (o Options) validate() error {
	switch {
	case o.Dir == "":
		return errors.New("open journal: no directory given")
	case o.Cluster != nil && o.Remote != nil:
		return errors.New("open journal: a cluster of its own, or one that exists, but not both")
	case o.Cluster != nil && (o.Cluster.Name == "" || len(o.Cluster.Peers) == 0):
		return errors.New("open journal: a cluster needs a name and peers")
	case o.Lanes < 0 || o.Lanes > maxLanes:
		return fmt.Errorf("open journal: %d lanes, but 1 to %d are possible", o.Lanes, maxLanes)
	case o.MaxBytes < 0 || o.MaxWaiting < 0 || o.MinFree < 0 || o.TrimEvery < 0:
		return errors.New("open journal: a limit is negative")
	}
	return nil
}

const (
	defaultLanes = 64
	maxLanes     = 1024
)

// A Journal is the durable stream. Its methods may be called from any number of goroutines.
type Journal struct {
	opts   Options
	log    zerolog.Logger
	lanes  []*lane
	lock   *os.File
	crew   *crew    // nil for a single machine
	locks  sync.Map // of channels, by the lock's name
	opened time.Time

	node    atomic.Pointer[node]
	closing chan struct{} // closed when no more writes are taken
	stopped chan struct{} // closed when the committer has ended
	close   sync.Once
	failed  error // of Close

	committer *committer // on a single machine

	unwell  atomic.Pointer[Unwell]
	waiting atomic.Int64
	given   atomic.Uint64 // to Append and Hand
	kept    atomic.Int64  // bytes of deliveries that are kept at hand
	// seen is, per stream, the highest sequence whose write has been answered and accounted for.
	seen [streams]atomic.Uint64
	// relieved is, per stream, when its leader was last asked to let another lead, in nanoseconds.
	relieved [streams]atomic.Int64

	trimming sync.Mutex
	trimSoon chan struct{} // has a token when the inbox has met its limit
	noTrim   chan struct{} // closed when the trimmer is to end
	trimmer  sync.WaitGroup
	floors   atomic.Pointer[floors] // as last written
}

// Open opens the journal in o.Dir, or creates it. It brings to the disk what an earlier process wrote and perhaps did
// not sync, and reads from the lane log where each lane stands.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	j := &Journal{
		opts: o, log: o.Log.With().Str("part", "journal").Logger(),
		closing: make(chan struct{}), stopped: make(chan struct{}),
		trimSoon: make(chan struct{}, 1), noTrim: make(chan struct{}),
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	lock, err := lockFile(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("open journal in %s: %w", o.Dir, err)
	}
	j.lock = lock
	if err := j.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal in %s: %w", o.Dir, err), lock.Close())
	}
	return j, nil
}

func (j *Journal) open(ctx context.Context) error {
	j.opened = j.opts.Now()
	if j.opts.shared() {
		return j.openShared(ctx)
	}
	n, err := j.start(ctx)
	if err != nil {
		return err
	}
	j.node.Store(n)
	if err := j.suspectAfterReboot(); err != nil {
		n.stop()
		return err
	}
	j.committer = newCommitter(j)
	go j.committer.commit()
	j.trimmer.Go(j.trimNowAndThen)
	return nil
}

func (j *Journal) openShared(ctx context.Context) (err error) {
	if j.opts.Member, err = memberName(j.opts.Dir, j.opts.Member); err != nil {
		return err
	}
	n, err := j.startShared(ctx)
	if err != nil {
		return err
	}
	j.node.Store(n)
	j.crew = newCrew(j, j.opts.Member)
	if err := j.crew.start(ctx); err != nil {
		n.stop()
		return err
	}
	j.trimmer.Go(j.trimNowAndThen)
	return nil
}

// Close stores where each lane stands and ends the server. Call it when Work has returned. Writers that come later get
// ErrClosed.
func (j *Journal) Close() error {
	j.close.Do(func() {
		// The trimmer writes, so it ends first.
		close(j.noTrim)
		j.trimmer.Wait()
		err := j.lastWords()
		close(j.closing)
		if j.crew != nil {
			close(j.stopped) // there is no committer to do so
		}
		<-j.stopped
		j.node.Load().stop()
		j.failed = errors.Join(err, j.lock.Close())
	})
	return j.failed
}

// lastWords stores what spares the next process, or the other machines, some time.
func (j *Journal) lastWords() error {
	if j.crew != nil {
		j.crew.leaveAll()
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	return j.writeFloors(ctx)
}

// Well is nil while the journal stores what it is given, and an *Unwell otherwise.
func (j *Journal) Well() error {
	if u := j.unwell.Load(); u != nil {
		return u
	}
	select {
	case <-j.closing:
		return ErrClosed
	default:
	}
	if u := j.roomFor(0, false); u != nil {
		return u
	}
	return nil
}
