// Package webhook receives what Jira and other callers post: it checks who is speaking, limits what they may send, has the
// delivery stored, and only then answers. A 202 therefore means "on disk".
//
// Jira posts to /webhooks/jira, callers of a hook post to /hooks/NAME. A request has to prove itself with every secret
// that is configured for it and with every token that it chooses to show:
//
//   - With a secret, the X-Hub-Signature over the body is always demanded. A token is no substitute, because tokens are
//     part of an address and addresses end up in the logs of proxies.
//   - Without a secret, at least one of the configured tokens is demanded.
//   - A token that is shown must be right, even where the signature is: it is then somebody else's address.
//
// A request that is refused leaves nothing behind but a line in the log, which says what was wrong; the answer does not.
// The router must not log addresses itself, as gin.Logger does and gin.Recovery may do: an address can hold the token.
package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

const (
	// defaultMaxBody is what Jira Cloud states as the largest delivery; Data Center states nothing.
	defaultMaxBody = 25 << 20
	// acceptWithin bounds the wait for the inbox. It is far beyond what a healthy disk needs, and near enough that a
	// stuck one does not gather requests without end.
	acceptWithin = 20 * time.Second
)

// An Inbox stores deliveries. When Accept returns without an error, the delivery will survive a crash. An error with a
// method RetryAfter() time.Duration means "not now".
type Inbox interface {
	Accept(ctx context.Context, d event.Delivery) (Receipt, error)
}

// A Receipt is the inbox's answer: the delivery's ID, and whether the same one was stored before. It is an alias of a
// plain struct so that one inbox can serve several packages that do not know each other.
type Receipt = struct {
	Delivery string
	Repeat   bool
}

// HookAuth is how the callers of one hook prove themselves: by a token or by a signature made with a secret. Where both
// are set, the signature is demanded, and the token has to be right if it is shown.
type HookAuth struct {
	Token  string // as "Authorization: Bearer TOKEN" or "X-Hook-Token: TOKEN"
	Secret string // X-Hub-Signature-256 or X-Hub-Signature
}

// Options says what a Receiver accepts. Inbox and one of Secret, PathToken, QueryToken are required.
type Options struct {
	Inbox Inbox

	Secret     string // checks X-Hub-Signature
	PathToken  string // the last part of /webhooks/jira/TOKEN
	QueryToken string // ?token=TOKEN
	// Insecure allows a receiver, and hooks, without any authentication. What is configured is demanded all the same.
	Insecure bool

	// Sources are the networks from which Jira may post; none means all. They do not limit hooks.
	Sources []netip.Prefix
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none means that nobody's is.
	TrustedProxies []netip.Prefix

	Hooks   map[string]HookAuth // by name
	MaxBody int64               // in bytes; 0 means 25 MB

	Log zerolog.Logger
	// Observe is told about every answer; path is the route's pattern, so that it holds neither tokens nor names.
	Observe func(path string, status int, took time.Duration)
	Now     func() time.Time
}

// A Receiver answers the requests.
type Receiver struct {
	opts        Options
	path, query key
	hooks       map[string]hook
	stranger    hook // stands in for a hook that does not exist, so that looking takes the same time
}

// New makes a Receiver. It refuses to make one that would accept deliveries from anybody unless Options.Insecure is set.
func New(o Options) (*Receiver, error) {
	if err := validate(o); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Receiver{
		opts:     o,
		path:     newKey(o.PathToken),
		query:    newKey(o.QueryToken),
		hooks:    map[string]hook{},
		stranger: newHook(HookAuth{Token: rand.Text(), Secret: rand.Text()}),
	}
	for name, auth := range o.Hooks {
		r.hooks[name] = newHook(auth)
	}
	return r, nil
}

func validate(o Options) error {
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if o.Inbox == nil {
		complain("no inbox: deliveries need a place to go")
	}
	if !o.Insecure && o.Secret == "" && o.PathToken == "" && o.QueryToken == "" {
		complain("anybody could post deliveries: set secret, path_token or query_token, or insecure: true")
	}
	if strings.Trim(o.PathToken, unreserved) != "" || o.PathToken == "." || o.PathToken == ".." {
		complain("path token: only letters, digits and -._~ come through an address unchanged")
	}
	if o.MaxBody < 0 {
		complain("max body of %d bytes: want a positive number, or 0 for the default of 25 MB", o.MaxBody)
	}
	for _, network := range append(append([]netip.Prefix{}, o.Sources...), o.TrustedProxies...) {
		if !network.IsValid() {
			complain("a source or trusted proxy is not a network: want one such as 10.0.0.0/8")
		}
	}
	for name, auth := range o.Hooks {
		if name == "" || strings.Contains(name, "/") {
			complain("hook %q: a name is one part of an address, such as deploy-finished", name)
		}
		if !o.Insecure && auth == (HookAuth{}) {
			complain("hook %q: anybody could call it: set token or secret, or insecure: true", name)
		}
	}
	return errors.Join(wrong...)
}

const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

// Register adds the receiver's addresses to a router. Methods other than POST are registered as well, to be told so.
func (r *Receiver) Register(router gin.IRouter) {
	router.Any("/webhooks/jira", r.serve(r.fromJira))
	router.Any("/webhooks/jira/:token", r.serve(r.fromJira))
	router.Any("/hooks/:name", r.serve(r.fromCaller))
}
