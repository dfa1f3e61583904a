package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/letters"
	"jirabot/internal/sweep"
)

// newSweeper makes what looks for events whose webhook never came. What it finds goes through the inbox, as everything does.
func (a *App) newSweeper(c config.Config) *sweep.Sweeper {
	o := sweep.Options{
		Jira: a.jira, Inbox: a.inbox, Memory: memory{a.journal, a.log}, Scope: a.sweepScope, Person: a.jira.UserByKey, Known: a.journal.Known, Waiting: a.journal.Waiting,
		Every: c.Sweep.Every, Overlap: c.Sweep.Overlap, Remembers: c.Retention.Runs, Log: a.log, Now: a.opts.Now, Observe: a.metrics.swept,
	}
	if a.journal.Member() != "" {
		o.Listens = a.opts.Now()
		o.Alone = func(ctx context.Context, do func(context.Context) error) error {
			return a.journal.Exclusive(ctx, "one sweep", do)
		}
	}
	return sweep.New(o)
}

// sweepScope is what the rules in force wait for.
func (a *App) sweepScope() sweep.Scope {
	set := a.rules.current()
	projects, all := set.JiraProjects()
	return sweep.Scope{Projects: projects, All: all, Events: set.JiraEvents()}
}

// sweep looks by itself, as soon as the bot has logged in to Jira. In a cluster one machine does.
func (a *App) sweep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-a.connection.made:
	}
	return a.onOne(ctx, "sweep", func(ctx context.Context) error {
		a.sweeps.Store(true)
		defer a.sweeps.Store(false)
		return a.sweeper.Run(ctx)
	})
}

// sweptElsewhere tells whether another machine looks.
func (a *App) sweptElsewhere() bool {
	return a.opts.Config.Sweep.Enabled && a.journal.Member() != "" && !a.sweeps.Load()
}

// connectWithin is how long a command waits for a bot that has just been started.
const connectWithin = 10 * time.Second

// Sweep looks for events whose webhook never came.
func (a *App) Sweep(ctx context.Context, r sweep.Request) (sweep.Report, error) {
	timer := time.NewTimer(connectWithin)
	defer timer.Stop()
	select {
	case <-a.connection.made:
		return a.sweeper.Sweep(ctx, r)
	case <-ctx.Done():
		return sweep.Report{}, ctx.Err()
	case <-timer.C:
	}
	if _, err := a.connection.state(); err != nil {
		return sweep.Report{}, fmt.Errorf("the bot is not connected to jira: %w", err)
	}
	return sweep.Report{}, errors.New("the bot is not connected to jira yet")
}

// listenForCommands opens the way in for the other commands on this machine. Without it the bot works all the same.
func (a *App) listenForCommands(data string) {
	server, err := control.Listen(data)
	if err != nil {
		a.log.Warn().Err(err).Msg("commands that speak to the running bot will not work")
		return
	}
	control.Handle(server, "sweep", a.Sweep)
	control.Handle(server, RenewCommand, func(ctx context.Context, fingerprint string) (struct{}, error) {
		return struct{}{}, a.jira.RenewToken(ctx, fingerprint)
	})
	letters.New(a.journal).Answer(server)
	a.control = server
	a.later("control", server.Close)
}
