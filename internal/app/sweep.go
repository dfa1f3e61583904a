package app

import (
	"context"

	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/sweep"
)

// newSweeper makes what looks for events whose webhook never came. What it finds goes through the inbox, as everything does.
func (a *App) newSweeper(c config.Config) *sweep.Sweeper {
	return sweep.New(sweep.Options{
		Jira: a.jira, Inbox: a.inbox, Memory: memory{a.journal}, Scope: a.sweepScope, Known: a.journal.Known, Waiting: a.journal.Waiting,
		Every: c.Sweep.Every, Overlap: c.Sweep.Overlap, Remembers: c.Retention.Runs, Log: a.log, Now: a.opts.Now, Observe: a.metrics.swept,
	})
}

// sweepScope is what the rules in force wait for.
func (a *App) sweepScope() sweep.Scope {
	set := a.rules.current()
	projects, all := set.JiraProjects()
	return sweep.Scope{Projects: projects, All: all, Events: set.JiraEvents()}
}

// sweep looks by itself, as soon as the bot has logged in to Jira.
func (a *App) sweep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-a.connection.made:
	}
	return a.sweeper.Run(ctx)
}

// Sweep looks for events whose webhook never came.
func (a *App) Sweep(ctx context.Context, r sweep.Request) (sweep.Report, error) {
	if connected, err := a.connection.state(); !connected {
		return sweep.Report{}, &notConnected{err}
	}
	return a.sweeper.Sweep(ctx, r)
}

type notConnected struct{ why error }

func (e *notConnected) Error() string {
	if e.why == nil {
		return "the bot has not logged in to jira yet"
	}
	return "the bot is not connected to jira: " + e.why.Error()
}

func (e *notConnected) Unwrap() error { return e.why }

// listenForCommands opens the way in for the other commands on this machine. Without it the bot works all the same.
func (a *App) listenForCommands(data string) {
	server, err := control.Listen(data)
	if err != nil {
		a.log.Warn().Err(err).Msg("commands that speak to the running bot will not work")
		return
	}
	control.Handle(server, "sweep", a.Sweep)
	a.control = server
	a.later("control", server.Close)
}
