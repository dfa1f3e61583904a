package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"jirabot/jiraclient"
)

// connection is what is known about the way to Jira.
type connection struct {
	mu     sync.Mutex
	server jiraclient.Server
	user   jiraclient.User
	err    error // why there is none yet
	done   bool
	made   chan struct{} // closed as soon as there is one
}

func (c *connection) set(server jiraclient.Server, user jiraclient.User, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && !c.done {
		close(c.made)
	}
	c.server, c.user, c.err, c.done = server, user, err, c.done || err == nil
}

func (c *connection) state() (connected bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done, c.err
}

const (
	firstLogin = time.Second
	lastLogin  = time.Minute
)

// login finds out which Jira this is and who the bot is in it. While Jira is away it goes on trying, and deliveries are
// stored meanwhile; a refused login is not tried again, so that the account is not locked: that takes a person.
func (a *App) login(ctx context.Context) error {
	for wait := firstLogin; ; wait = min(2*wait, lastLogin) {
		server, user, err := a.jira.Connect(ctx)
		a.connection.set(server, user, err)
		if err == nil {
			a.log.Info().Str("jira", server.Version).Str("deployment", string(server.Deployment)).Str("user", a.self().ID()).Msg("connected to jira")
			if server.Note != "" {
				a.log.Warn().Msg(server.Note)
			}
			a.contract.ask()
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, jiraclient.ErrUnauthorized) {
			a.log.Error().Err(err).Msg("jira refused the login; deliveries are stored and wait, nothing more is sent: correct the credential and restart")
			<-ctx.Done()
			return nil
		}
		a.log.Warn().Err(err).Dur("again_in", wait).Msg("no connection to jira; deliveries are stored and wait")
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}
