package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"jirabot/config"
	"jirabot/internal/journal"
)

// journalOptions are what the configuration says about the journal, and about the machines that share it.
func journalOptions(c config.Config) (journal.Options, error) {
	o := journal.Options{
		Dir: journalDir(c.Data), Lanes: c.Inbox.Lanes, MaxBytes: int64(c.Inbox.MaxBytes), MaxWaiting: c.Inbox.MaxWaiting,
		Retention: journal.Retention{Deliveries: c.Retention.Deliveries, Runs: c.Retention.Runs, RunsBytes: int64(c.Retention.MaxBytes)},
	}
	switch {
	case c.Cluster != nil:
		t, err := certificates(c.Cluster.TLS)
		if err != nil {
			return o, fmt.Errorf("cluster.tls: %w", err)
		}
		o.Member, o.Replicas = c.Cluster.Node, c.Cluster.Replicas
		o.Cluster = &journal.Cluster{Name: c.Cluster.Name, Listen: c.Cluster.Listen, Advertise: c.Cluster.Advertise,
			Peers: c.Cluster.Peers, Password: c.Cluster.Secret.Reveal(), TLS: t}
	case c.NATS != nil:
		t, err := certificates(c.NATS.TLS)
		if err != nil {
			return o, fmt.Errorf("nats.tls: %w", err)
		}
		o.Member, o.Replicas = c.NATS.Node, c.NATS.Replicas
		o.Remote = &journal.Remote{URL: c.NATS.URL, TLS: t, Credentials: c.NATS.Credentials, Token: c.NATS.Token.Reveal()}
	}
	return o, nil
}

func certificates(t *config.TLS) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	return t.Config()
}

// What each machine tells the others.
const (
	newsRules   = "rules"
	newsVersion = "version"
)

// announce tells the other machines which rules are in force here.
func (a *App) announce() { a.journal.Announce(newsRules, a.rules.current().Revision) }

func announcedVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

// onOne does something while it is this machine's turn: in a cluster one at a time does. The next one goes on where the last
// one has been.
func (a *App) onOne(ctx context.Context, what string, do func(context.Context) error) error {
	for {
		err := a.journal.Exclusive(ctx, what, do)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, journal.ErrLost) {
			return err
		}
		a.log.Warn().Str("what", what).Msg("it is another machine's turn now")
	}
}

// keepSchedule makes ticks.
func (a *App) keepSchedule(ctx context.Context) error {
	return a.onOne(ctx, "schedule", a.schedule.Run)
}

// lookEvery is how often a machine looks whether the others have the same rules.
const lookEvery = 5 * time.Second

// watchMembers says in the log when the machines come to differ, and when they agree again.
func (a *App) watchMembers(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := ""
		if err := disagreement(a.journal.Members()); err != nil {
			now = err.Error()
		}
		switch {
		case now == said:
		case now != "":
			a.log.Warn().Str("difference", now).Msg("the machines of the cluster differ")
		default:
			a.log.Info().Msg("the machines of the cluster agree again")
		}
		said = now
	}
}

// disagreement tells how those machines differ that are there: in their rules, or in the version of the bot.
func disagreement(members []journal.Member) error {
	for _, key := range []string{newsRules, newsVersion} {
		by := map[string][]string{}
		var values []string
		for _, m := range members {
			value := m.News[key]
			if !m.Alive || value == "" {
				continue
			}
			if by[value] == nil {
				values = append(values, value)
			}
			by[value] = append(by[value], m.Name)
		}
		if len(values) < 2 {
			continue
		}
		var parts []string
		for _, v := range values {
			parts = append(parts, fmt.Sprintf("%s on %s", v, strings.Join(by[v], ", ")))
		}
		return fmt.Errorf("%s differ: %s", key, strings.Join(parts, "; "))
	}
	return nil
}

// absent tells which machines have gone without taking their leave.
func absent(members []journal.Member) error {
	var names []string
	for _, m := range members {
		if !m.Alive {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%s of %d machines: away", strings.Join(names, ", "), len(members))
}
