// Package app builds the bot out of its parts, runs it, and stops it in reverse order.
//
//	a, err := app.New(ctx, app.Options{Config: c, Log: log})
//	err = a.Run(ctx)
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/rs/zerolog"

	"jirabot/actions"
	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/history"
	"jirabot/internal/journal"
	"jirabot/internal/runner"
	"jirabot/internal/schedule"
	"jirabot/internal/sweep"
	"jirabot/jiraclient"
	"jirabot/webhook"
)

// Options are what a bot is built from. Config is required.
type Options struct {
	Config config.Config
	Log    zerolog.Logger
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// Observe is told about every finished run, beside metrics and log.
	Observe func(runner.Record)
	// Profiles is the loopback address under which Go's profiles are told; none by default.
	Profiles string
}

// An App is a bot.
type App struct {
	opts Options
	log  zerolog.Logger

	journal  *journal.Journal
	rules    *ruleBook
	jira     *jiraclient.Client
	names    *actions.Jira // the client with what it knows about this Jira
	inbox    *inbox
	runner   *runner.Runner
	schedule *schedule.Scheduler
	history  *history.History
	sweeper  *sweep.Sweeper
	sweeps   atomic.Bool     // it looks by itself, and no other machine does
	control  *control.Server // nil where no socket could be opened
	metrics  *metrics
	listener net.Listener
	profiles net.Listener // nil unless asked for
	server   *http.Server

	connection connection
	contract   contractWatch

	undo []cleanup
}

type cleanup struct {
	name string
	do   func() error
}

// New builds everything: it reads the rules, opens the journal and listens. Nothing is worked on before Run. What was
// built before an error is taken down again.
func New(ctx context.Context, o Options) (_ *App, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(runner.Record) {}
	}
	a := &App{opts: o, log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	c := o.Config
	a.metrics = newMetrics(a)
	bounds := allowedBy(c).bounds
	if err := checkBounds(bounds); err != nil {
		return nil, err
	}
	if a.rules, err = openRules(c.Rules, allowedBy(c), a.log, a.metrics); err != nil {
		return nil, err
	}
	if err := prepareData(c.Data); err != nil {
		return nil, err
	}
	if a.journal, err = openJournal(ctx, o); err != nil {
		return nil, err
	}
	a.later("journal", a.journal.Close)
	a.journal.Announce(newsVersion, announcedVersion())
	a.history = history.New(historyOptions(o, a.journal))
	if err := a.connect(); err != nil {
		return nil, err
	}
	a.names = actions.NewJira(a.jira, o.Now)
	a.inbox = &inbox{app: a}
	a.runner = runner.New(runner.Options{
		Journal: a.journal, Inbox: a.inbox, Jira: a.names, Rules: a.rules.current, Log: a.log, Now: o.Now,
		Backoff: runner.Backoff{First: c.Retry.First, Max: c.Retry.Max, Attempts: c.Retry.Attempts, Settle: c.Retry.Settle},
		Bounds:  bounds,
		Observe: func(r runner.Record) { a.metrics.run(r); o.Observe(r) },
	})
	a.schedule = schedule.New(schedule.Options{Inbox: a.inbox, Memory: memory{a.journal, a.log}, Log: a.log, Now: o.Now})
	a.connection.made = make(chan struct{})
	a.sweeper = a.newSweeper(c)
	a.listenForCommands(c.Data)
	a.contract = contractWatch{changed: make(chan struct{}, 1)}
	a.rules.onChange(func() {
		a.schedule.Set(a.rules.lines())
		a.contract.ask()
		a.announce()
	})
	if err := a.listenProfiles(o.Profiles); err != nil {
		return nil, err
	}
	return a, a.listen(c)
}

func (a *App) later(name string, do func() error) { a.undo = append(a.undo, cleanup{name, do}) }

// prepareData makes the data directory, for the bot's eyes only: it holds what people wrote into their issues.
func prepareData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

// connect makes the client; Run logs in.
func (a *App) connect() (err error) {
	a.jira, err = a.newClient(func(call jiraclient.Call) { a.metrics.call(call); a.runner.Called(call) })
	if err != nil {
		return err
	}
	a.later("the session in Jira", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := a.jira.Close(ctx); err != nil {
			// The session ends by itself in the end, and Jira may well be away.
			a.log.Warn().Err(err).Msg("could not log out of jira")
		}
		return nil
	})
	return nil
}

func (a *App) listen(c config.Config) error {
	receiver, err := webhook.New(webhook.Options{
		Inbox: a.inbox, Secret: c.Webhook.Secret.Reveal(), PathToken: c.Webhook.PathToken.Reveal(),
		QueryToken: c.Webhook.QueryToken.Reveal(), Insecure: c.Insecure,
		Sources: config.Prefixes(c.Webhook.Sources), TrustedProxies: config.Prefixes(c.Webhook.TrustedProxies),
		Hooks: hooks(c), MaxBody: int64(c.Webhook.MaxBody), Log: a.log, Observe: a.metrics.request, Now: a.opts.Now,
	})
	if err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	// No gin.Logger and no gin.Recovery: both print addresses, and an address may hold a token.
	router.Use(a.recover)
	receiver.Register(router)
	router.GET("/healthz", a.healthz)
	router.GET("/readyz", a.readyz)
	router.GET("/metrics", a.metrics.handler())
	a.server = &http.Server{
		Handler: router, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	if a.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	a.later("listener", func() error { return closed(a.listener.Close()) })
	return nil
}

func hooks(c config.Config) map[string]webhook.HookAuth {
	out := map[string]webhook.HookAuth{}
	for name, h := range c.Hooks {
		out[name] = webhook.HookAuth{Token: h.Token.Reveal(), Secret: h.Secret.Reveal()}
	}
	return out
}

// recover answers 500 where a handler panicked, and says what happened in the log only.
func (a *App) recover(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error().Str("panic", fmt.Sprint(p)).Str("route", c.FullPath()).Msg("a request ended in a panic; please report this")
			c.AbortWithStatus(http.StatusInternalServerError)
		}
	}()
	c.Next()
}

// Rules is how many rules are in force.
func (a *App) Rules() int { return len(a.rules.current().Rules) }

// Addr is where the bot listens.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// stopWithin bounds how long requests under way may take to end.
const stopWithin = 15 * time.Second

// Run works until ctx ends, then stops in order: no new deliveries, no new ticks, what is under way is finished or given
// back. It can be called once, and Close must follow.
func (a *App) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	part := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(inner); err != nil && inner.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	part("http", a.serve)
	part("rules", a.rules.watch)
	part("schedule", a.keepSchedule)
	part("members", a.watchMembers)
	part("runner", a.work)
	part("contract", a.watchContract)
	indexed := a.follow(ctx)
	if a.opts.Config.Sweep.Enabled {
		part("sweep", a.sweep)
	}
	if a.control != nil {
		part("control", a.control.Run)
	}
	part("profiles", a.serveProfiles)
	a.log.Info().Str("listen", a.Addr().String()).Int("rules", len(a.rules.current().Rules)).Str("revision", a.rules.current().Revision).Msg("bot started")
	parts.Wait()
	indexed()
	a.log.Info().Msg("bot stopped")
	if ctx.Err() == nil {
		return context.Cause(inner)
	}
	return nil
}

// serve answers requests until ctx ends and those under way are answered.
func (a *App) serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- a.server.Serve(a.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := a.server.Shutdown(stop)
	<-failed
	return err
}

// work logs in to Jira, as often as it takes, and then works on deliveries.
func (a *App) work(ctx context.Context) error {
	if err := a.login(ctx); err != nil {
		return err
	}
	return a.runner.Run(ctx)
}

// Close takes down what New built, in reverse order.
func (a *App) Close() error {
	var errs []error
	for i := len(a.undo) - 1; i >= 0; i-- {
		if err := a.undo[i].do(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", a.undo[i].name, err))
		}
	}
	a.undo = nil
	return errors.Join(errs...)
}
