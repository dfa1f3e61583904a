package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Mark is the key of the property under which a creating action leaves its mark, so that a second try finds the first
// one's work.
const Mark = "jirabot.mark"

// A Deployment is a kind of Jira. Auto means: as serverInfo says.
type Deployment string

// The kinds of Jira.
const (
	Auto       Deployment = "auto"
	DataCenter Deployment = "data_center"
	Cloud      Deployment = "cloud"
)

// Options say which Jira, as whom, and how gently. URL and Auth are required.
type Options struct {
	// URL is Jira's base address, context path and all: https://jira.example.com/jira.
	URL  string
	Auth Auth
	// UserAgent defaults to jirabot/VERSION. Jira refuses writes from what looks like a browser.
	UserAgent string
	// Deployment defaults to Auto.
	Deployment Deployment
	// HTTP carries the requests; nil means Go's default transport with one idle connection per concurrent request.
	HTTP *http.Transport
	// MaxConcurrent is how many requests may be under way at once, for the whole bot; default 16.
	MaxConcurrent int
	// Timeout is how long one request may take, waiting for its turn not counted; default 30 s.
	Timeout time.Duration
	// Patience is how long a request may have to wait for Jira's rate limit before it is not sent at all: somebody sits before
	// the screen. By default it waits for however long Jira asks.
	Patience time.Duration
	Log      zerolog.Logger
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Observe is told of each request that left, for metrics. It runs on the caller's goroutine and must be quick.
	Observe func(Call)
	// Guard is asked right before the first byte of a write leaves, when everything else has been waited for: a free
	// place, Jira's pace, the connection. An error keeps the request back. It gets the caller's values.
	Guard func(context.Context) error
}

// A Call is one request that left, for whoever counts them.
type Call struct {
	Method string
	Route  string // with {key} where the issue key stood, so that it can be a metric's label
	Status int    // 0 where no answer came
	Wait   time.Duration
	Took   time.Duration
	Err    error
}

// A Client is one user's access to one Jira. It is safe for concurrent use.
type Client struct {
	base       string // without a slash at its end
	auth       Auth
	keeps      keeper // nil where the credential is one fixed header
	agent      string
	deployment Deployment
	http       *http.Client
	timeout    time.Duration
	log        zerolog.Logger
	now        func() time.Time
	observe    func(Call)
	guard      func(context.Context) error

	slots chan struct{}
	pace  *pace
	login *login

	server              atomic.Pointer[Server]
	self                atomic.Pointer[User]
	noWorklogProperties atomic.Bool // this Jira answered that it has none
}

// New checks the options and builds a client. It sends nothing; Connect does.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Auth.wrap == nil {
		return nil, errors.New("no authentication: give a personal access token, or a user and a password")
	}
	if o.Auth.err != nil {
		return nil, o.Auth.err
	}
	switch o.Deployment {
	case "":
		o.Deployment = Auto
	case Auto, DataCenter, Cloud:
	default:
		return nil, fmt.Errorf("unknown deployment %q: want %s, %s or %s", o.Deployment, Auto, DataCenter, Cloud)
	}
	if o.UserAgent == "" {
		o.UserAgent = "jirabot/" + version()
	}
	if strings.Contains(o.UserAgent, "Mozilla") {
		return nil, fmt.Errorf("user agent %q looks like a browser's, and Jira refuses writes from browsers", o.UserAgent)
	}
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = 16
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(Call) {}
	}
	if o.Guard == nil {
		o.Guard = func(context.Context) error { return nil }
	}
	if o.HTTP == nil {
		o.HTTP = defaultTransport(o.MaxConcurrent)
	}
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), strings.TrimRight(base.RawPath, "/")
	pace := newPace(o.Now)
	pace.patience = o.Patience
	signer := o.Auth.wrap(link{next: o.HTTP, jira: base, agent: o.UserAgent, timeout: o.Timeout, now: o.Now, log: o.Log})
	keeps, _ := signer.(keeper)
	return &Client{
		base:       strings.TrimRight(base.String(), "/"),
		auth:       o.Auth,
		keeps:      keeps,
		agent:      o.UserAgent,
		deployment: o.Deployment,
		http: &http.Client{
			Transport: signer,
			// A redirect is an answer like any other: following one could carry the credential elsewhere, and turns
			// a POST into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: o.Timeout,
		log:     o.Log,
		now:     o.Now,
		observe: o.Observe,
		guard:   o.Guard,
		slots:   make(chan struct{}, o.MaxConcurrent),
		pace:    pace,
		login:   newLogin(),
	}, nil
}

// Close ends what the login has under way and logs out, where there is something to log out of. Nothing may be sent
// after it.
func (c *Client) Close(ctx context.Context) error {
	var err error
	if c.keeps != nil {
		err = c.keeps.close(ctx)
	}
	c.http.CloseIdleConnections()
	return err
}

// Self is the user whom Jira took us for when Connect asked; the zero User before that.
func (c *Client) Self() User {
	if u := c.self.Load(); u != nil {
		return *u
	}
	return User{}
}

// who names our user for people, as far as it is known.
func (c *Client) who() string {
	self := c.Self()
	for _, name := range []string{self.Name, self.DisplayName, c.auth.user} {
		if name != "" {
			return name
		}
	}
	return "the bot user"
}

// isCloud is what the options demand or, failing that, what serverInfo said. Unknown counts as Data Center.
func (c *Client) isCloud() bool {
	if c.deployment != Auto {
		return c.deployment == Cloud
	}
	s := c.server.Load()
	return s != nil && s.Deployment == Cloud
}

func parseBase(address string) (*url.URL, error) {
	const want = "want something like https://jira.example.com/jira"
	u, err := url.Parse(address)
	switch {
	case err != nil:
		// url.Parse repeats the address in its error, and somebody may have put a password there.
		return nil, errors.New("the Jira url cannot be read: " + want)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("the Jira url has no http or https address: " + want)
	case u.User != nil:
		return nil, errors.New("the Jira url holds a user name: credentials belong under auth; " + want)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the Jira url has a query or a fragment: " + want)
	}
	return u, nil
}

func defaultTransport(concurrent int) *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody replaced Go's default
		return &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: concurrent}
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = concurrent
	return t
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
