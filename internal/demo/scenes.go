package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"jirabot/internal/event"
	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// tell plays all scenes in order. The first expected effect that is missing ends it.
func (s *story) tell(ctx context.Context) error {
	for i, scene := range []struct {
		title string
		play  func(context.Context) error
	}{
		{"A new bug is welcomed", s.newBug},
		{"A fixed bug gets its release note", s.fixed},
		{"A reopened bug is marked and the developers are told", s.reopened},
		{"What becomes urgent is started at once", s.urgent},
		{"An answer wakes a waiting ticket; Jira sends it twice, it counts once", s.answered},
		{"A blocker named in a comment is linked", s.blocked},
		{"At nine in the morning, waiting tickets are nudged (the clock is helped a little)", s.nightly},
		{"Jira answers 503, having done what was asked: the comment is there once", s.unsure},
		{"The bot user may not, and says what is missing", s.denied},
	} {
		s.heading(i+1, scene.title)
		if err := scene.play(ctx); err != nil {
			return fmt.Errorf("scene %d, %q: %w", i+1, scene.title, err)
		}
	}
	return nil
}

func (s *story) issue(key string) jiratest.Issue {
	i, _ := s.jira.Issue(key)
	return i
}

// comments counts the bot's comments on an issue that contain a text.
func (s *story) comments(key, text string) int {
	n := 0
	for _, c := range s.issue(key).Comments {
		if c.Author == "bot" && strings.Contains(c.Body, text) {
			n++
		}
	}
	return n
}

func (s *story) newBug(ctx context.Context) error {
	key, err := s.jira.As("ann").CreateIssue("PAY", "Bug", "Totals are rounded down", jiratest.Fields{"priority": "High", "assignee": "bob"})
	if err != nil {
		return err
	}
	s.person("Ann reports %s, a bug of high priority: Totals are rounded down", key)
	if err := s.expect(ctx, "welcome-new-bugs", key, runner.Done); err != nil {
		return err
	}
	i := s.issue(key)
	points := i.Fields["customfield_10000"]
	for what, holds := range map[string]bool{
		"one welcome on " + key:            s.comments(key, "We look at bugs every morning") == 1,
		"carl watches " + key:              slices.Contains(i.Watchers, "carl"),
		"3 story points on " + key:         fmt.Sprint(points) == "3",
		"a due date on " + key:             i.Due != "",
		"the component Payments on " + key: slices.Contains(i.Components, "Payments"),
	} {
		if err := s.verify(what, holds); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) fixed(ctx context.Context) error {
	for _, status := range []string{"In Progress", "Done"} {
		if err := s.jira.As("bob").Transition("PAY-1", status); err != nil {
			return err
		}
	}
	s.person("Bob takes PAY-1 to In Progress and then to Done")
	if err := s.expect(ctx, "fixed-bug-needs-release-notes", "PAY-1", runner.Done); err != nil {
		return err
	}
	i := s.issue("PAY-1")
	if err := s.verify("one sub-task of PAY-1", len(i.Subtasks) == 1); err != nil {
		return err
	}
	if err := s.verify("its label release-note", slices.Contains(s.issue(i.Subtasks[0]).Labels, "release-note")); err != nil {
		return err
	}
	return s.verify("five minutes logged on PAY-1", i.Spent == 300)
}

func (s *story) reopened(ctx context.Context) error {
	if err := s.jira.As("ann").Transition("PAY-1", "Reopened"); err != nil {
		return err
	}
	s.person("Ann reopens PAY-1")
	if err := s.expect(ctx, "reopened-bug-goes-back", "PAY-1", runner.Done); err != nil {
		return err
	}
	if err := s.verify("the label reopened on PAY-1", slices.Contains(s.issue("PAY-1").Labels, "reopened")); err != nil {
		return err
	}
	last := s.issue("PAY-1").Comments
	return s.verify("a comment that only developers see", len(last) > 0 && last[len(last)-1].Audience == "role:Developers")
}

func (s *story) urgent(ctx context.Context) error {
	if err := s.jira.As("carl").Edit("PAY-1", jiratest.Fields{"priority": "Highest"}); err != nil {
		return err
	}
	s.person("Carl sets the priority of PAY-1 to Highest")
	if err := s.expect(ctx, "urgent-goes-to-the-lead", "PAY-1", runner.Done); err != nil {
		return err
	}
	i := s.issue("PAY-1")
	return s.verify("PAY-1 is bob's and in progress", i.Assignee == "bob" && i.Status == "In Progress")
}

func (s *story) answered(ctx context.Context) error {
	key, err := s.jira.As("ann").CreateIssue("OPS", "Task", "New laptop", jiratest.Fields{"labels": []string{"waiting"}})
	if err != nil {
		return err
	}
	if err := s.jira.As("bob").Transition(key, "Waiting"); err != nil {
		return err
	}
	if _, err := s.jira.As("bob").Comment(key, "Which size would you like?"); err != nil {
		return err
	}
	s.person("Ann asks for a laptop (%s), Bob lets it wait and asks: Which size would you like?", key)
	if err := s.explainNo(ctx, "comment-wakes-waiting-issue", func(ev *event.Event) bool { return ev.Kind == "comment_created" }); err != nil {
		return err
	}
	if _, err := s.jira.As("ann").Comment(key, "Fourteen inches, please."); err != nil {
		return err
	}
	s.person("Ann answers: Fourteen inches, please.")
	if err := s.expect(ctx, "comment-wakes-waiting-issue", key, runner.Done); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	for _, r := range s.seen {
		if r.Rule == "comment-wakes-waiting-issue" {
			return fmt.Errorf("the rule ran twice on one comment")
		}
	}
	i := s.issue(key)
	return s.verify(key+" is in progress and not labelled waiting", i.Status == "In Progress" && len(i.Labels) == 0)
}

func (s *story) blocked(ctx context.Context) error {
	if _, err := s.jira.As("bob").Comment("OPS-1", "blocked by PAY-1 until Monday"); err != nil {
		return err
	}
	s.person("Bob comments on OPS-1: blocked by PAY-1 until Monday")
	if err := s.expect(ctx, "blockers-are-linked-both-ways", "OPS-1", runner.Done); err != nil {
		return err
	}
	links := s.issue("OPS-1").Links
	return s.verify("OPS-1 is blocked by PAY-1", len(links) == 1 && links[0].Relation == "is blocked by" && links[0].Key == "PAY-1")
}

func (s *story) nightly(ctx context.Context) error {
	var keys []string
	for _, summary := range []string{"New chair", "New desk", "New lamp"} {
		key, err := s.jira.As("ann").CreateIssue("OPS", "Task", summary, jiratest.Fields{"labels": []string{"waiting"}})
		if err != nil {
			return err
		}
		if err := s.jira.As("bob").Transition(key, "Waiting"); err != nil {
			return err
		}
		keys = append(keys, key)
	}
	s.person("Ann has asked for a chair, a desk and a lamp (%s); Bob lets them wait", strings.Join(keys, ", "))
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.bot.Tick(ctx, "nudge-waiting"); err != nil {
		return err
	}
	s.person("The schedule fires: 0 9 * * MON-FRI")
	if err := s.expect(ctx, "nudge-waiting", "", runner.Done); err != nil { // the tick itself
		return err
	}
	for _, key := range keys {
		if err := s.expect(ctx, "nudge-waiting", key, runner.Done); err != nil {
			return err
		}
		if err := s.verify("one reminder on "+key, s.comments(key, "Any news, Ann?") == 1); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) unsure(ctx context.Context) error {
	s.jira.Fault(jiratest.Fault{Method: "POST", PathSuffix: "/comment", Times: 1, Status: 503, AfterEffect: true})
	s.person("A proxy before Jira will answer the next comment with 503 although Jira has taken it")
	key, err := s.jira.As("ann").CreateIssue("PAY", "Bug", "Receipts are in French")
	if err != nil {
		return err
	}
	s.person("Ann reports %s: Receipts are in French", key)
	if err := s.expect(ctx, "welcome-new-bugs", key, runner.Done); err != nil {
		return err
	}
	return s.verify("one welcome on "+key+", and not two", s.comments(key, "We look at bugs every morning") == 1)
}

func (s *story) denied(ctx context.Context) error {
	s.jira.Revoke("OPS", "bot", "LINK_ISSUES")
	s.person("An administrator takes the permission Link Issues in OPS from the bot user")
	if _, err := s.jira.As("bob").Comment("OPS-2", "blocked by PAY-2 until Friday"); err != nil {
		return err
	}
	s.person("Bob comments on OPS-2: blocked by PAY-2 until Friday")
	if err := s.expect(ctx, "blockers-are-linked-both-ways", "OPS-2", runner.Denied); err != nil {
		return err
	}
	return s.verify("no link on OPS-2", len(s.issue("OPS-2").Links) == 0)
}
