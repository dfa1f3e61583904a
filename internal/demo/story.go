package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"jirabot/internal/app"
	"jirabot/internal/event"
	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// story tells what people do and what the bot makes of it.
type story struct {
	out     io.Writer
	jira    *jiratest.Jira
	bot     *app.App
	records chan runner.Record
	seen    []runner.Record
	checked int
}

// patience is how long an expected run may take before the story says that it is missing.
const patience = 20 * time.Second

func (s *story) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

func (s *story) heading(n int, text string) { s.printf("\n%d. %s\n", n, text) }

func (s *story) person(format string, args ...any) { s.printf("   • "+format+"\n", args...) }

// expect waits for a run of a rule on an issue, and tells it.
func (s *story) expect(ctx context.Context, rule, issue string, outcome runner.Outcome) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		for i, r := range s.seen {
			if r.Rule == rule && (issue == "" || r.Issue == issue) {
				s.seen = append(s.seen[:i:i], s.seen[i+1:]...)
				s.show(r)
				if r.Outcome != outcome {
					return fmt.Errorf("rule %s on %s ended as %q instead of %q: %s", rule, issue, r.Outcome, outcome, r.Reason)
				}
				s.checked++
				return nil
			}
		}
		select {
		case r := <-s.records:
			s.seen = append(s.seen, r)
		case <-deadline.C:
			return fmt.Errorf("rule %s did not run on %s within %v", rule, issue, patience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// show tells a run.
func (s *story) show(r runner.Record) {
	s.printf("     rule %s\n", r.Rule)
	if r.Why != "" {
		s.printf("       because %s\n", r.Why)
	}
	for _, st := range r.Steps {
		s.printf("       %s %-10s %s\n", sign(st.Outcome), st.Outcome, strings.ReplaceAll(st.Sentence, "\n", " "))
		if st.Error != "" {
			s.printf("         %s\n", st.Error)
		}
	}
	if len(r.Steps) == 0 {
		s.printf("       %s %s %s\n", sign(r.Outcome), r.Outcome, r.Reason)
	}
}

func sign(o runner.Outcome) string {
	switch o {
	case runner.Done:
		return "✔"
	case runner.Failed, runner.Denied:
		return "✘"
	}
	return "·"
}

// explainNo tells why a rule did not run on the newest event that is as wanted.
func (s *story) explainNo(ctx context.Context, rule string, wanted func(*event.Event) bool) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	id, err := s.bot.LastDelivery(ctx, wanted)
	if err != nil {
		return err
	}
	e, err := s.bot.Explain(ctx, id, rule)
	if err != nil {
		return err
	}
	if e.Runs {
		return fmt.Errorf("rule %s should not have run: %s", rule, e)
	}
	s.printf("     · %s\n", strings.ReplaceAll(e.String(), "\n", "\n     "))
	s.checked++
	return nil
}

// settle waits until Jira has posted everything and the bot has worked on it.
func (s *story) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err := s.jira.WaitDelivered(ctx); err != nil {
			return fmt.Errorf("wait for Jira's webhooks: %w", err)
		}
		idle, err := s.bot.Idle(ctx)
		if err != nil || idle {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the bot: %w", ctx.Err())
		case r := <-s.records:
			s.seen = append(s.seen, r)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// verify checks an effect in Jira's own state.
func (s *story) verify(what string, holds bool) error {
	if !holds {
		return fmt.Errorf("expected in Jira, but not there: %s", what)
	}
	s.checked++
	return nil
}

// keepServing shows how to go on by hand, and tells every further run.
func (s *story) keepServing(ctx context.Context, jiraURL, botURL string) {
	s.printf(`
Everything keeps running until Ctrl-C. Be one of the people (ann, bob, carl; password %q):

  curl -u ann:%s -H 'Content-Type: application/json' -d '{"body": "blocked by PAY-1"}' %s/rest/api/2/issue/OPS-1/comment
  curl %s/readyz
  curl -s %s/metrics | grep ^bot_

`, password, password, jiraURL, botURL, botURL)
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.records:
			if r.Mode != "shadow" {
				s.printf("%s %s\n", time.Now().Format(time.TimeOnly), r.Issue)
				s.show(r)
			}
		}
	}
}
