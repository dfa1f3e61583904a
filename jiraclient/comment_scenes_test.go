package jiraclient_test

import (
	"context"
	"errors"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestCommentScenes(t *testing.T) {
	bodies := func(i jiratest.Issue) any {
		var all []string
		for _, m := range i.Comments {
			all = append(all, sprint("%s: %s %s", m.Author, m.Body, m.Audience))
		}
		return sprint("%q", all)
	}
	properties := func(i jiratest.Issue) any { return sprint("%s", i.Comments[1].Properties) }
	pinned := func(i jiratest.Issue) any { return i.Comments[1].Pinned }
	marked := func(ctx context.Context, c *jiraclient.Client) error {
		return c.SetCommentProperty(ctx, "10001", "a b ü", map[string]int{"n": 1})
	}
	tell(t, []scene{
		{name: "a comment is added", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			m, err := c.AddComment(ctx, "PAY-1", jiraclient.NewComment{Body: "hi", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}})
			return m.ID + " " + m.Author.Name, err
		}, want: "10002 bot", state: bodies, after: `["bob: from bob " "bot: from bot " "bot: hi role:Developers"]`,
			refuse: without(jiraclient.AddComments), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/PAY-1/comment: 400: bot, you do not have the permission to comment on this issue."},
		{name: "comments are listed, the newest first", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			text := ""
			for m, err := range c.Comments(ctx, "PAY-1") {
				if err != nil {
					return text, err
				}
				text += m.Body + ", "
			}
			return text, nil
		}, want: "from bot, from bob, ",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/comment: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a comment is read", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			m, err := c.Comment(ctx, "PAY-1", "10000")
			return m.ID + " " + m.Author.Name + " " + m.Body, err
		}, want: "10000 bob from bob",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/comment/10000: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a comment is edited", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			m, err := c.EditComment(ctx, "PAY-1", "10001", jiraclient.NewComment{Body: "better", Visibility: jiraclient.Visibility{Type: "role", Value: "Developers"}})
			return m.Body + " for " + m.Visibility.Value, err
		}, want: "better for Developers", state: bodies, after: `["bob: from bob " "bot: better role:Developers"]`,
			refuse: without(jiraclient.EditOwnComments), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/comment/10001: 400: You do not have the permission to edit this comment."},
		{name: "a comment goes", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteComment(ctx, "PAY-1", "10001"))
		}, want: "<nil>", state: bodies, after: `["bob: from bob "]`,
			refuse: without(jiraclient.DeleteOwnComments), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1/comment/10001: 400: You do not have permission to delete comment with id: 10001"},
		{name: "a comment is pinned", version: "10.3.1", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.PinComment(ctx, "PAY-1", "10001", true))
		}, want: "<nil>", state: pinned, after: "true",
			refuse: without(jiraclient.EditIssues), is: jiraclient.ErrNotFound,
			no: "PUT /rest/api/2/issue/PAY-1/comment/10001/pin: 404: You do not have the permission to pin comments. (missing, or not visible to bot)"},
		{name: "a pinned comment is let go", version: "10.3.1", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			if err := c.PinComment(ctx, "PAY-1", "10001", true); err != nil {
				return nil, err
			}
			return nothing(c.PinComment(ctx, "PAY-1", "10001", false))
		}, want: "<nil>", state: pinned, after: "false",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "PUT /rest/api/2/issue/PAY-1/comment/10001/pin: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a comment's property is set", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.SetCommentProperty(ctx, "10001", jiraclient.Mark, "m1"))
		}, want: "<nil>", state: properties, after: `map[jirabot.mark:"m1"]`,
			refuse: without(jiraclient.EditOwnComments), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/comment/10001/properties/jirabot.mark: 403: You do not have permission to edit the entity of the property."},
		{name: "a comment's property is read", given: marked, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			v, err := c.GetCommentProperty(ctx, "10001", "a b ü")
			return string(v), err
		}, want: `{"n":1}`,
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/comment/10001/properties/a b ü: 404: Can not find a comment for the id: 10001. (missing, or not visible to bot)"},
		{name: "a comment's properties are listed", given: marked, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return c.CommentProperties(ctx, "10001")
		}, want: "[a b ü]",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/comment/10001/properties: 404: Can not find a comment for the id: 10001. (missing, or not visible to bot)"},
		{name: "a comment's property goes", given: marked, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteCommentProperty(ctx, "10001", "a b ü"))
		}, want: "<nil>", state: properties, after: "map[]",
			refuse: without(jiraclient.EditOwnComments), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/comment/10001/properties/a b ü: 403: You do not have permission to edit the entity of the property."},
	})
}

// TestPinningWhereThereIsNone: a Jira that cannot pin is told from a comment that is not there.
func TestPinningWhereThereIsNone(t *testing.T) {
	_, c := shop(t, "9.12.0")
	err := c.PinComment(t.Context(), "PAY-1", "10001", true)
	const want = "PUT /rest/api/2/issue/PAY-1/comment/10001/pin: 404: null for uri: /jira/rest/api/2/issue/PAY-1/comment/10001/pin " +
		"(comments are pinned on Data Center, from Jira 10 on)"
	if err == nil || err.Error() != want || !errors.Is(err, jiraclient.ErrUnavailable) || errors.Is(err, jiraclient.ErrNotFound) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestCommentsStopWithTheCaller: no page is read that nobody asks for.
func TestCommentsStopWithTheCaller(t *testing.T) {
	j, c := shop(t, "")
	for n := range 249 {
		if _, err := j.As("bob").Comment("PAY-1", sprint("%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ take, requests int }{{1, 1}, {100, 1}, {101, 2}, {1000, 3}} {
		j.ForgetRequests()
		seen := 0
		for _, err := range c.Comments(t.Context(), "PAY-1") {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == tt.take {
				break
			}
		}
		if seen != min(tt.take, 251) || len(j.Requests()) != tt.requests {
			t.Errorf("%d of %d comments by %d requests, want %d", seen, tt.take, len(j.Requests()), tt.requests)
		}
	}
}
