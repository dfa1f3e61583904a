package app

import (
	"context"
	"sync"
	"time"

	"jirabot/internal/contract"
)

// contractWatch compares what the rules need with what the bot user may: after logging in, whenever the rules change, and
// once a day, since administrators change permission schemes without asking bots.
type contractWatch struct {
	changed chan struct{}

	mu      sync.Mutex
	missing []contract.Finding
	names   []contract.BadName
}

const (
	contractEvery = 24 * time.Hour
	contractRetry = 10 * time.Minute
)

// ask has the comparison made soon.
func (w *contractWatch) ask() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// lacking is what the last comparison found: permissions that are missing, and names that Jira does not have.
func (w *contractWatch) lacking() ([]contract.Finding, []contract.BadName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missing, w.names
}

// watchContract makes the comparisons until ctx ends. What is missing is told, and does not stop the bot: other rules
// work, and a run that needs it ends as denied with the same words.
func (a *App) watchContract(ctx context.Context) error {
	for {
		wait := a.compareContract(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-a.contract.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (a *App) compareContract(ctx context.Context) (next time.Duration) {
	if connected, _ := a.connection.state(); !connected || a.jira.LoginRefused() != nil {
		return contractEvery // login asks when it has succeeded
	}
	a.watchToken(ctx)
	if err := a.refuseAdministrator(ctx); err != nil {
		a.log.Error().Err(err).Msg("nothing more is sent to jira")
		return contractRetry
	}
	report, err := contract.Check(ctx, a.jira, contract.Needs(a.rules.current()))
	if err != nil {
		if ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("cannot compare the rules' permissions")
		}
		return contractRetry
	}
	if report.Note != "" {
		a.log.Warn().Msg(report.Note)
	}
	bad, notes, err := contract.CheckNames(ctx, a.names, a.rules.current())
	if err != nil && ctx.Err() == nil {
		a.log.Warn().Err(err).Msg("cannot look up the names that the rules use")
	}
	for _, note := range notes {
		a.log.Warn().Msg(note)
	}
	for _, b := range bad {
		a.log.Error().Str("rule", b.Rule).Str("name", b.Name).Msg(b.Text)
	}
	missing := report.Missing()
	for _, f := range missing {
		a.log.Error().Str("rule", f.Rule).Str("project", f.Project).Str("permission", f.Permission.String()).Msg(f.Text)
	}
	a.contract.mu.Lock()
	a.contract.missing, a.contract.names = missing, bad
	a.contract.mu.Unlock()
	return contractEvery
}
