// Package history is a searchable index of what the journal holds: deliveries, runs with their steps, dead letters. It is
// one SQLite file that follows the journal, and everything in it can be had again: whoever deletes it loses nothing.
//
// A History writes it, as a part of the running bot. A Reader reads it, also from another process meanwhile. What is
// indexed and how far the journal was read are written in one transaction, so that whatever happens nothing is missing
// and nothing is there twice.
package history

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"jirabot/internal/journal"
)

// Options say what is indexed and for how long. File, Journal and Retention are required.
type Options struct {
	// File is the index. SQLite keeps two more beside it while it is open.
	File    string
	Journal *journal.Journal
	// Retention bounds what is kept. Letters stay until they are discarded.
	Retention Retention
	// Every is how often the journal is asked for something new; a second if 0.
	Every time.Duration
	Log   zerolog.Logger
	// Now is the clock; time.Now if nil.
	Now func() time.Time

	driver string // tests let the process die in between
	batch  int    // how many records of each kind go into one transaction
	eager  bool   // it does not rest; for tests of anything else
	block  int64  // how many runs make a block
}

// Retention says how long things are kept.
type Retention struct {
	Runs       time.Duration
	Deliveries time.Duration
	MaxBytes   int64 // of the file; beyond it the oldest go
}

func (o Options) withDefaults() Options {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.driver == "" {
		o.driver = "sqlite"
	}
	if o.batch == 0 {
		o.batch = 128
	}
	if o.block == 0 {
		o.block = blockSize
	}
	return o
}

// A History follows the journal.
type History struct {
	opts Options
	log  zerolog.Logger

	mu    sync.Mutex
	state State
}

// State is how far a History has come.
type State struct {
	Behind uint64    // records of the journal that are not indexed yet
	Since  time.Time // when it began to be behind; zero if it is not
	Err    error     // why nothing is indexed at present
}

// New makes a History. It touches nothing before Run.
func New(o Options) *History {
	o = o.withDefaults()
	return &History{opts: o, log: o.Log.With().Str("part", "history").Logger(), state: State{Since: o.Now()}}
}

// State tells how far it has come.
func (h *History) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

func (h *History) tell(behind uint64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if behind == 0 && err == nil {
		h.state = State{}
		return
	}
	if h.state.Since.IsZero() {
		h.state.Since = h.opts.Now()
	}
	h.state.Behind, h.state.Err = behind, err
}

const (
	// trimEvery is the pause between two looks at what is too old.
	trimEvery = time.Minute
	// lastPass is how long it goes on after ctx has ended, to index what was finished last.
	lastPass = 2 * time.Second
	// tryAgain is the pause after an error.
	tryAgain = 10 * time.Second
)

// Run follows the journal until ctx ends. Trouble with the file never ends it: it is told by State and in the log, and
// tried again.
func (h *History) Run(ctx context.Context) error {
	for {
		err := h.follow(ctx)
		if ctx.Err() != nil {
			if err != nil {
				h.log.Warn().Err(err).Msg("what was done last is indexed at the next start")
			}
			return nil
		}
		again, err := h.anew(err)
		if err != nil {
			if h.State().Err == nil { // said once, not every ten seconds
				h.log.Error().Err(err).Msg("nothing is indexed")
			}
			h.tell(h.State().Behind, err)
		}
		if !sleep(ctx, again) {
			return nil
		}
	}
}

// anew gives up a file that is of no use any more, and tells how soon to go on. What is left of the error needs time, or a
// person.
func (h *History) anew(err error) (time.Duration, error) {
	switch {
	case errors.Is(err, errGone):
		h.log.Info().Str("file", h.opts.File).Msg("the history was removed: it is made anew from the journal")
		err = nil
	case errors.Is(err, journal.ErrElsewhere):
		h.log.Warn().Err(err).Msg("the history is made anew from the journal")
		err = remove(h.opts.File)
	case damaged(err):
		h.log.Error().Err(err).Str("aside", aside(h.opts.File)).Msg("the history is damaged: it is put aside, and made anew from the journal")
		err = putAside(h.opts.File)
	}
	if err != nil {
		return tryAgain, err
	}
	return h.opts.Every, nil
}

// follow indexes until ctx or the file is gone. A batch that was begun is brought to its end.
func (h *History) follow(ctx context.Context) (err error) {
	work := context.WithoutCancel(ctx)
	s, err := openStore(work, h.opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	f := h.opts.Journal.Follow(s.places)
	defer f.Close()
	busy := func() bool { return false }
	if !h.opts.eager {
		busy = traffic(h.opts.Journal) // its own: it tells of what came since it was last called
		s.rest = resting(ctx, traffic(h.opts.Journal))
		f.Rest = s.rest
	}
	trimmed := h.opts.Now()
	for {
		pages := pagesAtRest
		if busy() {
			pages = pagesInTraffic
		}
		if err := s.checkpointAfter(work, pages); err != nil {
			return err
		}
		behind, err := h.step(work, s, f)
		if err != nil {
			return err
		}
		more := behind > 0
		if h.opts.Now().Sub(trimmed) >= trimEvery {
			left, err := s.trim(work, h.opts.Retention, h.opts.Now())
			if err != nil {
				return err
			}
			if more = more || left; !left {
				trimmed = h.opts.Now()
			}
		}
		if !more && s.gone() {
			return errGone
		}
		switch {
		case !more:
			sleep(ctx, h.opts.Every)
		case s.rest != nil:
			s.rest()
		}
		if ctx.Err() != nil {
			return h.finish(work, s, f)
		}
	}
}

// step indexes one batch, and tells how many records are left. What room is left on the disk is the journal's.
func (h *History) step(ctx context.Context, s *store, f *journal.Follower) (uint64, error) {
	if err := h.opts.Journal.Well(); err != nil {
		return 0, err
	}
	b, err := f.Next(ctx, h.opts.batch)
	if err != nil {
		return 0, err
	}
	unreadable, err := s.write(ctx, b)
	if err != nil {
		return 0, err
	}
	for _, err := range append(b.Unreadable, unreadable...) {
		h.log.Warn().Err(err).Msg("a record of the journal is not indexed")
	}
	h.tell(b.Behind, nil)
	return b.Behind, nil
}

// finish goes on for a little while after the bot has stopped.
func (h *History) finish(ctx context.Context, s *store, f *journal.Follower) error {
	for end := time.Now().Add(lastPass); ; {
		behind, err := h.step(ctx, s, f)
		if err != nil || behind == 0 || time.Now().After(end) {
			return err
		}
	}
}

// sleep is false if ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
