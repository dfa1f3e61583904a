package sweep

import (
	"context"
	"fmt"
	"time"

	"jirabot/jiraclient"
)

// jiraTime tells Jira's time by the bot's clock: all marks and all times of events are by Jira's.
type jiraTime struct {
	ahead time.Duration
	own   func() time.Time
}

func (c jiraTime) now() time.Time { return c.own().Add(c.ahead) }

func (s *Sweeper) askTime(ctx context.Context) (jiraTime, error) {
	var server jiraclient.Server
	err := s.patiently(ctx, func() (err error) {
		server, err = s.opts.Jira.ServerInfo(ctx)
		return err
	})
	if err != nil {
		return jiraTime{}, fmt.Errorf("ask Jira for the time: %w", err)
	}
	c := jiraTime{own: s.opts.Now}
	if !server.Time.IsZero() { // where a proxy blocks the question, the bot's own clock has to do
		c.ahead = server.Time.Sub(s.opts.Now())
	}
	return c, nil
}

// attempts of one request. They are fewer than the failures in a row for which the runner takes Jira to be away: a search
// that is too much for a proxy must not stop the rules.
const attempts = 5

// patiently tries a request again while its failure is a passing one.
func (s *Sweeper) patiently(ctx context.Context, do func() error) error {
	wait := s.patient
	for attempt := 1; ; attempt++ {
		err := do()
		after, temporary := jiraclient.Temporary(err)
		if err == nil || attempt == attempts || !temporary || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, max(wait, after)); err != nil {
			return err
		}
		wait *= 2
	}
}

func pause(ctx context.Context, while time.Duration) error {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
