package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"

	"golang.org/x/oauth2"
)

// RenewOAuth2 replaces the token whose fingerprint is given, unless somebody has replaced it already, and keeps the new
// one. It is for the process that an OAuth2Credential's Renew starts, which learns the outcome from the token's files.
// The context ends only the waiting for others: what Jira was asked for is always kept.
func RenewOAuth2(ctx context.Context, o Options, credential OAuth2Credential, fingerprint string) error {
	o.Auth = OAuth2(credential)
	client, err := New(o)
	if err != nil {
		return err
	}
	defer client.http.CloseIdleConnections()
	bearer := client.keeps.(*oauth2Bearer)
	_, err = bearer.renewal().run(ctx, fingerprint)
	return err
}

// RenewalProcess makes a Renew that starts a program, which calls RenewOAuth2 with its last argument. The program is a
// session of its own and shares no pipe with us, so it brings the renewal to its end when we are killed, one by one or by
// terminal. What kills both does not spare it: the end of a container, systemd's default KillMode, a power cut.
func RenewalProcess(program string, arguments ...string) func(context.Context, string) error {
	return func(ctx context.Context, fingerprint string) error {
		arguments := append(slices.Clone(arguments), fingerprint)
		command := exec.CommandContext(context.WithoutCancel(ctx), program, arguments...) //nolint:gosec // the caller names the program: it is this one
		command.Args[0] = os.Args[0]                                                      // a program may be several, by the name it is started under
		command.SysProcAttr = ownSession()
		if err := command.Run(); err != nil {
			return fmt.Errorf("run %s to renew the token: %w", program, err)
		}
		return nil
	}
}

// A renewal is one way from a token to the next. Jira takes each refresh token once, and its answer makes both old tokens
// worthless, so the order matters: hold the lock, see whether somebody was faster, note what is about to happen and make
// room for the answer, ask, keep the answer, and only then use it.
type renewal struct {
	link
	credential OAuth2Credential
	file       tokenFile
}

// run returns the token that is good instead of the one with this fingerprint. Its error is a *LoginError where a person
// has to do something, and otherwise one after which trying again makes sense.
func (r renewal) run(ctx context.Context, fingerprint string) (oauth2Token, error) {
	unlock, err := r.file.lock(ctx)
	if err != nil {
		return oauth2Token{}, later(err)
	}
	defer unlock()
	token, err := r.credential.load()
	if err != nil {
		return oauth2Token{}, err
	}
	token, lost, err := r.file.settle(token)
	if err != nil {
		return oauth2Token{}, later(err)
	}
	if token.fingerprint() != fingerprint {
		return token, nil
	}
	begun := attempt{Renewing: fingerprint, Since: r.now(), Lost: lost}
	place, err := r.file.begin(begun)
	if err != nil {
		return oauth2Token{}, later(fmt.Errorf("make room for the next token before Jira is asked for it: %w", err))
	}
	defer place.Close()

	next, err := r.ask(ctx, token)
	if err == nil {
		if err := r.file.keep(place, next); err != nil {
			return oauth2Token{}, later(fmt.Errorf("keep the token that Jira has just given: %w", err))
		}
		return next, nil
	}
	if errors.Is(err, errGrantRefused) {
		why := refusedGrant(err, lost)
		// Where this cannot be written the next process asks once more, and Jira refuses once more.
		_ = r.file.refuse(token, why.Error())
		return oauth2Token{}, token.refusal(why, "run bot login")
	}
	begun.Failed, begun.Kept = err.Error(), untouched(err)
	if errors.Is(err, ErrUnauthorized) {
		begun.Do = "correct jira.auth.oauth2 or Jira's application link"
	}
	// Without the note the next process takes this for a crash, and does the same.
	_ = note(place, begun)
	if begun.Do != "" {
		return oauth2Token{}, token.refusal(err, begun.Do)
	}
	return oauth2Token{}, later(err)
}

// ask exchanges the refresh token. It does not end with anybody's context, and is patient: an answer that nobody waits
// for is a token lost.
func (r renewal) ask(ctx context.Context, token oauth2Token) (oauth2Token, error) {
	limit := 4 * r.timeout
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	next, err := r.exchange(own, r.credential, func(ctx context.Context, c *oauth2.Config) (*oauth2.Token, error) {
		return c.TokenSource(ctx, &oauth2.Token{RefreshToken: token.Refresh}).Token()
	})
	if e, ok := errors.AsType[*NetworkError](err); ok && own.Err() != nil {
		// Ours, not the caller's: must not look like the caller's deadline.
		e.Err = fmt.Errorf("no answer within %v", limit)
	}
	next.User, next.Login, next.Replaces, next.Renewed = token.User, token.Login, token.fingerprint(), token.Renewed+1
	return next, err
}

// load reads the token and tells whether it can be used with this configuration, and at all. Jira would answer
// invalid_grant to another redirect_uri, which looks like a revoked one.
func (c OAuth2Credential) load() (oauth2Token, error) {
	t, err := tokenFile(c.TokenFile).read()
	if _, system := errors.AsType[*fs.PathError](err); system {
		return t, later(fmt.Errorf("read the token: %w", err))
	}
	switch {
	case err != nil:
	case t.Refused != "":
		err = errors.New(t.Refused)
	case t.ClientID != c.ClientID:
		err = fmt.Errorf("the token in %s belongs to the client %q, and the configuration says %q", c.TokenFile, t.ClientID, c.ClientID)
	case t.RedirectURI != c.RedirectURI:
		err = fmt.Errorf("the token in %s was given for the redirect_uri %q, and the configuration says %q", c.TokenFile, t.RedirectURI, c.RedirectURI)
	}
	if err != nil {
		return t, t.refusal(err, "run bot login")
	}
	return t, nil
}

func (t oauth2Token) refusal(cause error, do string) *LoginError {
	user := t.User
	if user == "" {
		user = "the bot user"
	}
	return &LoginError{User: user, Cause: cause, Do: do}
}

// refusedGrant explains why Jira refuses: after an answer that nobody kept it would.
func refusedGrant(err error, lost string) error {
	if lost == "" {
		return fmt.Errorf("the token is no longer renewed: %w", err)
	}
	return fmt.Errorf("a renewal of the token %s, so the token that Jira gave then is probably lost, and it no longer takes the old one: %w", lost, err)
}

// untouched: Jira certainly did not replace the token.
func untouched(err error) bool {
	if e, ok := errors.AsType[*NetworkError](err); ok {
		return !e.Sent
	}
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status >= 300 && e.Status < 500
}

// later is the error of a request that waited for the renewal and was not sent; it may be tried again.
func later(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*NetworkError](err); ok {
		err = e.Err
	}
	return &NetworkError{Method: "POST", Path: tokenPath, Err: err}
}
