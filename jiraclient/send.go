package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
)

const (
	maxAnswer = 32 << 20 // of JSON
	maxRefuse = 64 << 10 // of an error body
)

// do sends the request once and reads the answer into into, which may be nil. It waits for a free place, for the
// login to be proven, and for Jira's rate limit.
func (c *Client) do(ctx context.Context, r request, into any) error {
	if r.err != nil {
		return r.err
	}
	body, err := r.encode()
	if err != nil {
		return err
	}
	if err := c.LoginRefused(); err != nil {
		return err // without queueing for it
	}
	r.as = c.expected()
	started := c.now()

	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return &NetworkError{Method: r.method, Path: r.path, Err: gaveUp(ctx), write: r.write()}
	}
	p, err := c.login.enter(ctx)
	if err != nil {
		return notSent(r, err)
	}
	issue := c.pacedIssue(r)
	if err := c.pace.takeFor(ctx, issue); err != nil {
		c.login.leave(p, false, nil)
		return notSent(r, err)
	}
	if err := c.LoginRefused(); err != nil { // meanwhile
		c.pace.doneFor(issue, 0, nil)
		c.login.leave(p, false, nil)
		return err
	}
	left := c.now()
	a, err := c.send(ctx, r, body, into)
	c.pace.doneFor(issue, a.status, a.header)
	if err == nil {
		a.proven, a.want, a.now, a.hide = p.proven, c.who(), c.now(), c.hide
		err = check(r, a)
	}
	c.login.leave(p, accepted(a, err), c.refusal(err))

	took := c.now().Sub(left)
	c.observe(Call{Method: r.method, Route: r.route, Status: a.status, Wait: left.Sub(started), Took: took, Err: err})
	c.log.Debug().Str("method", r.method).Str("path", r.path).Int("status", a.status).Dur("took", took).Msg("jira call")
	return err
}

// send is the exchange itself.
func (c *Client) send(ctx context.Context, r request, body payload, into any) (a answer, err error) {
	limited, moved, cancel := patience(ctx, c.timeout)
	defer cancel()
	connected := false
	var barred error
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		if r.write() {
			if barred = c.guard(limited); barred != nil {
				got.Conn.Close() // the one way to keep a request back from here; nothing was written to it yet
				return
			}
		}
		connected = true
	}})
	broken := func(err error) error {
		switch {
		case body.upload != nil && body.upload.failed() != nil:
			// Not the network's fault, and the upload has no end: Jira throws it away.
			return fmt.Errorf("%s %s: read what is to be sent: %w", r.method, r.path, body.upload.failed())
		case r.save != nil && r.save.err != nil:
			return fmt.Errorf("%s %s: keep what came: %w", r.method, r.path, r.save.err)
		case fromLogin(err) != nil:
			return fromLogin(err)
		case ctx.Err() != nil:
			err = gaveUp(ctx)
		case barred != nil && limited.Err() != nil:
			// The guard's answer is only that its time is over, which must not look like the caller's doing either.
			err = fmt.Errorf("kept back for %v", c.timeout)
		case barred != nil:
			err = barred
		case limited.Err() != nil:
			// Ours, not the caller's: must not look like the caller's deadline.
			err = fmt.Errorf("no answer within %v", c.timeout)
			if r.file != nil || r.save != nil {
				err = fmt.Errorf("nothing moved for %v", c.timeout)
			}
		default:
			if u, ok := errors.AsType[*url.Error](err); ok {
				err = u.Err // it repeats the address, query and all
			}
		}
		return &NetworkError{Method: r.method, Path: r.path, Sent: connected, Err: err, write: r.write()}
	}

	request, err := http.NewRequestWithContext(traced, r.method, c.base+r.escaped, nil)
	if err != nil {
		return a, fmt.Errorf("%s %s: build the request: %w", r.method, r.path, err)
	}
	request.URL.RawQuery = r.query.Encode()
	request.Header.Set("Accept", r.accept)
	request.Header.Set("User-Agent", c.agent)
	body.open(request, moved)
	if body.upload != nil {
		context.AfterFunc(limited, body.upload.close) // when nobody wants it any more, too
	}
	if r.method != http.MethodGet {
		request.Header.Set("X-Atlassian-Token", "no-check")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return a, broken(err)
	}
	defer response.Body.Close()
	a = answer{status: response.StatusCode, header: response.Header, json: true}

	if r.save != nil && a.status < 300 && !page(response.Header) {
		r.save.moved = moved
		if _, err := io.Copy(r.save, response.Body); err != nil {
			return a, broken(fmt.Errorf("the answer broke off: %w", err))
		}
		return a, nil
	}
	limit := int64(maxRefuse)
	if a.status < 300 {
		limit = maxAnswer + 1
	}
	a.body, err = io.ReadAll(io.LimitReader(response.Body, limit))
	switch {
	case err != nil && a.status < 300:
		return a, broken(fmt.Errorf("the answer broke off: %w", err))
	case a.status < 300 && page(response.Header):
		a.json = false // a login form, or a proxy's page: nothing was done
		return a, nil
	case a.status >= 300 || into == nil:
		return a, nil
	case len(a.body) > maxAnswer:
		a.json, a.reason = false, "it is larger than 32 MB"
		return a, nil
	}
	err = json.Unmarshal(a.body, into)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); odd && r.write() {
		// The write is done, and a second one would be worse than an answer with a field of an unexpected type.
		c.log.Warn().Err(err).Str("method", r.method).Str("path", r.path).Msg("odd answer to a write")
		err = nil
	}
	if err != nil {
		a.json, a.reason = false, unread(err)
		if len(a.body) == 0 {
			a.reason = "it is empty"
		}
	}
	return a, nil
}

// unread says why an answer cannot be read. The library's words for what stands in a wrong place are those of our code.
func unread(err error) string {
	odd, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok:
		return err.Error()
	case odd.Field == "":
		return "an unexpected " + odd.Value
	}
	return "an unexpected " + odd.Value + " in " + odd.Field
}

// gaveUp is the context's error together with the caller's reason, where there is one.
func gaveUp(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// notSent wraps the reason why a request never left, unless it is the refused login, which speaks for itself.
func notSent(r request, err error) error {
	if refused, ok := errors.AsType[*LoginError](err); ok {
		return refused
	}
	return &NetworkError{Method: r.method, Path: r.path, Err: err, write: r.write()}
}

// accepted tells whether the answer proves that the credential works.
func accepted(a answer, err error) bool {
	if errors.Is(err, ErrUnauthorized) || a.status == 0 || a.status >= 500 || a.status == http.StatusTooManyRequests {
		return false
	}
	name, named := identity(a.header)
	return err == nil || named && name != anonymous
}

// refusal is the circuit's reason to open, if the error is one.
func (c *Client) refusal(err error) *LoginError {
	if !errors.Is(err, ErrUnauthorized) {
		return nil
	}
	if e, ok := errors.AsType[*LoginError](err); ok {
		return e
	}
	refused := &LoginError{User: c.who(), Cause: err, Do: "correct the credential"}
	if e, ok := errors.AsType[*Error](err); ok {
		if strings.Contains(e.Hint, "CAPTCHA") {
			refused.Do = "solve the CAPTCHA"
		} else if e.Status < 400 && e.Status >= 300 {
			refused.Do = "let the bot reach Jira's REST API"
		}
	}
	return refused
}

// expected is whom X-AUSERNAME must name; empty while anybody but anonymous will do. People may log in by e-mail, which
// is not their name.
func (c *Client) expected() string {
	if name := c.Self().Name; name != "" {
		return name
	}
	if strings.Contains(c.auth.user, "@") {
		return ""
	}
	return c.auth.user
}

// fromLogin is what the transport that signs has to say: that the login did not succeed, and so nothing was sent.
func fromLogin(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*NetworkError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*LoginError](err); ok {
		return e
	}
	return nil
}

// hide takes our own secrets out of text that somebody else wrote.
func (c *Client) hide(text string) string {
	text = hiding(c.auth.secrets...)(text)
	if c.keeps != nil {
		text = hiding(c.keeps.hidden()...)(text)
	}
	return text
}
