//go:build linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Options say how bad it shall get. The zero value of each has a default.
type Options struct {
	Seed    uint64
	Kills   int           // ends the run after so many; 0 is no limit
	Rounds  int           // ends the run after so many faults of any kind; 0 is no limit
	Length  time.Duration // ends the run after so long; 0 is no limit. One of the three is needed
	Nodes   int           // 1
	Rate    float64       // events each second, 40
	Faults  []Fault       // Kill, Freeze
	Dir     string        // where everything lives; it stays when promises were broken
	Keep    bool          // or in any case
	Program string        // the bot; it is built from this module's source if empty
	Out     io.Writer     // progress
	Every   time.Duration // how often, 5 s

	// apart has several bots know nothing of each other, for a test in which everything is done twice.
	apart bool
	// between two lives, for tests that break a promise on purpose.
	between func(*bot) error
}

func (o Options) withDefaults() Options {
	if o.Nodes == 0 {
		o.Nodes = 1
	}
	if o.Rate == 0 {
		o.Rate = 40
	}
	if o.Faults == nil {
		o.Faults = []Fault{Kill, Freeze}
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Every == 0 {
		o.Every = 5 * time.Second
	}
	return o
}

// A run is a world under attack.
type run struct {
	*world
	o       Options
	report  Report
	faults  []Fault // those that can be played here
	began   time.Time
	events  []Event
	effects []Effect
	backlog atomic.Int64 // deliveries that the bots say are waiting
	jumped  bool         // a bot's clock was set

	mu sync.Mutex // guards what the report counts while the run goes on
}

// maxBacklog keeps people from making more than can be dealt with in the end.
const maxBacklog = 400

// Run plays a run to its end and says what came of it. An error means that it could not be played.
func Run(ctx context.Context, o Options) (Report, error) {
	o = o.withDefaults()
	if o.Kills == 0 && o.Rounds == 0 && o.Length == 0 {
		return Report{}, errors.New("chaos: when shall it end? Give a number of kills or of rounds, or a length")
	}
	if o.Kills > 0 && !slices.Contains(o.Faults, Kill) {
		return Report{}, errors.New("chaos: it would never end, since kills are to be counted and kill is not among the faults")
	}
	for _, f := range o.Faults {
		if !slices.Contains(faults, f) {
			return Report{}, fmt.Errorf("chaos: no such fault: %q; there are %q", f, faults)
		}
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return Report{}, fmt.Errorf("chaos: %w", err)
	}
	program := o.Program
	if program == "" {
		var err error
		if program, err = build(ctx, o.Dir); err != nil {
			return Report{}, fmt.Errorf("chaos: %w", err)
		}
	}
	w, err := create(o, program)
	if err != nil {
		return Report{}, fmt.Errorf("chaos: %w", err)
	}
	r := &run{world: w, o: o, report: Report{Seed: o.Seed, Nodes: o.Nodes, Skipped: w.skipped}}
	err = r.play(ctx)
	if o.Keep || !r.report.Good() || err != nil && ctx.Err() == nil {
		err = errors.Join(err, r.keepEvidence())
	}
	if err = errors.Join(err, w.close()); err != nil {
		return r.report, fmt.Errorf("chaos: %w", err)
	}
	return r.report, nil
}

// play is the run from the first start to the verdict.
func (r *run) play(ctx context.Context) error {
	r.faults = slices.DeleteFunc(slices.Clone(r.o.Faults), func(f Fault) bool { return !r.playable(f) })
	if len(r.faults) == 0 {
		return fmt.Errorf("%w: %q %s", errNothing, r.o.Faults, strings.Join(r.skipped, "; "))
	}
	r.began = time.Now()
	for _, b := range r.bots {
		if err := b.start(); err != nil {
			return err
		}
	}
	for _, b := range r.bots {
		if err := b.up(ctx, "/readyz", 30*time.Second); err != nil {
			return err
		}
	}
	since := time.Now()
	wait(ctx, 300*time.Millisecond) // the schedule remembers by now where it began
	if err := r.attack(ctx); err != nil {
		return err
	}
	r.settle(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	until := time.Now()
	for _, b := range r.bots {
		if err := b.terminate(); err != nil {
			r.report.Broken = append(r.report.Broken, err.Error())
		}
	}
	return r.judge(ctx, since, until)
}

// attack has people work, lets the weather change, and breaks things until enough is broken.
func (r *run) attack(ctx context.Context) error {
	r.load.busy = func() bool { return r.backlog.Load() > maxBacklog || r.relay.waiting() > maxBacklog }
	working, stop := context.WithCancel(ctx)
	defer stop()
	var parts sync.WaitGroup
	var failed error
	parts.Go(func() { failed = r.load.run(working) })
	parts.Go(func() { r.weather.run(working) })
	parts.Go(func() { r.watch(working) })
	err := r.breakThings(ctx)
	r.report.LongestWait, r.report.Pauses = r.relay.pauses(r.began)
	if err == nil && r.network != nil {
		r.tooLong()
		err = r.loseMost(ctx)
	}
	stop()
	parts.Wait()
	return errors.Join(err, failed)
}

// breakThings plays the plan.
func (r *run) breakThings(ctx context.Context) error {
	plan := newPlanner(r.o.Seed, r.faults, r.o.Nodes)
	for ctx.Err() == nil && !r.enough() {
		round := plan.next()
		if err := r.suffer(ctx, round); err != nil {
			return err
		}
		r.mu.Lock()
		r.report.Rounds = append(r.report.Rounds, round)
		r.report.count(round)
		r.mu.Unlock()
	}
	return ctx.Err()
}

// errNothing is better than a run that keeps all promises since nothing was done to anybody.
var errNothing = errors.New("none of these faults can be played here")

func (r *run) playable(f Fault) bool {
	disk, machine, one := r.bots[0].disk != nil, r.machine != nil, len(r.bots) == 1
	switch f {
	case Full:
		return one && disk
	case Power:
		return disk && (machine || !one)
	case Slow, Jump:
		return one && machine
	case Cut:
		return !one
	}
	return true
}

func (r *run) enough() bool {
	return r.o.Kills > 0 && r.report.Kills >= r.o.Kills || r.o.Rounds > 0 && len(r.report.Rounds) >= r.o.Rounds || r.o.Length > 0 && time.Since(r.began) >= r.o.Length
}

// suffer plays one round. A bot that ends by itself has broken a promise; it is noted, and started again.
func (r *run) suffer(ctx context.Context, round Round) error {
	b := r.bots[round.Bot]
	if r.network != nil {
		r.allUp(ctx) // one at a time is away, and no more
	} else if round.Moment != Booting {
		if err := b.up(ctx, "/healthz", time.Minute); err != nil && ctx.Err() == nil {
			r.report.Broken = append(r.report.Broken, err.Error())
			b.kill()
			return b.start()
		}
	}
	switch round.Fault {
	case Freeze:
		wait(ctx, round.After)
		b.freeze(ctx, round.Length)
		return nil
	case Cut:
		wait(ctx, round.After)
		r.network.cut(b.number)
		wait(ctx, round.Length)
		r.network.mend(b.number)
		return nil
	case Full:
		wait(ctx, round.After)
		return b.disk.full(ctx, round.Left, round.Length)
	case Power:
		return r.losePower(ctx, b, round)
	case Slow:
		return r.machine.slow(ctx, round.Each, round.Length)
	case Jump:
		r.jumped = true
		return r.machine.jump(round.Clock)
	}
	return r.kill(ctx, b, round)
}

// trapPatience is how long a death around a write may be late: there may be nothing to write.
const trapPatience = 3 * time.Second

// kill ends one life of a bot at the round's moment, and begins the next.
func (r *run) kill(ctx context.Context, b *bot, round Round) error {
	die := func() { r.end(b) }
	switch round.Moment {
	case Booting, Working:
		wait(ctx, round.After)
		die()
	default:
		// Of several bots it is this one that dies, and not always the one that writes.
		t := &trap{moment: round.Moment, writes: round.Writes, late: round.Length, spring: die}
		r.jira.traps.arm(t)
		late := time.NewTimer(trapPatience)
		defer late.Stop()
		select {
		case <-t.sprung:
		case <-late.C:
			if r.jira.traps.disarm(t) {
				die()
			} else {
				<-t.sprung
			}
		}
	}
	if round.Moment != DuringWrite || r.network != nil {
		wait(ctx, round.Length)
	}
	return r.begin(b)
}

// end ends one life of a bot.
func (r *run) end(b *bot) {
	if !b.kill() {
		r.report.Broken = append(r.report.Broken, fmt.Sprintf("bot %d has ended by itself: see the end of %s", b.number, b.log))
	}
}

// begin begins the next.
func (r *run) begin(b *bot) error {
	if r.o.between != nil {
		if err := r.o.between(b); err != nil {
			return err
		}
	}
	return b.start()
}

// losePower ends one life of a bot together with all that it has not synced.
func (r *run) losePower(ctx context.Context, b *bot, round Round) error {
	wait(ctx, round.After)
	// It stands still from one moment to the next, and never learns what has become of its disk.
	b.signal(syscall.SIGSTOP)
	if err := b.disk.powerOff(); err != nil {
		return err
	}
	r.end(b)
	if err := b.disk.powerOn(); err != nil {
		return err
	}
	if r.machine != nil {
		if err := r.machine.boot(); err != nil {
			return err
		}
	}
	wait(ctx, round.Length)
	return r.begin(b)
}

// settle waits until everything that was accepted is handled, as far as it ever will be.
func (r *run) settle(ctx context.Context) {
	r.say("no more of it; waiting until all that was accepted is handled")
	const standstill = time.Minute
	last, at, idle, told := -1, time.Now(), 0, time.Now()
	for ctx.Err() == nil && idle < 5 {
		posts := r.relay.waiting()
		left, each := posts, []int{}
		for _, b := range r.bots {
			n, err := b.waiting(ctx)
			if err != nil {
				n = 1
			}
			each = append(each, n)
			left += n
		}
		if time.Since(told) > r.o.Every {
			told = time.Now()
			r.say("%d posts on their way, deliveries waiting: %v", posts, each)
		}
		if left == 0 {
			idle++
		} else {
			idle = 0
		}
		if left != last {
			last, at = left, time.Now()
		}
		if left > 0 && time.Since(at) > standstill {
			r.report.Broken = append(r.report.Broken, fmt.Sprintf("%d deliveries were still not handled when nothing had moved for %v", left, standstill))
			return
		}
		wait(ctx, 50*time.Millisecond)
	}
}

// watch keeps an eye on the backlog, and tells how it goes.
func (r *run) watch(ctx context.Context) {
	next := time.Now().Add(r.o.Every)
	for ctx.Err() == nil {
		total, known := 0, false
		for _, b := range r.bots {
			if n, err := b.waiting(ctx); err == nil {
				total, known = max(total, n), true
			}
		}
		if known { // while no bot is there to tell, it is as it was
			r.backlog.Store(int64(total))
		}
		if time.Now().After(next) {
			next = next.Add(r.o.Every)
			r.mu.Lock()
			kills, others := r.report.Kills, len(r.report.Rounds)-r.report.Kills
			r.mu.Unlock()
			events := r.relay.record()
			r.say("%d kills, %d other faults, %d events, %d deliveries waiting", kills, others, len(events), r.backlog.Load())
		}
		wait(ctx, 100*time.Millisecond)
	}
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.o.Out, "%6.1fs  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
}

// judge looks at what is left.
func (r *run) judge(ctx context.Context, since, until time.Time) error {
	edge := tickEdge
	if r.jumped {
		edge += mostJump
	}
	events := append(r.relay.record(), ticks(since, until, edge)...)
	effects := effectsIn(r.jira.Issues())
	r.report.Verdict = Check(events, effects)
	r.report.Jira = r.weather.counts()
	r.report.Answers = r.relay.answered()
	r.report.Took = time.Since(r.began)
	r.events, r.effects = events, effects
	if len(r.bots) > 1 {
		return nil // one bot of a cluster cannot open the journal alone
	}
	records, err := readRecords(ctx, r.bots[0].dir, events, effects)
	r.report.Records = &records
	return err
}
