// Package speed measures the bot as its users meet it: the real binary as a process, a stand-in for Jira and the load beside it
// on the same machine, and a bare Gin handler, measured just before and after, to compare with. Machines differ; the ratios to
// the bare handler tell more than events per second.
//
//	go run ./internal/speed/cmd/speed
//
// It is a program of its own, and not a command of the bot, so that what is measured does not carry the means of measuring.
package speed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options say what is measured and how thoroughly. Bot is required.
type Options struct {
	Bot     string // path of the bot's binary
	Quick   bool   // a tenth of everything: shows that it works, measures nothing
	Rounds  int    // of each row; 5 by default, 1 when quick
	Profile string // directory for processor profiles of the bot, one for each row; none if empty
	Only    []string
	Log     io.Writer
}

// Names of the helpers' roles, as the program's only argument.
const (
	RoleJira   = "serve-jira"
	RoleBare   = "serve-bare"
	RoleSynced = "serve-synced"
)

// size scales how many events a round has.
func (o Options) size(n int) int {
	if o.Quick {
		return max(n/20, connections)
	}
	return n
}

func (o Options) wait(d time.Duration) time.Duration {
	if o.Quick {
		return d / 10
	}
	return d
}

// A run is one measurement of everything.
type run struct {
	opts    Options
	dir     string
	jira    *helper
	bare    *helper
	synced  *helper
	updates map[Project]*update
	next    int // number of the next event; none is used twice
	table   *Table
}

// Run measures and fills the table. What is not reached is no error; what is lost or done twice is.
func Run(ctx context.Context, o Options) (_ *Table, err error) {
	if o.Rounds == 0 {
		o.Rounds = map[bool]int{false: 5, true: 1}[o.Quick]
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Bot, err = filepath.Abs(o.Bot); err != nil {
		return nil, err
	}
	r := &run{opts: o, updates: map[Project]*update{}, table: newTable(o.Only)}
	for _, p := range []Project{Wanted, Unwanted} {
		if r.updates[p], err = newUpdate(p); err != nil {
			return nil, err
		}
	}
	if r.dir, err = os.MkdirTemp("", "speed-"); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.jira, err = startHelper(ctx, r.dir, RoleJira); err != nil {
		return nil, err
	}
	defer r.jira.end()
	if r.bare, err = startHelper(ctx, r.dir, RoleBare); err != nil {
		return nil, err
	}
	defer r.bare.end()
	if r.synced, err = startHelper(ctx, r.dir, RoleSynced); err != nil {
		return nil, err
	}
	defer r.synced.end()
	for _, part := range []struct {
		does string
		do   func(context.Context) error
		rows []string
	}{
		{"how small it is", r.small, []string{rowIdle, rowStart}},
		{"how much it does", r.throughput, []string{rowStored, rowEffect, rowEffectSlow, rowAccept50, rowAccept99, rowAcceptTimes, rowEffect99, rowPeak}},
		{"what rules cost", r.processor, []string{rowIndexed, rowUnindexed, rowIndexedCalm, rowUnindexedCalm}},
		{"a long queue", r.backlog, []string{rowAgain, rowDrain}},
	} {
		if !r.table.wants(part.rows) {
			continue
		}
		r.say("%s", part.does)
		if err := part.do(ctx); err != nil {
			return r.table, fmt.Errorf("measure %s: %w (kept for a look: %s)", part.does, err, r.dir)
		}
	}
	return r.table, errors.Join(r.table.complete(), os.RemoveAll(r.dir))
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.opts.Log, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}

// batch makes n events that were never posted.
func (r *run) batch(p Project, n int) *batch {
	b := r.updates[p].batch(r.next, n)
	r.next += n
	return b
}
