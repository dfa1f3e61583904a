package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A flight is one renewal and what came of it.
type flight struct {
	done  chan struct{}
	token oauth2Token
	err   error
}

// current is the token to sign with; not the one whose fingerprint is given, which has proved worthless.
func (b *oauth2Bearer) current(ctx context.Context, worthless string) (oauth2Token, error) {
	for {
		token, f, mine, err := b.board(worthless)
		if f == nil {
			return token, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return oauth2Token{}, ctx.Err() // whose end it was, the caller knows
		}
		// One that was under way before may have found just the token that is worthless now.
		if mine || f.err != nil || f.token.fingerprint() != worthless {
			return f.token, f.err
		}
	}
}

// board is the token where there is a good one, and otherwise the renewal to wait for.
func (b *oauth2Bearer) board(worthless string) (token oauth2Token, f *flight, mine bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.refused != nil:
		return token, nil, false, b.refused
	case b.life.Err() != nil:
		return token, nil, false, later(errors.New("the client is closed"))
	case b.token.Access != "" && b.token.fingerprint() != worthless && !b.due(b.token):
		return b.token, nil, false, nil
	case b.under != nil:
		return token, b.under, false, nil
	}
	f = &flight{done: make(chan struct{})}
	b.under = f
	// Not the caller's: whoever gives up waiting must not take the answer from the others.
	go func() {
		defer close(f.done)
		f.token, f.err = b.renew(worthless)
		b.land(f)
	}()
	return token, f, true, nil
}

// due: it is time for a new one, or to tell the other machines of it. Call it with mu held.
func (b *oauth2Bearer) due(t oauth2Token) bool {
	now := b.now()
	switch {
	case b.owes && !now.Before(b.patient):
		return true
	case t.Due.IsZero() || now.Before(t.Due):
		return false
	case now.Before(t.Expires):
		return !now.Before(b.patient)
	}
	return true
}

// land takes over what came of a renewal.
func (b *oauth2Bearer) land(f *flight) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.under = nil
	if refused, ok := errors.AsType[*LoginError](f.err); ok {
		b.refused = refused
	}
	if f.err != nil {
		return
	}
	b.token = f.token
	for _, secret := range []string{f.token.Access, f.token.Refresh} {
		if !slices.Contains(b.known, secret) {
			b.known = append(b.known, secret)
		}
	}
	// Requests with the token before may still be under way.
	b.known = b.known[max(0, len(b.known)-6):]
}

// renew reads the file, as somebody may have been faster, and has the token replaced if it must be.
func (b *oauth2Bearer) renew(worthless string) (oauth2Token, error) {
	own := false // a renewal of ours whose end is unknown
	var unmet error
	if b.credential.Share != nil {
		var met sharedToken
		met, unmet = b.meetOnce()
		own = met.begun() && met.By == b.credential.Share.Member()
	}
	if _, refused := errors.AsType[*LoginError](unmet); refused {
		return oauth2Token{}, unmet
	}
	token, err := b.load()
	if err != nil {
		if unmet != nil { // the others may have a better one
			err = unmet
		}
		return token, err
	}
	b.mu.Lock()
	due := b.due(token) || own && !b.now().Before(b.patient)
	b.mu.Unlock()
	bad := token.fingerprint() == worthless
	if !bad && !due {
		return token, nil
	}
	next, err := oauth2Token{}, unmet
	if unmet == nil {
		next, err = b.replace(token.fingerprint())
	}
	usable := !bad && (token.Due.IsZero() || b.now().Before(token.Expires))
	interrupted, by := errors.AsType[*interruption](err)
	switch _, refused := errors.AsType[*LoginError](err); {
	case refused:
		// Somebody may have logged in in the meantime.
		if now, failed := b.load(); failed == nil && now.fingerprint() != token.fingerprint() {
			return now, nil
		}
	case err != nil && usable:
		// Jira still takes it, as far as we know; and what it does not like now it may like in a moment.
		wait, _ := Temporary(err)
		b.mu.Lock()
		b.patient = b.now().Add(max(wait, 15*time.Second))
		b.mu.Unlock()
		return token, nil
	case by:
		return oauth2Token{}, token.refusal(interrupted, interrupted.do())
	}
	return next, err
}

// load reads the token file.
func (b *oauth2Bearer) load() (oauth2Token, error) {
	from := stampOf(b.credential.TokenFile)
	token, err := b.credential.load()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from, b.login = from, token.Login
	return token, err
}

// replace has the token with this fingerprint renewed.
func (b *oauth2Bearer) replace(fingerprint string) (oauth2Token, error) {
	if b.credential.Share != nil {
		return b.replaceTogether(fingerprint)
	}
	return b.replaceHere(fingerprint)
}

// replaceHere has the token renewed by another process if there is to be one. The files tell what came of that, as they do
// when it outlives us.
func (b *oauth2Bearer) replaceHere(fingerprint string) (oauth2Token, error) {
	r := b.renewal()
	if b.credential.Renew == nil {
		return r.run(b.life, fingerprint)
	}
	before := stampOf(r.file.renewing())
	failed := b.credential.Renew(b.life, fingerprint)
	token, err := b.load()
	if err != nil || token.fingerprint() != fingerprint {
		return token, err
	}
	if a, noted := r.file.outcome(fingerprint); noted && !before.same(stampOf(r.file.renewing())) {
		if a.Do != "" {
			return oauth2Token{}, token.refusal(errors.New(a.Failed), a.Do)
		}
		return oauth2Token{}, later(errors.New(a.Failed))
	}
	if b.credential.RenewOnly {
		if failed == nil {
			failed = errors.New("it is still the old one")
		}
		return oauth2Token{}, later(fmt.Errorf("have the token renewed: %w", failed))
	}
	// It did not get as far as asking Jira, or was killed while it did.
	token, err = r.run(b.life, fingerprint)
	if e, ok := errors.AsType[*NetworkError](err); ok && failed != nil {
		e.Err = fmt.Errorf("%w (and: %w)", e.Err, failed)
	}
	return token, err
}
