package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"jirabot/internal/history"
	"jirabot/internal/journal"
)

// HistoryFile is where the history lies in a data directory.
func HistoryFile(data string) string { return filepath.Join(data, "history.db") }

func journalDir(data string) string { return filepath.Join(data, "journal") }

func openJournal(ctx context.Context, o Options) (*journal.Journal, error) {
	options, err := journalOptions(o.Config)
	if err != nil {
		return nil, err
	}
	options.Log, options.Now = o.Log, o.Now
	return journal.Open(ctx, options)
}

func historyOptions(o Options, j *journal.Journal) history.Options {
	keep := o.Config.Retention
	return history.Options{
		File: HistoryFile(o.Config.Data), Journal: j, Log: o.Log, Now: o.Now,
		Retention: history.Retention{Runs: keep.Runs, Deliveries: keep.Deliveries, MaxBytes: int64(keep.MaxBytes)},
	}
}

// follow lets the history follow the journal. The function that it returns ends that, and is to be called when nothing
// works any more: what was done last is to be found as well.
func (a *App) follow(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { _ = a.history.Run(ctx) }) // it tells of its troubles itself, and goes on
	return func() {
		cancel()
		running.Wait()
	}
}

// behindFor is how long the history may be behind before /readyz says so. After a burst it always is, for a while.
const behindFor = time.Minute

// indexing says what is wrong with the history, if anything is. The bot does its work without it.
func (a *App) indexing() error {
	s := a.history.State()
	late := a.opts.Now().Sub(s.Since)
	switch {
	case s.Err != nil:
		return s.Err
	case s.Behind > 0 && late > behindFor:
		return fmt.Errorf("for %s the history has been behind, now by %d records", late.Round(time.Second), s.Behind)
	}
	return nil
}

// RebuildHistory makes the history anew from the journal. No bot may run on the data directory.
func RebuildHistory(ctx context.Context, o Options, told func(history.Progress)) (_ history.Progress, err error) {
	data := o.Config.Data
	if _, err := os.Stat(journalDir(data)); errors.Is(err, fs.ErrNotExist) {
		return history.Progress{}, fmt.Errorf("there is no journal in %s", data)
	}
	j, err := openJournal(ctx, o)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return history.Progress{}, fmt.Errorf("a bot runs on %s: stop it first, or remove %s while it runs, and it makes that anew by and by", data, HistoryFile(data))
	}
	if err != nil {
		return history.Progress{}, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return history.Rebuild(ctx, historyOptions(o, j), told)
}
