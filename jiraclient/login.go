package jiraclient

import (
	"context"
	"errors"
	"sync"
)

// A login is the circuit that keeps a wrong credential from being sent twice: a few wrong passwords and Jira demands a
// CAPTCHA, after which not even the right one helps. Until the first success one request at a time may try; after a
// refusal none may, until somebody says that the cause is gone.
type login struct {
	turn chan struct{} // held by the request that tries

	mu         sync.Mutex
	generation int // grows with each reset, so that answers to older requests no longer count
	proven     bool
	refused    *LoginError
}

func newLogin() *login { return &login{turn: make(chan struct{}, 1)} }

// A pass is the permission to send one request. It must be given back.
type pass struct {
	generation int
	trying     bool // this request is the one that finds out
	proven     bool
}

// enter waits for the turn and returns a *LoginError where the login is refused.
func (l *login) enter(ctx context.Context) (pass, error) {
	p, err := l.state()
	if p.proven || err != nil {
		return p, err
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return pass{}, gaveUp(ctx)
	}
	// Whoever held the turn before may have settled the question.
	p, err = l.state()
	if p.proven || err != nil {
		<-l.turn
		return p, err
	}
	p.trying = true
	return p, nil
}

func (l *login) state() (pass, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused != nil {
		return pass{}, l.refused
	}
	return pass{generation: l.generation, proven: l.proven}, nil
}

// leave gives the pass back with what the answer said of the login: refused, accepted, or neither.
func (l *login) leave(p pass, accepted bool, refused *LoginError) {
	l.mu.Lock()
	if p.generation == l.generation {
		switch {
		case refused != nil && l.refused == nil:
			l.refused, l.proven = refused, false
		case accepted && l.refused == nil:
			l.proven = true
		}
	}
	l.mu.Unlock()
	if p.trying {
		<-l.turn
	}
}

// LoginRefused is nil while requests may leave. After Jira refused the login it says what a person must do, and every
// call returns it without sending anything until ResetLogin.
func (c *Client) LoginRefused() error {
	_, err := c.login.state()
	if err == nil || c.keeps == nil {
		return err
	}
	if c.keeps.changed() {
		// Somebody has logged in anew beside us.
		c.ResetLogin()
	}
	_, err = c.login.state() // another call may have noticed it first
	return err
}

// ResetLogin lets requests leave again, one at a time until the first succeeds. Call it when a person has corrected the
// credential or solved the CAPTCHA.
func (c *Client) ResetLogin() {
	if c.keeps != nil {
		c.keeps.reset()
	}
	l := c.login
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation++
	l.proven, l.refused = false, nil
}

// Refuse stops all requests, as if Jira had refused the login, for a reason that lies with us. What says what a person
// must do.
func (c *Client) Refuse(cause error, do string) {
	l := c.login
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused == nil {
		l.refused, l.proven = &LoginError{User: c.who(), Cause: cause, Do: do}, false
	}
}

// LoginWorry is nil, or what a person should know of the credential while it is still good.
func (c *Client) LoginWorry() error {
	if c.keeps == nil {
		return nil
	}
	return c.keeps.worry()
}

// RenewToken has the token of OAuth 2.0 with this fingerprint replaced, unless that has been done, for another process that
// uses the same file and may not do so itself: its OAuth2Credential says RenewOnly.
func (c *Client) RenewToken(ctx context.Context, fingerprint string) error {
	b, ok := c.keeps.(*oauth2Bearer)
	if !ok {
		return errors.New("jira.auth.oauth2 is missing: no other way to log in has a token to renew")
	}
	_, err := b.current(ctx, fingerprint)
	return err
}
