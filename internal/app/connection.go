package app

import (
	"context"
	"errors"
	"fmt"
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
	end    time.Time     // of the token, as far as it is known
}

func (c *connection) setEnd(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = t
}

// ending is an error while the token ends soon.
func (c *connection) ending(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end.IsZero() || c.end.Sub(now) >= expirySoon {
		return nil
	}
	return fmt.Errorf("the personal access token ends on %s; make a new one in Jira, as the bot user", c.end.Format(time.DateOnly))
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
	// loginAgain is how often a refused login is looked at: whether somebody has run bot login, or sent SIGHUP.
	loginAgain = 2 * time.Second
)

// login finds out which Jira this is and who the bot is in it. While Jira is away it goes on trying, and deliveries are
// stored meanwhile; a refused login is not tried again before a person has done something about it, so that the account is
// not locked.
func (a *App) login(ctx context.Context) error {
	for wait := firstLogin; ; wait = min(2*wait, lastLogin) {
		server, user, err := a.jira.Connect(ctx)
		if err == nil {
			err = a.refuseAdministrator(ctx)
		}
		a.connection.set(server, user, err)
		if err == nil {
			a.log.Info().Str("jira", server.Version).Str("deployment", string(server.Deployment)).Str("user", a.runner.Bot().ID()).Msg("connected to jira")
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
			a.log.Error().Err(err).Msg("jira refused the login; deliveries are stored and wait, nothing more is sent: run bot login, or correct the credential and restart, or solve the CAPTCHA and send SIGHUP")
			if !a.untilAccepted(ctx) {
				return nil
			}
			wait = firstLogin
			continue
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

// LoginSettled lets the bot try its login again: a person says that the cause of its refusal is gone.
func (a *App) LoginSettled() {
	a.jira.ResetLogin()
	a.contract.ask()
}

// untilAccepted waits until somebody has done something about a refused login.
func (a *App) untilAccepted(ctx context.Context) bool {
	look := time.NewTicker(loginAgain)
	defer look.Stop()
	for a.jira.LoginRefused() != nil {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
	}
	return true
}

// refuseAdministrator holds all work where the bot user is a Jira administrator: then whoever writes a rule can do what an
// administrator can. A Jira that does not tell permissions is believed to have none to tell.
func (a *App) refuseAdministrator(ctx context.Context) error {
	if a.opts.Config.Jira.AllowAdmin {
		return nil
	}
	too, err := a.jira.Administrator(ctx)
	switch _, passing := jiraclient.Temporary(err); {
	case passing, ctx.Err() != nil, errors.Is(err, jiraclient.ErrUnauthorized):
		return err
	case err != nil:
		a.log.Warn().Err(err).Msg("cannot ask whether the bot user is an administrator")
		return nil
	case too == nil:
		return nil
	}
	a.jira.Refuse(errors.New("the bot user is a Jira administrator, and with it every rule"),
		"take the administrator's rights from the bot user and send SIGHUP or restart, or set jira.allow_admin: true")
	return a.jira.LoginRefused()
}

// expirySoon is how long before its end a personal access token is worth a word. Jira itself begins five days before.
const expirySoon = 14 * 24 * time.Hour

// watchToken says once a day that the token ends soon: the bot would otherwise fall silent one morning.
func (a *App) watchToken(ctx context.Context) {
	ends, known, err := a.jira.TokenExpiry(ctx)
	switch left := ends.Sub(a.opts.Now()); {
	case err != nil:
		if ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("cannot ask when the personal access token ends")
		}
	case known:
		a.connection.setEnd(ends)
		if left < expirySoon {
			a.log.Warn().Time("ends", ends).Msg("the personal access token ends soon, and then nothing works: make a new one in Jira, as the bot user")
		}
	}
}
