package jiraclient_test

import (
	"context"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestVoteScenes(t *testing.T) {
	voters := func(i jiratest.Issue) any { return i.Voters }
	voted := func(ctx context.Context, c *jiraclient.Client) error { return c.AddVote(ctx, "PAY-1") }
	votes := func(ctx context.Context, c *jiraclient.Client) (any, error) {
		v, err := c.Votes(ctx, "PAY-1")
		return sprint("%d %t %d", v.Count, v.Voted, len(v.Voters)), err
	}
	tell(t, []scene{
		{name: "our vote is given", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.AddVote(ctx, "PAY-1"))
		}, want: "<nil>", state: voters, after: "[bot]",
			refuse: func(j *jiratest.Jira) { _ = j.As("ann").Edit("PAY-1", jiratest.Fields{"reporter": "bot"}) }, is: jiraclient.ErrNotFound,
			no: "POST /rest/api/2/issue/PAY-1/votes: 404: You cannot vote for an issue you have reported. (missing, or not visible to bot; reporters may not " +
				"vote for their own issues, and voting may be switched off)"},
		{name: "a second vote is the first one", given: voted, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.AddVote(ctx, "PAY-1"))
		}, want: "<nil>", state: voters, after: "[bot]",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "POST /rest/api/2/issue/PAY-1/votes: 404: Issue Does Not Exist (missing, or not visible to bot; reporters may not " +
				"vote for their own issues, and voting may be switched off)"},
		{name: "votes are counted", given: voted, do: votes, want: "1 true 1",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/votes: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "our vote is taken back", given: voted, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.RemoveVote(ctx, "PAY-1"))
		}, want: "<nil>", state: voters, after: "[]",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "DELETE /rest/api/2/issue/PAY-1/votes: 404: Issue Does Not Exist (missing, or not visible to bot; there may be no vote of ours, and voting may be switched off)"},
	})

	j, c := shop(t, "")
	without(jiraclient.ViewVotersAndWatchers)(j)
	if err := j.As("bob").Vote("PAY-1"); err != nil {
		t.Fatal(err)
	}
	if got, err := votes(t.Context(), c); err != nil || got != "1 false 0" {
		t.Errorf("without the permission to see them: %v, %v", got, err)
	}
}

func TestWatcherScenes(t *testing.T) {
	watchers := func(i jiratest.Issue) any { return i.Watchers }
	bob := jiraclient.UserRef{Name: "bob"}
	watched := func(ctx context.Context, c *jiraclient.Client) error { return c.AddWatcher(ctx, "PAY-1", bob) }
	tell(t, []scene{
		{name: "somebody watches", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.AddWatcher(ctx, "PAY-1", bob))
		}, want: "<nil>", state: watchers, after: "[bob]",
			refuse: without(jiraclient.ManageWatchers), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/PAY-1/watchers: 401: User 'bot' is not allowed to manage watchers of issue 'PAY-1'."},
		{name: "watchers are listed", given: watched, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			u, err := c.Watchers(ctx, "PAY-1")
			return sprint("%d %t", len(u), len(u) == 1 && u[0].Name == "bob"), err
		}, want: "1 true",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/watchers: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "somebody watches no more", given: watched, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.RemoveWatcher(ctx, "PAY-1", bob))
		}, want: "<nil>", state: watchers, after: "[]",
			refuse: without(jiraclient.ManageWatchers), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1/watchers: 401: User 'bot' is not allowed to manage watchers of issue 'PAY-1'."},
	})
}

func TestNotifyScenes(t *testing.T) {
	note := jiraclient.Notification{
		Subject: "Look", TextBody: "please", HTMLBody: "<b>please</b>", Reporter: true, Assignee: true, Watchers: true, Voters: true,
		Users: []jiraclient.UserRef{{Name: "bot"}}, Groups: []string{"devs"},
	}
	tell(t, []scene{
		{name: "people get mail", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.Notify(ctx, "PAY-1", note))
		}, want: "<nil>",
			// Mail is switched off for everybody: no permission would help.
			refuse: (*jiratest.Jira).SwitchMailOff, is: nil,
			no: "POST /rest/api/2/issue/PAY-1/notify: 403: Outgoing emails are disabled."},
		{name: "some people get mail", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.Notify(ctx, "PAY-1", jiraclient.Notification{Reporter: true, OnlyGroups: []string{"devs"}, OnlyWith: []jiraclient.Permission{jiraclient.EditIssues}}))
		}, want: "<nil>",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "POST /rest/api/2/issue/PAY-1/notify: 404: Issue Does Not Exist (missing, or not visible to bot)"},
	})

	j, c := shop(t, "")
	only := note
	only.OnlyGroups, only.OnlyWith = []string{"devs"}, []jiraclient.Permission{jiraclient.AdministerProjects}
	for _, n := range []jiraclient.Notification{note, only} {
		if err := c.Notify(t.Context(), "PAY-1", n); err != nil {
			t.Fatal(err)
		}
	}
	sent := j.Notices()
	if got := sprint("%v %v %s", sent[0].To, sent[1].To, sent[0].Subject); got != "[ann bob bot] [ann] Look" {
		t.Errorf("mail went to %s", got)
	}
}
