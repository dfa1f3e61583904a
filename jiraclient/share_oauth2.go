package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// A sharedToken is the token of OAuth 2.0 that several machines use. Its JSON names are on disks.
//
// Jira takes a refresh token once, and presented again it ends them all. So whoever is about to present one stores first
// that it does, in By. If it dies then, its own files alone tell what came of it: the process that asks Jira writes there.
// Nobody else presents that token. The machine itself, when it is back, brings what its files tell; a new log-in also
// helps.
type sharedToken struct {
	Token       oauth2Token `json:"token"` // without its two secrets
	Fingerprint string      `json:"fingerprint"`
	Sealed      []byte      `json:"sealed"` // the two, with the client secret
	// By is the machine that has begun to renew the token, Since when; empty with a Since: one that has lost its files.
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Former are log-ins that later ones have replaced.
	Former []string `json:"former,omitempty"`
}

// maxFormer log-ins are remembered: more than there are machines that could come back with one of them.
const maxFormer = 32

type tokenSecrets struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

func readShared(data []byte) (s sharedToken, err error) {
	if data == nil {
		return s, nil
	}
	if json.Unmarshal(data, &s) != nil || s.Fingerprint == "" {
		return s, errors.New("what the machines share cannot be read as a token")
	}
	return s, nil
}

// begun: somebody was about to present the refresh token, and has not told what came of it.
func (s sharedToken) begun() bool { return !s.Since.IsZero() }

// share makes a record of a token.
func (c OAuth2Credential) share(t oauth2Token, former []string) (sharedToken, error) {
	plain, err := json.Marshal(tokenSecrets{t.Access, t.Refresh})
	if err != nil {
		return sharedToken{}, err
	}
	s := sharedToken{Token: t, Fingerprint: t.fingerprint(), Former: former}
	s.Token.Access, s.Token.Refresh = "", ""
	s.Sealed, err = seal(c.ClientSecret, plain)
	return s, err
}

// open takes the token out of a record.
func (c OAuth2Credential) open(s sharedToken) (oauth2Token, error) {
	plain, err := unseal(c.ClientSecret, s.Sealed)
	if err != nil {
		return oauth2Token{}, s.Token.refusal(fmt.Errorf("the token that the machines share cannot be opened: %w", err),
			"give all machines the same jira.auth.oauth2.client_secret, and run bot login on one of them")
	}
	var secrets tokenSecrets
	if err := json.Unmarshal(plain, &secrets); err != nil {
		return oauth2Token{}, errors.New("what the machines share holds no token")
	}
	t := s.Token
	t.Access, t.Refresh = secrets.Access, secrets.Refresh
	return t, nil
}

// What is to be done when a machine's own token meets the shared one.
type meeting int

const (
	agree meeting = iota
	bring         // the machine's is newer
	take          // the shared one is
)

// meets compares a machine's own token, the zero one if it has none, with the shared one.
func (t oauth2Token) meets(s sharedToken) meeting {
	switch {
	case t.Access == "" && s.Fingerprint == "":
		return agree
	case t.Access == "":
		return take
	case s.Fingerprint == "":
		return bring
	case t.Login != s.Token.Login:
		if t.New && !slices.Contains(s.Former, t.Login) {
			return bring // somebody has just logged in on this machine
		}
		return take
	case t.Renewed > s.Token.Renewed:
		return bring
	case t.Renewed < s.Token.Renewed || t.fingerprint() != s.Fingerprint:
		return take
	case t.Refused != "" && s.Token.Refused == "":
		return bring
	case t.Refused == "" && s.Token.Refused != "":
		return take
	}
	return agree
}

// A position is what one machine knows when it looks at the shared token, and what it is about to do.
type position struct {
	member string
	here   oauth2Token // from its own file
	lost   string      // of a renewal of that token whose answer nobody kept
	renew  string      // the fingerprint of the token that it is to renew; empty for none
	at     time.Time
}

// answer is what the shared record is to be after this machine has looked at it, but for the secrets of a token that it
// brings. It is written only if it must be.
func (p position) answer(s sharedToken) (next sharedToken, do meeting, write bool) {
	next, do = s, p.here.meets(s)
	switch {
	case do == bring:
		next = sharedToken{Token: p.here, Fingerprint: p.here.fingerprint(), Former: s.Former}
		if s.Fingerprint != "" && s.Token.Login != p.here.Login {
			next.Former = append(slices.Clone(s.Former), s.Token.Login)
			next.Former = next.Former[max(0, len(next.Former)-maxFormer):]
		}
		write = true
	case s.By != p.member || !s.begun():
	case p.here.fingerprint() != s.Fingerprint:
		// It was us, and our files are older than that: they cannot tell what came of it.
		next.By, write = "", true
	case p.lost == "":
		// It was us, and Jira was not asked, or has certainly not replaced the token.
		next.By, next.Since, write = "", time.Time{}, true
	}
	if p.renew == "" || next.Fingerprint != p.renew || next.Token.Refused != "" {
		return next, do, write
	}
	if !next.begun() || next.By == p.member {
		next.By, next.Since = p.member, p.at
	}
	// Where another machine has begun this is written as it is: that succeeds only if it is the newest there is.
	return next, do, true
}

// An interruption is a renewal that another machine has begun, and has not told the end of.
type interruption struct {
	by    string
	since time.Time
	of    string // the token's fingerprint
}

// Error says what happened.
func (i *interruption) Error() string {
	by := i.by
	if by == "" {
		by = "a machine that has lost its data directory since"
	}
	return fmt.Sprintf("%s began to renew the token of OAuth 2.0 at %s and has not told how that ended; no other machine presents that token, as Jira may have taken it already",
		by, i.since.UTC().Format(time.RFC3339))
}

// do is what a person must do.
func (i *interruption) do() string {
	if i.by == "" {
		return "run bot login on one machine"
	}
	return "start " + i.by + " again, which knows; if it is gone for good, run bot login on another machine"
}

// still: the shared token is as it was then.
func (i *interruption) still(s sharedToken) bool {
	return s.begun() && s.By == i.by && s.Fingerprint == i.of
}

// meet brings this machine's token and the shared one together, and stores that this machine renews the token with the
// fingerprint renew, if that is the one. Afterwards this machine's file holds the newer of the two.
func (b *oauth2Bearer) meet(ctx context.Context, renew string) (sharedToken, error) {
	file := tokenFile(b.credential.TokenFile)
	unlock, err := file.lock(ctx)
	if err != nil {
		return sharedToken{}, err
	}
	defer unlock()
	p := position{member: b.credential.Share.Member(), renew: renew, at: b.now()}
	here, err := file.read()
	if _, system := errors.AsType[*fs.PathError](err); system {
		return sharedToken{}, fmt.Errorf("read the token: %w", err)
	}
	if err == nil { // otherwise there is none, or none that could be read
		if p.here, p.lost, err = file.settle(here); err != nil {
			return sharedToken{}, err
		}
	}
	var met sharedToken
	var do meeting
	err = b.credential.Share.Update(ctx, func(old []byte) ([]byte, error) {
		there, err := readShared(old)
		if err != nil {
			return nil, err
		}
		write := false
		if met, do, write = p.answer(there); !write {
			return nil, errAsItIs
		}
		if do == bring {
			sealed, err := b.credential.share(p.here, met.Former)
			if err != nil {
				return nil, err
			}
			met.Token, met.Sealed = sealed.Token, sealed.Sealed
		}
		return json.Marshal(met)
	})
	if err != nil && !errors.Is(err, errAsItIs) {
		return sharedToken{}, err
	}
	if do == take {
		token, err := b.credential.open(met)
		if err == nil {
			err = file.replace(token)
		}
		if err != nil {
			b.mu.Lock()
			b.login = met.Token.Login
			b.mu.Unlock()
			return sharedToken{}, err
		}
	}
	b.told(met)
	return met, nil
}

// told notes that the others know what this machine knows.
func (b *oauth2Bearer) told(met sharedToken) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owes = false
	if b.missing != nil && !b.missing.still(met) {
		b.missing = nil
	}
}

// shareTime is how long one exchange with the other machines may take.
const shareTime = 15 * time.Second

// meetOnce is meet within a time.
func (b *oauth2Bearer) meetOnce() (sharedToken, error) {
	ctx, cancel := context.WithTimeout(b.life, shareTime)
	defer cancel()
	met, err := b.meet(ctx, "")
	if _, refused := errors.AsType[*LoginError](err); err != nil && !refused {
		err = later(fmt.Errorf("compare the token with the other machines': %w", err))
	}
	return met, err
}

// interrupted notes that somebody else's renewal has no end. It is called in turn, when nobody is still about to tell.
func (b *oauth2Bearer) interrupted(met sharedToken) *interruption {
	i := &interruption{met.By, met.Since, met.Fingerprint}
	b.mu.Lock()
	known := b.missing != nil && b.missing.still(met)
	b.missing = i
	b.mu.Unlock()
	if !known {
		b.log.Error().Err(i).Str("do", i.do()).Msg("the token is not renewed; what it still allows goes on")
	}
	return i
}

// replaceTogether has the token with this fingerprint renewed by one machine at a time.
func (b *oauth2Bearer) replaceTogether(fingerprint string) (token oauth2Token, err error) {
	ctx, cancel := context.WithCancelCause(b.life)
	defer cancel(nil)
	// It bounds the waiting, not the renewal.
	patience := time.AfterFunc(b.timeout, func() { cancel(errors.New("another machine has not come to an end with it")) })
	defer patience.Stop()
	entered := false
	failed := b.credential.Share.Exclusive(ctx, func(ctx context.Context) error {
		if !patience.Stop() {
			return ctx.Err()
		}
		entered = true
		token, err = b.replaceAlone(ctx, fingerprint)
		return nil
	})
	if entered {
		return token, err // also where the turn went to another machine meanwhile: it has seen what we had stored
	}
	if ctx.Err() != nil {
		failed = context.Cause(ctx)
	}
	return token, later(fmt.Errorf("wait for the turn to renew the token: %w", failed))
}

// replaceAlone has the token renewed while no other machine is in it.
func (b *oauth2Bearer) replaceAlone(ctx context.Context, fingerprint string) (oauth2Token, error) {
	limited, cancel := context.WithTimeout(ctx, shareTime)
	defer cancel()
	met, err := b.meet(limited, fingerprint)
	switch {
	case err != nil:
		b.tell() // it may be stored all the same
		if _, refused := errors.AsType[*LoginError](err); refused {
			return oauth2Token{}, err
		}
		return oauth2Token{}, later(fmt.Errorf("tell the other machines that this one renews the token: %w", err))
	case met.Fingerprint != fingerprint || met.Token.Refused != "":
		return b.load() // somebody was faster
	case met.By != b.credential.Share.Member():
		return oauth2Token{}, b.interrupted(met)
	}
	defer b.tell()
	return b.replaceHere(fingerprint)
}

// tellTries are made one after the other before requests go on.
const tellTries = 5

// tell tells the others what this machine's files say. Nobody else can go on before that, so it is tried several times, and
// then again with later requests. What a process cannot tell any more the next one does.
func (b *oauth2Bearer) tell() {
	for range tellTries {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(b.life), shareTime)
		_, err := b.meet(ctx, "")
		cancel()
		if _, refused := errors.AsType[*LoginError](err); err == nil || refused || b.life.Err() != nil {
			return
		}
		b.log.Warn().Err(err).Msg("cannot tell the other machines yet how the renewal of the token ended")
		b.mu.Lock()
		b.owes = true
		b.mu.Unlock()
		again := time.NewTimer(time.Second)
		select {
		case <-again.C:
		case <-b.life.Done():
			again.Stop()
		}
	}
}

// elsewhere tells whether the shared token is another one than when Jira refused this machine, or an interrupted renewal
// has come to its end.
func (b *oauth2Bearer) elsewhere() bool {
	b.mu.Lock()
	since := b.now().Sub(b.looked)
	if since >= 0 && since < time.Second { // each request that is held back asks
		b.mu.Unlock()
		return false
	}
	b.looked = b.now()
	login, missing := b.login, b.missing
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.life, lookTime)
	defer cancel()
	var there sharedToken
	err := b.credential.Share.Update(ctx, func(old []byte) (_ []byte, err error) {
		if there, err = readShared(old); err == nil {
			err = errAsItIs
		}
		return nil, err
	})
	switch {
	case !errors.Is(err, errAsItIs) || there.Fingerprint == "":
		return false
	case there.Token.Login != login:
		return true
	}
	return missing != nil && !missing.still(there)
}
